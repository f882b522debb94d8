#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PUSCH transmitter vectors: transport block in, resource grid out.

Written from TS 38.211 and 38.212 with the table-driven channel coding of spec/coding/reference/nrref.py. DM-RS positions
come from spec/signals/pusch_dmrs_pos_single.csv, ports from spec/signals/pusch_dmrs_type1_ports.csv.

    python3 generate.py SHARED          # SHARED: the folder that holds spec/
"""
import csv
import hashlib
import json
import os
import sys

import numpy as np

SHARED = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../../../shared")
sys.path.insert(0, os.path.join(SHARED, "spec/coding/reference"))
import nrref  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SIGNALS = os.path.join(SHARED, "spec/signals")


def table(name):
    with open(os.path.join(SIGNALS, name)) as handle:
        return list(csv.DictReader(handle))


POSITIONS = {(r["mapping"], r["l0"], int(r["l_d"]), int(r["add_pos"])): [int(r[f"p{i}"]) for i in range(4) if r[f"p{i}"]]
             for r in table("pusch_dmrs_pos_single.csv")}
PORTS = {int(r["port"]): r for r in table("pusch_dmrs_type1_ports.csv")}

# mapping, l0, first symbol, symbols, additional positions, PRBs (first CRB, count), slot, qm, R * 2048, layers, ports, groups,
# rv, rnti, data id, dmrs id, scid, lbrm
CASES = [
    dict(name="qpsk_1prb", mapping="A", l0=2, start=0, n=14, add=0, prb=(7, 1), slot=3, qm=2, r=386, ports=[0], groups=2,
         rv=0, rnti=0x4601, data_id=41, dmrs_id=17, scid=0, lbrm=0),
    dict(name="qam16_2layers_rv2", mapping="A", l0=2, start=0, n=14, add=1, prb=(20, 3), slot=19, qm=4, r=756, ports=[0, 1],
         groups=2, rv=2, rnti=20001, data_id=1023, dmrs_id=65535, scid=1, lbrm=0),
    dict(name="qam64_mapping_b_1group_rv3", mapping="B", l0=0, start=3, n=7, add=1, prb=(0, 4), slot=0, qm=6, r=1332, ports=[1],
         groups=1, rv=3, rnti=1, data_id=0, dmrs_id=500, scid=0, lbrm=0),
    dict(name="qam256_4layers", mapping="A", l0=3, start=0, n=12, add=2, prb=(45, 6), slot=11, qm=8, r=1896,
         ports=[0, 1, 2, 3], groups=2, rv=0, rnti=65519, data_id=700, dmrs_id=3, scid=0, lbrm=0),
    dict(name="qam64_ports23_lbrm_rv1", mapping="A", l0=2, start=0, n=14, add=3, prb=(10, 12), slot=8, qm=6, r=1644,
         ports=[2, 3], groups=2, rv=1, rnti=300, data_id=55, dmrs_id=99, scid=1, lbrm=40000),
    dict(name="qpsk_mapping_b_2symbols", mapping="B", l0=0, start=12, n=2, add=0, prb=(3, 2), slot=5, qm=2, r=1204, ports=[3],
         groups=2, rv=0, rnti=777, data_id=12, dmrs_id=12, scid=0, lbrm=0),
]


def dmrs_symbols(case):
    key = (case["mapping"], str(case["l0"]), case["n"], case["add"])
    offset = case["start"] if case["mapping"] == "B" else 0
    return [p + offset for p in POSITIONS[key]]


def pilots(case, symbol, count):
    """r(n) of one symbol from CRB 0 on."""
    n_id, scid = case["dmrs_id"], case["scid"]
    c_init = (2 ** 17 * (14 * case["slot"] + symbol + 1) * (2 * n_id + 1) + 2 * n_id + scid) % 2 ** 31
    c = nrref.gold(c_init, 2 * count).astype(float)
    return ((1 - 2 * c[0::2]) + 1j * (1 - 2 * c[1::2])) / np.sqrt(2)


def build(case, seed):
    rng = np.random.default_rng(seed)
    first, n_prb = case["prb"]
    layers, qm = len(case["ports"]), case["qm"]
    positions = dmrs_symbols(case)
    symbols = range(case["start"], case["start"] + case["n"])
    free = 12 - 6 * case["groups"]
    res = sum((free if l in positions else 12) * n_prb for l in symbols)
    tbs = nrref.tbs(n_prb, case["n"], 6 * case["groups"] * len(positions), 0, qm, case["r"], layers)
    tb = rng.integers(0, 2, tbs).astype(np.uint8)
    seg = nrref.segment(tbs, case["r"])
    n_ref = None if case["lbrm"] == 0 else case["lbrm"] * 3 // (2 * seg["C"])
    g = res * layers * qm
    code = nrref.ulsch_encode(tb, case["r"], g, layers, qm, case["rv"], n_ref)
    code = code ^ nrref.gold(case["rnti"] * 2 ** 15 + case["data_id"], g)
    d = nrref.modulate(code, qm).reshape(-1, layers)  # layer mapping: symbol i goes to layer i mod layers
    grid = np.zeros((layers, 14, 12 * n_prb), complex)
    at = 0
    for l in symbols:
        if l in positions:
            r = pilots(case, l, 6 * (first + n_prb))[6 * first:] * np.sqrt(case["groups"])
            for v, port in enumerate(case["ports"]):
                row = PORTS[port]
                for i in range(6 * n_prb):  # i = 2 n + k'
                    k = 4 * (i // 2) + 2 * (i % 2) + int(row["delta"])
                    grid[v, l, k] = int(row["wf0" if i % 2 == 0 else "wf1"]) * r[i]
        data = [k for k in range(12 * n_prb) if l not in positions or k % 2 >= case["groups"]]
        for v in range(layers):
            grid[v, l, data] = d[at:at + len(data), v]
        at += len(data)
    assert at == len(d)
    return tb, grid, positions, tbs, seg


def write(name, array):
    data = array.tobytes()
    with open(os.path.join(HERE, name), "wb") as handle:
        handle.write(data)
    return dict(file=name, dtype=array.dtype.str, shape=list(array.shape), sha256=hashlib.sha256(data).hexdigest())


def main():
    for seed, case in enumerate(CASES):
        tb, grid, positions, tbs, seg = build(case, seed)
        name = case["name"]
        mask = sum(1 << p for p in positions)
        pdu = dict(rnti=case["rnti"], bwp_start=0, bwp_size=106, rb_start=case["prb"][0], rb_size=case["prb"][1],
                   start_symbol=case["start"], nof_symbols=case["n"], qam_mod_order=case["qm"], target_code_rate=5 * case["r"],
                   data_scrambling_id=case["data_id"], nof_layers=len(case["ports"]), dmrs_symbol_mask=mask,
                   dmrs_scrambling_id=case["dmrs_id"], scid=case["scid"], nof_cdm_groups_no_data=case["groups"],
                   dmrs_ports=sum(1 << p for p in case["ports"]), rv_index=case["rv"], tb_size_bytes=tbs // 8,
                   tb_size_lbrm_bits=case["lbrm"])
        manifest = dict(
            case=name, generator="testvectors/pusch_ue/generate.py", seed=seed, slot_in_frame=case["slot"], pdu=pdu,
            dmrs_layout=dict(mapping=case["mapping"], type_a_position=case["l0"], start_symbol=case["start"],
                             nof_symbols=case["n"], additional_positions=case["add"]),
            code_blocks=seg["C"], base_graph=seg["bg"],
            payload=dict(write(name + ".payload.bin", np.packbits(tb)), axes=["byte"], unit="transport block, bit 0 is the MSB"),
            grid=dict(write(name + ".grid.bin", grid.astype("<c8")), axes=["layer", "symbol", "subcarrier"],
                      unit="linear, a data RE has unit mean power; subcarrier 0 is the first of the allocation"),
            tolerance=dict(relative_norm=1e-6, reason="both sides round the same exact values to binary32"))
        with open(os.path.join(HERE, name + ".json"), "w") as handle:
            json.dump(manifest, handle, indent=1)
            handle.write("\n")
        print(name, "tbs", tbs, "blocks", seg["C"], "bg", seg["bg"], "dmrs", positions)


main()
