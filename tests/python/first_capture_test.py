# SPDX-License-Identifier: Apache-2.0
"""Runs docs/examples/first_capture.py: its pictures exist and show something, and what it prints is true."""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import shared

try:
    import matplotlib.image
except ImportError:
    matplotlib = None


class FirstCapture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if matplotlib is None:
            raise unittest.SkipTest("skipped: no Matplotlib, scripts/setup installs python3-matplotlib")
        cls.folder = tempfile.TemporaryDirectory()
        script = os.path.join(shared.ROOT, "docs/examples/first_capture.py")
        done = subprocess.run([sys.executable, "-W", "error::RuntimeWarning", script, cls.folder.name], text=True,
                              capture_output=True, env=dict(os.environ, MPLCONFIGDIR=cls.folder.name))
        cls.text = done.stdout
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_the_pictures_show_something(self):
        for name in ("grid.png", "constellation.png", "channel.png"):
            path = os.path.join(self.folder.name, name)
            with open(path, "rb") as file:
                head = file.read(24)
            self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n")
            width, height = struct.unpack(">II", head[16:])
            self.assertGreater(width, 800)
            self.assertGreater(height, 250)
            pixels = matplotlib.image.imread(path)
            self.assertGreater(len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)), 50, name)

    def test_what_is_printed_is_what_the_schedule_says(self):
        with open(os.path.join(shared.CUT, "schedule.jsonl"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        plain = [(line, p) for line in lines for p in line["pdus"] if p["pdu"] == "PUSCH"]
        self.assertIn(f"n3 10 MHz: 15 kHz, 52 PRB, 1 port, {len(lines)} slots\n", self.text)
        rows = re.findall(r"^(\d+\.\d) +(0x\w+) +(\d+)- ?(\d+) +(\d) +(\d+) +(ok|fails) .*  (as scheduled|differs)$", self.text, re.M)
        expected = [(f"{line['sfn']}.{line['slot']}", f"{f['RNTI']:#06x}", str(f["rbStart"]),
                     str(f["rbStart"] + f["rbSize"] - 1), str(f["qamModOrder"]), str(f["TBSize"]), "ok", "as scheduled")
                    for line, f in ((line, p["fapi"]) for line, p in plain)]
        self.assertEqual(rows, expected)
        n = len(plain)
        self.assertIn(f"{n} of {n} transport blocks are those of the schedule\n", self.text)
        self.assertRegex(self.text, r"slot \d+\.\d stage by stage: \d+ code blocks, iterations \[[\d, ]+\], CRC ok, payload as scheduled\n")
        self.assertRegex(self.text, r"\nwith noise: SINR 2[34]\.\d dB, \d\.\d iterations, CRC ok\n")
        self.assertEqual(self.text.count("not decoded: "), sum(len(line["pdus"]) for line in lines) - n)

    def test_the_search_finds_the_one_ue(self):
        found = re.findall(r"  UE (0x\w+): (\d+) PUSCH found, (\d+) proven by CRC\n", self.text)
        self.assertEqual([f[0] for f in found], ["0x4601"])
        proven = int(found[0][2])
        self.assertRegex(self.text, rf"  {proven} of the \d+ blocks that the schedule grants, to the byte\n")


if __name__ == "__main__":
    unittest.main()
