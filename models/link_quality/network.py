# SPDX-License-Identifier: Apache-2.0
"""The shipped network: forward pass, gradient and ONNX graph. NumPy; `onnx` only inside export()."""
import numpy as np

from simulate import FORGETTING, HISTORY, logistic

HIDDEN = (64, 48)
COMPONENTS = 3  # block error curves that are mixed: fading has one hump, an interferer on and off has two
NOF_FEATURES = 5 * HISTORY + 2
MIN_SLOPE = 0.1


def features(f):
    """[ue][feature] inputs of the first layer, and [ue][1] the SINR in dB that the network corrects."""
    exists = (f.mcs > -0.5).astype(np.float32)
    weight = exists * (np.float32(FORGETTING) ** np.arange(HISTORY, dtype=np.float32))
    mean = (weight * f.sinr_db).sum(1, keepdims=True) / np.maximum(weight.sum(1, keepdims=True), np.float32(1e-6))
    base = mean + f.offset_db
    margin = np.clip((f.sinr_db + f.offset_db - f.required_db) / 4, -3, 3) * exists
    x = np.concatenate([(f.sinr_db - mean) / 4 * exists, f.age_slots / (f.age_slots + 50), f.ack, margin, exists, base / 20,
                        f.offset_db / 5], axis=1)
    return x.astype(np.float32), base.astype(np.float32)


def initial(rng):
    """Weights by name."""
    sizes = (NOF_FEATURES, *HIDDEN)
    w = {}
    for i, (rows, columns) in enumerate(zip(sizes[:-1], sizes[1:])):
        w[f"w{i}"] = (rng.standard_normal((rows, columns)) * np.sqrt(2 / rows)).astype(np.float32)
        w[f"b{i}"] = np.zeros(columns, np.float32)
    for head, bias in (("shift", np.array([-3.0, 0.0, 2.0])), ("slope", np.zeros(3)), ("mix", np.zeros(3))):
        w[f"w_{head}"] = (rng.standard_normal((HIDDEN[-1], COMPONENTS)) * 0.05).astype(np.float32)
        w[f"b_{head}"] = bias.astype(np.float32)
    return w


def forward(w, x, base, required):
    """[ue][mcs] probability, and what the gradient needs.

    P(mcs) = sum over k of mix_k logistic(slope_k (base + shift_k - required_mcs)): falls with the required SINR by construction
    """
    h0 = np.maximum(x @ w["w0"] + w["b0"], 0)
    h1 = np.maximum(h0 @ w["w1"] + w["b1"], 0)
    shift = h1 @ w["w_shift"] + w["b_shift"]
    raw = h1 @ w["w_slope"] + w["b_slope"]
    slope = np.logaddexp(0, raw) + np.float32(MIN_SLOPE)
    score = h1 @ w["w_mix"] + w["b_mix"]
    score = np.exp(score - score.max(1, keepdims=True))
    mix = score / score.sum(1, keepdims=True)
    margin = (base + shift)[:, :, None] - required[:, None, :]
    q = logistic(slope[:, :, None] * margin)
    p = (mix[:, :, None] * q).sum(1)
    return p.astype(np.float32), (x, h0, h1, raw, slope, mix, margin, q)


def gradient(w, p, kept, target):
    """Loss (mean cross-entropy over UEs and MCS) and its gradient by name."""
    x, h0, h1, raw, slope, mix, margin, q = kept
    clipped = np.clip(p, 1e-4, 1 - 1e-4)
    loss = -np.mean(target * np.log(clipped) + (1 - target) * np.log(1 - clipped))
    d_p = (clipped - target) / (clipped * (1 - clipped)) / p.size
    d_q = d_p[:, None, :] * mix[:, :, None]
    d_mix = (d_p[:, None, :] * q).sum(2)
    d_z = d_q * q * (1 - q)
    d_shift = (d_z * slope[:, :, None]).sum(2)
    d_raw = (d_z * margin).sum(2) * logistic(raw)
    d_score = mix * (d_mix - (mix * d_mix).sum(1, keepdims=True))
    g = {}
    d_h1 = np.zeros_like(h1)
    for head, d in (("shift", d_shift), ("slope", d_raw), ("mix", d_score)):
        g[f"w_{head}"], g[f"b_{head}"] = h1.T @ d, d.sum(0)
        d_h1 += d @ w[f"w_{head}"].T
    d_h1 *= h1 > 0
    g["w1"], g["b1"] = h0.T @ d_h1, d_h1.sum(0)
    d_h0 = (d_h1 @ w["w1"].T) * (h0 > 0)
    g["w0"], g["b0"] = x.T @ d_h0, d_h0.sum(0)
    return loss, g


