# SPDX-License-Identifier: Apache-2.0
"""Captures into arrays: what is read, that it is not copied, and who keeps it alive."""
import gc
import json
import os
import subprocess
import tempfile
import unittest

import numpy as np
import shared

import pado


class Captures(unittest.TestCase):
    def test_the_samples_are_those_of_the_file(self):
        stored = np.fromfile(os.path.join(shared.CUT, "ul.sigmf-data"), "<i2").reshape(-1, 2)
        expected = ((stored[:, 0] + 1j * stored[:, 1]) / 32767).astype(np.complex64)
        whole = pado.read_iq(shared.RECORDING)
        self.assertEqual((whole.dtype, whole.shape), (np.complex64, (1, len(expected))))
        np.testing.assert_allclose(whole[0], expected, rtol=1e-6)
        np.testing.assert_array_equal(pado.read_iq(shared.RECORDING, first=100, count=50), whole[:, 100:150])
        for slot in shared.cut_slots():
            begin = slot.scheduled.sample
            np.testing.assert_array_equal(slot.samples, whole[:, begin:begin + slot.samples.shape[1]])
            self.assertIsNone(slot.grid)
            self.assertIsNone(slot.bytes)

    def test_the_schedule_says_what_its_file_says(self):
        with open(os.path.join(shared.CUT, "schedule.jsonl"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        schedule = shared.cut_schedule()
        self.assertEqual(len(schedule), len(lines))
        nof_pusch = 0
        for index, line in enumerate(lines):
            slot = schedule[index]
            self.assertEqual((slot.slot.sfn, slot.slot.slot, slot.sample), (line["sfn"], line["slot"], line["sample"]))
            plain = [p for p in line["pdus"] if p["pdu"] == "PUSCH"]
            self.assertEqual([p.rnti for p in slot.pusch], [p["fapi"]["RNTI"] for p in plain])
            self.assertEqual([p.tb_size_bytes for p in slot.pusch], [p["fapi"]["TBSize"] for p in plain])
            self.assertEqual([e.payload.hex() for e in slot.expected], [p["expected"]["payload_hex"] for p in plain])
            nof_pusch += len(plain)
        self.assertEqual(nof_pusch, schedule.nof_pusch)
        again = pado.parse_schedule(schedule.json_lines(scs_khz=15))
        self.assertEqual(again.nof_pusch, nof_pusch)
        self.assertEqual([again[i].slot for i in range(len(again))], [schedule[i].slot for i in range(len(schedule))])

    def test_without_a_schedule_every_slot_comes(self):
        slots = list(pado.open_source(shared.RECORDING, shared.cut_cell()))
        self.assertEqual([str(s.slot) for s in slots], [str(s.slot) for s in shared.cut_slots()])
        self.assertEqual(slots[0].scheduled.pusch, [])

    def test_arrays_of_a_slot_are_views_of_one_memory(self):
        slot = shared.cut_slots()[0]
        self.assertTrue(np.shares_memory(slot.samples, slot.samples))
        self.assertFalse(slot.samples.flags.owndata)
        self.assertFalse(slot.samples.flags.writeable)
        self.assertIs(slot.samples.base, slot)

    def test_an_array_outlives_everything_it_came_from(self):
        source = pado.open_source(shared.RECORDING, shared.cut_cell(), shared.cut_schedule())
        slot = next(source)
        line = slot.scheduled
        samples = slot.samples
        copy = samples.copy()
        others = list(source)
        del slot, source
        gc.collect()
        np.testing.assert_array_equal(samples, copy)
        del others
        gc.collect()
        filler = [np.full(samples.shape, 7, np.complex64) for _ in range(64)]  # would land in memory that was given back
        np.testing.assert_array_equal(samples, copy)
        self.assertEqual(str(line.slot), "17.4")
        del filler

    def test_a_slot_on_an_array_of_the_caller_copies_nothing(self):
        grid = np.zeros((1, 14, 624, 2), np.float16)
        slot = pado.uplink_slot((17, 4), grid=grid)
        self.assertTrue(np.shares_memory(slot.grid, grid))
        grid[0, 3, 5, 1] = 0.5
        self.assertEqual(slot.grid[0, 3, 5, 1], 0.5)
        view = slot.grid
        del slot, grid
        gc.collect()
        self.assertEqual(view[0, 3, 5, 1], 0.5)

    def test_a_vector_case_lends_its_arrays(self):
        case = pado.read_vector_case(os.path.join(shared.CASES, "pusch_7208"))
        grid = case.slots[0].grid
        self.assertEqual(grid.shape, (4, 14, 12 * 273, 2))
        stored = case.array("x_tf")
        expected = np.fromfile(os.path.join(shared.CASES, "pusch_7208/x_tf.bin"), "<f2").reshape(4, 14, 144, 2)
        np.testing.assert_array_equal(stored, expected)
        np.testing.assert_array_equal(grid[:, :, :144], expected)
        packets = case.packets[0]
        self.assertEqual(packets.bytes.dtype, np.uint8)
        self.assertEqual(len(packets.sections), 4 * 14)
        self.assertEqual(packets.sections[0]["width"], 9)
        del case, packets
        gc.collect()
        np.testing.assert_array_equal(grid[:, :, :144], expected)

    def test_a_grid_capture_comes_as_halves(self):
        rng = np.random.default_rng(1)
        values = rng.standard_normal((2, 2, 14, 36, 2)).astype("<f4")  # [slot][port][symbol][subcarrier]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "lab.grid-meta")
            values.tofile(os.path.join(folder, "lab.grid-data"))
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"grid": {"datatype": "cf32_le", "scs_khz": 30, "nof_prb": 3, "nof_rx_ports": 2},
                           "slots": [{"sfn": 5, "slot": 19, "offset": 0}, {"sfn": 6, "slot": 0, "offset": 1008}]}, file)
            cell = pado.cell_of_capture(path)
            self.assertEqual((cell.scs_khz, cell.nof_prb, cell.nof_rx_ports), (30, 3, 2))
            source = pado.open_source(path, cell)
            slots = list(source)
        self.assertEqual([str(s.slot) for s in slots], ["5.19", "6.0"])
        for slot, expected in zip(slots, values.astype(np.float16)):
            np.testing.assert_array_equal(slot.grid, expected)
        self.assertEqual(source.progress, 1.0)
        self.assertEqual(source.counts["slots read"], 2)

    def test_a_fronthaul_capture_comes_as_packets_and_decodes(self):
        program = os.environ.get("PADO_PROGRAM", "")
        if not os.path.exists(program):
            self.skipTest("skipped: PADO_PROGRAM does not name the program pado")
        scenario = os.path.join(shared.ROOT, "testvectors/scenarios/small_20mhz.yaml")
        with tempfile.TemporaryDirectory() as folder:
            capture = os.path.join(folder, "small.pcap")
            subprocess.run([program, "generate", scenario, "-o", capture], check=True, capture_output=True)
            made = sorted(os.listdir(folder))
            cell = pado.read_cell_file(os.path.join(folder, next(f for f in made if f.endswith("cell.yaml"))))
            schedule = pado.read_schedule(os.path.join(folder, next(f for f in made if f.endswith(".jsonl"))))
            slots = [s for s in pado.open_source(capture, cell, schedule) if s.scheduled]
        self.assertEqual(len(slots), 4)
        receiver = pado.slot_receiver(cell)
        stages = pado.slot_stages(cell)
        nof_equal = 0
        for slot in slots:
            self.assertGreater(len(slot.sections), 0)
            self.assertGreater(slot.last_ns, slot.first_ns)
            self.assertEqual(stages.front_end(slot).shape, (2, 14, 612, 2))
            for one in receiver.decode(slot).pusch:
                nof_equal += one.payload == slot.scheduled.expected[one.plan_index].payload
        self.assertEqual(nof_equal, schedule.nof_pusch)


if __name__ == "__main__":
    unittest.main()
