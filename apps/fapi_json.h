// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/slot_plan.h"
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <variant>

namespace pado::apps {

/// The keys of one JSON object, read with messages that name the place.
class json_object {
public:
  /// where  "slots.jsonl:3: pdus[0].fapi.": what stands in front of a key in messages
  json_object(const nlohmann::json& object, std::string where) : object_(object), where_(std::move(where)) {}

  error wrong(const std::string& key, const std::string& what) const { return error{where_ + key, what}; }
  const nlohmann::json* find(const char* key) const;

  /// \errors missing, not a whole number, outside lowest..highest
  result<std::int64_t> whole(const char* key, std::int64_t lowest, std::int64_t highest) const;
  /// The same, but `otherwise` when the key is missing.
  result<std::int64_t>
  whole_or(const char* key, std::int64_t lowest, std::int64_t highest, std::int64_t otherwise) const;
  /// \errors not text
  result<std::optional<std::string>> text(const char* key) const;
  /// \errors not true or false
  result<std::optional<bool>> truth(const char* key) const;

private:
  const nlohmann::json& object_;
  std::string where_;
};

/// A value as it stands in a file, cut to what fits a message.
std::string shown(const nlohmann::json& value);

using parsed_pdu = std::variant<pusch_pdu, unsupported_pdu>;

/// The `fapi` object of a PUSCH, with names and encodings of SCF FAPI 222 UL_TTI.request.
///
/// What acts on the signal and is not decoded by this build makes it unsupported, with the reason.
/// \errors a key missing, of another type or outside its range; values that contradict each other
result<parsed_pdu> parse_pusch_fapi(const nlohmann::json& fapi, const std::string& where);

/// One entry of `pdus`: {"pdu": "PUSCH", "fapi": {...}}.
result<parsed_pdu> parse_pdu(const nlohmann::json& pdu, const std::string& where);

/// The other way round; scs is SubcarrierSpacing.
nlohmann::ordered_json pusch_to_fapi(const pusch_pdu& pdu, numerology scs);

} // namespace pado::apps
