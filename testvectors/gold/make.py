#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden bits of the pseudo-random sequence, straight from the recurrences of TS 38.211, 5.2.1, one bit at a time.

usage: make.py   (writes c.json and its arrays beside itself)
"""
import hashlib
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
NC = 1600
NOF_WORDS = 40
# A short one for every bit of c_init that matters, and the far ends of what a slot asks for.
CASES = [(0, 0), (1, 0), (0x7FFFFFFF, 0), (0x40000000, 1), (0x12345678, 31), (987890664, 3276), (0x2AAAAAAA, 65537),
         (0x55555555, 1 << 20), (20000 * 32768 + 41, (1 << 20) + 12345), (0x7FFF0001, (1 << 22) + 17)]


def gold(c_init, first_bit, nof_bits):
    n = NC + first_bit + nof_bits
    x1 = bytearray(n + 31)
    x2 = bytearray(n + 31)
    x1[0] = 1
    for i in range(31):
        x2[i] = (c_init >> i) & 1
    for i in range(n):
        x1[i + 31] = x1[i + 3] ^ x1[i]
        x2[i + 31] = x2[i + 3] ^ x2[i + 2] ^ x2[i + 1] ^ x2[i]
    begin = NC + first_bit
    c = np.frombuffer(x1, np.uint8)[begin:n] ^ np.frombuffer(x2, np.uint8)[begin:n]
    return np.packbits(c, bitorder="little").view("<u4")


def main():
    tasks = np.array(CASES, "<u4")
    words = np.stack([gold(c, f, 32 * NOF_WORDS) for c, f in CASES])
    arrays = []
    for name, data, axes in (("tasks", tasks, "[task][c_init, first_bit]"), ("words", words, "[task][word]")):
        raw = data.tobytes()
        with open(os.path.join(HERE, f"c_{name}.bin"), "wb") as file:
            file.write(raw)
        arrays.append({"name": name, "file": f"c_{name}.bin", "dtype": "u32_le", "shape": list(data.shape), "axes": axes,
                       "unit": "32 bits a word, first in the least significant place" if name == "words" else "1",
                       "sha256": hashlib.sha256(raw).hexdigest()})
    manifest = {"stage": "gold", "case": "c", "spec": "TS 38.211, 5.2.1", "generator": "testvectors/gold/make.py",
                "seed": None, "tolerance": 0, "tolerance_reason": "bits: exact", "arrays": arrays}
    with open(os.path.join(HERE, "c.json"), "w") as file:
        json.dump(manifest, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
