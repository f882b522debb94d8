#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden OFDM slots in double precision, written from TS 38.211, 5.3.1 and 5.4.

Each symbol is the sum of subcarriers of 5.3.1 evaluated at every sample (no FFT), up-converted as 5.4 says with a phase
that restarts at each useful part, and brought down by an oscillator that runs through from the subframe's begin.

usage: make.py   (writes NAME.json and NAME_*.bin beside itself)
"""
import hashlib
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
KAPPA = 64
TC_RATE = 480000 * 4096
# name, mu, PRB, useful samples, carrier in Hz, slot of the subframe, seed
CASES = [("fr1_15khz", 0, 11, 384, 1747500000, 0, 1), ("fr1_30khz", 1, 6, 128, 3512640123, 1, 2),
         ("fr1_60khz", 2, 5, 128, 2595000000, 2, 3)]


def symbol_times(mu):
    """Begin and prefix of every symbol of the subframe, in Tc."""
    times, begin = [], 0
    for l in range(14 << mu):
        prefix = (144 * KAPPA >> mu) + (16 * KAPPA if l in (0, 7 << mu) else 0)
        times.append((begin, prefix))
        begin += prefix + (2048 * KAPPA >> mu)
    assert begin == TC_RATE // 1000
    return times


def make(mu, nof_prb, size, f0, slot, seed):
    rng = np.random.default_rng(seed)
    rate = size * 15000 << mu
    scs = 15000 << mu
    grid = (rng.choice([-1, 1], (14, 12 * nof_prb)) + 1j * rng.choice([-1, 1], (14, 12 * nof_prb))) / np.sqrt(2)
    grid = grid.astype(np.complex64)
    out = []
    for symbol in range(14):
        begin, prefix = symbol_times(mu)[14 * slot + symbol]
        assert begin * rate % TC_RATE == 0 and prefix * rate % TC_RATE == 0
        first, useful = begin * rate // TC_RATE, (begin + prefix) * rate // TC_RATE
        n = np.arange(first, useful + size)
        f = (np.arange(12 * nof_prb) - 6 * nof_prb) * scs
        s = np.exp(2j * np.pi * np.outer((n - useful) / rate, f)) @ grid[symbol].astype(complex)
        # exp(j 2 pi f0 (t - useful)) up and exp(-j 2 pi f0 t) down leave exp(-j 2 pi f0 useful), here exact in integers.
        turns = f0 * useful % rate / rate
        out.append(s * np.exp(-2j * np.pi * turns) / np.sqrt(size))
    return grid, np.concatenate(out).astype(np.complex64)


def main():
    for name, mu, nof_prb, size, f0, slot, seed in CASES:
        grid, samples = make(mu, nof_prb, size, f0, slot, seed)
        arrays = []
        for array, data, axes, unit in (("grid", grid, "[symbol][subcarrier]", "1"), ("samples", samples, "[sample]", "unitary")):
            raw = data.astype("<c8").tobytes()
            with open(os.path.join(HERE, f"{name}_{array}.bin"), "wb") as file:
                file.write(raw)
            arrays.append({"name": array, "file": f"{name}_{array}.bin", "dtype": "cf32_le", "shape": list(data.shape),
                           "axes": axes, "unit": unit, "sha256": hashlib.sha256(raw).hexdigest()})
        manifest = {"stage": "ofdm", "case": name, "spec": "TS 38.211, 5.3.1 and 5.4", "generator": "testvectors/ofdm/make.py",
                    "mu": mu, "nof_prb": nof_prb, "fft_size": size, "centre_hz": f0, "slot_in_subframe": slot, "seed": seed,
                    "tolerance": 3e-4,
                    "tolerance_reason": "relative norm; the grid is rounded to half, 2^-11 / sqrt(3) of each value at most",
                    "arrays": arrays}
        with open(os.path.join(HERE, f"{name}.json"), "w") as file:
            json.dump(manifest, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
