#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden PBCH blocks, written from TS 38.211, 7.3.3, 7.4.1.4 and 7.4.3.1: random code-word bits, scrambled, QPSK, with
their DM-RS, through two paths and a phase step from symbol to symbol, without noise. Expected are the bits and the
hypothesis of the time.

usage: make.py   (writes blocks.json and its arrays beside itself)
"""
import hashlib
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 38211743
# N_ID^cell, candidates of a half frame, SSB index, half frame, phase step in rad
BLOCKS = [(301, 8, 6, 0, -0.7), (1007, 4, 2, 1, 0.4), (0, 4, 0, 0, 0.0)]


def gold(seed, nof_bits):
    n = 1600 + nof_bits
    x1, x2 = np.zeros(n + 31, np.uint8), np.zeros(n + 31, np.uint8)
    x1[0] = 1
    x2[:31] = [(seed >> i) & 1 for i in range(31)]
    for i in range(n):
        x1[i + 31] = x1[i + 3] ^ x1[i]
        x2[i + 31] = x2[i + 3] ^ x2[i + 2] ^ x2[i + 1] ^ x2[i]
    return (x1 ^ x2)[1600:n]


def qpsk(bits):
    return ((1 - 2.0 * bits[0::2]) + 1j * (1 - 2.0 * bits[1::2])) / np.sqrt(2)


def make_block(n_id, l_max, index, half_frame, step, rng):
    i_bar = index + 4 * half_frame if l_max == 4 else index
    c_init = 2**11 * (i_bar + 1) * (n_id // 4 + 1) + 2**6 * (i_bar + 1) + n_id % 4
    pilots = iter(qpsk(gold(c_init, 2 * 144)))
    bits = rng.integers(0, 2, 864).astype(np.uint8)
    nu = index % (4 if l_max == 4 else 8)
    data = iter(qpsk(bits ^ gold(n_id, (nu + 1) * 864)[nu * 864:]))
    grid = np.zeros((4, 240), complex)
    for symbol in (1, 2, 3):
        for k in range(240):
            if symbol == 2 and 48 <= k < 192:
                continue  # SSS and what is left empty around it
            grid[symbol, k] = next(pilots) if k % 4 == n_id % 4 else next(data)
    k = np.arange(240)
    channel = (0.8 + 0.3j) + 0.4 * np.exp(-0.03j * k)
    return grid * channel * np.exp(1j * step * np.arange(4))[:, None], bits, i_bar


def main():
    rng = np.random.default_rng(SEED)
    made = [make_block(*block, rng) for block in BLOCKS]
    tasks = np.array([(n_id, l_max, m[2]) for (n_id, l_max, *_), m in zip(BLOCKS, made)], "<i4")
    arrays = []
    for name, values, axes, dtype in (("grid", np.array([m[0] for m in made]).astype("<c8"),
                                       "[block][symbol][subcarrier]", "cf32_le"),
                                      ("bits", np.array([m[1] for m in made]), "[block][bit], before scrambling", "u8"),
                                      ("tasks", tasks, "[block][N_ID, candidates, expected time hypothesis]", "i32_le"),
                                      ("step", np.array([b[4] for b in BLOCKS], "<f4"), "[block], rad", "f32_le")):
        raw = values.tobytes()
        with open(os.path.join(HERE, f"blocks_{name}.bin"), "wb") as file:
            file.write(raw)
        arrays.append({"name": name, "file": f"blocks_{name}.bin", "dtype": dtype, "shape": list(values.shape),
                       "axes": axes, "unit": "1", "sha256": hashlib.sha256(raw).hexdigest()})
    manifest = {"stage": "pbch_demod", "case": "blocks", "spec": "TS 38.211, 7.3.3, 7.4.1.4, 7.4.3.1",
                "generator": "testvectors/pbch_demod/make.py", "seed": SEED, "tolerance": 0,
                "tolerance_reason": "signs of soft bits without noise; the phase step within 0.01 rad, since two paths bend it",
                "arrays": arrays}
    with open(os.path.join(HERE, "blocks.json"), "w") as file:
        json.dump(manifest, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
