#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes mcs_threshold_data.h beside this file: the SINR at which bit-interleaved coded modulation can carry each MCS.

usage: make_thresholds.py FOLDER   (the folder that holds mcs_tables.csv)

For square Gray QAM on the AWGN channel the sum of the mutual informations between each code bit and its exact LLR (the
BICM capacity, Caire, Taricco and Biglieri, IEEE Trans. IT 44 (1998), eq. 15 with perfect CSI) is integrated over the
noise with Gauss-Hermite nodes, one dimension at a time; the threshold is the SINR where it equals Qm * R. What a real
decoder needs on top is classical_config.gap_db, a measured number that does not belong into this table.
"""
import csv
import math
import pathlib
import sys

import numpy as np

TABLES = ["5.1.3.1-1", "5.1.3.1-2", "5.1.3.1-3", "6.1.4.1-1", "6.1.4.1-2"]
NODES, WEIGHTS = np.polynomial.hermite.hermgauss(96)
WEIGHTS = WEIGHTS / math.sqrt(math.pi)


def gray_pam(bits_per_axis):
    """Levels and bits of one axis of TS 38.211, 5.1.3 to 5.1.6, unit complex power."""
    levels, labels = [], []
    for word in range(2**bits_per_axis):
        bits = [(word >> i) & 1 for i in range(bits_per_axis)]
        level = 1.0
        for i in range(bits_per_axis - 1, 0, -1):
            level = 2.0 ** (bits_per_axis - i) - (1 - 2 * bits[i]) * level
        levels.append((1 - 2 * bits[0]) * level)
        labels.append(bits)
    levels = np.array(levels)
    return levels / math.sqrt(2.0 * np.mean(levels**2)), np.array(labels)


def bicm_capacity(order, sinr):
    """Bits per complex symbol."""
    levels, labels = gray_pam(order // 2)
    sigma = math.sqrt(0.5 / sinr)
    received = levels[:, None] + math.sqrt(2.0) * sigma * NODES[None, :]
    exponent = -((received[:, :, None] - levels[None, None, :]) ** 2) / (2.0 * sigma**2)
    exponent -= exponent.max(axis=2, keepdims=True)
    likelihood = np.exp(exponent)
    total = likelihood.sum(axis=2)
    loss = 0.0
    for bit in range(order // 2):
        same = labels[:, bit][:, None] == labels[:, bit][None, :]
        matching = (likelihood * same[:, None, :]).sum(axis=2)
        loss += np.mean(np.log2(total / np.maximum(matching, 1e-300)) @ WEIGHTS)
    return 2.0 * (order // 2 - loss)


def threshold_db(order, efficiency):
    low, high = -25.0, 45.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if bicm_capacity(order, 10 ** (middle / 10)) < efficiency else (low, middle)
    return 0.5 * (low + high)


def main():
    rows = list(csv.DictReader(open(pathlib.Path(sys.argv[1]) / "mcs_tables.csv")))
    known = {}
    lines = [
        "// SPDX-License-Identifier: Apache-2.0",
        "// Made by models/link_quality/make_thresholds.py from the MCS tables of TS 38.214 and the BICM capacity of Gray QAM.",
        "#pragma once",
        "",
        "namespace pado::models::threshold_data {",
        "",
        "/// Lines of each table that carry a rate; numbered as pusch_pdu.mcs_table, 3 and 4 without pi/2-BPSK.",
    ]
    table_lines, sizes = [], []
    for name in TABLES:
        values = []
        for row in (r for r in rows if r["table_38214"] == name):
            if row["R_times_1024"] == "reserved":
                continue
            order = 2 if row["Qm"] == "q" else int(row["Qm"])
            rate = int(row["R_times_2048_int_for_q1"]) / (4096 if row["Qm"] == "q" else 2048)
            key = (order, rate)
            if key not in known:
                known[key] = threshold_db(order, order * rate)
            values.append(known[key])
        sizes.append(len(values))
        text = ["%.3fF" % v for v in values]
        groups = [", ".join(text[i : i + 10]) for i in range(0, len(text), 10)]
        table_lines += [f"    // {name}", "    {" + ",\n     ".join(groups) + "},"]
    lines.append("inline constexpr int nof_mcs[5] = {" + ", ".join(map(str, sizes)) + "};")
    lines += ["", "/// [mcs_table][mcs] dB: SINR at which the BICM capacity equals the spectral efficiency.",
              "inline constexpr float sinr_db[5][32] = {"] + table_lines
    lines += ["};", "", "} // namespace pado::models::threshold_data", ""]
    (pathlib.Path(__file__).parent / "mcs_threshold_data.h").write_text("\n".join(lines))


main()
