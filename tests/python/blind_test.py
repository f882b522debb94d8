# SPDX-License-Identifier: Apache-2.0
"""The search without a schedule."""
import unittest

import shared

import pado


class Blind(unittest.TestCase):
    def test_the_ue_of_the_cut_is_found_without_its_schedule(self):
        steps = []
        found = pado.discover(shared.RECORDING, progress=lambda share, slots: steps.append((share, slots)))
        self.assertEqual(list(found.ues), [0x4601])
        self.assertEqual(steps[-1], (1.0, 10))
        granted = {(s.slot, p.rnti): e.payload for s in shared.cut_slots()
                   for p, e in zip(s.scheduled.pusch, s.scheduled.expected)}
        proven = {(f.slot, f.pdu.rnti): f.report.payload for f in found.pusch if f.is_proven}
        self.assertEqual(proven, granted)
        again = list(pado.open_source(shared.RECORDING, shared.cut_cell(), found.schedule))
        receiver = pado.slot_receiver(shared.cut_cell())
        decoded = {(s.slot, r.pdu.rnti): r.payload for s in again for r in receiver.decode(s).pusch if r.tb_crc_ok}
        self.assertEqual(decoded, granted)

    def test_progress_ends_a_search_and_its_errors_come_through(self):
        found = pado.discover(shared.RECORDING, progress=lambda share, slots: False)
        self.assertLess(found.nof_slots, 10)

        def fail(share, slots):
            raise KeyError("stop here")

        with self.assertRaises(KeyError):
            pado.discover(shared.RECORDING, progress=fail)


if __name__ == "__main__":
    unittest.main()
