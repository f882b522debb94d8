#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the hand-made seeds of the targets that read files: schedules, cells, scenarios, SigMF, vector cases, captures.

Usage: make_text_seeds.py CORPUS_DIR.  Files named seed_*. Standard library only.
"""
import hashlib
import json
import os
import struct
import sys

PUSCH = {"pduBitmap": 1, "RNTI": 17921, "BWPSize": 52, "BWPStart": 0, "targetCodeRate": 1200, "qamModOrder": 2,
         "mcsIndex": 0, "mcsTable": 0, "TransformPrecoding": 1, "dataScramblingId": 1, "nrOfLayers": 1,
         "ulDmrsSymbPos": 2180, "dmrsConfigType": 0, "ulDmrsScramblingId": 1, "SCID": 0, "numDmrsCdmGrpsNoData": 2,
         "dmrsPorts": 1, "rbStart": 8, "rbSize": 3, "StartSymbolIndex": 0, "NrOfSymbols": 14, "rvIndex": 0,
         "harqProcessID": 0, "newDataIndicator": 1, "TBSize": 2, "tbSizeLbrmBytes": 100}

CELL = """carrier: {name: lab, scs_khz: 30, nof_prb: 24, nof_rx_ports: 2, centre_hz: 3.5e9, phys_cell_id: 5}
fronthaul:
  eaxc_pusch: [0, 0x10]
  eaxc_prach: [4, 5]
  vlan: 3
  comp_method: bfp
  window_us: [-20, 331]
  window_from: symbol_end
  outside_window: drop
  clock: tai
  gps_alpha: 100
  gps_beta: -3
  udp_port: 5000
tdd: {pattern: DDDSU, special_downlink_symbols: 6, special_uplink_symbols: 4}
receiver: {ldpc_iterations: 8}
model: {path: "a b.onnx", budget_us: 20}
mac: {k2: 3, max_ues_per_slot: 4, min_prb: 5}
"""


def schedule_seeds():
    expected = {"transmitted": True, "payload_hex": "01ff", "crc_ok": False,
                "payload_sha256": hashlib.sha256(b"\x01\xff").hexdigest()}
    slot = {"sfn": 18, "slot": 3, "sample": 7, "pdus": [{"pdu": "PUSCH", "fapi": PUSCH, "expected": expected}]}
    others = {"sfn": 0, "slot": 0, "pdus": [{"pdu": "PUCCH", "fapi": {"RNTI": 1, "FormatType": 2}},
                                            {"pdu": "PRACH", "fapi": {}}]}
    return [json.dumps(slot) + "\n" + json.dumps(others) + "\n"]


def cell_seeds():
    grant = "static_grants:\n  - slots: [4]\n    fapi: {" + ", ".join(f"{k}: {v}" for k, v in PUSCH.items()) + "}\n"
    return [CELL, CELL + grant.replace("BWPSize: 52", "BWPSize: 24"),
            ", a: 1\n",  # one that yaml-cpp's LoadAll() never returned from
            "carrier: {scs_khz: 15, nof_prb: 52, nof_rx_ports: 1}\niq: {sample_rate_hz: 11520000, fft_size: 768}\n"]


def scenario_seeds():
    carrier = "carrier: {scs_khz: 30, nof_prb: 24, nof_rx_ports: 2, phys_cell_id: 5}\n"
    few = "simulation:\n  slots: 20\nues:\n  - {rnti: 0x4601, snr_db: 12.5, nof_prb: 10, mcs: 5}\n"
    link = "link: {du_mac: '0A:00:00:00:00:b1', mtu_bytes: 1500, cplane: no, prbs: granted, jitter_us: 7, loss_percent: 1.5}\n"
    taps = "    channel: fixed\n    taps_ns: [0, 100]\n    taps_db: [0, -3]\n    correlation: high\n    delay_ns: -50\n"
    many = """simulation: {slots: 4, seed: 5, first_sfn: 1000, level_dbfs: -20.5, propagation: samples, fft_size: 512}
ues:
  - rnti: 17921
    snr_db: 1e1
    first_prb: 3
    nof_prb: 20
    allocation: random
    start_symbol: 2
    nof_symbols: 10
    every: 2
    offset: 1
    silent_percent: 10
    mcs: 5
    mcs_table: 256qam
    mcs_highest: 27
    rv: [0, 2, 3, 1]
    harq_processes: 4
    layers: 2
""" + taps + """    dmrs: {mapping: B, additional_positions: 2, ports: [2, 3], scrambling_id: 65535, scid: 1}
  - &second {rnti: 2, snr_db: -3, nof_prb: 24, mcs: 0, channel: tdla30, doppler_hz: 30, cfo_hz: -40}
  - *second
