#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tdl_profiles_data.h from the FR1 delay profiles of TS 38.104, G.2.1.1.

    python3 make_tdl_profiles.py SHARED/spec/conformance/channel_tdl_38104.csv > tdl_profiles_data.h
"""
import csv
import sys

with open(sys.argv[1]) as handle:
    rows = [r for r in csv.DictReader(handle) if r["fr"] == "FR1"]
print("// SPDX-License-Identifier: Apache-2.0")
print("// Made by phy/channel/make_tdl_profiles.py. TS 38.104, Tables G.2.1.1-2 to -4.")
print("#pragma once\n\nnamespace pado::phy::table_data {\n")
print("struct tdl_tap {\n  float delay_ns;\n  float power_db; ///< as in the table: the sum is not 1\n};\n")
for model in ("TDLA30", "TDLB100", "TDLC300"):
    taps = [f"{{{float(r['delay_ns'])}F, {float(r['power_db'])}F}}" for r in rows if r["model"] == model]
    lines = [", ".join(taps[i:i + 4]) for i in range(0, len(taps), 4)]
    print(f"inline constexpr tdl_tap {model.lower()}[{len(taps)}] = {{\n    " + ",\n    ".join(lines) + ",\n};")
print("\n} // namespace pado::phy::table_data")
