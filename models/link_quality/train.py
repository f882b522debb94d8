#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains link_quality_v1.onnx from simulated uplinks: python3 models/link_quality/train.py [OUTPUT.onnx]

Needs numpy and onnx (scripts/setup-python), one core, about a minute. The seed is fixed; a run on the same machine with the
same NumPy gives the same file.
"""
import os
import pathlib
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import network
import simulate

SEED = 20261124
UES, OCCASIONS, SAMPLE_EVERY = 1000, 150, 5
ROUNDS = ((0, 4), (1, 14))  # policy round, epochs: the second round adds what the first round's model would have done
BATCH, STEP = 512, 2e-3


def data(round_index, model):
    """Features and the true P of every MCS, from closed loops with explored MCS: under the classical advice, then the model's."""
    xs, bases, needs, targets = [], [], [], []
    for i, scenario in enumerate(simulate.TRAINING):
        run = simulate.run(scenario, UES, OCCASIONS, SEED + 100 * round_index + i, policy="model" if model else "classical",
                           model=model, explore=0.3 if model is None else 0.1, sample_every=SAMPLE_EVERY)
        for f, p_true in run.samples:
            x, base = network.features(f)
            xs.append(x), bases.append(base), needs.append(f.mcs_required_db), targets.append(p_true)
    return [np.concatenate(a) for a in (xs, bases, needs, targets)]


def train(x, base, required, target, nof_epochs):
    rng = np.random.default_rng(SEED)
    w = network.initial(rng)
    first = {k: np.zeros_like(v) for k, v in w.items()}
    second = {k: np.zeros_like(v) for k, v in w.items()}
    nof_steps = nof_epochs * (len(x) // BATCH)
    step = 0
    for epoch in range(nof_epochs):
        order = rng.permutation(len(x))
        losses = []
        for begin in range(0, len(x) - BATCH + 1, BATCH):
            rows = order[begin : begin + BATCH]
            p, kept = network.forward(w, x[rows], base[rows], required[rows])
            loss, g = network.gradient(w, p, kept, target[rows])
            losses.append(loss)
            step += 1
            rate = STEP * 0.5 * (1 + np.cos(np.pi * step / nof_steps))
            for k in w:  # Adam, Kingma and Ba 2015, algorithm 1
                first[k] = 0.9 * first[k] + 0.1 * g[k]
                second[k] = 0.999 * second[k] + 0.001 * g[k] ** 2
                w[k] -= (rate * (first[k] / (1 - 0.9**step)) / (np.sqrt(second[k] / (1 - 0.999**step)) + 1e-8)).astype(np.float32)
        print(f"epoch {epoch + 1}/{nof_epochs} loss {np.mean(losses):.5f}", flush=True)
    return w


def main():
    default = pathlib.Path(__file__).parent / "link_quality_v1.onnx"
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    begin = time.time()
    samples, w, model = None, None, None
    for round_index, nof_epochs in ROUNDS:
        fresh = data(round_index, model)
        samples = fresh if samples is None else [np.concatenate(pair) for pair in zip(samples, fresh)]
        print(f"round {round_index + 1}: {len(samples[0])} samples, {time.time() - begin:.0f} s", flush=True)
        w = train(*samples, nof_epochs)
        model = network.predictor(w)
    network.export(w, path, f"pado link_quality v1, seed {SEED}; MODEL.md is its card")
    print(f"{path}: {path.stat().st_size} bytes, {sum(v.size for v in w.values())} weights, {time.time() - begin:.0f} s")


main()
