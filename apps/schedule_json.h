// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/schedule_file.h"
#include <nlohmann/json_fwd.hpp>

namespace pado::apps {

/// {sfn, slot, pdus[]}: what a line of a schedule and an entry of a vector case have in common.
/// where  what stands in front of a key in messages, with its separator: "slots.jsonl:3: "
result<scheduled_slot> parse_slot(const nlohmann::json& object, const std::string& where);

/// The `expected` object of a PUSCH.
result<pdu_expectation>
parse_expectation(const nlohmann::json& expected, const std::string& where, const pusch_pdu& pdu);

} // namespace pado::apps
