#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: format.sh CLANG_FORMAT ROOT: fails when a file is not formatted as .clang-format says
cd "$2" && git ls-files '*.h' '*.cpp' '*.cu' | xargs "$1" --dry-run -Werror