def predictor(w):
    """Features -> [ue][mcs]."""

    def predict(f):
        x, base = features(f)
        return forward(w, x, base, f.mcs_required_db)[0]

    return predict


def export(w, path, description):
    """Writes the ONNX file: only the tensors that the network reads are inputs, the batch and the MCS table are free."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    constants, nodes = [], []

    def constant(name, value, dtype=np.float32):
        constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def node(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    for name, value in w.items():
        constant(name, value)
    axis1, axis2 = constant("axis1", [1], np.int64), constant("axis2", [2], np.int64)
    quarter, half = constant("quarter", 0.25), constant("minus_half", -0.5)
    forgetting = constant("forgetting", FORGETTING ** np.arange(HISTORY))
    exists = node("Cast", [node("Greater", ["mcs", half], "is_there")], "exists", to=TensorProto.FLOAT)
    weight = node("Mul", [exists, forgetting], "weight")
    weights = node("Max", [node("ReduceSum", [weight, axis1], "weights"), constant("tiny", 1e-6)], "weights_or_tiny")
    weighted = node("ReduceSum", [node("Mul", [weight, "sinr_db"], "weighted"), axis1], "weighted_sum")
    mean = node("Div", [weighted, weights], "mean")
    base = node("Add", [mean, "offset_db"], "base")
    around = node("Mul", [node("Mul", [node("Sub", ["sinr_db", mean], "from_mean"), quarter], "scaled"), exists], "around")
    age = node("Div", ["age_slots", node("Add", ["age_slots", constant("fifty", 50.0)], "age_and_fifty")], "age")
    surplus = node("Sub", [node("Add", ["sinr_db", "offset_db"], "true_db"), "required_db"], "surplus")
    clipped = node("Clip", [node("Mul", [surplus, quarter], "surplus_scaled"), constant("low", -3.0), constant("high", 3.0)],
                   "surplus_clipped")
    margin_in = node("Mul", [clipped, exists], "margin_in")
    x = node("Concat", [around, age, "ack", margin_in, exists, node("Mul", [base, constant("twentieth", 1 / 20)], "base_scaled"),
                        node("Mul", ["offset_db", constant("fifth", 1 / 5)], "offset_scaled")], "x", axis=1)
    h0 = node("Relu", [node("Gemm", [x, "w0", "b0"], "layer0")], "h0")
    h1 = node("Relu", [node("Gemm", [h0, "w1", "b1"], "layer1")], "h1")
    shift = node("Gemm", [h1, "w_shift", "b_shift"], "shift")
    slope = node("Add", [node("Softplus", [node("Gemm", [h1, "w_slope", "b_slope"], "raw")], "soft"),
                         constant("min_slope", MIN_SLOPE)], "slope")
    mix = node("Softmax", [node("Gemm", [h1, "w_mix", "b_mix"], "score")], "mix", axis=1)
    centre = node("Unsqueeze", [node("Add", [base, shift], "centre"), axis2], "centre3")
    needed = node("Unsqueeze", ["mcs_required_db", axis1], "required3")
    margin = node("Sub", [centre, needed], "margin")
    z = node("Mul", [node("Unsqueeze", [slope, axis2], "slope3"), margin], "z")
    q = node("Mul", [node("Unsqueeze", [mix, axis2], "mix3"), node("Sigmoid", [z], "curve")], "mixed")
    node("ReduceSum", [q, axis1], "success_probability", keepdims=0)

    def tensor(name, width):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["ue", width])

    inputs = [tensor(n, HISTORY) for n in ("sinr_db", "age_slots", "ack", "mcs", "required_db")]
    inputs += [tensor("offset_db", 1), tensor("mcs_required_db", "mcs_count")]
    graph = helper.make_graph(nodes, "link_quality", inputs, [tensor("success_probability", "mcs_count")], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="pado", ir_version=8)
    model.doc_string = description
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
