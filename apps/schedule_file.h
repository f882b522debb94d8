// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/slot_plan.h"
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pado::apps {

/// What a reference receiver, a gNB, measured on a PDU (`gnb_figures`); each is absent where it says nothing.
struct reference_figures {
  std::optional<double> sinr_db;
  std::optional<double> ta_us;
  std::optional<double> cfo_hz;
  std::optional<double> ldpc_iterations;

  bool has_any() const { return sinr_db || ta_us || cfo_hz || ldpc_iterations; }
};

/// What a schedule knows about the outcome of a PDU; each is absent where it says nothing.
struct pdu_expectation {
  std::optional<bool> transmitted;                   ///< whether the UE sent it
  std::optional<std::vector<std::uint8_t>> payload;  ///< transport block without CRC
  std::optional<bool> crc_ok;                        ///< what a reference receiver found
  std::optional<std::vector<std::uint8_t>> harq_ack; ///< UCI on the PUSCH, 0 or 1 each
  std::optional<std::vector<std::uint8_t>> csi1, csi2;
  reference_figures figures;

  bool has_uci() const { return harq_ack || csi1 || csi2; }
};

/// One line of a schedule.
struct scheduled_slot {
  slot_plan plan;
  std::vector<pdu_expectation> expected; ///< one for each of plan.pusch
  std::vector<std::int32_t> pdu_index;   ///< the place in `pdus` of each of plan.pusch
  std::optional<std::int64_t> sample;    ///< where the slot starts in the recording
  std::int32_t line = 0;                 ///< of the file, from 1; 0 when not from a file
};

/// A schedule in the order of its lines.
struct schedule {
  std::vector<scheduled_slot> slots;
  std::int64_t nof_pusch = 0;
  std::int64_t nof_unsupported = 0; ///< PDUs in slot_plan::unsupported
};

/// Reads JSON lines with the FAPI names of docs/schedule.md. "-" reads standard input.
/// \errors "slots.jsonl:3: pdus[0].fapi.rbSize is 0, must be in 1..275": file, line, key, value, what would
/// be right
result<schedule> read_schedule(const std::string& path);

/// The same from text in memory; `name` stands in the messages.
result<schedule> parse_schedule(std::string_view text, const std::string& name);

/// One line of a schedule file, with its line end. Unsupported PDUs are not written.
std::string write_schedule_line(const scheduled_slot& slot, numerology scs);

} // namespace pado::apps
