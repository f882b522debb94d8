# SPDX-License-Identifier: Apache-2.0
"""The whole receiver, on the cut and on vectors of another transmitter."""
import os
import sys
import threading
import time
import unittest

import numpy as np
import shared

import pado


class Receiver(unittest.TestCase):
    def test_the_blocks_of_the_cut_are_those_of_its_schedule(self):
        receiver = pado.slot_receiver(shared.cut_cell())
        nof_blocks = 0
        for slot in shared.cut_slots():
            report = receiver.decode(slot)
            self.assertEqual(report.slot, slot.slot)
            self.assertEqual(len(report.unsupported), len(slot.scheduled.unsupported))
            self.assertGreater(report.stage_ns["total"], 0)
            for one in report.pusch:
                expected = slot.scheduled.expected[one.plan_index]
                self.assertTrue(one.tb_crc_ok)
                self.assertEqual(one.payload, expected.payload)
                self.assertEqual(one.nof_cb_ok, one.nof_cb)
                self.assertGreater(one.sinr_db, 20)
                self.assertLess(abs(one.ta_us), 1.0)
                self.assertLess(abs(one.cfo_hz), 20)
                nof_blocks += 1
        self.assertEqual(nof_blocks, shared.cut_schedule().nof_pusch)

    def test_a_grid_of_the_caller_decodes_like_its_samples(self):
        cell, slot = shared.cut_cell(), shared.slot_with_pusch(6)
        grid = pado.slot_stages(cell).front_end(slot)
        own = pado.uplink_slot(slot.slot, grid=grid)
        report = pado.slot_receiver(cell).decode(own, slot.scheduled.pusch)
        self.assertEqual(report.pusch[0].payload, slot.scheduled.expected[0].payload)
        noise = np.random.default_rng(4).standard_normal(grid.shape).astype(np.float16)
        report = pado.slot_receiver(cell).decode(pado.uplink_slot(slot.slot, grid=noise), slot.scheduled.pusch)
        self.assertFalse(report.pusch[0].tb_crc_ok)
        self.assertTrue(report.pusch[0].dtx)

    def test_missing_prbs_are_left_out(self):
        cell, slot = shared.cut_cell(), shared.slot_with_pusch(2)
        pdu = slot.scheduled.pusch[0]
        grid = pado.slot_stages(cell).front_end(slot)
        received = np.ones((1, 14, 52), np.uint8)
        received[0, :, pdu.rb_start] = 0
        report = pado.slot_receiver(cell).decode(pado.uplink_slot(slot.slot, grid=grid, received=received), [pdu])
        whole = pado.slot_receiver(cell).decode(pado.uplink_slot(slot.slot, grid=grid), [pdu])
        self.assertLess(report.pusch[0].sinr_db, whole.pusch[0].sinr_db - 1)

    def test_other_threads_of_python_run_meanwhile(self):
        """With a switch interval of 1000 s no thread is made to give the GIL away: another one runs only where decode()
        gives it away by itself."""
        cell, slot = shared.cut_cell(), shared.slot_with_pusch(6)
        receiver = pado.slot_receiver(cell)
        counted, stop = [0], threading.Event()

        def count():
            while not stop.is_set():
                counted[0] += 1
                time.sleep(0.0001)  # gives the GIL away, and needs it to go on

        other = threading.Thread(target=count)
        usual = sys.getswitchinterval()
        other.start()
        sys.setswitchinterval(1000)
        try:
            before = counted[0]
            limit = time.monotonic() + 10  # in Release a slot takes 0.2 ms, less than the other thread needs to wake up
            while counted[0] < before + 5 and time.monotonic() < limit:
                receiver.decode(slot)
            during = counted[0] - before
        finally:
            stop.set()
            sys.setswitchinterval(usual)
            other.join()
        self.assertGreaterEqual(during, 5)

    def test_one_receiver_serves_several_threads(self):
        cell, slot = shared.cut_cell(), shared.slot_with_pusch(6)
        receiver, stages = pado.slot_receiver(cell), pado.slot_stages(cell)
        expected = slot.scheduled.expected[0].payload
        wrong = []

        def work():
            for _ in range(5):
                wrong.append(receiver.decode(slot).pusch[0].payload != expected)
                wrong.append(stages.front_end(slot).shape != (1, 14, 624, 2))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(wrong), any(wrong)), (40, False))


class Vectors(unittest.TestCase):
    def test_cases_of_another_transmitter_decode_from_grid_and_packets(self):
        nof_blocks = 0
        for name in sorted(os.listdir(shared.CASES)):
            folder = os.path.join(shared.CASES, name)
            if not os.path.isdir(folder):
                continue
            case = pado.read_vector_case(folder)
            for form in (case.slots, case.packets):
                receiver = pado.slot_receiver(case.cell)
                for slot in form:
                    for one in receiver.decode(slot).pusch:
                        expected = slot.scheduled.expected[one.plan_index]
                        if expected.crc_ok is not False:
                            self.assertTrue(one.tb_crc_ok, f"{name} {slot}")
                            self.assertEqual(one.payload, expected.payload, f"{name} {slot}")
                            nof_blocks += 1
        self.assertEqual(nof_blocks, 8)

    def test_the_channel_is_that_of_the_reference_receiver(self):
        case = pado.read_vector_case(os.path.join(shared.CASES, "pusch_7208"))
        slot = case.slots[0]
        stages = pado.slot_stages(case.cell)
        program = stages.compile(slot.slot, slot.scheduled.pusch)
        h, _ = stages.channel_estimate(program, stages.dmrs_ls(program, stages.gold(program), slot.grid))
        reference = case.array("ref_h")[0, :, 0]  # [port][subcarrier]
        mine = program.estimates_of(0, h)[:, 0, 0]
        mine = mine * (np.vdot(mine, reference) / np.vdot(mine, mine))  # the reference has a scale of its own
        self.assertEqual(mine.shape, reference.shape)
        self.assertLess(np.linalg.norm(mine - reference) / np.linalg.norm(reference), 0.02)

    def test_the_suite_gives_a_verdict_a_pdu(self):
        verdicts = pado.run_vector_suite(shared.CASES)
        self.assertGreater(len(verdicts), 6)
        self.assertEqual([v for v in verdicts if v.verdict == "fail"], [])
        self.assertEqual({v.case_id for v in verdicts if v.verdict == "unsupported"}, {"pusch_7363"})
        self.assertIn("pusch_7208", {v.case_id for v in verdicts})
        self.assertEqual(pado.run_vector_suite("nowhere"), [])


if __name__ == "__main__":
    unittest.main()
