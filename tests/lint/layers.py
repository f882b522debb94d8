#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads every #include and fails on an arrow that docs/style.md, section 1, forbids."""
import pathlib
import re
import sys

ALLOWED = {
    "core": {"core"},
    "io": {"io", "core"},
    "phy": {"phy", "core"},
    "models": {"models", "core"},
    "mac": {"mac", "core"},
    "pipeline": {"pipeline", "io", "phy", "models", "mac", "core"},
    "apps": {"apps", "pipeline", "io", "phy", "models", "mac", "core"},
    "python": {"python", "apps", "pipeline", "io", "phy", "models", "mac", "core"},
}
# header prefix -> folders (or file suffixes) that may include it
EXTERNAL = [
    (r"rte_", ["io/dpdk/"]),
    (r"boost/asio|boost/beast", ["io/udp/", "io/raw/", "apps/", "pipeline/"]),
    (r"cuda|cufft|cub/|nvtx", ["core/cuda/", "_cuda.cu"]),
    (r"fftw3", ["phy/fft/"]),
    (r"pcap", ["io/pcap/"]),
    (r"openvino/", ["models/openvino/"]),
    (r"CLI/", ["apps/"]),
    (r"pybind11/|Python\.h", ["python/"]),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')


def problems_of(root, path):
    relative = path.relative_to(root).as_posix()
    layer = relative.split("/")[0]
    found = []
    lines = path.read_text().splitlines()
    if not lines or "SPDX-License-Identifier: Apache-2.0" not in lines[0]:
        found.append((1, "the first line must be // SPDX-License-Identifier: Apache-2.0"))
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        if quote == '"':
            target = name.split("/")[0]
            if layer in ALLOWED and target not in ALLOWED[layer]:
                found.append((number, f"{layer}/ must not include {name}"))
            if not (root / name).exists():
                found.append((number, f"{name} is not a path from the root"))
        elif layer in ALLOWED:
            for pattern, places in EXTERNAL:
                if re.match(pattern, name) and not any(p in relative for p in places):
                    found.append((number, f"<{name}> belongs only in {', '.join(places)}"))
    return [f"{relative}:{number}: {what}" for number, what in found]


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    problems = []
    count = 0
    for folder in [*ALLOWED, "tests", "bench"]:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cpp", ".cu"):
                count += 1
                problems += problems_of(root, path)
    print("\n".join(problems))
    print(f"{count} files, {len(problems)} problems")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
