#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Simulated uplinks for training and judging models of the hook link_quality. NumPy only, no file is read but the
threshold table beside this script.

One run is many UEs side by side, each with its own fading, interference, receiver and schedule. Per uplink occasion the
closed loop is the real one: reports arrive two occasions late, the hook's features are made from them, a policy chooses
the MCS, the channel decides. docs/models.md describes the features, MODEL.md the scenarios.
"""
import dataclasses
import pathlib
import re

import numpy as np

HISTORY = 12
CARRIER_HZ = 3.5e9
SLOT_S = 0.5e-3  # 30 kHz

# TS 38.214, Table 5.1.3.1-1 (mcs_table 0): modulation order and 1024 R.
ORDER = np.array([2] * 10 + [4] * 7 + [6] * 12)
RATE = np.array([120, 157, 193, 251, 308, 379, 449, 526, 602, 679, 340, 378, 434, 490, 553, 616, 658, 438, 466, 517, 567,
                 616, 666, 719, 772, 822, 873, 910, 948]) / 1024.0
EFFICIENCY = (ORDER * RATE).astype(np.float32)
NOF_MCS = len(EFFICIENCY)

# Defaults of classical_config.
SLOPE, GAP_DB, FORGETTING, SPREAD_FLOOR_DB, CORRECTION_STEP_DB, MAX_OFFSET_DB = 4.0, 1.0, 0.7, 0.5, 0.3, 10.0


def required_db():
    """[mcs] SINR of P = 1/2, as plan_classical makes it."""
    text = (pathlib.Path(__file__).parent / "mcs_threshold_data.h").read_text()
    table = re.search(r"5\.1\.3\.1-1\s*\{([^}]*)\}", text).group(1)
    return np.array([float(x.rstrip("F")) for x in table.replace("\n", " ").split(",")], np.float32) + np.float32(GAP_DB)


REQUIRED_DB = required_db()


def logistic(x):
    return 1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0)))


@dataclasses.dataclass
class Scenario:
    """Ranges from which every UE draws its own values."""

    name: str
    speed_kmh: tuple = (3.0, 120.0)
    snr_db: tuple = (0.0, 26.0)
    rx_ports: int = 4
    bins: int = 4
    walk_db: tuple = None  # instead of Rayleigh fading: standard deviation of a Gauss-Markov walk in dB (shadowing)
    walk_slots: tuple = (10.0, 200.0)  # its correlation time
    interference: str = "none"  # none, periodic, markov
    periods: tuple = (3, 4, 6, 7)  # occasions, of a periodic interferer
    stay: tuple = (0.7, 0.95)  # of the Markov interferer, per occasion
    mismatch_db: tuple = (-2.0, 2.0)  # reported minus true SINR
    noise_db: tuple = (0.3, 1.0)  # of one report
    slope: tuple = (2.0, 6.0)
    activity: tuple = (1.0, 0.5, 0.2)  # part of the occasions that the UE is granted
    slots: int = 5  # from one uplink occasion to the next
    delay: int = 2  # occasions from a transmission to the first one that its report can steer
    spread_db: float = 0.5  # standard deviation of what each MCS of each receiver needs around the table


TRAINING = [
    Scenario("fading"),
    Scenario("fading, every slot", slots=1, delay=5, activity=(0.5, 0.25)),
    Scenario("fading, every 2nd slot", slots=2, delay=3),
    Scenario("walk", walk_db=(1.0, 5.0)),
    Scenario("walk, every slot", walk_db=(1.0, 5.0), slots=1, delay=4, activity=(1.0, 0.25)),
    Scenario("slow", speed_kmh=(1.0, 10.0)),
    Scenario("slow, every slot", speed_kmh=(1.0, 30.0), slots=1, delay=4, activity=(1.0, 0.25)),
    Scenario("little diversity", rx_ports=2, bins=2),
    Scenario("least diversity", rx_ports=1, bins=2, activity=(1.0,)),
    Scenario("periodic", interference="periodic", speed_kmh=(1.0, 60.0), activity=(1.0,)),
    Scenario("periodic, slow", interference="periodic", speed_kmh=(1.0, 20.0), activity=(1.0,)),
    Scenario("random", interference="markov", speed_kmh=(1.0, 60.0)),
    Scenario("random, slow", interference="markov", speed_kmh=(1.0, 10.0), activity=(1.0,)),
    Scenario("random, every slot", interference="markov", slots=1, delay=4, speed_kmh=(1.0, 60.0)),
]
HELD_OUT = [
    Scenario("3 km/h", speed_kmh=(3.0, 3.0), mismatch_db=(0.0, 0.0), activity=(1.0,)),
    Scenario("30 km/h", speed_kmh=(30.0, 30.0), mismatch_db=(0.0, 0.0), activity=(1.0,)),
    Scenario("120 km/h", speed_kmh=(120.0, 120.0), mismatch_db=(0.0, 0.0), activity=(1.0,)),
    Scenario("30 km/h, granted 1 of 5", speed_kmh=(30.0, 30.0), mismatch_db=(0.0, 0.0), activity=(0.2,)),
    Scenario("30 km/h, every slot, granted 1 of 4", speed_kmh=(30.0, 30.0), mismatch_db=(0.0, 0.0), slots=1, delay=4,
             activity=(0.25,)),
    Scenario("30 km/h, 2 ports, 1 bin", speed_kmh=(30.0, 30.0), mismatch_db=(0.0, 0.0), rx_ports=2, bins=1, activity=(1.0,)),
    Scenario("30 km/h, report 3 dB high", speed_kmh=(30.0, 30.0), mismatch_db=(3.0, 3.0), activity=(1.0,)),
    Scenario("30 km/h, report 3 dB low", speed_kmh=(30.0, 30.0), mismatch_db=(-3.0, -3.0), activity=(1.0,)),
    Scenario("walk of 3 dB over 50 slots", walk_db=(3.0, 3.0), walk_slots=(50.0, 50.0), mismatch_db=(0.0, 0.0),
             activity=(1.0,)),
    Scenario("interferer every 5th, 10 km/h", speed_kmh=(10.0, 10.0), interference="periodic", periods=(5,),
             mismatch_db=(0.0, 0.0), activity=(1.0,)),
    Scenario("interferer at random, 3 km/h", speed_kmh=(3.0, 3.0), interference="markov", stay=(0.8, 0.8),
             mismatch_db=(0.0, 0.0), activity=(1.0,)),
]


def gauss_markov_db(scenario, nof_ues, nof_occasions, rng):
    """[ue][occasion] SINR in dB whose past beyond the last value says nothing."""
    kept = np.exp(-scenario.slots / rng.uniform(*scenario.walk_slots, nof_ues))
    deviation = rng.uniform(*scenario.walk_db, nof_ues)
    db = np.empty((nof_ues, nof_occasions))
    db[:, 0] = deviation * rng.standard_normal(nof_ues)
    for t in range(1, nof_occasions):
        db[:, t] = kept * db[:, t - 1] + np.sqrt(1 - kept**2) * deviation * rng.standard_normal(nof_ues)
    return db + rng.uniform(*scenario.snr_db, nof_ues)[:, None]


def sinr_process(scenario, nof_ues, nof_occasions, rng):
    """[ue][occasion] true SINR in dB: Rayleigh fading (sum of sinusoids), maximum ratio combining, capacity mean."""
    if scenario.walk_db is not None:
        return gauss_markov_db(scenario, nof_ues, nof_occasions, rng)
    speed = rng.uniform(*scenario.speed_kmh, nof_ues) / 3.6
    doppler = speed * CARRIER_HZ / 299792458.0
    snr = 10 ** (rng.uniform(*scenario.snr_db, nof_ues) / 10)
    t = np.arange(nof_occasions) * SLOT_S * scenario.slots
    capacity = np.zeros((nof_ues, nof_occasions))
    nof_paths = 8
    for _ in range(scenario.bins):
        gain = np.zeros((nof_ues, nof_occasions))
        for _ in range(scenario.rx_ports):
            angle = rng.uniform(0, 2 * np.pi, (nof_ues, nof_paths))
            phase = rng.uniform(0, 2 * np.pi, (nof_ues, nof_paths))
            h = np.zeros((nof_ues, nof_occasions), np.complex64)
            for path in range(nof_paths):
                rate = 2 * np.pi * doppler * np.cos(angle[:, path])
                h += np.exp(1j * (rate[:, None] * t + phase[:, path, None])).astype(np.complex64)
            gain += (np.abs(h) ** 2) / nof_paths
        capacity += np.log2(1 + snr[:, None] * gain / scenario.rx_ports) / scenario.bins
    sinr = 2**capacity - 1
    return 10 * np.log10(np.maximum(sinr / (1 + interference(scenario, nof_ues, nof_occasions, rng)), 1e-3))


def interference(scenario, nof_ues, nof_occasions, rng):
    """[ue][occasion] interference over noise, linear."""
    level = 10 ** (rng.uniform(6.0, 14.0, nof_ues) / 10)
    if scenario.interference == "periodic":
        period = rng.choice(scenario.periods, nof_ues)
        shift = rng.integers(0, 64, nof_ues)
        on = (np.arange(nof_occasions)[None, :] + shift[:, None]) % period[:, None] == 0
    elif scenario.interference == "markov":
        stay = rng.uniform(*scenario.stay, nof_ues)
        moves = rng.uniform(size=(nof_ues, nof_occasions)) > stay[:, None]
        on = (np.cumsum(moves, axis=1) + rng.integers(0, 2, nof_ues)[:, None]) % 2 == 1
    else:
        on = np.zeros((nof_ues, nof_occasions), bool)
    return level[:, None] * on


class Features:
    """The tensors of docs/models.md for a batch, as the hook makes them."""

    NAMES = ("sinr_db", "age_slots", "ack", "mcs", "required_db", "coherence", "offset_db", "mcs_required_db",
             "classical_probability")

    def __init__(self, nof_ues):
        zeros = lambda: np.zeros((nof_ues, HISTORY), np.float32)
        self.sinr_db, self.age_slots, self.ack, self.required_db, self.coherence = (zeros() for _ in range(5))
        self.mcs = np.full((nof_ues, HISTORY), -1, np.float32)
        self.offset_db = np.zeros((nof_ues, 1), np.float32)
        self.mcs_required_db = np.tile(REQUIRED_DB, (nof_ues, 1))
        self.classical_probability = np.zeros((nof_ues, NOF_MCS), np.float32)

    def grow_older(self, slots):
        self.age_slots += slots * (self.mcs >= 0)

    def push(self, which, age, sinr_db, ack, mcs):
        for name, value in (("sinr_db", np.clip(sinr_db, -30, 60)), ("age_slots", age), ("ack", ack), ("mcs", mcs),
                            ("required_db", REQUIRED_DB[mcs]), ("coherence", 1 / (1 + 10 ** (-sinr_db / 10)))):
            array = getattr(self, name)
            array[which, 1:] = array[which, :-1]
            array[which, 0] = value

    def predict_classical(self):
        self.classical_probability = classical(self)

    def copy(self):
        other = Features(0)
        for name in self.NAMES:
            setattr(other, name, getattr(self, name).copy())
        return other


def classical(f):
    """classical_engine::run."""
    exists = f.mcs >= 0
    weight = exists * FORGETTING ** np.arange(HISTORY, dtype=np.float32)
    total = np.maximum(weight.sum(1), 1e-9)
    mean = (weight * f.sinr_db).sum(1) / total
    variance = np.maximum((weight * f.sinr_db**2).sum(1) / total - mean**2, 0) + SPREAD_FLOOR_DB**2
    slope = SLOPE / np.sqrt(1 + np.pi / 8 * SLOPE**2 * variance)
    p = logistic(slope[:, None] * (mean[:, None] + f.offset_db - f.mcs_required_db))
    return (p * exists[:, :1]).astype(np.float32)


def best_mcs(probability):
    """choose_mcs on advice: largest expected throughput among MCS with P >= 1/2."""
    value = np.where(probability >= 0.5, probability * EFFICIENCY, 0.0)
    return np.argmax(value, axis=1)


class OuterLoop:
    """mac's outer loop, for comparison."""

    def __init__(self, nof_ues, step_db, target, gap_db=2.0, forgetting=0.5):
        self.needed = 10 * np.log10(2.0**EFFICIENCY - 1) + gap_db
        self.down, self.up, self.forgetting = step_db, step_db * target / (1 - target), forgetting
        self.sinr = np.full(nof_ues, np.nan)
        self.offset = np.zeros(nof_ues)

    def choose(self):
        fits = self.needed[None, :] <= (np.nan_to_num(self.sinr, nan=-99.0) + self.offset)[:, None]
        return np.argmax(np.where(fits, EFFICIENCY, 0.0), axis=1)

    def observe(self, which, sinr_db, ack):
        moved = self.offset[which] + np.where(ack > 0, self.up, -self.down)
        self.offset[which] = np.clip(moved, -15, 15)
        old = self.sinr[which]
        self.sinr[which] = np.where(np.isnan(old), sinr_db, self.forgetting * old + (1 - self.forgetting) * sinr_db)


