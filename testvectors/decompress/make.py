#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden PRBs of every compression method and width, from O-RAN CUS annex A as collected in spec/fronthaul, section 5.

All bytes are random, so every exponent, scaler and reserved bit occurs. Expansion is in integers and fractions; the only
rounding is numpy's to binary16.

usage: make.py   (writes all_methods.json and its arrays beside itself)
"""
import hashlib
import json
import os
from fractions import Fraction

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 20260101
PORTS, SYMBOLS, PRBS = 8, 14, 11
NONE, BFP, BLOCK, MU_LAW, MODULATION = range(5)
SECTION = np.dtype([("bytes_begin", "<u4"), ("prb_begin", "<u2"), ("nof_prb", "<u2"), ("port", "u1"), ("symbol", "u1"),
                    ("method", "u1"), ("width", "u1")])


def codes_of(data, width):
    value = int.from_bytes(data, "big")
    return [(value >> (width * (23 - i))) & ((1 << width) - 1) for i in range(24)]


def signed(code, width):
    return code - (1 << width) if code >> (width - 1) else code


def mu_law(code, width, shift):
    """Sign and magnitude. A code counts steps of 2^(15-width) up to 8192, of twice that up to 16384, and of four times
    that above, r 2^(width-3) steps being left out in segment r. Here: the lower edge of the step, before the block shift."""
    magnitude = code & ((1 << (width - 1)) - 1)
    for r in (2, 1, 0):
        edge = (0, 8192, 16384)[r]
        value = Fraction(magnitude - r * 2 ** (width - 3)) * Fraction(2) ** (15 - width + r)
        if value >= edge:
            break
    value = value / 2**shift
    return -value if code >> (width - 1) else value


def expand(method, width, data):
    """Integers (or fractions of them) of one PRB, 32768 being full scale of 16 bits."""
    if method == NONE:
        return [Fraction(signed(c, width)) for c in codes_of(data, width)]
    if method == BFP:
        return [Fraction(signed(c, width) * 2 ** (data[0] & 15)) for c in codes_of(data[1:], width)]
    if method == BLOCK:
        return [Fraction(signed(c, width) * data[0], 128) * Fraction(2) ** (16 - width) for c in codes_of(data[1:], width)]
    if method == MU_LAW:
        return [mu_law(c, width, data[0] & 15) for c in codes_of(data[1:], width)]
    return [Fraction(signed(c, width), 2 ** (width - 1)) * 32768 for c in codes_of(data, width)]


def to_half(value):
    with np.errstate(over="ignore"):
        return np.float16(max(-65504.0, min(65504.0, float(value / 4096))))


def main():
    rng = np.random.default_rng(SEED)
    grid = np.zeros((PORTS, SYMBOLS, PRBS, 24), "<f2")
    sections, data = [], b"\x55" * 3
    cases = [(m, w) for m in range(5) for w in range(1, 17) if m != MU_LAW or w >= 4]
    for row, (method, width) in enumerate(cases):
        port, symbol = row // SYMBOLS, row % SYMBOLS
        size = 3 * width + (1 if method in (BFP, BLOCK, MU_LAW) else 0)
        at = int(rng.integers(0, 3))
        while at < PRBS:  # several sections a symbol, with holes
            count = min(int(rng.integers(1, 7)), PRBS - at)
            sections.append((len(data), at, count, port, symbol, method, width))
            for prb in range(at, at + count):
                raw = rng.bytes(size)
                grid[port, symbol, prb] = [to_half(v) for v in expand(method, width, raw)]
                data += raw
            at += count + int(rng.integers(0, 3))
    order = rng.permutation(len(sections))
    arrays = []
    for name, values, axes, dtype in (("bytes", np.frombuffer(data, "u1"), "[byte]", "u8"),
                                      ("sections", np.array(sections, SECTION)[order], "[section]", str(SECTION.descr)),
                                      ("grid", grid, "[port][symbol][prb][I0 Q0 .. I11 Q11]", "f16_le")):
        raw = values.tobytes()
        with open(os.path.join(HERE, f"all_methods_{name}.bin"), "wb") as file:
            file.write(raw)
        arrays.append({"name": name, "file": f"all_methods_{name}.bin", "dtype": dtype, "shape": list(values.shape),
                       "axes": axes, "unit": "2^-12 of the integer sample" if name == "grid" else "1",
                       "sha256": hashlib.sha256(raw).hexdigest()})
    manifest = {"stage": "decompress", "case": "all_methods", "spec": "O-RAN CUS, annex A",
                "generator": "testvectors/decompress/make.py", "seed": SEED, "tolerance": 0,
                "tolerance_reason": "integers: exact, then one rounding to nearest even that both sides do alike",
                "arrays": arrays}
    with open(os.path.join(HERE, "all_methods.json"), "w") as file:
        json.dump(manifest, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
