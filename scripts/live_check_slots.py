# SPDX-License-Identifier: Apache-2.0
"""Counts the blocks of the slots that pado run --json prints, as they come, and hands on all its other lines.
usage: pado run ... --json | live_check_slots.py   The last line: {"complete_slots": {"blocks": n, "failed": n}}, of decoded slots
of which no PRB is missing."""
import json
import sys

blocks = failed = 0
for line in sys.stdin:
    value = json.loads(line)
    if "outcome" not in value:
        print(line, end="")
    elif value["outcome"] == "decoded" and value["missing_prb"] == 0:
        blocks += len(value["pdus"])
        failed += sum(not pdu["tb_crc_ok"] for pdu in value["pdus"])
print(json.dumps({"complete_slots": {"blocks": blocks, "failed": failed}}))
