#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden polar code words of UCI, written from TS 38.212, 5.2.1, 5.3.1, 5.4.1, 5.5 and 6.3.1.

usage: make.py SPEC   (SPEC: folder with polar_reliability.csv and polar_subblock_interleaver.csv, the two tables of the
specification; writes uci.json and its arrays beside itself)
"""
import csv
import hashlib
import json
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 38212531
# Bits, coded bits: parity check bits with and without row weight, repetition, shortening, puncturing, two segments
CASES = [(12, 24), (12, 240), (19, 60), (19, 300), (20, 100), (64, 128), (200, 1024), (359, 700), (360, 1088), (1013, 2400)]


def column(name, key):
    with open(os.path.join(sys.argv[1], name), newline="") as file:
        return np.array([int(row[key]) for row in csv.DictReader(file)])


def crc(bits, taps, length):
    """Remainder of bits D^length by the polynomial with D^length and the powers in taps."""
    a = np.concatenate([bits, np.zeros(length, np.uint8)])
    for i in range(len(bits)):
        if a[i]:
            a[i] = 0
            for power in taps:
                a[i + length - power] ^= 1
    return a[-length:]


def code_size(k, e):
    up = int(np.ceil(np.log2(e)))
    n1 = up - 1 if 8 * e <= 9 * 2**(up - 1) and 16 * k < 9 * e else up
    return 2**max(min(n1, int(np.ceil(np.log2(8 * k))), 10), 5)


def encode_segment(c, e, reliability, subblock):
    k, n = len(c), code_size(len(c), e)
    i = np.arange(n)
    j = subblock[32 * i // n] * (n // 32) + i % (n // 32)  # 5.4.1.1
    frozen = set()
    if e < n:
        if 16 * k <= 7 * e:
            frozen |= set(j[:n - e])
            frozen |= set(range(int(np.ceil(3 * n / 4 - e / 2 if 4 * e >= 3 * n else 9 * n / 16 - e / 4))))
        else:
            frozen |= set(j[e:])
    n_pc = 3 if 18 <= k <= 25 else 0
    n_wm = 1 if n_pc and e - k + 3 > 192 else 0
    # From least to most reliable.
    info = [q for q in reliability if q < n and q not in frozen][-(k + n_pc):]
    parity = set(info[:n_pc - n_wm])
    if n_wm:
        rest = info[n_pc:]
        weight = min(bin(q).count("1") for q in rest)
        parity.add([q for q in rest if bin(q).count("1") == weight][-1])
    u, y, bits, chosen = np.zeros(n, np.uint8), [0] * 5, iter(c), set(info)
    for q in range(n):  # 5.3.1.2
        y = y[1:] + y[:1]
        if q in chosen:
            if q in parity:
                u[q] = y[0]
            else:
                u[q] = next(bits)
                y[0] ^= int(u[q])
    d = u.copy()
    half = 1
    while half < n:  # d = u G
        d = d.reshape(-1, 2, half)
        d = np.stack([d[:, 0] ^ d[:, 1], d[:, 1]], 1).reshape(-1)
        half *= 2
    y = d[j]
    if e >= n:
        out = y[np.arange(e) % n]
    else:
        out = y[n - e:] if 16 * k <= 7 * e else y[:e]
    t = 1
    while t * (t + 1) // 2 < e:
        t += 1
    rows, at = [], 0  # the triangle of 5.4.1.3
    for row in range(t):
        rows.append(out[at:at + t - row])
        at += t - row
    return np.array([rows[row][col] for col in range(t) for row in range(t - col) if col < len(rows[row])], np.uint8)


def encode(a, e_uci, reliability, subblock):
    nof_segments = 2 if len(a) >= 1013 or (len(a) >= 360 and e_uci >= 1088) else 1
    per_segment = -(-len(a) // nof_segments)
    padded = np.concatenate([np.zeros(per_segment * nof_segments - len(a), np.uint8), a])
    out = []
    for s in range(nof_segments):
        bits = padded[s * per_segment:(s + 1) * per_segment]
        check = crc(bits, (11, 10, 9, 5, 0), 11) if len(a) >= 20 else crc(bits, (6, 5, 0), 6)
        out.append(encode_segment(np.concatenate([bits, check]), e_uci // nof_segments, reliability, subblock))
    return np.concatenate(out)


def main():
    reliability, subblock = column("polar_reliability.csv", "Q_i"), column("polar_subblock_interleaver.csv", "P_i")
    rng = np.random.default_rng(SEED)
    payload, coded = [], []
    for nof_bits, nof_coded in CASES:
        payload.append(rng.integers(0, 2, nof_bits).astype(np.uint8))
        coded.append(encode(payload[-1], nof_coded, reliability, subblock))
        assert len(coded[-1]) == nof_coded
    arrays = []
    for name, values, axes, dtype in (("sizes", np.array(CASES, "<i4"), "[case][bits, coded bits]", "i32_le"),
                                      ("payload", np.concatenate(payload), "[bit], all cases", "u8"),
                                      ("coded", np.concatenate(coded), "[bit], all cases", "u8")):
        raw = values.tobytes()
        with open(os.path.join(HERE, f"uci_{name}.bin"), "wb") as file:
            file.write(raw)
        arrays.append({"name": name, "file": f"uci_{name}.bin", "dtype": dtype, "shape": list(values.shape), "axes": axes,
                       "unit": "1", "sha256": hashlib.sha256(raw).hexdigest()})
    manifest = {"stage": "polar_decode", "case": "uci", "spec": "TS 38.212, 5.2.1, 5.3.1, 5.4.1, 5.5, 6.3.1",
                "generator": "testvectors/polar_decode/make.py", "seed": SEED, "tolerance": 0, "tolerance_reason": "bits",
                "arrays": arrays}
    with open(os.path.join(HERE, "uci.json"), "w") as file:
        json.dump(manifest, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
