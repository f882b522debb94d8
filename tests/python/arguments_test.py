# SPDX-License-Identifier: Apache-2.0
"""Wrong arguments raise ValueError and say what is wrong; nothing here may end the process."""
import os
import unittest

import numpy as np
import shared

import pado


class Arguments(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cell = shared.cut_cell()
        cls.slot = shared.slot_with_pusch(2)
        cls.stages = pado.slot_stages(cls.cell)
        cls.program = cls.stages.compile(cls.slot.slot, cls.slot.scheduled.pusch)
        cls.grid = cls.stages.front_end(cls.slot)
        cls.words = cls.stages.gold(cls.program)

    def refuses(self, text, call, *arguments, **named):
        with self.assertRaises(ValueError) as raised:
            call(*arguments, **named)
        self.assertIn(text, str(raised.exception))

    def test_dtype_shape_order_and_alignment_of_an_array(self):
        ls, grid, words = self.stages.dmrs_ls, self.grid, self.words
        self.refuses("grid has dtype float32, must be float16", ls, self.program, words, grid.astype(np.float32))
        self.refuses("grid has dtype complex64", ls, self.program, words, pado.to_complex(grid))
        self.refuses("grid has dtype >f2", ls, self.program, words, grid.astype(">f2"))
        self.refuses("grid has shape (1, 14, 612, 2), must be (1, 14, 624, 2)", ls, self.program, words, grid[:, :, :612].copy())
        self.refuses("grid has shape (14, 624, 2), must be (1, 14, 624, 2)", ls, self.program, words, grid[0])
        self.refuses("grid is not dense in C order", ls, self.program, words, np.repeat(grid, 2, axis=2)[:, :, ::2])
        self.refuses("grid is not dense in C order", ls, self.program, words, grid[:, ::-1])
        self.refuses("grid is not dense in C order", ls, self.program, words, np.asfortranarray(grid))
        raw = np.zeros(grid.nbytes + 1, np.uint8)[1:].view(np.float16).reshape(grid.shape)
        self.refuses("grid is not aligned to 2 bytes", ls, self.program, words, raw)
        self.refuses("words has shape", ls, self.program, words[:-1].copy(), grid)
        self.refuses("received has shape", ls, self.program, words, grid, np.ones((1, 14, 51), np.uint8))
        soft = np.zeros(self.program.nof_soft, np.int8)
        soft.flags.writeable = False
        llr = np.zeros(self.program.nof_llrs, np.int8)
        self.refuses("soft is read-only", self.stages.rate_dematch, self.program, llr, soft)
        self.refuses("llr has dtype float32, must be int8", self.stages.rate_dematch, self.program, llr.astype(np.float32))
        info = np.zeros(1, [("noise", "f4")])
        h = np.zeros((1, self.program.nof_estimates), np.complex64)
        self.refuses("info has dtype", self.stages.equalise, self.program, info, grid, h, words)

    def test_things_of_another_kind_are_type_errors(self):
        s, p, half = self.stages, self.program, np.zeros((1, 14, 624, 2), np.float16)
        slot = pado.uplink_slot((5, 0), grid=half)
        for call in (lambda: s.dmrs_ls(p, self.words, [[1.0]]), lambda: s.dmrs_ls(p, self.words, self.grid, [1]),
                     lambda: s.rate_dematch(p, np.zeros(p.nof_llrs, np.int8), "soft"), lambda: s.front_end(half),
                     lambda: pado.uplink_slot((5, 0), grid=[1]), lambda: pado.uplink_slot("5.0", grid=half),
                     lambda: pado.slot_receiver(self.cell).decode(slot, [1]), lambda: pado.crc_of_bytes("crc16", 7),
                     lambda: pado.ldpc_decode(np.zeros((1, 68), np.int8), z="2"), lambda: pado.pusch_pdu(rnti="a"),
                     lambda: pado.ofdm(np.zeros((1, 1), np.complex64), 0, nof_prb=1.5)):
            with self.assertRaises(TypeError):
                call()

    def test_every_stage_checks_each_of_its_arrays(self):
        s, p, empty = self.stages, self.program, np.zeros(0, np.float64)
        ls = s.dmrs_ls(p, self.words, self.grid)
        h, info = s.channel_estimate(p, ls)
        llr, _ = s.equalise(p, info, self.grid, h, self.words)
        soft = s.rate_dematch(p, llr)
        data, status = s.ldpc_decode(p, soft)
        for call, right in ((s.dmrs_ls, [self.words, self.grid]), (s.channel_estimate, [ls]),
                            (s.equalise, [info, self.grid, h, self.words]), (s.rate_dematch, [llr, soft.copy()]),
                            (s.ldpc_decode, [soft]), (s.tb_assemble, [data, status])):
            call(p, *right)
            for place in range(len(right)):
                self.refuses("has dtype float64", call, p, *[empty if i == place else a for i, a in enumerate(right)])
                short = right[place][..., :-1].copy() if right[place].ndim < 4 else right[place][:, :-1].copy()
                self.refuses("has shape", call, p, *[short if i == place else a for i, a in enumerate(right)])
        for pick, array in ((p.pilots_of, ls), (p.estimates_of, h), (p.soft_bits_of, llr), (p.block_of, soft)):
            self.refuses("must be in 0..0", pick, 1, array)
            self.refuses("must be in 0..0", pick, -1, array)
            self.refuses("has shape", pick, 0, array[..., 1:].copy())

    def test_values_that_are_no_numbers_do_no_harm(self):
        s, p = self.stages, self.program
        grid = np.full_like(self.grid, np.nan)
        h, info = s.channel_estimate(p, s.dmrs_ls(p, self.words, grid))
        for broken in (h, np.full_like(h, np.inf)):
            llr, _ = s.equalise(p, info, grid, broken, self.words)
            _, status = s.ldpc_decode(p, s.rate_dematch(p, llr))
            self.assertEqual(status["crc_ok"].tolist(), [0])

    def test_weights_reach_no_estimate_that_is_not_there(self):
        s, p = self.stages, self.program
        h, info = s.channel_estimate(p, s.dmrs_ls(p, self.words, self.grid))
        for value in (0.5, np.nan):
            info["weight"][0, 13, 3] = value
            self.refuses("info[0].weight must be 0 behind the 3 DM-RS symbols", s.equalise, p, info, self.grid, h, self.words)
        info["weight"][0, 13] = (1, -2, np.nan, 0)
        s.equalise(p, info, self.grid, h, self.words)

    def test_a_program_belongs_to_its_stages(self):
        other = pado.slot_stages(self.cell)
        self.refuses("program was compiled by other slot_stages", other.gold, self.program)

    def test_pdus_are_checked_field_by_field(self):
        self.refuses("pusch_pdu.rnti is 65536, must be in 0..65535", pado.pusch_pdu, rnti=65536)
        self.refuses("pusch_pdu.nof_layers is 5, must be in 1..4", pado.pusch_pdu, nof_layers=5)
        self.refuses("pusch_pdu has no field rb_sise", pado.pusch_pdu, rb_sise=3)
        pdu = self.slot.scheduled.pusch[0]
        self.refuses("pusch_pdu.tb_size_bytes is -1", setattr, pdu, "tb_size_bytes", -1)
        pdu.rb_start = 51
        self.refuses("pusch[0] cannot be decoded: its PRBs lie outside the carrier", self.stages.compile, (18, 3), [pdu])
        pdu = self.slot.scheduled.pusch[0]
        pdu.tb_size_bytes = 5000
        self.refuses("pusch[0] cannot be decoded: its transport block is larger", self.stages.compile, (18, 3), [pdu])
        pdus = [self.slot.scheduled.pusch[0]]
        self.refuses("slot.slot is 10, must be in 0..9", self.stages.compile, (18, 10), pdus)
        self.refuses("slot.sfn is 1024, must be in 0..1023", self.stages.compile, (1024, 0), pdus)
        self.refuses("combined has 2 values", self.stages.compile, (18, 3), pdus, [True, False])
        self.refuses("pusch[1] cannot be decoded", pado.slot_stages(self.cell, max_pdus=1).compile, (18, 3), 2 * pdus)

    def test_the_receiver_checks_slots_and_limits(self):
        self.refuses("max_pdus is 0, must be in 1..256", pado.slot_receiver, self.cell, 0)
        self.refuses("nof_harq_blocks is 0", pado.slot_receiver, self.cell, 4, 0)
        receiver = pado.slot_receiver(self.cell, 4)
        half = np.zeros((1, 14, 624, 2), np.float16)
        self.refuses("no schedule speaks of slot 5.0", receiver.decode, pado.uplink_slot((5, 0), grid=half))
        self.refuses("slot.grid has shape (1, 14, 612), must be (1, 14, 624)", receiver.decode,
                     pado.uplink_slot((5, 0), grid=half[:, :, :612].copy()), [])
        self.refuses("slot.samples has shape (1, 11519), must be (1, 11520)", receiver.decode,
                     pado.uplink_slot((5, 0), samples=np.zeros((1, 11519), np.complex64)), [])
        self.refuses("slot.received has shape", receiver.decode,
                     pado.uplink_slot((5, 0), grid=half, received=np.ones((1, 14, 51), np.uint8)), [])
        self.refuses("slot.slot is 77", receiver.decode, pado.uplink_slot((5, 77), grid=half), [])
        self.refuses("needs either grid or samples", pado.uplink_slot, (5, 0))
        self.refuses("needs either grid or samples", pado.uplink_slot, (5, 0), grid=half, samples=half)
        self.refuses("samples has dtype complex128", pado.uplink_slot, (5, 0), samples=np.zeros((1, 100), complex))
        packets = pado.read_vector_case(os.path.join(shared.CASES, "pusch_7208")).packets[0]
        self.refuses("slot.sections[", receiver.decode, packets, [])
        report = receiver.decode(pado.uplink_slot((5, 0), grid=half), [pado.pusch_pdu(rnti=1, rb_size=3)])
        self.assertEqual((report.pusch, len(report.unsupported)), ([], 1))

    def test_files_are_refused_by_name_and_key(self):
        self.refuses("nowhere.yaml", pado.read_cell_file, "nowhere.yaml")
        self.refuses("cell.yaml:3: carrier.nof_prb is 276, must be in 1..275", pado.parse_cell_file,
                     "carrier:\n  scs_khz: 15\n  nof_prb: 276\niq:\n  sample_rate_hz: 11520000\n")
        self.refuses("lines:1:", pado.parse_schedule, "{", "lines")
        self.refuses("nowhere.pcap", pado.open_source, "nowhere.pcap", self.cell)
        self.refuses("nowhere.sigmf-meta", pado.read_iq, "nowhere.sigmf-meta")
        self.refuses("has samples 0..115199", pado.read_iq, shared.RECORDING, first=115200)
        self.refuses("has samples 0..115199", pado.read_iq, shared.RECORDING, first=2**62, count=2**62)
        self.refuses("has samples 0..115199", pado.read_iq, shared.RECORDING, first=-1)
        self.refuses("nowhere", pado.read_vector_case, "nowhere")
        self.refuses("nowhere.pcap", pado.discover, "nowhere.pcap")
        self.refuses("nof_workers is 65", pado.discover, shared.RECORDING, nof_workers=65)
        case = pado.read_vector_case(os.path.join(shared.CASES, "pusch_7208"))
        self.refuses("ref_q", case.array, "ref_q")

    def test_functions_check_their_numbers(self):
        self.refuses("c_init is -1", pado.gold_bits, -1, 0, 1)
        self.refuses("nof_words is 0", pado.gold_bits, 1, 0, 0)
        self.refuses("kind is crc32, must be one of crc24a", pado.crc_of_bytes, "crc32", b"")
        self.refuses("data has dtype int64, must be uint8", pado.crc_of_bytes, "crc16", np.zeros(3, int))
        self.refuses("width is 17, must be in 1..16", pado.decompress, np.zeros((1, 1, 28), np.uint8), "bfp", 17)
        self.refuses("width is 3, must be in 4..16", pado.decompress, np.zeros((1, 1, 10), np.uint8), "mu_law", 3)
        self.refuses("method is zip", pado.decompress, np.zeros((1, 1, 28), np.uint8), "zip")
        self.refuses("data has shape (1, 1, 28), must be (any, any, 25)", pado.decompress, np.zeros((1, 1, 28), np.uint8), "bfp", 8)
        self.refuses("(symbols) is 15", pado.decompress, np.zeros((15, 1, 28), np.uint8))
        self.refuses("nof_prb", pado.decompress, np.zeros((1, 276, 28), np.uint8))
        samples = np.zeros((1, 11520), np.complex64)
        self.refuses("fft_size", pado.ofdm, samples, 0, scs_khz=15, nof_prb=52, fft_size=600)
        self.refuses("scs_khz is 20", pado.ofdm, samples, 0, scs_khz=20, nof_prb=52, fft_size=768)
        self.refuses("slot_in_subframe is 1, must be in 0..0", pado.ofdm, samples, 1, scs_khz=15, nof_prb=52, fft_size=768)
        self.refuses("samples has shape (1, 11520), must be (1, 7680)", pado.ofdm, samples, 0, scs_khz=15, nof_prb=25, fft_size=512)
        soft = np.zeros((1, 68 * 384), np.int8)
        self.refuses("z is 385", pado.ldpc_decode, soft, z=385, nof_bits=64)
        self.refuses("z is 17, must be a lifting size", pado.ldpc_decode, soft, z=17, nof_bits=64)
        self.refuses("nof_bits is 8456, must be in 32..8448", pado.ldpc_decode, soft, z=384, nof_bits=8456)
        self.refuses("nof_bits is 65, must be whole bytes", pado.ldpc_decode, soft, z=384, nof_bits=65)
        self.refuses("crc is crc6, must be one of crc24a, crc24b, crc16", pado.ldpc_decode, soft, z=384, nof_bits=64, crc="crc6")
        self.refuses("argument is rows", pado.ldpc_decode, soft, z=384, nof_bits=64, rows=4)
        self.refuses("soft has shape (1, 26112), must be (any, 19968)", pado.ldpc_decode, soft, base_graph=2, z=384, nof_bits=64)


if __name__ == "__main__":
    unittest.main()
