// SPDX-License-Identifier: Apache-2.0
// links: pado_formats
#include "apps/cell_file.h"
#include "tests/fuzz/fuzz_check.h"

using pado::fuzz::require;

/// Any text is a cell or one error; what was read is written and read back.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = pado::apps::parse_cell_file(text, "fuzz");
  if (!read) {
    require(!read.failure().text().empty());
    return 0;
  }
  const std::string written = pado::apps::write_cell_file(read.value());
  const auto again = pado::apps::parse_cell_file(written, "again");
  require(again && pado::apps::write_cell_file(again.value()) == written);
  return 0;
}
