#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cuts single slots out of the recorded uplink of a real UE: python3 cut.py RECORDING_FOLDER OUTPUT_FOLDER

The recording is a SigMF pair ul.sigmf-meta, ul.sigmf-data with schedule.jsonl beside it; every kept slot becomes a
`captures` segment with its SFN and slot, and the schedule's `sample` points into the cut.
"""
import hashlib
import json
import pathlib
import sys

SLOT_SAMPLES = 11520
BYTES_PER_SAMPLE = 4
# PRACH, Msg3, PUCCH, Msg5, a PUSCH with UCI, then user data up to the whole carrier of 52 PRB and 5 code blocks.
KEPT = [(17, 4), (18, 3), (19, 1), (22, 8), (23, 7), (26, 8), (30, 8), (339, 6), (339, 7), (340, 0)]
DROPPED_KEYS = ("grid_offset", "prach_offset", "ue_log")


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    meta = json.loads((source / "ul.sigmf-meta").read_text())
    data = (source / "ul.sigmf-data").read_bytes()
    lines = [json.loads(line) for line in (source / "schedule.jsonl").read_text().splitlines()]
    frequency = meta["captures"][0]["core:frequency"]
    cut, captures, schedule = b"", [], []
    for line in lines:
        if (line["sfn"], line["slot"]) not in KEPT:
            continue
        begin = line["sample"] * BYTES_PER_SAMPLE
        sample = len(cut) // BYTES_PER_SAMPLE
        cut += data[begin:begin + SLOT_SAMPLES * BYTES_PER_SAMPLE]
        captures.append({"core:sample_start": sample, "core:frequency": frequency,
                         "nr:sfn": line["sfn"], "nr:slot": line["slot"]})
        kept = {key: value for key, value in line.items() if key not in DROPPED_KEYS}
        schedule.append({**kept, "sample": sample})
    info = {key: value for key, value in meta["global"].items() if key != "core:sha512"}
    info["core:sha512"] = hashlib.sha512(cut).hexdigest()
    target.mkdir(parents=True, exist_ok=True)
    (target / "ul.sigmf-data").write_bytes(cut)
    (target / "ul.sigmf-meta").write_text(json.dumps({"global": info, "captures": captures}, indent=1) + "\n")
    (target / "schedule.jsonl").write_text("".join(json.dumps(line) + "\n" for line in schedule))
    print(f"{len(schedule)} slots, {len(cut)} bytes")


if __name__ == "__main__":
    main()
