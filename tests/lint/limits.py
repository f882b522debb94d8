#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""File length limit of docs/style.md, section 9: 400 lines, constant tables (*_tables.*, *_table.*) excepted; no TODO."""
import pathlib
import re
import sys


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    problems = []
    count = 0
    for folder in ("core", "io", "phy", "models", "mac", "pipeline", "apps", "python", "tests", "bench"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".cpp", ".cu"):
                continue
            count += 1
            relative = path.relative_to(root).as_posix()
            lines = path.read_text().splitlines()
            if len(lines) > 400 and not re.search(r"_tables?\.(h|cpp)$", relative):
                problems.append(f"{relative}: {len(lines)} lines, at most 400")
            for number, line in enumerate(lines, 1):
                if re.search(r"\b(TODO|FIXME|XXX)\b", line):
                    problems.append(f"{relative}:{number}: unfinished mark")
    print("\n".join(problems))
    print(f"{count} files, {len(problems)} problems")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
