#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden least-squares estimates on PUSCH DM-RS type 1, written from TS 38.211, 6.4.1.1 and 5.2.1.

The received grid is noise, so every pilot position has a value of its own: h = y / (beta * w_f(k') * r(2 n + k')).

usage: make.py   (writes type1.json and its arrays beside itself)
"""
import hashlib
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 38211
PORTS, PRBS = 2, 24
TASK = np.dtype([("symbol", "<i4"), ("prb_begin", "<i4"), ("prb_end", "<i4"), ("words_begin", "<i4"), ("delta", "<i4"),
                 ("second_sign", "<f4"), ("amplitude", "<f4"), ("h_begin", "<i4")])
# Table 6.4.1.1.3-1 of 38.211, single symbol: DM-RS port -> CDM group's Delta, w_f(0), w_f(1)
PORT_TABLE = {0: (0, 1, 1), 1: (0, 1, -1), 2: (1, 1, 1), 3: (1, 1, -1)}
# slot in frame, symbol, N_ID, n_SCID, DM-RS port, CDM groups without data, PRBs
CASES = [(0, 2, 0, 0, 0, 2, (0, 24)), (0, 2, 0, 0, 1, 2, (0, 24)), (9, 11, 1007, 1, 2, 2, (3, 20)),
         (9, 11, 1007, 1, 3, 2, (3, 20)), (19, 7, 65535, 0, 0, 1, (23, 24))]


def c_init(n_sf, l, n_id, n_scid):
    return (2**17 * (14 * n_sf + l + 1) * (2 * n_id + 1) + 2 * n_id + n_scid) % 2**31


def gold(seed, nof_bits):
    n = 1600 + nof_bits
    x1, x2 = np.zeros(n + 31, np.uint8), np.zeros(n + 31, np.uint8)
    x1[0] = 1
    x2[:31] = [(seed >> i) & 1 for i in range(31)]
    for i in range(n):
        x1[i + 31] = x1[i + 3] ^ x1[i]
        x2[i + 31] = x2[i + 3] ^ x2[i + 2] ^ x2[i + 1] ^ x2[i]
    return (x1 ^ x2)[1600:n]


def main():
    rng = np.random.default_rng(SEED)
    halves = rng.standard_normal((PORTS, 14, 12 * PRBS, 2)).astype("<f2")
    grid = halves.astype(np.float64) @ np.array([1, 1j])
    tasks, words, h = [], np.zeros(0, "<u4"), np.zeros((PORTS, 0), complex)
    for n_sf, symbol, n_id, n_scid, port, groups, (begin, end) in CASES:
        delta, w0, w1 = PORT_TABLE[port]
        # The sequence counts from CRB 0, which is PRB 0 here; the stage is handed the allocation's own bits.
        bits = gold(c_init(n_sf, symbol, n_id, n_scid), 12 * end)
        r = ((1 - 2.0 * bits[0::2]) + 1j * (1 - 2.0 * bits[1::2])) / np.sqrt(2)
        estimate = np.zeros((PORTS, 6 * (end - begin)), complex)
        for n in range(3 * begin, 3 * end):
            for k_prime, w in ((0, w0), (1, w1)):
                k = 4 * n + 2 * k_prime + delta
                pilot = np.sqrt(groups) * w * r[2 * n + k_prime]
                estimate[:, 2 * (n - 3 * begin) + k_prime] = grid[:, symbol, k] / pilot
        own = np.zeros(-(-12 * (end - begin) // 32) * 32, np.uint8)
        own[:12 * (end - begin)] = bits[12 * begin:]
        tasks.append((symbol, begin, end, len(words), delta, w1, np.sqrt(groups), h.shape[1]))
        words = np.concatenate([words, np.packbits(own, bitorder="little").view("<u4")])
        h = np.concatenate([h, estimate], 1)
    arrays = []
    for name, values, axes, dtype in (("tasks", np.array(tasks, TASK), "[task]", str(TASK.descr)),
                                      ("words", words, "[word]", "u32_le"),
                                      ("grid", halves, "[port][symbol][subcarrier]", "cf16_le"),
                                      ("h", h.astype("<c8"), "[port][pilot]", "cf32_le")):
        raw = values.tobytes()
        with open(os.path.join(HERE, f"type1_{name}.bin"), "wb") as file:
            file.write(raw)
        arrays.append({"name": name, "file": f"type1_{name}.bin", "dtype": dtype, "shape": list(values.shape)[:3],
                       "axes": axes, "unit": "relative to a data RE" if name == "h" else "1",
                       "sha256": hashlib.sha256(raw).hexdigest()})
    manifest = {"stage": "dmrs_ls", "case": "type1", "spec": "TS 38.211, 6.4.1.1", "generator": "testvectors/dmrs_ls/make.py",
                "seed": SEED, "tolerance": 3e-7,
                "tolerance_reason": "relative norm; three roundings to binary32 of 2^-24 each", "arrays": arrays}
    with open(os.path.join(HERE, "type1.json"), "w") as file:
        json.dump(manifest, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