@dataclasses.dataclass
class Run:
    """What a run leaves: [occasion][ue], and features of sampled occasions."""

    granted: np.ndarray
    mcs: np.ndarray
    ack: np.ndarray
    p_model: np.ndarray
    p_classical: np.ndarray
    samples: list


def run(scenario, nof_ues, nof_occasions, seed, policy="classical", model=None, explore=0.0, sample_every=0, loop=None):
    """One closed-loop run.

    policy    whose P(success) chooses the MCS: classical, model or outer_loop (then `loop` is an OuterLoop)
    model     Features -> [ue][mcs], scored beside the classical value whatever the policy
    explore   part of the grants whose MCS is moved by up to 4 steps, so that training sees what a policy avoids
    """
    rng = np.random.default_rng(seed)
    sinr = sinr_process(scenario, nof_ues, nof_occasions, rng)
    mismatch = rng.uniform(*scenario.mismatch_db, nof_ues)
    noise = rng.uniform(*scenario.noise_db, nof_ues)
    slope = rng.uniform(*scenario.slope, nof_ues)
    activity = rng.choice(scenario.activity, nof_ues)
    needed_db = REQUIRED_DB[None, :] + scenario.spread_db * rng.standard_normal((nof_ues, NOF_MCS))
    f = Features(nof_ues)
    shape = (nof_occasions, nof_ues)
    out = Run(np.zeros(shape, bool), np.zeros(shape, int), np.zeros(shape, bool), np.full(shape, np.nan, np.float32),
              np.full(shape, np.nan, np.float32), [])
    everyone = np.arange(nof_ues)
    for t in range(nof_occasions):
        f.grow_older(scenario.slots)
        if t >= scenario.delay:
            at = t - scenario.delay
            who = np.flatnonzero(out.granted[at])
            reported = sinr[who, at] + mismatch[who] + noise[who] * rng.standard_normal(len(who))
            ack = out.ack[at, who]
            step = CORRECTION_STEP_DB * (ack - np.nan_to_num(out.p_classical[at, who]))
            f.offset_db[who, 0] = np.clip(f.offset_db[who, 0] + step, -MAX_OFFSET_DB, MAX_OFFSET_DB)
            f.push(who, scenario.delay * scenario.slots, reported, np.where(ack, 1, -1), out.mcs[at, who])
            if loop is not None:
                loop.observe(who, reported, np.where(ack, 1, -1))
        f.predict_classical()
        probability = model(f) if model is not None else None
        mcs = loop.choose() if policy == "outer_loop" else best_mcs(probability if policy == "model" else f.classical_probability)
        moved = rng.uniform(size=nof_ues) < explore
        mcs = np.clip(mcs + moved * rng.integers(-4, 5, nof_ues), 0, NOF_MCS - 1)
        p_true = logistic(slope[:, None] * (sinr[:, t, None] - needed_db))
        out.granted[t] = rng.uniform(size=nof_ues) < activity
        out.mcs[t] = mcs
        out.ack[t] = rng.uniform(size=nof_ues) < p_true[everyone, mcs]
        out.p_classical[t] = f.classical_probability[everyone, mcs]
        if probability is not None:
            out.p_model[t] = probability[everyone, mcs]
        if sample_every and t > scenario.delay and t % sample_every == 0:
            seen = f.mcs[:, 0] >= 0
            kept = f.copy()
            for name in Features.NAMES:
                setattr(kept, name, getattr(kept, name)[seen])
            out.samples.append((kept, p_true[seen].astype(np.float32)))
    return out
