#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes mcs_table_data.h beside this file out of the cross-checked CSV tables.

usage: make_tables.py FOLDER   (the folder that holds mcs_tables.csv and tbs_table.csv)
"""
import csv
import pathlib
import sys

# pusch_pdu.mcs_table -> table of TS 38.214. The two with transform precoding are taken without pi/2-BPSK (q = 2).
TABLES = ["5.1.3.1-1", "5.1.3.1-2", "5.1.3.1-3", "6.1.4.1-1", "6.1.4.1-2"]


def entry(row):
    order = 2 if row["Qm"] == "q" else int(row["Qm"])
    rate = row["R_times_2048_int_for_q1"]
    rate = int(rate) if rate else 0
    return order, rate // 2 if row["Qm"] == "q" else rate


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = list(csv.DictReader(open(folder / "mcs_tables.csv")))
    sizes = [int(row["TBS"]) for row in csv.DictReader(open(folder / "tbs_table.csv"))]
    lines = [
        "// SPDX-License-Identifier: Apache-2.0",
        "// Made by mac/mcs/make_tables.py. TS 38.214, Tables 5.1.3.1-1 to -3, 6.1.4.1-1, -2 (q = 2) and 5.1.3.2-1.",
        "#pragma once",
        "",
        '#include "mac/mcs/mcs_table.h"',
        "",
        "namespace pado::mac::table_data {",
        "",
        "/// [mcs_table][mcs]. Rate 0: reserved, the rate is the one of the first transmission.",
        "inline constexpr mcs_entry mcs[nof_mcs_tables][32] = {",
    ]
    for name in TABLES:
        cells = [entry(row) for row in rows if row["table_38214"] == name]
        assert len(cells) == 32
        lines.append(f"    // {name}")
        text = ["{%d, %d}" % cell for cell in cells]
        groups = [", ".join(text[i : i + 8]) for i in range(0, 32, 8)]
        lines.append("    {" + ",\n     ".join(groups) + "},")
    lines += ["};", "", "/// Transport block sizes up to 3824 bits.", f"inline constexpr std::uint16_t tbs[{len(sizes)}] = {{"]
    for i in range(0, len(sizes), 16):
        lines.append("    " + ", ".join(map(str, sizes[i : i + 16])) + ",")
    lines += ["};", "", "} // namespace pado::mac::table_data", ""]
    (pathlib.Path(__file__).parent / "mcs_table_data.h").write_text("\n".join(lines))


main()
