# SPDX-License-Identifier: Apache-2.0
"""Runs the examples of docs/python.md, one after the other."""
import contextlib
import io
import os
import re
import unittest

import shared


class Docs(unittest.TestCase):
    def test_the_examples_run_and_show_the_ue(self):
        with open(os.path.join(shared.ROOT, "docs/python.md"), encoding="utf-8") as file:
            examples = re.findall(r"```python\n(.*?)```", file.read(), re.S)
        self.assertEqual(len(examples), 3)
        names, printed = {}, io.StringIO()
        os.chdir(shared.ROOT)
        with contextlib.redirect_stdout(printed):
            for example in examples:
                exec(compile(example, "docs/python.md", "exec"), names)  # pylint: disable=exec-used
        lines = printed.getvalue().splitlines()
        self.assertEqual(sum(line.split()[1:3] == ["0x4601", "True"] for line in lines), 8)  # one of them with HARQ-ACK
        self.assertIn("<found_ue RNTI 0x4601, 8 PUSCH, 8 proven>", lines[-1])
        self.assertEqual(names["payload"].tobytes(), names["slot"].scheduled.expected[0].payload)


if __name__ == "__main__":
    unittest.main()
