#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes dmrs_positions_data.h from the table of single-symbol PUSCH DM-RS positions (TS 38.211, Table 6.4.1.1.3-3).

    python3 make_dmrs_positions.py SHARED/spec/signals/pusch_dmrs_pos_single.csv > dmrs_positions_data.h
"""
import csv
import sys

ROWS = [("A", "2", "mapping type A, first DM-RS in symbol 2"),
        ("A", "3", "mapping type A, first DM-RS in symbol 3"),
        ("B", "0", "mapping type B")]


def masks():
    table = {(m, l0): [[0] * 4 for _ in range(15)] for m, l0, _ in ROWS}
    with open(sys.argv[1]) as handle:
        for row in csv.DictReader(handle):
            if row["note"].startswith("not_supported"):
                continue
            places = [int(row[f"p{i}"]) for i in range(4) if row[f"p{i}"]]
            assert len(places) == int(row["n"])
            table[row["mapping"], row["l0"]][int(row["l_d"])][int(row["add_pos"])] = sum(1 << p for p in places)
    return table


def main():
    print("// SPDX-License-Identifier: Apache-2.0")
    print("// Made by phy/ue/make_dmrs_positions.py. TS 38.211, Table 6.4.1.1.3-3.")
    print("#pragma once\n\n#include <cstdint>\n\nnamespace pado::phy::table_data {\n")
    print("/// [row][l_d][additional positions]: bit l is symbol l, from the slot's (A) or the allocation's (B) first one.")
    print("/// Rows: type A with l0 = 2, type A with l0 = 3, type B. 0: not allowed.")
    print("inline constexpr std::uint16_t dmrs_positions[3][15][4] = {")
    table = masks()
    for mapping, l0, what in ROWS:
        print(f"    // {what}")
        cells = ["{" + ", ".join(f"{m:#06x}" for m in row) + "}" for row in table[mapping, l0]]
        lines = [", ".join(cells[i:i + 3]) for i in range(0, 15, 3)]
        print("    {" + ",\n     ".join(lines) + "},")
    print("};\n\n} // namespace pado::phy::table_data")


main()
