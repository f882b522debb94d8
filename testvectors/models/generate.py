#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the vectors of tests/models: features of 64 UEs with the probabilities of NumPy's own forward pass, and ONNX files
that the hook must refuse or survive. Needs .venv (scripts/setup-python).

usage: .venv/bin/python testvectors/models/generate.py
"""
import hashlib
import json
import os
import pathlib
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np
import onnx
from onnx import TensorProto, helper

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "models" / "link_quality"))
import evaluate
import network
import simulate

SEED, UES = 4242, 64


def features():
    """One sample of a closed loop in which a third of the UEs is new: empty entries are part of the contract."""
    run = simulate.run(simulate.TRAINING[0], UES + 40, 62, SEED, explore=0.3, sample_every=61)
    f = run.samples[-1][0]
    for name in simulate.Features.NAMES:
        setattr(f, name, np.ascontiguousarray(getattr(f, name)[:UES]))
    rng = np.random.default_rng(SEED)
    for ue in range(0, UES, 3):
        known = rng.integers(1, simulate.HISTORY)
        for name in ("sinr_db", "age_slots", "ack", "required_db", "coherence"):
            getattr(f, name)[ue, known:] = 0
        f.mcs[ue, known:] = -1
    f.predict_classical()
    return f


def equality_vector():
    f = features()
    predict = network.predictor(evaluate.weights_of(ROOT / "models" / "link_quality" / "link_quality_v1.onnx"))
    arrays = {name: getattr(f, name) for name in simulate.Features.NAMES}
    arrays["success_probability"] = predict(f)
    manifest = {
        "stage": "models/link_quality",
        "generator": "testvectors/models/generate.py",
        "seed": SEED,
        "axes": "[ue][history], offset_db [ue][1], the last three [ue][mcs]",
        "tolerance": 1e-4,
        "why": "float32 sums of up to 64 products in another order, through an exponential",
        "arrays": {},
    }
    for name, array in arrays.items():
        data = np.ascontiguousarray(array, "<f4").tobytes()
        (HERE / f"link_quality.{name}.f32").write_bytes(data)
        manifest["arrays"][name] = {
            "file": f"link_quality.{name}.f32", "dtype": "float32 little endian", "shape": list(array.shape),
            "unit": "dB" if name.endswith("_db") else "1", "sha256": hashlib.sha256(data).hexdigest(),
        }
    (HERE / "link_quality.json").write_text(json.dumps(manifest, indent=1) + "\n")


def save(name, nodes, inputs, outputs, initializers=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, HERE / "bad" / f"{name}.onnx")


def info(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def bad_models():
    """Each file is one way to be wrong; what the hook says to it stands in tests/models/onnx_engine_test.cpp."""
    needed, given = info("mcs_required_db", ["ue", 29]), info("success_probability", ["ue", 29])
    sigmoid = helper.make_node("Sigmoid", ["mcs_required_db"], ["success_probability"])
    total = helper.make_node("ReduceMean", ["sinr_db"], ["mean"], axes=[1])
    both = helper.make_node("Sub", ["mean", "mcs_required_db"], ["success_probability"])

    save("unknown_input", [helper.make_node("Sub", ["rsrp", "mcs_required_db"], ["success_probability"])],
         [info("rsrp", ["ue", 29]), needed], [given])
    save("wrong_width", [total, both], [info("sinr_db", ["ue", 9]), needed], [given])
    save("wrong_rank", [helper.make_node("Sigmoid", ["mcs_required_db"], ["success_probability"])],
         [info("mcs_required_db", ["ue", 29, 1])], [info("success_probability", ["ue", 29, 1])])
    save("wrong_type", [helper.make_node("Cast", ["mcs_required_db"], ["success_probability"], to=TensorProto.FLOAT)],
         [info("mcs_required_db", ["ue", 29], TensorProto.INT64)], [given])
    save("wrong_output", [helper.make_node("Sigmoid", ["mcs_required_db"], ["probability"])], [needed],
         [info("probability", ["ue", 29])])
    save("two_outputs", [sigmoid, helper.make_node("Neg", ["mcs_required_db"], ["other"])], [needed],
         [given, info("other", ["ue", 29])])
    save("output_width", [helper.make_node("Sigmoid", ["sinr_db"], ["success_probability"])],
         [info("sinr_db", ["ue", 12])], [info("success_probability", ["ue", 12])])
    save("batch_of_one", [sigmoid], [info("mcs_required_db", [1, 29])], [info("success_probability", [1, 29])])
    save("output_type", [helper.make_node("Cast", ["mcs_required_db"], ["success_probability"], to=TensorProto.DOUBLE)],
         [needed], [info("success_probability", ["ue", 29], TensorProto.DOUBLE)])
    save("sum_over_ues", [helper.make_node("ReduceSum", ["mcs_required_db", "axis"], ["success_probability"])], [needed],
         [info("success_probability", [1, 29])], [helper.make_tensor("axis", TensorProto.INT64, [1], [0])])
    # Right shapes, wrong values: the square root of minus the required SINR is NaN for most MCS; 2 lies outside 0..1.
    save("not_a_number", [helper.make_node("Neg", ["mcs_required_db"], ["minus"]),
                          helper.make_node("Sqrt", ["minus"], ["success_probability"])], [needed], [given])
    save("out_of_range", [helper.make_node("Sigmoid", ["mcs_required_db"], ["p"]),
                          helper.make_node("Add", ["p", "one"], ["success_probability"])], [needed], [given],
         [helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])])


(HERE / "bad").mkdir(exist_ok=True)
equality_vector()
bad_models()
