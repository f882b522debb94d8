#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the FAPI indications of `pado run --fapi` as docs/fapi-binary.md describes them, and prints one JSON object a message."""
import json
import struct
import sys


def take(data, at, form):
    size = struct.calcsize("<" + form)
    if at + size > len(data):
        raise ValueError(f"cut at byte {at}")
    return struct.unpack_from("<" + form, data, at), at + size


def read_crc(body):
    (sfn, slot, count), at = take(body, 0, "HHH")
    crcs = []
    for _ in range(count):
        (handle, rnti, rapid, harq, status, nof_cb), at = take(body, at, "IHBBBH")
        blocks = body[at : at + (nof_cb + 7) // 8]
        at += len(blocks)
        (sinr, ta, ta_ns, rssi, rsrp), at = take(body, at, "hHhHH")
        crcs.append(dict(handle=handle, rnti=rnti, rapid=rapid, harq=harq, status=status, nof_cb=nof_cb,
                         failed=[i for i in range(nof_cb) if blocks[i // 8] >> (i % 8) & 1],
                         sinr_db=sinr * 0.002, ta=ta, ta_ns=ta_ns, rssi=rssi, rsrp=rsrp))
    return dict(message="CRC.indication", sfn=sfn, slot=slot, crcs=crcs), at


def read_rx_data(body):
    (sfn, slot, control, count), at = take(body, 0, "HHHH")
    pdus = []
    for _ in range(count):
        (handle, rnti, rapid, harq, size, tag), at = take(body, at, "IHBBIB")
        pdus.append(dict(handle=handle, rnti=rnti, harq=harq, tag=tag, pdu=body[at : at + size].hex()))
        at += size
    return dict(message="RX_DATA.indication", sfn=sfn, slot=slot, control=control, pdus=pdus), at


def main():
    data = open(sys.argv[1], "rb").read()
    at = 0
    while at < len(data):
        (count, phy, kind, size), at = take(data, at, "BBHI")
        body = data[at : at + size]
        message, used = {0x85: read_rx_data, 0x86: read_crc}[kind](body)
        if count != 1 or used != size or len(body) != size:
            raise ValueError(f"message of {size} bytes at {at} has fields of {used}")
        message["phy"] = phy
        print(json.dumps(message))
        at += size


main()
