#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden PUSCH code words with UCI, scrambled: python3 make.py REFERENCE_FOLDER (spec/coding/reference, with nrref.py)

Multiplexing, small blocks, polar coding and placeholders are those of nrref.py, which is written from TS 38.212 and
checked against other programs; this file only draws cases and writes uci_mux.json beside itself.
"""
import json
import os
import sys
from fractions import Fraction

import numpy as np

sys.path.insert(0, sys.argv[1])
import nrref  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
# n_prb, symbols, DM-RS symbols, CDM groups, layers, Qm, sum of K_r, O_ack, O_csi1, O_csi2, beta indices, alpha index
CASES = [
    (1, 14, [2], 2, 1, 2, 240, 1, 0, 0, (9, 6, 6), 3),
    (2, 14, [2, 11], 2, 1, 4, 1056, 2, 0, 0, (11, 6, 6), 3),
    (2, 12, [0, 5], 1, 2, 6, 3520, 1, 4, 0, (13, 9, 6), 2),
    (1, 14, [3], 1, 1, 8, 1200, 2, 1, 2, (14, 12, 12), 3),
    (3, 10, [2], 2, 1, 2, 640, 7, 11, 0, (4, 6, 6), 3),
    (6, 14, [2, 7, 11], 2, 1, 6, 4576, 1, 0, 0, (11, 0, 0), 0),
    (3, 14, [2, 7], 2, 2, 4, 3840, 12, 20, 25, (5, 8, 7), 3),
    (4, 14, [2], 1, 4, 2, 3000, 0, 30, 6, (0, 10, 9), 1),
    (10, 14, [2], 2, 1, 6, 8448, 400, 0, 3, (7, 6, 18), 3),
]


def packed(bits):
    return np.packbits(np.asarray(bits, np.uint8)).tobytes().hex()


def coded(bits, qm, size):
    if len(bits) == 0 or size == 0:
        return []
    return nrref.small_block(bits, qm, size) if len(bits) <= 11 else list(nrref.uci_polar(bits, size))


def make(index, case):
    n_prb, n_symb, dmrs, cdm, layers, qm, sum_k, o_ack, o_csi1, o_csi2, betas, alpha = case
    random = np.random.default_rng(1000 + index)
    start = index % 2 if n_symb < 14 else 0
    full = list(range(12 * n_prb))
    ul = [full if l not in dmrs else ([] if cdm == 2 else full[: 6 * n_prb]) for l in range(n_symb)]
    uci = [full if l not in dmrs else [] for l in range(n_symb)]
    l0 = next(l for l in range(dmrs[0], n_symb) if l not in dmrs)
    l_csi = next(l for l in range(n_symb) if l not in dmrs)
    re_counts = [len(x) for x in uci]
    q = nrref.qprime(o_ack, o_csi1, o_csi2, nrref.BA[betas[0]], nrref.BC[betas[1]], nrref.BC[betas[2]], nrref.AL[alpha],
                     re_counts, l0, Fraction(1, 2), qm, sum_k)
    bits = layers * qm
    g_ack, g_rvd, g_csi1, g_csi2 = (bits * x for x in q)
    total = bits * sum(len(x) for x in ul)
    g_ulsch = total - (g_ack if o_ack > 2 else 0) - g_csi1 - g_csi2
    assert g_ulsch > 0
    ack, csi1, csi2 = (random.integers(0, 2, n).tolist() for n in (o_ack, o_csi1, o_csi2))
    ulsch = random.integers(0, 2, g_ulsch).tolist()
    places, _ = nrref.mux(ul, uci, o_ack, g_ack, g_rvd if o_ack <= 2 else 0, g_csi1, g_csi2, g_ulsch, bits, l0, l_csi)
    streams = {"A": coded(ack, qm, g_ack), "1": coded(csi1, qm, g_csi1), "2": coded(csi2, qm, g_csi2), "D": ulsch}
    word = [streams[tag][begin + i] for tag, begin in places for i in range(bits)]
    assert len(word) == total
    c_init = int(random.integers(1, 1 << 31))
    scrambled = nrref.scramble_with_placeholders(word, nrref.gold(c_init, total))
    return {"nof_prb": n_prb, "start_symbol": start, "nof_symbols": n_symb, "dmrs_symbols": [start + l for l in dmrs],
            "nof_cdm_groups_no_data": cdm, "nof_layers": layers, "qam_mod_order": qm, "nof_info_bits": sum_k,
            "beta_offset_harq_ack": betas[0], "beta_offset_csi1": betas[1], "beta_offset_csi2": betas[2],
            "alpha_scaling": alpha, "harq_ack": ack, "csi1": csi1, "csi2": csi2, "c_init": c_init,
            "g": [g_ack, g_csi1, g_csi2, g_ulsch], "ulsch_hex": packed(ulsch), "scrambled_hex": packed(scrambled)}


def main():
    cases = [make(index, case) for index, case in enumerate(CASES)]
    manifest = {"stage": "uci_mux", "spec": "TS 38.212, 5.3.3, 6.2.7, 6.3.2; TS 38.211, 6.3.1.1", "generator": "make.py",
                "tolerance": 0, "reason": "bits", "order": "bit 0 is the MSB of byte 0", "cases": cases}
    with open(os.path.join(HERE, "uci_mux.json"), "w") as file:
        file.write("{" + json.dumps({k: v for k, v in manifest.items() if k != "cases"})[1:-1] + ',\n "cases": [\n  ')
        file.write(",\n  ".join(json.dumps(case) for case in cases) + "\n ]}\n")


main()
