// SPDX-License-Identifier: Apache-2.0
#include "apps/capture_fit.h"
#include "io/assembly/slot_assembler.h"
#include "io/pcap/pcap_reader.h"
#include <algorithm>

namespace pado::apps {

namespace {

/// How much of the capture is looked at.
enum class extent : std::uint8_t { first_message, all };

/// The soonest arrival in the grid's flows, against the symbol that config's sfn0_ns gives it.
result<std::optional<std::int64_t>>
soonest_ns(const std::string& path, const io::slot_assembler_config& config, extent how_much)
{
  auto reader = io::pcap_reader::open(path);
  if (!reader) {
    return reader.failure();
  }
  const auto plan = io::plan_slot_assembler(config);
  if (!plan) {
    return plan.failure();
  }
  // Nobody takes the slots: what has no room is dropped, but counted against the window before.
  io::slot_assembler assembler(plan.value());
  const auto found = [&]() {
    std::optional<std::int64_t> soonest;
    for (const io::flow_counters& flow : assembler.flows()) {
      if (!flow.is_prach && flow.timing.count() > 0) {
        soonest = std::min(soonest.value_or(INT64_MAX), flow.timing.least_ns());
      }
    }
    return soonest;
  };
  io::capture_frame frame;
  while (reader.value().next(frame)) {
    assembler.push(frame.bytes, frame.time_ns);
    if (how_much == extent::first_message && found()) {
      break;
    }
  }
  return found();
}

} // namespace

result<std::optional<std::int64_t>> fit_sfn0_ns(const std::string& path, io::slot_assembler_config config)
{
  if (path == "-") {
    return error{"fronthaul.clock",
                 "is fitted, which reads the capture twice: name a file instead of standard input"};
  }
  config.nof_stores = config.reorder_slots + 2;
  io::cell_config& cell = config.cells.front();
  // Against a wrong origin an arrival is known modulo 2.56 s only. The first message makes it right to within
  // its own delay, so that no later one is taken for a message of another frame with the same frameId.
  std::int64_t sfn0_ns = 0;
  for (const extent how_much : {extent::first_message, extent::all}) {
    cell.sfn0_ns = sfn0_ns;
    auto soonest = soonest_ns(path, config, how_much);
    if (!soonest || !soonest.value()) {
      return soonest;
    }
    sfn0_ns += *soonest.value() - cell.window->earliest_ns;
  }
  return std::optional<std::int64_t>(sfn0_ns);
}

} // namespace pado::apps
