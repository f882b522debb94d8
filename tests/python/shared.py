# SPDX-License-Identifier: Apache-2.0
"""What the tests of the Python module share: paths, and references written from the 3GPP text in NumPy."""
import os

import numpy as np

import pado

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
CUT = os.path.join(ROOT, "testvectors/ue_n3_10mhz")
RECORDING = os.path.join(CUT, "ul.sigmf-meta")
CASES = os.path.join(ROOT, "testvectors/cases")


def cut_cell():
    return pado.read_cell_file(os.path.join(CUT, "cell.yaml"))


def cut_schedule():
    return pado.read_schedule(os.path.join(CUT, "schedule.jsonl"))


def cut_slots():
    return list(pado.open_source(RECORDING, cut_cell(), cut_schedule()))


def slot_with_pusch(qam_mod_order=2):
    return next(s for s in cut_slots() if s.scheduled.pusch and s.scheduled.pusch[0].qam_mod_order == qam_mod_order)


def gold(c_init, nof_bits):
    """c(0), c(1), ... of TS 38.211, 5.2.1."""
    n = 1600 + nof_bits
    x1, x2 = np.zeros(n + 31, np.uint8), np.zeros(n + 31, np.uint8)
    x1[0] = 1
    x2[:31] = [(c_init >> i) & 1 for i in range(31)]
    for i in range(n):
        x1[i + 31] = x1[i + 3] ^ x1[i]
        x2[i + 31] = x2[i + 3] ^ x2[i + 2] ^ x2[i + 1] ^ x2[i]
    return (x1 ^ x2)[1600:n]


def crc(polynomial, length, bits):
    """Remainder of TS 38.212, 5.1, bit by bit; polynomial without its leading coefficient."""
    register = 0
    for bit in bits:
        register = (register << 1) ^ ((int(bit) ^ (register >> (length - 1))) & 1) * ((1 << length) | polynomial)
    return register & ((1 << length) - 1)


def halves_as_complex(halves):
    return halves[..., 0].astype(np.float64) + 1j * halves[..., 1].astype(np.float64)
