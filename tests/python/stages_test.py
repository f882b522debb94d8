# SPDX-License-Identifier: Apache-2.0
"""Stages one by one, each compared with NumPy written from the 3GPP text, or with vectors made so."""
import json
import os
import unittest

import numpy as np
import shared

import pado


class Functions(unittest.TestCase):
    def test_gold_bits_are_those_of_38_211(self):
        for c_init in (0, 1, 17921 << 15 | 1, 0x7fffffff):
            words = pado.gold_bits(c_init, 0, 10)
            bits = np.unpackbits(words.view(np.uint8), bitorder="little")
            np.testing.assert_array_equal(bits, shared.gold(c_init, 320))
            np.testing.assert_array_equal(pado.gold_bits(c_init, 64, 8), words[2:])
        self.assertEqual(pado.pusch_dmrs_c_init(3, 2, 1), (2**17 * (14 * 3 + 2 + 1) * 3 + 2) % 2**31)
        self.assertEqual(pado.pusch_data_c_init(0x4601, 1), 0x4601 * 2**15 + 1)

    def test_crcs_are_remainders(self):
        data = np.random.default_rng(2).integers(0, 256, 200, dtype=np.uint8)
        for kind, length, low in (("crc24a", 24, 0x864cfb), ("crc24b", 24, 0x800063), ("crc24c", 24, 0xb2b117),
                                  ("crc16", 16, 0x1021), ("crc11", 11, 0x621), ("crc6", 6, 0x21)):
            expected = shared.crc(low, length, np.unpackbits(data))
            self.assertEqual(pado.crc_of_bytes(kind, data), expected, kind)
            self.assertEqual(pado.crc_of_bytes(kind, data.tobytes()), expected, kind)
        appended = np.append(data, np.array(list(pado.crc_of_bytes("crc24a", data).to_bytes(3, "big")), np.uint8))
        self.assertEqual(pado.crc_of_bytes("crc24a", appended), 0)

    def test_halves_and_complex_values_convert_both_ways(self):
        values = (np.arange(24).reshape(2, 3, 4) - 7.5 + 0.25j).astype(np.complex64)
        halves = pado.to_half(values)
        self.assertEqual((halves.dtype, halves.shape), (np.float16, (2, 3, 4, 2)))
        np.testing.assert_array_equal(halves[..., 0], values.real)
        np.testing.assert_array_equal(pado.to_complex(halves), values)

    def test_decompression_is_exact_for_every_method_and_width(self):
        folder = os.path.join(shared.ROOT, "testvectors/decompress")
        with open(os.path.join(folder, "all_methods.json"), encoding="utf-8") as file:
            shape = {a["name"]: a["shape"] for a in json.load(file)["arrays"]}["grid"]
        sections = np.fromfile(os.path.join(folder, "all_methods_sections.bin"), np.dtype(
            [("bytes_begin", "<u4"), ("prb_begin", "<u2"), ("nof_prb", "<u2"), ("port", "u1"), ("symbol", "u1"),
             ("method", "u1"), ("width", "u1")]))
        packed = np.fromfile(os.path.join(folder, "all_methods_bytes.bin"), np.uint8)
        grid = np.fromfile(os.path.join(folder, "all_methods_grid.bin"), "<f2").reshape(shape)
        names = ["none", "bfp", "block_scaling", "mu_law", "modulation"]
        for s in sections:
            size = 3 * int(s["width"]) + (s["method"] in (1, 2, 3))
            begin = int(s["bytes_begin"])
            data = packed[begin:begin + size * s["nof_prb"]].reshape(1, s["nof_prb"], size)
            got = pado.decompress(data, method=names[s["method"]], width=int(s["width"]))
            expected = grid[s["port"], s["symbol"], s["prb_begin"]:s["prb_begin"] + s["nof_prb"]].reshape(1, -1, 2)
            np.testing.assert_array_equal(got, expected)

    def test_the_fft_gives_the_grid_that_was_summed_up(self):
        folder = os.path.join(shared.ROOT, "testvectors/ofdm")
        for name in ("fr1_15khz", "fr1_30khz", "fr1_60khz"):
            with open(os.path.join(folder, name + ".json"), encoding="utf-8") as file:
                case = json.load(file)
            samples = np.fromfile(os.path.join(folder, name + "_samples.bin"), "<c8").reshape(1, -1)
            expected = np.fromfile(os.path.join(folder, name + "_grid.bin"), "<c8").reshape(1, 14, -1)
            got = pado.ofdm(samples, case["slot_in_subframe"], scs_khz=15 << case["mu"], nof_prb=case["nof_prb"],
                            fft_size=case["fft_size"], centre_hz=case["centre_hz"])
            difference = np.linalg.norm(pado.to_complex(got) - expected) / np.linalg.norm(expected)
            self.assertLess(difference, case["tolerance"], name)

    def test_ldpc_decodes_the_word_of_zeros_out_of_noise(self):
        rng = np.random.default_rng(3)
        for graph, z, columns, es_n0 in ((1, 384, 68, 0.45), (2, 60, 52, 0.27)):
            nof_bits = (22 if graph == 1 else 10) * z // 8 * 8
            # Log-likelihood ratios of BPSK have the mean 4 Es/N0 and twice that as variance; llr_scale is 4.
            llr = 4 * es_n0 + np.sqrt(8 * es_n0) * rng.standard_normal((3, columns * z))
            soft = np.clip(np.rint(4 * llr), -127, 127).astype(np.int8)
            soft[:, :2 * z] = 0
            wrong = (soft < 0).sum()
            data, status = pado.ldpc_decode(soft, base_graph=graph, z=z, nof_bits=nof_bits, crc="crc24b", max_iterations=10)
            self.assertGreater(wrong, soft.size / 10)
            self.assertEqual(data.shape, (3, nof_bits // 8))
            self.assertFalse(data.any())
            np.testing.assert_array_equal(status["crc_ok"], 1)
            self.assertGreater(status["iterations"].sum(), 3)


class SlotStages(unittest.TestCase):
    """The whole chain on one slot of the cut: one port, one layer, no noise to speak of."""

    @classmethod
    def setUpClass(cls):
        cls.cell = shared.cut_cell()
        cls.slot = shared.slot_with_pusch(2)
        cls.pdu = cls.slot.scheduled.pusch[0]
        cls.stages = pado.slot_stages(cls.cell)
        s, cls.program = cls.stages, cls.stages.compile(cls.slot.slot, [cls.pdu])
        cls.grid = s.front_end(cls.slot)
        cls.words = s.gold(cls.program)
        cls.ls = s.dmrs_ls(cls.program, cls.words, cls.grid)
        cls.h, cls.info = s.channel_estimate(cls.program, cls.ls)
        cls.llr, cls.quality = s.equalise(cls.program, cls.info, cls.grid, cls.h, cls.words)
        cls.soft = s.rate_dematch(cls.program, cls.llr)
        cls.bytes, cls.status = s.ldpc_decode(cls.program, cls.soft)
        cls.payload, cls.tb_status = s.tb_assemble(cls.program, cls.bytes, cls.status)

    def channel(self):
        """Channel on every symbol and subcarrier of the PDU, as the docstring of channel_estimate says."""
        estimate = self.program.estimates_of(0, self.h)[0, 0].astype(np.complex128)
        weight = self.info[0]["weight"][:, :len(estimate)]
        return self.info[0]["rotation"][:, None] * (weight @ np.where(weight.any(0)[:, None], estimate, 0))

    def test_front_end_is_the_dft_of_38_211(self):
        size, samples = self.cell.fft_size, self.slot.samples[0].astype(np.complex128)
        got, at, rate = pado.to_complex(self.grid)[0], 0, self.cell.sample_rate_hz
        for symbol in range(14):
            at += (160 if symbol in (0, 7) else 144) * size // 2048
            spectrum = np.fft.fft(samples[at:at + size]) / np.sqrt(size)
            spectrum = np.concatenate([spectrum[-312:], spectrum[:312]])
            spectrum *= np.exp(2j * np.pi * (self.cell.centre_hz * at % rate) / rate)
            self.assertLess(np.linalg.norm(got[symbol] - spectrum), 4e-4 * np.linalg.norm(spectrum) + 1e-6)
            at += size

    def test_dmrs_ls_divides_by_the_pilots(self):
        pdu, task = self.pdu, self.program.estimates[0]
        grid = shared.halves_as_complex(self.grid)[0]
        got = self.program.pilots_of(0, self.ls)
        self.assertTrue(np.shares_memory(got, self.ls))
        self.assertEqual(got.shape, (1, 1, 3, 6 * pdu.rb_size))
        begin = 12 * (pdu.bwp_start + pdu.rb_start)
        for d, symbol in enumerate(task["dmrs_symbols"][:3]):
            c = shared.gold(pado.pusch_dmrs_c_init(self.slot.slot.slot, int(symbol), pdu.dmrs_scrambling_id, pdu.scid),
                            begin + 12 * pdu.rb_size)[begin:]
            r = ((1 - 2.0 * c[0::2]) + 1j * (1 - 2.0 * c[1::2])) / np.sqrt(2)
            expected = grid[symbol, begin:begin + 12 * pdu.rb_size:2] / (np.sqrt(2) * r)
            np.testing.assert_allclose(got[0, 0, d], expected, rtol=1e-5, atol=1e-6)

    def test_channel_estimate_agrees_with_the_pilots(self):
        pilots = self.program.pilots_of(0, self.ls)[0, 0]
        on_pilots = self.channel()[self.program.estimates[0]["dmrs_symbols"][:3], 0::2]
        self.assertLess(np.linalg.norm(on_pilots - pilots) / np.linalg.norm(pilots), 0.02)
        self.assertAlmostEqual(self.info[0]["rsrp"], np.mean(np.abs(pilots) ** 2), delta=0.02 * self.info[0]["rsrp"])

    def test_soft_bits_are_scaled_distances(self):
        """One port, QPSK: LLR = 2 sqrt(2) Re (conj(h) y) / noise for bit 0, Im for bit 1; TS 38.211, 5.1.3 and 6.3.1.1."""
        pdu = self.pdu
        begin = 12 * (pdu.bwp_start + pdu.rb_start)
        y = shared.halves_as_complex(self.grid)[0, :, begin:begin + 12 * pdu.rb_size]
        metric = np.conj(self.channel()) * y / self.info[0]["noise"][0]
        data = [l for l in range(14) if not pdu.dmrs_symbol_mask >> l & 1]
        metric = metric[data].ravel()
        expected = 4 * 2 * np.sqrt(2) * np.stack([metric.real, metric.imag], -1).ravel()
        c = shared.gold(pado.pusch_data_c_init(pdu.rnti, pdu.data_scrambling_id), len(expected))
        expected = np.clip(expected * (1 - 2.0 * c), -127, 127)
        self.assertEqual(self.program.soft_bits_of(0, self.llr).shape, (len(metric), 1, 2))
        np.testing.assert_allclose(self.llr, expected, atol=1.0)
        self.assertGreater(np.abs(self.llr).min(), 10)

    def test_rate_dematching_fills_the_circular_buffer(self):
        """TS 38.212, 5.4.2: E bits from k0 on, fillers left out, interleaved by columns of the modulation order."""
        task = self.program.rate_dematch[0]
        z, n_cb, order = int(task["z"]), int(task["nof_circular"]), int(task["qam_mod_order"])
        e = self.llr[task["llr_begin"]:task["llr_begin"] + task["nof_llr"]].astype(int)
        in_order = e.reshape(-1, order).T.ravel()
        expected = np.zeros(task["nof_coded"], int)
        k = int(task["k0"])
        for value in in_order:
            while task["filler_begin"] <= k < task["filler_end"]:
                k = (k + 1) % n_cb
            expected[k] = np.clip(expected[k] + value, -128, 127)
            k = (k + 1) % n_cb
        expected[task["filler_begin"]:task["filler_end"]] = 127
        block = self.program.block_of(0, self.soft)
        self.assertTrue(np.shares_memory(block, self.soft))
        np.testing.assert_array_equal(block[:2 * z], 0)
        np.testing.assert_array_equal(block[2 * z:], expected)

    def test_decoded_bits_are_the_systematic_ones_and_the_payload_that_of_the_schedule(self):
        task = self.program.blocks[0]
        z, nof_bits = int(task["z"]), int(task["nof_bits"])
        bits = np.unpackbits(self.bytes)[:nof_bits]
        systematic = self.program.block_of(0, self.soft)[2 * z:nof_bits]
        np.testing.assert_array_equal(systematic < 0, bits[2 * z:])
        self.assertEqual(self.status["crc_ok"].tolist(), [1])
        self.assertEqual(self.tb_status["crc_ok"].tolist(), [1])
        self.assertEqual(shared.crc(0x1021, 16, bits), 0)
        self.assertEqual(self.program.payload_of(0, self.payload).tobytes(), self.slot.scheduled.expected[0].payload)

    def test_a_stage_can_be_replaced(self):
        """The same channel from NumPy: the mean of the pilots, good enough on this channel of one tap."""
        own = np.empty_like(self.h)
        self.program.estimates_of(0, own)[:] = self.program.pilots_of(0, self.ls).mean(-1, keepdims=True)
        llr, _ = self.stages.equalise(self.program, self.info, self.grid, own, self.words)
        soft = self.stages.rate_dematch(self.program, llr)
        _, status = self.stages.ldpc_decode(self.program, soft)
        self.assertEqual(status["crc_ok"].tolist(), [1])

    def test_two_transmissions_are_added(self):
        combined = self.stages.compile(self.slot.slot, [self.pdu], combined=[True])
        twice = self.soft.copy()
        again = self.stages.rate_dematch(combined, self.llr, twice)
        self.assertIs(again, twice)
        z = int(self.program.rate_dematch[0]["z"])
        task = combined.rate_dematch[0]
        first, sum_ = self.program.block_of(0, self.soft)[2 * z:], combined.block_of(0, twice)[2 * z:]
        sent = first != 0
        sent[task["filler_begin"]:task["filler_end"]] = False
        self.assertTrue((np.abs(sum_[sent].astype(int)) >= np.abs(first[sent].astype(int))).all())
        self.assertGreater(np.abs(sum_[sent].astype(int)).sum(), np.abs(first[sent].astype(int)).sum())


if __name__ == "__main__":
    unittest.main()
