#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden transport blocks of UL-SCH: payload, noisy soft bits of one or two transmissions, the soft buffers they add up to.

Written from TS 38.212, 5.1, 5.2.2, 5.3.2, 5.4.2 and 6.2; the tables are read from CSV files.

usage: make.py FOLDER   (the folder with ldpc_bg1.csv and its neighbours; writes ulsch.json and its arrays beside itself)
"""
import csv
import hashlib
import json
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 38212
FIELDS = ["tb_size_bits", "target_code_rate", "nof_coded_bits", "nof_layers", "qam_mod_order", "tb_size_lbrm_bits",
          "rv_first", "rv_second"]
# The soft bits have a deviation of 10 around +-mean: decodable in a few iterations where two transmissions add up.
CASES = [
    # one block of BG2 with fillers, repeated almost twice
    ((80, 2000, 1200, 1, 2, 0, 0, -1), 12),
    # fillers fill whole columns (K_b = 6), second transmission wraps round a limited buffer
    ((184, 1930, 400, 1, 4, 300, 0, 2), 9),
    # BG2 without a lifting size of whole bytes in its columns
    ((848, 4490, 1800, 2, 6, 0, 0, 3), 9),
    # BG1, one block
    ((6016, 7720, 7440, 1, 8, 0, 0, 1), 11),
    # BG1, three blocks of two lengths, limited buffer
    ((19464, 6660, 29208, 2, 4, 19464, 0, 2), 12),
]


def read(folder, name):
    with open(os.path.join(folder, name)) as file:
        return list(csv.DictReader(file))


def crc(bits, length, polynomial):
    r = 0
    for bit in bits:
        r = (r << 1) ^ (polynomial if ((r >> (length - 1)) ^ int(bit)) & 1 else 0)
        r &= (1 << length) - 1
    return np.array([(r >> (length - 1 - k)) & 1 for k in range(length)], np.uint8)


CRC24A, CRC24B, CRC16 = (24, 0x864CFB), (24, 0x800063), (16, 0x1021)


class code:
    """Everything 5.2.2 and 5.4.2.1 derive from a case."""

    def __init__(self, folder, p):
        a, rate = p["tb_size_bits"], p["target_code_rate"]
        self.tb_crc = CRC24A if a > 3824 else CRC16
        b = a + self.tb_crc[0]
        # Rates as whole numbers over 10240: 0.67 is 6860.8, 1/4 is 2560.
        self.graph = 2 if a <= 292 or (a <= 3824 and rate * 100 <= 67 * 10240) or 4 * rate <= 10240 else 1
        limit = 8448 if self.graph == 1 else 3840
        self.c = 1 if b <= limit else -(-b // (limit - 24))
        self.k_used = (b + (24 * self.c if self.c > 1 else 0)) // self.c
        columns = 22 if self.graph == 1 else 10 if b > 640 else 9 if b > 560 else 8 if b > 192 else 6
        sizes = sorted((int(r["Z"]), int(r["iLS"])) for r in read(folder, "ldpc_lifting_sizes.csv"))
        self.z, self.set = next(s for s in sizes if columns * s[0] >= self.k_used)
        self.kb, self.rows = (22, 46) if self.graph == 1 else (10, 42)
        self.k, self.n = self.kb * self.z, (self.kb + self.rows - 2) * self.z
        lbrm = p["tb_size_lbrm_bits"]
        self.n_cb = min(self.n, 3 * lbrm // (2 * self.c)) if lbrm else self.n
        self.k0 = [int(r[f"k0_numerator_bg{self.graph}"]) for r in read(folder, "ldpc_k0.csv")]
        self.edges = [(int(r["row"]), int(r["col"]), int(r[f"V_iLS{self.set}"]))
                      for r in read(folder, f"ldpc_bg{self.graph}.csv")]

    def encode(self, info):
        """Parity by solving the four core rows column by column, then one row after the other (5.3.2)."""
        z, x = self.z, np.zeros((self.kb + self.rows, self.z), np.uint8)
        x[: self.kb] = info.reshape(self.kb, z)
        turn = lambda v, s: np.roll(v, -(s % z))
        part = np.zeros((self.rows, z), np.uint8)
        for r, c, s in self.edges:
            if c < self.kb:
                part[r] ^= turn(x[c], s)
        core = {(r, c - self.kb): s for r, c, s in self.edges if r < 4 and self.kb <= c < self.kb + 4}
        # The sum of rows 0..3 leaves one circulant of the first parity column; the other three columns are pairs.
        shifts = sorted(s % z for (r, c), s in core.items() if c == 0)
        single = next(s for s in shifts if shifts.count(s) != 2)
        x[self.kb] = turn(part[0] ^ part[1] ^ part[2] ^ part[3], z - single)
        solved = {0}
        while len(solved) < 4:
            for r in range(4):
                unknown = [c for (row, c) in core if row == r and c not in solved]
                if len(unknown) == 1:
                    total = part[r].copy()
                    for (row, c), s in core.items():
                        if row == r and c in solved:
                            total ^= turn(x[self.kb + c], s)
                    x[self.kb + unknown[0]] = turn(total, z - core[(r, unknown[0])])
                    solved.add(unknown[0])
        for r, c, s in self.edges:
            if r >= 4 and self.kb <= c < self.kb + 4:
                part[r] ^= turn(x[c], s)
        x[self.kb + 4 :] = part[4:]
        return x.ravel()

    def positions(self, rv, e):
        """d-index of every selected bit (5.4.2.1)."""
        k0 = self.k0[rv] * self.n_cb // self.n * self.z
        walk = (k0 + np.arange(self.n_cb)) % self.n_cb
        walk = walk[(walk < self.k_used - 2 * self.z) | (walk >= self.k - 2 * self.z)]
        return walk[np.arange(e) % len(walk)]

    def lengths(self, p):
        unit = p["nof_layers"] * p["qam_mod_order"]
        units = p["nof_coded_bits"] // unit
        return [unit * (units // self.c if r < self.c - units % self.c else -(-units // self.c)) for r in range(self.c)]


def transmit(rng, folder, p, mean):
    k = code(folder, p)
    payload = rng.integers(0, 2, p["tb_size_bits"], dtype=np.uint8)
    tb = np.concatenate([payload, crc(payload, *k.tb_crc)])
    share = len(tb) // k.c
    rvs = [p["rv_first"]] + ([p["rv_second"]] if p["rv_second"] >= 0 else [])
    llr = [[] for _ in rvs]
    soft = []
    for r in range(k.c):
        block = tb[r * share : (r + 1) * share]
        if k.c > 1:
            block = np.concatenate([block, crc(block, *CRC24B)])
        info = np.zeros(k.k, np.uint8)
        info[: k.k_used] = block
        d = k.encode(info)[2 * k.z :]
        buffer = np.zeros(2 * k.z + k.n, np.int64)
        e = k.lengths(p)[r]
        for t, rv in enumerate(rvs):
            at = k.positions(rv, e)
            noise = rng.normal(0.0, 10.0, e)
            value = np.clip(np.rint((1.0 - 2.0 * d[at]) * mean + noise), -127, 127).astype(np.int64)
            for position, v in zip(at, value):
                buffer[2 * k.z + position] = np.clip(buffer[2 * k.z + position] + v, -128, 127)
            # Bit interleaver: written row by row, read column by column (5.4.2.2).
            llr[t].append(value.reshape(p["qam_mod_order"], -1).T.ravel())
        buffer[k.k_used : k.k] = 127
        soft.append(buffer)
    return np.packbits(payload), np.concatenate([np.concatenate(x) for x in llr]), np.concatenate(soft)


def main():
    folder = sys.argv[1]
    rng = np.random.default_rng(SEED)
    out = {"config": [], "payload": [], "llr": [], "soft": []}
    for values, mean in CASES:
        payload, llr, soft = transmit(rng, folder, dict(zip(FIELDS, values)), mean)
        out["config"].append(np.array(values, "<i4"))
        out["payload"].append(payload)
        out["llr"].append(llr.astype(np.int8))
        out["soft"].append(soft.astype(np.int8))
    axes = {
        "config": ("[case][" + ", ".join(FIELDS) + "]", "i32_le", "bits; rate: 1024 R x 10; rv_second -1: none"),
        "payload": ("[byte], cases one after the other", "u8", "bit 7 of byte 0 first"),
        "llr": ("[transmission][bit], cases one after the other", "i8", "positive: bit 0"),
        "soft": ("[block][2 z + N], cases one after the other", "i8", "positive: bit 0"),
    }
    arrays = []
    for name, parts in out.items():
        data = np.concatenate(parts)
        file = f"ulsch_{name}.bin"
        data.tofile(os.path.join(HERE, file))
        shape = [len(parts), len(parts[0])] if name == "config" else [len(data)]
        arrays.append({"name": name, "file": file, "dtype": axes[name][1], "shape": shape, "axes": axes[name][0],
                       "unit": axes[name][2], "sha256": hashlib.sha256(data.tobytes()).hexdigest()})
    manifest = {"stage": "rate_dematch, ldpc_decode, tb_assemble", "case": "ulsch", "spec": "TS 38.212, 5 and 6.2",
                "generator": "testvectors/ulsch/make.py", "seed": SEED, "tolerance": 0,
                "tolerance_reason": "integers and bits: exact", "arrays": arrays}
    with open(os.path.join(HERE, "ulsch.json"), "w") as file:
        json.dump(manifest, file, indent=1)
        file.write("\n")


main()
