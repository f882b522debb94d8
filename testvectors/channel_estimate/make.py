#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden input and truth of the channel estimate: two layers of one CDM group, written from TS 38.211.

Pilots are those of 6.4.1.1.3 (DM-RS type 1, FD-OCC) through a channel of a few paths, with delay, carrier offset at the
symbol times of 5.3.1, and noise; divided by each layer's own pilot. What is expected is the channel itself and what was
put in: noise, power, delay, offset. How near an estimate can come is the error of the linear MMSE estimate that knows
delay, covariance, noise and offset, which is computed here and stored with it.

usage: make.py   (writes two_layers.json and its arrays beside itself)
"""
import hashlib
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 382110604
PORTS, LAYERS, PRBS, MU, SLOT = 2, 2, 12, 1, 1
SYMBOLS = (2, 11)
SCS = 15000 * 2**MU
DELAY, CFO, NOISE = 250e-9, 180.0, 10**-2.5  # of a data RE, whose power is 1
SPREAD = 60e-9  # exponential power over delay
W = ((1, 1), (1, -1))  # table 6.4.1.1.3-1, ports 0 and 1: w_f(0), w_f(1), both with Delta 0
BETA = np.sqrt(2)  # two CDM groups without data, 38.214 table 4.1-1: -3 dB


def symbol_time(symbol):
    """Seconds from the begin of the subframe to the first sample after the prefix. TS 38.211, 5.3.1, kappa = 64, T_c."""
    t, per_half = 0, 7 * 2**MU
    for l in range(14 * SLOT + symbol + 1):
        prefix = 144 * 64 * 2.0**-MU + (16 * 64 if l % per_half == 0 else 0)
        t += prefix + (2048 * 64 * 2.0**-MU if l < 14 * SLOT + symbol else 0)
    return t / (480e3 * 4096)


def main():
    rng = np.random.default_rng(SEED)
    normal = lambda *shape: (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)
    k = np.arange(12 * PRBS)
    taus = np.sort(rng.exponential(SPREAD, 40)) - SPREAD  # DELAY is the centre
    gains = normal(PORTS, LAYERS, len(taus)) / np.sqrt(len(taus))
    h = gains @ np.exp(-2j * np.pi * SCS * np.outer(taus + DELAY, k))
    turn = np.array([np.exp(2j * np.pi * CFO * (symbol_time(l) - symbol_time(SYMBOLS[0]))) for l in range(14)])
    # Pilot p lies on subcarrier 2 p, k' = p % 2.
    pilots = k[::2]
    w = np.array([[W[layer][p % 2] for p in range(len(pilots))] for layer in range(LAYERS)])
    ls = np.zeros((PORTS, LAYERS, len(SYMBOLS), len(pilots)), complex)
    for d, symbol in enumerate(SYMBOLS):
        bits = rng.integers(0, 2, (2, len(pilots)))
        r = ((1 - 2.0 * bits[0]) + 1j * (1 - 2.0 * bits[1])) / np.sqrt(2)
        sent = BETA * w * r
        y = turn[symbol] * np.einsum("plk,lk->pk", h[:, :, ::2], sent) + np.sqrt(NOISE) * normal(PORTS, len(pilots))
        for layer in range(LAYERS):
            ls[:, layer, d] = y / sent[layer]
    # Linear MMSE from the mean of both symbols: covariance over frequency of an exponential power over delay.
    def cov(a, b):
        x = 2j * np.pi * SCS * np.subtract.outer(a, b)
        return np.exp(-x * (DELAY - SPREAD)) / (1 + x * SPREAD)
    # The delay of what was drawn: the turn from subcarrier to subcarrier, all ports and layers together.
    delay = -np.angle(np.sum(h[..., :-1].conj() * h[..., 1:])) / (2 * np.pi * SCS)
    peer = np.outer(w[0] * w[1], w[0] * w[1])
    own = cov(pilots, pilots)
    noise = NOISE / BETA**2 / len(SYMBOLS)
    gain = cov(k, pilots) @ np.linalg.inv(own + own * peer + noise * np.eye(len(pilots)))
    mse = np.real(1 - np.einsum("kp,kp->k", gain, cov(k, pilots).conj())).mean()
    expected = {"noise": NOISE, "rsrp": float(np.mean(np.abs(h)**2)), "ta_s": float(delay), "cfo_hz": CFO,
                "mmse_error": float(mse)}
    arrays = []
    for name, values, axes, unit in (("ls", ls.reshape(PORTS, -1), "[port][layer, DM-RS symbol, pilot]", "data RE"),
                                     ("h", h.reshape(PORTS, -1), "[port][layer, subcarrier]", "at the first DM-RS symbol"),
                                     ("turn", turn, "[symbol]", "1")):
        raw = values.astype("<c8").tobytes()
        with open(os.path.join(HERE, f"two_layers_{name}.bin"), "wb") as file:
            file.write(raw)
        arrays.append({"name": name, "file": f"two_layers_{name}.bin", "dtype": "cf32_le", "shape": list(values.shape),
                       "axes": axes, "unit": unit, "sha256": hashlib.sha256(raw).hexdigest()})
    raw = np.array(list(expected.values()), "<f4").tobytes()
    with open(os.path.join(HERE, "two_layers_expected.bin"), "wb") as file:
        file.write(raw)
    arrays.append({"name": "expected", "file": "two_layers_expected.bin", "dtype": "f32_le", "shape": [len(expected)],
                   "axes": "[" + ", ".join(expected) + "]", "unit": "linear, s, Hz", "sha256": hashlib.sha256(raw).hexdigest()})
    manifest = {"stage": "channel_estimate", "case": "two_layers", "spec": "TS 38.211, 6.4.1.1.3 and 5.3.1",
                "generator": "testvectors/channel_estimate/make.py", "seed": SEED, "expected": expected, "tolerance": 2.0,
                "tolerance_reason": "times mmse_error: the stage knows a class of delay spread and SNR, not the covariance",
                "arrays": arrays}
    with open(os.path.join(HERE, "two_layers.json"), "w") as file:
        json.dump(manifest, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
