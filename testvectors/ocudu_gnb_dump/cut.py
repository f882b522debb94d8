#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cuts the beginning out of a gNB's dump: python3 cut.py DUMP_FOLDER OUTPUT_FOLDER [NOF_SLOTS]

The dump is gnb.log and rx_symbols.cf32. Kept are whole log messages up to the one before slot number NOF_SLOTS (17 by
default) of the file of symbols, and the values that they name; nothing inside is changed.
"""
import pathlib
import re
import sys


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    nof_slots = int(sys.argv[3]) if len(sys.argv) > 3 else 17
    kept, end, count = [], 0, 0
    for line in (source / "gnb.log").read_text().splitlines(keepends=True):
        place = re.search(r"RX_(SYMBOL|PRACH): sector=0 offset=(\d+) size=(\d+)", line)
        if place:
            count += 1
            if count > nof_slots:
                break
            end = int(place[2]) + int(place[3])
        kept.append(line)
    target.mkdir(parents=True, exist_ok=True)
    (target / "gnb.log").write_text("".join(kept))
    (target / "rx_symbols.cf32").write_bytes((source / "rx_symbols.cf32").read_bytes()[: 8 * end])
    print(f"{len(kept)} lines, {count - 1} windows, {8 * end} bytes")


if __name__ == "__main__":
    main()
