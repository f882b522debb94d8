#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the hand-made seeds of the fuzz corpora: small, valid frames of every kind. Standard library only.

Usage: make_seeds.py CORPUS_DIR.  Files named seed_*; what the fuzzer found and kept lies beside them.
"""
import os
import struct
import sys

MACS = bytes([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2])


def ethernet(pdu, tags=b""):
    return MACS + tags + b"\xae\xfe" + pdu


def ipv4(pdu):
    udp = struct.pack(">HHHH", 40000, 50000, 8 + len(pdu), 0) + pdu
    return MACS + b"\x08\x00" + struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, 1, 2) + udp


def ipv6(pdu):
    udp = struct.pack(">HHHH", 40000, 50000, 8 + len(pdu), 0) + pdu
    return MACS + b"\x86\xdd" + struct.pack(">IHBB", 0x60000000, len(udp), 17, 64) + bytes(32) + udp


def message(kind, body, more=0):
    return bytes([0x10 | more, kind]) + struct.pack(">H", len(body)) + body


def ids(eaxc, sequence):
    return struct.pack(">HBB", eaxc, sequence, 0x80)


def app(symbol, slot=0, subframe=0, frame=0, direction=0, filter_index=0):
    return struct.pack(">BBH", direction << 7 | 0x10 | filter_index, frame, subframe << 12 | slot << 6 | symbol)


def section(begin, count):
    return struct.pack(">I", begin << 8 | count)


PRB = bytes([3]) + bytes(range(27))


def user(eaxc, symbol, sequence, begin=0, count=1, dynamic=False, **where):
    header = section(begin, count) + (b"\x91\x00" if dynamic else b"")
    return message(0, ids(eaxc, sequence) + app(symbol, **where) + header + PRB * count)


def control(kind):
    common = app(0) + bytes([1, kind])
    own = {0: bytes(6), 1: bytes([0x91, 0]), 3: bytes([0, 0, 0xC1, 0, 0, 0x91]), 5: bytes(2), 6: bytes(2)}[kind]
    rest = section(0, 0) + b"\xff\xfe\x80\x00" + (b"\0\0\0\0" if kind == 3 else b"")
    return message(2, ids(1, 0) + common + own + rest + b"\x04\x01\x00\x00")


def stream(flag, frames):
    out = bytes(flag)
    for frame in frames:
        padded = frame + bytes(-len(frame) % 4)
        out += bytes([len(padded) // 4, 3]) + padded
    return out


def main(folder):
    frames = {
        "user": ethernet(user(0, 3, 0, count=2)),
        "dynamic": ethernet(user(0, 3, 0, count=2, dynamic=True), b"\x81\x00\xe0\x03"),
        "qinq": ethernet(user(1, 3, 0), b"\x88\xa8\x00\x07\x81\x00\xe0\x03"),
        "two": ethernet(message(0, ids(0, 1) + app(2) + section(0, 1) + PRB + section(4, 1) + PRB)),
        "concatenated": ethernet(message(0, ids(0, 1) + app(2) + section(0, 1) + PRB, 1) + user(1, 2, 0)),
        "ipv4": ipv4(user(0, 4, 0)),
        "ipv6": ipv6(user(0, 4, 0)),
        "delay": ethernet(message(5, bytes(20))),
        "prach": ethernet(user(4, 0, 0, filter_index=3)),
    }
    for kind in (0, 1, 3, 5, 6):
        frames["control%d" % kind] = ethernet(control(kind))
    slot = [ethernet(user(port, symbol, symbol, slot=s)) for s in (0, 1) for symbol in (0, 7, 13) for port in (0, 1)]
    sets = {
        "frame_fuzz": frames,
        "assembler_fuzz": {"static": stream([0], slot + list(frames.values())), "dynamic": stream([1], frames.values()),
                           "kept": stream([2], slot * 2)},
        "survey_fuzz": {"all": stream([], frames.values()), "slot": stream([], slot)},
    }
    for target, seeds in sets.items():
        os.makedirs(os.path.join(folder, target), exist_ok=True)
        for name, data in seeds.items():
            with open(os.path.join(folder, target, "seed_" + name), "wb") as file:
                file.write(data)


if __name__ == "__main__":
    main(sys.argv[1])
