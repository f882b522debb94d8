#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the slot grid's format costs: error of samples after quantising and packing, and after the grid's half as well.

Gaussian I and Q, as an OFDM symbol of many subcarriers is, at a level below 16-bit full scale; 2e6 values; errors in dB below
the signal. The two columns differ by what the half adds.

usage: half_loss.py
"""
import numpy as np


def bfp(v, width):
    """O-RAN BFP of blocks of 24 integers: floor, as every encoder does."""
    blocks = v.reshape(-1, 24)
    most = np.maximum(blocks.max(1), -blocks.min(1) - 1)
    bits = np.ceil(np.log2(most + 1)).astype(int)
    e = np.maximum(0, bits - (width - 1))[:, None]
    return ((blocks >> e) << e).ravel(), e


def db(error, signal):
    return 10 * np.log10(np.mean(error.astype(float) ** 2) / np.mean(signal**2))


def main():
    rng = np.random.default_rng(1)
    print("format       level dBFS   packed dB   packed and half dB   half alone dB")
    for level in (-12, -24, -36):
        x = np.clip(rng.standard_normal(2_000_016) * 32768 * 10 ** (level / 20), -32768, 32767)
        v = np.rint(x).astype(np.int64)
        for name in ("BFP 9", "BFP 14", "14 bit", "16 bit"):
            if name.startswith("BFP"):
                packed, e = bfp(v, int(name[4:]))
                # The floor's mean is half a step, which a receiver sees as a carrier at 0 Hz of the grid: left in.
            elif name == "14 bit":
                packed = np.clip(np.rint(x / 4), -8192, 8191).astype(np.int64) * 4
            else:
                packed = v
            grid = (packed / 4096).astype(np.float16).astype(float) * 4096
            alone = db(grid - packed, x) if np.any(grid != packed) else -np.inf
            print(f"{name:12} {level:6}     {db(packed - x, x):9.1f}   {db(grid - x, x):9.1f}          {alone:9.1f}")


if __name__ == "__main__":
    main()
