// SPDX-License-Identifier: Apache-2.0
#include "apps/replay_check.h"
#include <algorithm>
#include <fmt/format.h>

namespace pado::apps {

namespace {

constexpr std::size_t max_lines = 20;

std::string bits_text(const std::vector<std::uint8_t>& bits)
{
  std::string text;
  for (const std::uint8_t bit : bits) {
    text += bit != 0 ? '1' : '0';
  }
  return text.empty() ? "none" : text;
}

} // namespace

std::string uci_difference(const pusch_report& found, const pdu_expectation& expected)
{
  const struct {
    const char* name;
    const uci_report& found;
    const std::optional<std::vector<std::uint8_t>>& expected;
  } streams[] = {{"HARQ-ACK", found.harq_ack, expected.harq_ack},
                 {"CSI part 1", found.csi1, expected.csi1},
                 {"CSI part 2", found.csi2, expected.csi2}};
  for (const auto& stream : streams) {
    if (stream.expected && stream.found.has_crc && !stream.found.is_ok) {
      return fmt::format("the CRC of {} fails", stream.name);
    }
    if (stream.expected && stream.found.bits != *stream.expected) {
      return fmt::format("{} is {}, expected was {}",
                         stream.name,
                         bits_text(stream.found.bits),
                         bits_text(*stream.expected));
    }
  }
  return "";
}

namespace {

/// What is wrong with a result, empty when nothing is.
std::string difference(const pusch_report& found, const pdu_expectation& expected)
{
  if (expected.transmitted == false) {
    return found.tb_crc_ok ? "the CRC holds, but nothing was sent" : "";
  }
  if (expected.payload) {
    if (!found.tb_crc_ok) {
      return fmt::format("the CRC fails ({} of {} code blocks hold, SINR {:.1f} dB)",
                         found.nof_cb_ok,
                         found.nof_cb,
                         found.sinr_db);
    }
    const auto [wrong, right] = std::mismatch(
        found.payload.begin(), found.payload.end(), expected.payload->begin(), expected.payload->end());
    return found.payload == *expected.payload
               ? uci_difference(found, expected)
               : fmt::format("the payload differs from byte {} on, although the CRC holds",
                             wrong - found.payload.begin());
  }
  if (expected.crc_ok == true && !found.tb_crc_ok) {
    return "the CRC fails, the reference decoded it";
  }
  return uci_difference(found, expected);
}

} // namespace

void replay_check::compare(const slot_report& report, const scheduled_slot& scheduled)
{
  for (std::size_t index = 0; index < scheduled.plan.pusch.size(); ++index) {
    const pdu_expectation& expected = scheduled.expected[index];
    if (!expected.payload && !expected.transmitted && !expected.crc_ok && !expected.has_uci()) {
      continue;
    }
    const pusch_pdu& pdu = scheduled.plan.pusch[index];
    ++nof_compared_;
    const auto found = std::find_if(report.pusch.begin(), report.pusch.end(), [&](const pusch_report& r) {
      return r.plan_index == static_cast<std::int32_t>(index);
    });
    if (found == report.pusch.end()) {
      differ(report, pdu, "it was refused");
      continue;
    }
    const bool is_required =
        required_.empty() || std::find(required_.begin(), required_.end(), pdu.rnti) != required_.end();
    if (!is_required && !found->tb_crc_ok) {
      continue;
    }
    const std::string what = difference(*found, expected);
    if (!what.empty()) {
      differ(report, pdu, what);
    }
  }
}

void replay_check::differ(const slot_report& report, const pusch_pdu& pdu, const std::string& what)
{
  ++nof_different_;
  if (differences_.size() < max_lines) {
    differences_.push_back(fmt::format("slot {}.{}, RNTI 0x{:04x}, {} bytes: {}",
                                       report.slot.sfn,
                                       report.slot.slot,
                                       pdu.rnti,
                                       pdu.tb_size_bytes,
                                       what));
  }
}

} // namespace pado::apps
