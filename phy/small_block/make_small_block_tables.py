#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes small_block_tables.h from the CSV table of 38.212: python3 make_small_block_tables.py FOLDER > small_block_tables.h"""
import csv
import sys

with open(f"{sys.argv[1]}/small_block_basis.csv", newline="") as file:
    rows = list(csv.DictReader(file))
columns = [sum(int(row[f"M_i{k}"]) << int(row["i"]) for row in rows) for k in range(11)]
print("// SPDX-License-Identifier: Apache-2.0\n// Made by make_small_block_tables.py.\n// clang-format off")
print("#pragma once\n\n#include <array>\n#include <cstdint>\n\nnamespace pado::phy {\n")
print("/// Column k of the basis M of 38.212, Table 5.3.3.3-1: coded bit i is bit i.")
print("inline constexpr std::array<std::uint32_t, 11> small_block_basis = {")
for begin in range(0, 11, 6):
    print("    " + ", ".join(f"0x{c:08X}U" for c in columns[begin:begin + 6]) + ",")
print("};\n\n} // namespace pado::phy")