"""
    iq = "iq: {sample_rate_hz: 15360000}\n"
    return [CELL + few, carrier + "fronthaul: {eaxc_pusch: [0, 1]}\n" + link + many, carrier + iq + few]


def sigmf_seeds():
    capture = {"core:sample_start": 0, "core:frequency": 1747500000.0, "nr:sfn": 17, "nr:slot": 2}
    meta = {"global": {"core:datatype": "ci16_le", "core:sample_rate": 11520000.0, "core:num_channels": 2,
                       "nr:scs_hz": 15000, "nr:n_rb": 52, "nr:phys_cell_id": 1},
            "captures": [capture, {"core:sample_start": 40}]}
    return [json.dumps(meta), json.dumps({"global": {"core:datatype": "cf32_le", "core:sample_rate": 1}, "captures": []})]


def vector_seeds():
    size = 1 * 14 * 12 * 4  # the target gives every array this many zero bytes
    entry = {"name": "x_tf", "file": "x.bin", "dtype": "cf16_le", "shape": [1, 14, 12], "prb_start": 1, "n_prb": 1,
             "carrier_n_prb": 3, "sha256": hashlib.sha256(bytes(size)).hexdigest()}
    case = {"schema": "nv5g-case-1", "id": "x",
            "carrier": {"mu": 1, "n_rb": 3, "grid_start_crb": 0, "n_rx_ports": 1, "phys_cell_id": 0},
            "slots": [{"sfn": 0, "slot": 0, "input": "x_tf", "pdus": [{"pdu": "PUSCH", "fapi": PUSCH}]}], "arrays": [entry]}
    return [struct.pack(">H", size) + json.dumps(case).encode()]


def pcap_seeds():
    def pcap(order, magic):
        record = struct.pack(order + "IIII", 1, 2, 20, 30) + bytes(20)
        return struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, 65535, 1) + record + record

    def pcapng(order):
        head = struct.pack(order + "IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
        interface = struct.pack(order + "IIHHIHHBxxxHHI", 1, 32, 1, 0, 0, 9, 1, 9, 0, 0, 32)
        frame = struct.pack(order + "IIIIIII", 6, 52, 0, 1, 2, 20, 30) + bytes(20) + struct.pack(order + "I", 52)
        return head + interface + frame

    return [pcap("<", 0xA1B2C3D4), pcap(">", 0xA1B23C4D), pcap("<", 0xA1B2CD34), pcapng("<"), pcapng(">")]


def status_seeds():
    ue = {"cell": 0, "rnti": 17921, "nof_tb": 9, "nof_tb_failed": 1, "nof_tb_recent": 3, "sinr_db": 9.5, "mcs_index": 14}
    flow = {"cell": 0, "port": 1, "eaxc": 1, "is_prach": False, "on_time": 7, "late": 2, "window_begin_us": 70,
            "window_end_us": 90, "bin_us": 10, "arrivals": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 2]}
    status = {"now_ns": 1700000100000000000, "started_ns": 1700000000000000000, "state": "running", "backend": "cpu",
              "port": "udp:1", "port_counts": {"received": 9, "received_bytes": 900}, "flows": [flow], "ues": [ue],
              "packets": [{"what": "frames", "received": 9, "accepted": 7, "dropped": {"late": 2, "short_frame": 0}}],
              "cells": [{"name": "lab", "sfn": 5, "slot": 8, "nof_prb": 51, "slots_decoded": 4}],
              "latency_us": {"ldpc_decode": {"count": 4, "p50": 9.1, "p99": 12.25, "p99.9": 13.0, "max": 13.5}},
              "grants": [{"cell": 0, "sfn": 5, "slot": 8, "rnti": 17921, "rb_start": 3, "rb_size": 9, "state": state}
                         for state in ("decoded", "failed", "waiting", "not_received")], "rss_bytes": 1}
    return [json.dumps(status), '{"state": "\\u001b[2J"}']


def gnb_log_seeds():
    head = "2026-11-24T19:29:58.26 [PHY     ] [D] [    18.3] "
    pusch = (head + "PUSCH: rnti=0x4601 harq_id=0 prb=[8, 11) symb=[0, 14) mod=QPSK rv=0 tbs=3 crc=OK iter=1.0 sinr=9.5dB\n"
             "  bwp=[0, 52)\n  oack=1\n  ocsi1=0\n  part2=entries=[]\n  tcr=0.1171875\n  new_data=true\n  n_id=1\n"
             "  dmrs_mask={2, 7, 11}\n  tbs_lbrm=159749bytes\n  slot=18.3\n  cp=normal\n  nof_layers=1\n  dc_position=312\n"
             "  n_scr_id=1\n  n_scid=false\n  n_cdm_g_wd=2\n  dmrs_type=1\n  sinr=+9.5dB\n  t_align=0.25us\n  cfo=na\n"
             "    0000: 0a 0b ff\n")
    pucch = (head + "PUCCH: rnti=0x4601 format=1 prb1=0 prb2=51 symb=[0, 14) cs=0 occ=0 ack=1\n  bwp=[0, 52)\n  n_id=1\n")
    prach = (head + "PRACH: rsi=1 detected_preambles=[{idx=0 ta=0.00us detection_metric=610.9 power_dB=-4.37}]\n"
             "  format=0\n  set=unrestricted\n  zcz=0\n")
    places = head + "RX_SYMBOL: sector=0 offset=0 size=8736\n" + head + "RX_PRACH: sector=0 offset=8736 size=839\n"
    others = "2026-11-24T19:29:58.26 [SCHED   ] [D] [    17.7] Slot decisions pci=1 t=29us\n- RAR\n\xff\n"
    message = {"SFN": 1, "Slot": 2, "PDUs": [{"PDUType": 1, **PUSCH, "puschData": {"x": 1}}, {"PDUType": 2, "FormatType": 1}]}
    return [others + prach + places + pusch + pucch, json.dumps(message) + "\n", json.dumps([message])]


def main():
    targets = {"schedule_fuzz": schedule_seeds(), "cell_file_fuzz": cell_seeds(), "scenario_file_fuzz": scenario_seeds(),
               "sigmf_fuzz": sigmf_seeds(), "vector_case_fuzz": vector_seeds(), "pcap_fuzz": pcap_seeds(),
               "live_json_fuzz": status_seeds(), "gnb_log_fuzz": gnb_log_seeds()}
    for target, seeds in targets.items():
        folder = os.path.join(sys.argv[1], target)
        os.makedirs(folder, exist_ok=True)
        for number, seed in enumerate(seeds):
            with open(os.path.join(folder, f"seed_{number}"), "wb") as file:
                file.write(seed.encode() if isinstance(seed, str) else seed)


if __name__ == "__main__":
    main()
