#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes polar_tables.h from the CSV tables of 38.212: python3 make_polar_tables.py FOLDER > polar_tables.h"""
import csv
import sys


def column(name, key):
    with open(f"{sys.argv[1]}/{name}", newline="") as file:
        return [int(row[key]) for row in csv.DictReader(file)]


def table(comment, kind, name, values):
    print(f"/// {comment}\ninline constexpr std::array<{kind}, {len(values)}> {name} = {{")
    line = "   "
    for value in values:
        word = f" {value},"
        if len(line) + len(word) > 108:
            print(line)
            line = "   "
        line += word
    print(line + "\n};\n")


print("// SPDX-License-Identifier: Apache-2.0\n// Made by make_polar_tables.py.\n// clang-format off")
print("#pragma once\n\n#include <array>\n#include <cstdint>\n\nnamespace pado::phy {\n")
table("Bit indices from the least to the most reliable (38.212, Table 5.3.1.2-1).", "std::uint16_t",
      "polar_reliability", column("polar_reliability.csv", "Q_i"))
table("Sub-block interleaver (38.212, Table 5.4.1.1-1).", "std::uint8_t", "polar_subblock_interleaver",
      column("polar_subblock_interleaver.csv", "P_i"))
table("Interleaver of the input bits of PBCH and PDCCH (38.212, Table 5.3.1.1-1).", "std::uint8_t",
      "polar_input_interleaver", column("polar_input_interleaver.csv", "Pi_IL_max_m"))
print("} // namespace pado::phy")
