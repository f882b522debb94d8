# SPDX-License-Identifier: Apache-2.0
"""What an hour of scripts/soak has to show, and its record.
usage: soak_verdict.py VALUES_OF_LIVE_CHECK.json RECORD.json   exit 1: a law is broken, memory grows, or whole slots decode worse"""
import datetime
import json
import os
import pathlib
import subprocess
import sys

MEMORY_MAY_GROW_KIB = 4096  # after the first 10 s: rare paths are touched for the first time
RATE_MAY_DIFFER = 0.01  # a flipped bit of IQ is noise that no mask shows


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    return f"{os.cpu_count()} x {name}"


def complaints(seen):
    if seen["unaccounted"]:
        yield f"{seen['unaccounted']} frames are unaccounted"
    for name, memory in zip(["pado run", "pado ru"], seen["memory_kib"] or []):
        grown = memory["most"] - memory["first"]
        if grown > MEMORY_MAY_GROW_KIB:
            yield f"{name} grew by {grown} KiB"
    complete = seen["blocks_complete_failed"] / seen["blocks_complete"]
    offline = seen["blocks_offline_failed"] / seen["blocks_offline"]
    if abs(complete - offline) > RATE_MAY_DIFFER:
        yield f"error rate of complete slots {complete:.4f}, offline {offline:.4f}"


def main():
    seen = json.loads(pathlib.Path(sys.argv[1]).read_text())
    wrong = list(complaints(seen))
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    record = {
        "command": f"chrt -r 20 scripts/soak {seen['seconds']:.0f} {seen['port']}",
        "date": datetime.date.today().isoformat(),
        "sources": revision.stdout.strip(),
        "machine": processor(),
        "is_passed": not wrong,
        "complaints": wrong,
        "run": seen,
    }
    pathlib.Path(sys.argv[2]).write_text(json.dumps(record, indent=1) + "\n")
    grown = [memory["most"] - memory["first"] for memory in seen["memory_kib"] or []]
    print(f"soak: memory grown {grown} KiB (pado run, pado ru) after the first 10 s; " + ("; ".join(wrong) or "passed"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
