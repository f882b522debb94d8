// SPDX-License-Identifier: Apache-2.0
// links: pado_formats
#include "apps/fapi_messages.h"
#include "apps/import_schedule.h"
#include "apps/schedule_file.h"
#include "tests/fuzz/fuzz_check.h"

using pado::fuzz::require;

/// Any text is a log: each line is counted once, and what comes out is a schedule that is read back whole.
/// The same text as FAPI messages.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  pado::apps::import_schedule schedule;
  pado::apps::log_remarks remarks;
  pado::apps::gnb_log_reader reader(
      "fuzz", [&](const pado::apps::gnb_log_entry& entry) { schedule.add(entry, "fuzz: ", remarks); });
  reader.feed(text);
  reader.finish();
  const pado::apps::gnb_log_counts& counts = reader.counts();
  require(counts.lines == counts.of_entries + counts.elsewhere + counts.not_understood);
  require(counts.not_understood == reader.remarks().count());
  const auto messages = pado::apps::read_fapi_messages(text, "fuzz", schedule, remarks);
  require(!messages || messages.value().messages == messages.value().ul_tti + messages.value().elsewhere +
                                                        messages.value().not_understood);
  schedule.finish(remarks);
  const std::string lines = schedule.lines({});
  if (schedule.nof_slots() > 0) {
    const auto read = pado::apps::parse_schedule(lines, "fuzz");
    require(static_cast<bool>(read));
    require(static_cast<std::int64_t>(read.value().slots.size()) == schedule.nof_slots());
  }
  return 0;
}
