#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes uci_tables.h from the CSV tables of 38.213 and 38.331: python3 make_uci_tables.py FOLDER > uci_tables.h"""
import csv
import sys


def rows(name):
    with open(f"{sys.argv[1]}/{name}", newline="") as file:
        return list(csv.DictReader(file))


def table(comment, name, values):
    print(f"/// {comment}\ninline constexpr std::int32_t {name}[] = {{")
    print("    " + ", ".join(str(value) for value in values) + "};\n")


offsets = rows("uci_beta_offsets.csv")
print("// SPDX-License-Identifier: Apache-2.0\n// Made by make_uci_tables.py.\n// clang-format off")
print("#pragma once\n\n#include <cstdint>\n\nnamespace pado::phy {\n")
for number, name in (("9.3-1", "beta_harq_ack_times_40"), ("9.3-2", "beta_csi_times_40")):
    table(f"38.213, Table {number}, times 40: whole numbers.", name,
          [row["beta_times_40"] for row in offsets if row["table_38213"] == number])
table("`scaling` of 38.331, times 20.", "alpha_times_20", [row["alpha_times_20"] for row in rows("uci_alpha_scaling.csv")])
print("} // namespace pado::phy")
