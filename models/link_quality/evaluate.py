#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges link_quality_v1.onnx against the classical value on held-out scenarios and writes the table into MODEL.md.

usage: evaluate.py [MODEL.onnx]      (its weights are read from the ONNX file)

Channels, noise and schedule are the same for every policy (same seed). Probabilities are scored on the outcomes of the MCS
that the classical advice chose; throughput is that of first transmissions when each policy chooses for itself. Intervals
are 95 % over UEs, paired.
"""
import os
import pathlib
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
import network
import simulate

SEED, UES, OCCASIONS, WARM_UP = 777, 300, 300, 60
OUTER_LOOPS = [(step, target) for step in (0.1, 0.3, 1.0) for target in (0.05, 0.1, 0.2)]


def weights_of(path):
    import onnx
    from onnx import numpy_helper

    arrays = {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    return {name: arrays[name] for name in network.initial(np.random.default_rng(0))}


def per_ue(values, counted):
    """[ue] mean over the occasions that count."""
    return (values * counted).sum(0) / np.maximum(counted.sum(0), 1)


def interval(differences):
    return differences.mean(), 1.96 * differences.std(ddof=1) / np.sqrt(len(differences))


def judged(run):
    counted = run.granted.copy()
    counted[:WARM_UP] = False
    return counted, per_ue(run.ack * simulate.EFFICIENCY[run.mcs], counted), 1 - (run.ack * counted).sum() / counted.sum()


def scores(p, ack):
    p = np.clip(p, 1e-3, 1 - 1e-3)
    return (p - ack) ** 2, -np.where(ack, np.log(p), np.log(1 - p))


def row(scenario, predict, seed):
    by_classical = simulate.run(scenario, UES, OCCASIONS, seed, model=predict)
    counted, rate, bler = judged(by_classical)
    model_brier, model_loss = (per_ue(s, counted) for s in scores(by_classical.p_model, by_classical.ack))
    brier, loss = (per_ue(s, counted) for s in scores(by_classical.p_classical, by_classical.ack))
    _, model_rate, model_bler = judged(simulate.run(scenario, UES, OCCASIONS, seed, policy="model", model=predict))
    loops = [judged(simulate.run(scenario, UES, OCCASIONS, seed, policy="outer_loop", loop=simulate.OuterLoop(UES, *setting)))
             for setting in OUTER_LOOPS]
    best = max(range(len(loops)), key=lambda i: loops[i][1].mean())
    cells = [scenario.name]
    for ours, theirs in ((model_brier, brier), (model_loss, loss)):
        mean, half = interval(ours - theirs)
        cells.append(f"{theirs.mean():.4f} | {mean:+.4f} ± {half:.4f}")
    gain, half = interval((model_rate - rate) / rate.mean() * 100)
    over_loop, loop_half = interval((model_rate - loops[best][1]) / loops[best][1].mean() * 100)
    cells.append(f"{gain:+.1f} ± {half:.1f} % | {over_loop:+.1f} ± {loop_half:.1f} %")
    cells.append(f"{bler:.3f} | {model_bler:.3f} | {loops[best][2]:.3f} ({OUTER_LOOPS[best][0]} dB, {OUTER_LOOPS[best][1]})")
    return "| " + " | ".join(cells) + " |"


def main():
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "link_quality_v1.onnx"
    predict = network.predictor(weights_of(path))
    lines = [
        "| scenario | Brier classical | model minus classical | log-loss classical | model minus classical | throughput, model over"
        " classical | over best outer loop | BLER classical | BLER model | BLER outer loop (step, target) |",
        "| --- " * 10 + "|",
    ]
    for i, scenario in enumerate(simulate.HELD_OUT):
        lines.append(row(scenario, predict, SEED + i))
        print(lines[-1], flush=True)
    card = HERE / "MODEL.md"
    if path.parent == HERE and card.exists():
        text = card.read_text()
        head, rest = text.split("<!-- table begins -->\n")
        _, tail = rest.split("<!-- table ends -->\n")
        card.write_text(head + "<!-- table begins -->\n" + "\n".join(lines) + "\n<!-- table ends -->\n" + tail)


if __name__ == "__main__":
    main()
