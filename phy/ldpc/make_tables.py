#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes base_graph_data.h beside this file out of the cross-checked CSV tables.

usage: make_tables.py FOLDER   (the folder that holds ldpc_bg1.csv, ldpc_bg2.csv and ldpc_lifting_sizes.csv)
"""
import csv
import pathlib
import sys


def wrap(values, per_line=24, indent=6):
    lines = [", ".join(map(str, values[i : i + per_line])) for i in range(0, len(values), per_line)]
    return (",\n" + " " * indent).join(lines)


def graph(folder, number):
    rows = sorted(csv.DictReader(open(folder / f"ldpc_bg{number}.csv")), key=lambda r: (int(r["row"]), int(r["col"])))
    nof_rows, nof_cols = {1: (46, 68), 2: (42, 52)}[number]
    begin = [sum(1 for r in rows if int(r["row"]) < i) for i in range(nof_rows + 1)]
    begin += [begin[-1]] * (47 - len(begin))
    pad = [0] * (316 - len(rows))
    lines = [f"inline constexpr base_graph base_graph_{number} = {{", f"    {nof_rows}, {nof_cols},"]
    lines.append("     {" + wrap(begin) + "},")
    lines.append("     {" + wrap([int(r["col"]) for r in rows] + pad) + "},")
    sets = ["{" + wrap([int(r[f"V_iLS{k}"]) for r in rows] + pad, 22, 7) + "}" for k in range(8)]
    lines.append("     {" + ",\n      ".join(sets) + "}};")
    return lines


def main():
    folder = pathlib.Path(sys.argv[1])
    sizes = sorted((int(r["Z"]), int(r["iLS"])) for r in csv.DictReader(open(folder / "ldpc_lifting_sizes.csv")))
    lines = [
        "// SPDX-License-Identifier: Apache-2.0",
        "// Made by phy/ldpc/make_tables.py. TS 38.212, Tables 5.3.2-1, -2 and -3.",
        "#pragma once",
        "",
        '#include "phy/ldpc/base_graph.h"',
        "",
        "namespace pado::phy::table_data {",
        "",
    ]
    lines += graph(folder, 1) + [""] + graph(folder, 2) + [""]
    lines.append(f"inline constexpr lifting_size lifting_sizes[{len(sizes)}] = {{")
    text = ["{%d, %d}" % s for s in sizes]
    lines += ["    " + ", ".join(text[i : i + 12]) + "," for i in range(0, len(text), 12)]
    lines += ["};", "", "} // namespace pado::phy::table_data", ""]
    (pathlib.Path(__file__).parent / "base_graph_data.h").write_text("\n".join(lines))


main()
