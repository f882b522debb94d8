#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A first look at a capture with `import pado`: the grid, the blocks, the channel, and all of it without a schedule.

The capture is ten slots of a real UE's uplink (testvectors/ue_n3_10mhz). Cells begin with `# %%`, as editors with
notebooks know them.

usage: PYTHONPATH=build/release/python docs/examples/first_capture.py [FOLDER]     pictures go to FOLDER, else to first_capture/
"""
# %% What is in the capture: the cell, the schedule, the slots
import os
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import pado

capture = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../testvectors/ue_n3_10mhz")
recording = os.path.join(capture, "ul.sigmf-meta")
pictures = sys.argv[1] if len(sys.argv) > 1 else "first_capture"
os.makedirs(pictures, exist_ok=True)

cell = pado.read_cell_file(os.path.join(capture, "cell.yaml"))
schedule = pado.read_schedule(os.path.join(capture, "schedule.jsonl"))
slots = list(pado.open_source(recording, cell, schedule))
print(f"{cell.name}: {cell.scs_khz} kHz, {cell.nof_prb} PRB, {cell.nof_rx_ports} port, {len(slots)} slots")

# %% The resource grid: every slot through prefix removal and FFT
stages = pado.slot_stages(cell)
grids = [stages.front_end(slot) for slot in slots]  # [port][symbol][subcarrier][2], halves
power = np.concatenate([np.abs(pado.to_complex(grid)[0]) ** 2 for grid in grids])  # [symbol of all slots][subcarrier]
power_db = 10 * np.log10(power + 1e-12)
power_db -= power_db.max()


def content(slot):
    """What the schedule says of a slot, in a few words."""
    of_ue = [f"PUSCH {pdu.rb_size} PRB" for pdu in slot.scheduled.pusch]
    return "\n".join(of_ue + [pdu.kind for pdu in slot.scheduled.unsupported])


plt.rcParams.update({"figure.dpi": 100, "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
figure, axis = plt.subplots(figsize=(9, 4.2), layout="constrained")
image = axis.imshow(power_db.T, aspect="auto", origin="lower", vmin=-50, vmax=0, cmap="magma", interpolation="nearest",
                    extent=(0, len(slots), 0, cell.nof_prb))
for index, slot in enumerate(slots):
    axis.axvline(index, color="white", linewidth=0.6)
    axis.text(index + 0.5, cell.nof_prb + 0.8, content(slot), ha="center", va="bottom", fontsize=6.5)
axis.set_xticks(np.arange(len(slots)) + 0.5, [str(slot.slot) for slot in slots])
axis.tick_params(axis="x", length=0)
axis.set(xlabel="slot (SFN.slot), 14 symbols each", ylabel="PRB")
figure.colorbar(image, label="power of a resource element, dB below the strongest", pad=0.01)
figure.savefig(os.path.join(pictures, "grid.png"))

# %% The blocks: the whole receiver, slot by slot
receiver = pado.slot_receiver(cell)
nof_equal = nof_blocks = 0
print("\nslot    RNTI    PRB    order  bytes  CRC    SINR dB  TA us  CFO Hz  payload")
for slot in slots:
    report = receiver.decode(slot)
    for pusch in report.pusch:
        pdu, expected = pusch.pdu, slot.scheduled.expected[pusch.plan_index]
        is_equal = pusch.tb_crc_ok and pusch.payload == expected.payload
        nof_blocks += 1
        nof_equal += is_equal
        print(f"{str(slot.slot):7} {pdu.rnti:#06x}  {pdu.rb_start:2}-{pdu.rb_start + pdu.rb_size - 1:2}  {pdu.qam_mod_order:5}"
              f"  {len(pusch.payload):5}  {'ok' if pusch.tb_crc_ok else 'fails':5}  {pusch.sinr_db:7.1f}  {pusch.ta_us:5.2f}"
              f"  {pusch.cfo_hz:6.1f}  {'as scheduled' if is_equal else 'differs'}")
    for other in report.unsupported:
        print(f"{str(slot.slot):7} {other.rnti:#06x}  not decoded: {other.kind}, {other.why}")
print(f"{nof_equal} of {nof_blocks} transport blocks are those of the schedule")

# %% One PUSCH, stage by stage: what each hands to the next can be looked at, or replaced
slot, grid = max(((s, g) for s, g in zip(slots, grids) if s.scheduled.pusch),
                 key=lambda both: (both[0].scheduled.pusch[0].qam_mod_order, both[0].scheduled.pusch[0].rb_size))
program = stages.compile(slot.slot, slot.scheduled.pusch)
words = stages.gold(program)
ls = stages.dmrs_ls(program, words, grid)
h, info = stages.channel_estimate(program, ls)
llr, quality = stages.equalise(program, info, grid, h, words)
soft = stages.rate_dematch(program, llr)
block_bytes, block_status = stages.ldpc_decode(program, soft)
payload, tb_status = stages.tb_assemble(program, block_bytes, block_status)
print(f"\nslot {slot.slot} stage by stage: {len(program.blocks)} code blocks, iterations {block_status['iterations'].tolist()}, "
      f"CRC {'ok' if tb_status['crc_ok'][0] else 'fails'}, "
      f"payload {'as scheduled' if payload.tobytes() == slot.scheduled.expected[0].payload else 'differs'}")


# %% The same slot with noise of our own: an array is a slot, too
noisy = pado.to_complex(grid)
signal = np.mean(np.abs(noisy[noisy != 0]) ** 2)
random = np.random.default_rng(1)
noisy += np.sqrt(signal / 10 ** 2.4 / 2) * (random.standard_normal(noisy.shape) + 1j * random.standard_normal(noisy.shape))
noisy_grid = pado.to_half(noisy.astype(np.complex64))
noisy_slot = pado.uplink_slot(slot.slot, grid=noisy_grid)
pusch = receiver.decode(noisy_slot, slot.scheduled.pusch).pusch[0]
print(f"with noise: SINR {pusch.sinr_db:.1f} dB, {pusch.ldpc_iterations_mean:.1f} iterations, CRC {'ok' if pusch.tb_crc_ok else 'fails'}")


# %% Constellation and channel
def receive(slot, pdu, grid):
    """Program, pilots, channel on the DM-RS symbols and what was measured there."""
    program = stages.compile(slot.slot, [pdu])
    ls = stages.dmrs_ls(program, stages.gold(program), grid)
    return program, ls, *stages.channel_estimate(program, ls)


def equalise(slot, pdu, grid):
    """REs of a PUSCH behind a one-tap equaliser in NumPy, for one port and one layer; the channel is that of pado."""
    program, _, h, info = receive(slot, pdu, grid)
    on_dmrs, measured, task = program.estimates_of(0, h)[0, 0], info[0], program.estimates[0]
    weight = measured["weight"][:, :len(on_dmrs)]
    channel = measured["rotation"][:, None] * (weight @ np.where(weight.any(0)[:, None], on_dmrs, 0))
    received = pado.to_complex(grid)[0, :, 12 * task["prb_begin"]:12 * task["prb_end"]]
    is_data = [symbol in range(pdu.start_symbol, pdu.start_symbol + pdu.nof_symbols) and not pdu.dmrs_symbol_mask >> symbol & 1
               for symbol in range(14)]
    return (received[is_data] / channel[is_data]).ravel()


first, first_grid = next((s, g) for s, g in zip(slots, grids) if s.scheduled.pusch)
pdu = slot.scheduled.pusch[0]
blue, grey = "#1f5fa8", "#9a9a9a"
figure, axes = plt.subplots(1, 3, figsize=(9, 3.3), layout="constrained", sharex=True, sharey=True)
for axis, points, title in ((axes[0], equalise(first, first.scheduled.pusch[0], first_grid), f"slot {first.slot}: QPSK"),
                            (axes[1], equalise(slot, pdu, grid), f"slot {slot.slot}: 64QAM"),
                            (axes[2], equalise(noisy_slot, pdu, noisy_grid), f"with noise, SINR {pusch.sinr_db:.1f} dB")):
    axis.plot(points.real, points.imag, ".", markersize=3, alpha=0.5, markeredgewidth=0, color=blue)
    axis.set(title=title, xlabel="I", xlim=(-1.5, 1.5), ylim=(-1.5, 1.5))
    axis.set_box_aspect(1)
    axis.grid(alpha=0.25)
axes[0].set_ylabel("Q")
figure.savefig(os.path.join(pictures, "constellation.png"))

program, ls, h, info = receive(noisy_slot, pdu, noisy_grid)
pilots, estimate = program.pilots_of(0, ls)[0, 0, 0], program.estimates_of(0, h)[0, 0, 0]
subcarrier = np.arange(12 * program.estimates[0]["prb_begin"], 12 * program.estimates[0]["prb_end"])
on_pilots = subcarrier[program.estimates[0]["delta"][0]::2]
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
for axis, of, label in ((left, lambda x: 20 * np.log10(np.abs(x)), "|h|, dB"),
                        (middle, lambda x: np.unwrap(np.angle(x)) / (2 * np.pi), "phase of h, turns")):
    axis.plot(on_pilots, of(pilots), ".", markersize=4, markeredgewidth=0, color=grey, label="least squares")
    axis.plot(subcarrier, of(estimate), color=blue, label="channel estimate")
    axis.set(xlabel="subcarrier", ylabel=label)
    axis.grid(alpha=0.25)
left.set(title="first DM-RS symbol, with noise")
left.legend(frameon=False, loc="lower right")
# Delay profile: the estimate over frequency, windowed against side lobes, into delay.
taps = np.abs(np.fft.ifft(estimate * np.hanning(len(estimate)), 4096))
delay_us = np.fft.fftfreq(4096, cell.scs_khz * 1e3) * 1e6
order = np.argsort(delay_us)
right.plot(delay_us[order], 20 * np.log10(taps[order] / taps.max() + 1e-6), color=blue)
right.axvline(pusch.ta_us, color=grey, linestyle="--", linewidth=1, label=f"TA {pusch.ta_us:.2f} us")
right.set(xlim=(-3, 3), ylim=(-50, 3), xlabel="delay, us", ylabel="dB", title="delay profile")
right.legend(frameon=False)
right.grid(alpha=0.25)
figure.savefig(os.path.join(pictures, "channel.png"))

# %% Without a schedule: who was there?
found = pado.discover(recording, cell)
print(f"\nwithout a schedule: {found.nof_loud_slots} of {found.nof_slots} slots hold something")
for ue in found.ues.values():
    print(f"  UE {ue.rnti:#06x}: {len(ue.pusch)} PUSCH found, {ue.nof_proven} proven by CRC")
granted = {(slot.slot, pusch.rnti): expected.payload
           for slot in slots for pusch, expected in zip(slot.scheduled.pusch, slot.scheduled.expected)}
nof_same = sum(one.is_proven and one.report.payload == granted.get((one.slot, one.pdu.rnti)) for one in found.pusch)
print(f"  {nof_same} of the {len(granted)} blocks that the schedule grants, to the byte")
