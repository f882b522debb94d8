// SPDX-License-Identifier: Apache-2.0
// links: pado_formats
#include "apps/schedule_file.h"
#include "tests/fuzz/fuzz_check.h"

using pado::fuzz::require;

/// Any text is a schedule or one error; what was read is written and read back.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = pado::apps::parse_schedule(text, "fuzz");
  if (!read) {
    require(!read.failure().text().empty());
    return 0;
  }
  for (const pado::apps::scheduled_slot& slot : read.value().slots) {
    require(slot.expected.size() == slot.plan.pusch.size());
    const std::string line = pado::apps::write_schedule_line(slot, {0});
    const auto again = pado::apps::parse_schedule(line, "again");
    require(again && again.value().slots[0].plan.pusch.size() == slot.plan.pusch.size());
    require(pado::apps::write_schedule_line(again.value().slots[0], {0}) == line);
  }
  return 0;
}
