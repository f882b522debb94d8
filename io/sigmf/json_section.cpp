// SPDX-License-Identifier: Apache-2.0
#include "io/sigmf/json_section.h"
#include <cmath>
#include <nlohmann/json.hpp>

namespace pado::io {

using nlohmann::json;

std::string shown_json(const json& value)
{
  const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return text.size() <= 40 ? text : text.substr(0, 37) + "...";
}

result<std::int64_t>
json_section::whole(const char* key, std::int64_t lowest, std::int64_t highest, const char* unit) const
{
  const auto found = object.find(key);
  const std::string range = "must be a whole number" + std::string(unit) + " in " + std::to_string(lowest) +
                            ".." + std::to_string(highest);
  if (found == object.end()) {
    return wrong(key, "is missing, " + range);
  }
  // Ends of all ranges here are exact in double, and a float is compared before it is converted.
  if (found->is_number_float()) {
    const double value = found->get<double>();
    if (!(value >= static_cast<double>(lowest) && value <= static_cast<double>(highest)) ||
        value != std::floor(value)) {
      return wrong(key, "is " + shown_json(*found) + ", " + range);
    }
    return static_cast<std::int64_t>(value);
  }
  const bool is_whole =
      found->is_number_integer() &&
      !(found->is_number_unsigned() && found->get<std::uint64_t>() > (std::uint64_t{1} << 62U));
  if (!is_whole || found->get<std::int64_t>() < lowest || found->get<std::int64_t>() > highest) {
    return wrong(key, "is " + shown_json(*found) + ", " + range);
  }
  return found->get<std::int64_t>();
}

} // namespace pado::io
