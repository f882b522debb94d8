# SPDX-License-Identifier: Apache-2.0
"""Golden vector of phy/equalise: MMSE and max-log soft bits by their definitions, in double precision.

Written from TS 38.211, 5.1 (modulation) and 6.3.1.1 (scrambling) and the textbook MMSE receiver; run: python3 make.py
Two UEs share 2 PRBs on 3 ports: UE 0 with two layers of 64QAM, UE 1 with one layer of 16QAM and a carrier offset.
"""
import hashlib
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 20261124
PORTS, PRBS, SYMBOLS, LLR_SCALE = 3, 2, 14, 4.0
ORDER = [6, 6, 4]  # of each layer
UE = [0, 0, 1]
LAYER = [0, 1, 0]
DATA = [0, 1, 3]  # symbols with data


def constellation(order):
    """Points of all bit patterns; bit i of the index is b(i)."""
    points = np.zeros(2**order, complex)
    norm = {4: 10.0, 6: 42.0}[order]
    for index in range(2**order):
        b = [1 - 2 * ((index >> i) & 1) for i in range(order)]
        axis = [0.0, 0.0]
        for a in range(2):
            s = b[a::2]
            axis[a] = s[0] * (2 - s[1]) if order == 4 else s[0] * (4 - s[1] * (2 - s[2]))
        points[index] = (axis[0] + 1j * axis[1]) / np.sqrt(norm)
    return points


def main():
    rng = np.random.default_rng(SEED)
    k_count = 12 * PRBS
    normal = lambda *shape: (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)
    h = normal(3, PORTS, k_count).astype(np.complex64)
    noise = np.array([0.02, 0.05, 0.01], np.float32)
    turn = np.exp(2j * np.pi * 0.013 * np.arange(SYMBOLS)).astype(np.complex64)  # of UE 1
    words = rng.integers(0, 2**32, 64, dtype=np.uint32)  # UE 0 from word 0, UE 1 from word 40
    grid = np.zeros((PORTS, SYMBOLS, k_count), complex)
    for l in DATA:
        for k in range(k_count):
            x = np.array([constellation(o)[rng.integers(2**o)] for o in ORDER])
            x[2] *= turn[l]
            grid[:, l, k] = h[:, :, k].T @ x + np.sqrt(noise) * normal(PORTS)
    halves = np.stack([grid.real, grid.imag], -1).astype(np.float16)
    grid = halves[..., 0].astype(float) + 1j * halves[..., 1].astype(float)
    soft = [np.zeros(len(DATA) * k_count * 12), np.zeros(len(DATA) * k_count * 4)]
    capacity = np.zeros(3)
    for n, l in enumerate(DATA):
        for k in range(k_count):
            channel = h[:, :, k].T.astype(complex)
            inverse = (1.0 / noise.astype(float))[:, None]
            error = np.linalg.inv(np.eye(3) + channel.conj().T @ (inverse * channel))
            estimate = error @ channel.conj().T @ (inverse[:, 0] * grid[:, l, k])
            for i in range(3):
                d = error[i, i].real
                sinr = 1 / d - 1
                capacity[i] += np.log2(1 + sinr)
                x = estimate[i] / (1 - d) * (np.conj(turn[l]) if UE[i] == 1 else 1)
                points = constellation(ORDER[i])
                layers = UE.count(UE[i])
                first = ((n * k_count + k) * layers + LAYER[i]) * ORDER[i]
                for b in range(ORDER[i]):
                    ones = (np.arange(len(points)) >> b) & 1 == 1
                    distance = np.abs(x - points) ** 2
                    value = sinr * (distance[ones].min() - distance[~ones].min())
                    bit = first + b
                    word = int(words[(0, 40)[UE[i]] + bit // 32])
                    value *= 1 - 2 * ((word >> (bit % 32)) & 1)
                    soft[UE[i]][bit] = np.clip(LLR_SCALE * value, -127, 127)
    arrays = {
        "grid": (halves, "f2", ["rx_port", "symbol", "subcarrier", "re_im"]),
        "h": (h.transpose(1, 0, 2).copy(), "c8", ["rx_port", "layer", "subcarrier"]),
        "noise": (noise, "f4", ["rx_port"]),
        "turn": (turn, "c8", ["symbol"]),
        "words": (words, "u4", ["word"]),
        "llr": (np.concatenate(soft).astype(np.float32), "f4", ["bit, UE 0 then UE 1"]),
        "capacity": (capacity.astype(np.float32), "f4", ["layer"]),
    }
    manifest = {
        "stage": "equalise", "case": "two_ues", "generator": "testvectors/equalise/make.py", "seed": SEED,
        "tolerance": {"llr": 0.6, "capacity": 1e-3},
        "reason": "soft bits are rounded to integers (0.5), the rest is single precision; capacity is a sum of 72 logarithms",
        "unit": "linear; llr in steps of 1 / 4, clipped to +-127", "arrays": [],
    }
    for name, (array, dtype, axes) in arrays.items():
        data = array.astype("<" + dtype).tobytes()
        with open(os.path.join(HERE, f"two_ues_{name}.bin"), "wb") as file:
            file.write(data)
        manifest["arrays"].append({"name": name, "file": f"two_ues_{name}.bin", "dtype": "<" + dtype, "shape": list(array.shape),
                                   "axes": axes, "sha256": hashlib.sha256(data).hexdigest()})
    with open(os.path.join(HERE, "two_ues.json"), "w") as file:
        json.dump(manifest, file, indent=1)
        file.write("\n")


main()
