// SPDX-License-Identifier: Apache-2.0
// A stream of frames through the survey: it must end, balance and keep its ranges.
#include "io/oran/survey.h"
#include "tests/fuzz/fuzz_check.h"

using namespace pado::io; // NOLINT: a target reads better with the short names
using pado::fuzz::require;

/// Input: records of a length byte (times 4), a time byte (10 us a step) and the frame.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  survey facts;
  std::int64_t now_ns = 1'700'000'000'000'000'000;
  std::uint64_t nof_added = 0;
  for (std::size_t at = 0; at + 2 <= size;) {
    const std::size_t length = std::min<std::size_t>(data[at] * 4U, size - at - 2);
    now_ns += data[at + 1] * 10000LL;
    facts.add({reinterpret_cast<const std::byte*>(data + at + 2), length}, now_ns);
    ++nof_added;
    at += 2 + length;
  }
  const survey_report report = facts.report();
  require(report.frames.is_balanced() && report.frames.received.value() == nof_added);
  std::size_t nof_flows = 0;
  for (const cell_report& cell : report.cells) {
    nof_flows += cell.flows.size();
    require(!cell.pattern.empty() && cell.scs.mu >= 0 && cell.scs.mu <= 4);
  }
  require(nof_flows == report.flows.size());
  for (const flow_report& flow : report.flows) {
    require(flow.nof_messages > 0 && flow.nof_malformed <= flow.nof_messages);
    require(!flow.compression || is_supported(flow.compression->format));
  }
  return 0;
}
