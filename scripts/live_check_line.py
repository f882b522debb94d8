# SPDX-License-Identifier: Apache-2.0
"""The line of scripts/live-check, out of what pado ru and pado run printed.
usage: live_check_line.py PORT FOLDER [JSON_FILE]   exit 1: a frame is unaccounted, or no block was decoded"""
import json
import pathlib
import sys


def last_object(path, key):
    """The last JSON line that has a key, or None."""
    found = None
    with path.open() as lines:
        for line in lines:
            value = json.loads(line)
            if key in value:
                found = value
    return found


def offline_blocks(path):
    """(blocks, failed) of pado replay."""
    ues = last_object(path, "summary")["ues"]
    blocks = sum(ue["tb"] for ue in ues)
    return blocks, blocks - sum(ue["tb_ok"] for ue in ues)


def memory_kib(path):
    """Resident memory of each process, receiver first: after the first 10 s, most, and at the end. None for a short run."""
    samples = [[int(word) for word in line.split()] for line in path.read_text().splitlines()] if path.exists() else []
    samples = [sample for sample in samples if len(sample) == len(samples[0])]
    return [{"first": one[0], "most": max(one), "last": one[-1]} for one in zip(*samples)] or None


def rate(blocks, failed):
    return failed / blocks if blocks else 1.0


def main():
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    unit = last_object(folder / "ru.json", "frames_sent")
    run = last_object(folder / "run.json", "summary")
    if unit is None or run is None:
        print(f"{name}: no summary of {'pado ru' if unit is None else 'pado run'}")
        return 1
    frames = run["packets"]["frames"]
    dropped = {reason: count for reason, count in frames["dropped"].items() if count}
    cells = run["cells"]

    def total(key):
        return sum(cell[key] for cell in cells)

    seen = {
        "port": name,
        "seconds": round(run["elapsed_s"], 1),
        "sent": unit["frames_sent"],
        "received": frames["received"],
        "lost_by_port": run["port_counts"]["lost"],
        "accepted": frames["accepted"],
        "dropped": dropped,
        "slots": total("slots_decoded"),
        "slots_not_decoded": total("slots_not_received") + total("slots_shed"),
        "deadline_misses": total("deadline_misses"),
        "cplane_sent": total("cplane_sent"),
        "cplane_late": total("cplane_late"),
        "blocks": total("tb"),
        "blocks_failed": total("tb_failed"),
        "air_to_report_us": run["latency_us"]["air_to_report"],
    }
    complete = last_object(folder / "run.json", "complete_slots")["complete_slots"]
    seen["blocks_complete"], seen["blocks_complete_failed"] = complete["blocks"], complete["failed"]
    seen["blocks_offline"], seen["blocks_offline_failed"] = offline_blocks(folder / "offline.json")
    injected = {kind: count for kind, count in unit["injected"].items() if count}
    if injected:
        seen["frames_made"], seen["injected"] = unit["frames_made"], injected
        seen["slots_incomplete"], seen["slots_not_received"] = total("slots_incomplete"), total("slots_not_received")
        seen["flows"] = run["flows"]
    seen["memory_kib"] = memory_kib(folder / "memory")
    # What the receiver's port dropped for lack of room is accounted: by the port.
    seen["unaccounted"] = abs(seen["sent"] - seen["received"] - seen["lost_by_port"]) + abs(
        seen["received"] - seen["accepted"] - sum(dropped.values()))
    print(f"{name}: frames sent {seen['sent']}, received {seen['received']}, lost by the port {seen['lost_by_port']}, "
          f"accepted {seen['accepted']}, dropped {dropped or 0}, unaccounted {seen['unaccounted']}; slots {seen['slots']}, "
          f"not decoded {seen['slots_not_decoded']}, deadline misses {seen['deadline_misses']}; blocks {seen['blocks']}, "
          f"error rate {rate(seen['blocks'], seen['blocks_failed']):.4f}, of complete slots "
          f"{rate(seen['blocks_complete'], seen['blocks_complete_failed']):.4f}, offline "
          f"{rate(seen['blocks_offline'], seen['blocks_offline_failed']):.4f}")
    if len(sys.argv) > 3 and sys.argv[3]:
        pathlib.Path(sys.argv[3]).write_text(json.dumps(seen, indent=1) + "\n")
    return 0 if seen["unaccounted"] == 0 and seen["blocks"] > seen["blocks_failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
