#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles every header by itself, with the flags of the build. Device-only headers are left to nvcc."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys


def compile_alone(compiler, root, flags, header):
    relative = header.relative_to(root).as_posix()
    command = [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", f"-I{root}", *flags, "-x", "c++",
               "-include", relative, os.devnull]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root)
    return relative, done.returncode, done.stderr


def main():
    compiler, root, *flags = sys.argv[1:]
    root = pathlib.Path(root).resolve()
    headers = []
    for folder in ("core", "io", "phy", "models", "mac", "pipeline", "apps"):
        headers += [h for h in sorted((root / folder).rglob("*.h"))
                    if "/cuda/" not in h.as_posix() and "/dpdk/" not in h.as_posix() and "/openvino/" not in h.as_posix()]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for relative, code, text in pool.map(lambda h: compile_alone(compiler, root, flags, h), headers):
            if code != 0:
                failed += 1
                print(f"{relative} does not compile alone:\n{text}")
    print(f"{len(headers)} headers, {failed} do not compile alone")
    return 1 if failed or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
