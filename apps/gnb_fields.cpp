// SPDX-License-Identifier: Apache-2.0
#include "apps/gnb_fields.h"
#include <charconv>
#include <cmath>

namespace pado::apps {

namespace {

/// A whole number at the front; what stands behind it must begin with no digit.
std::optional<std::int64_t> take_whole(std::string_view& text, int base = 10)
{
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (failure != std::errc()) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<prb_range> range_of(std::string_view text)
{
  if (text.size() < 5 || text.front() != '[' || text.back() != ')') {
    return std::nullopt;
  }
  text = text.substr(1, text.size() - 2);
  const auto begin = take_whole(text);
  if (!begin || !text.starts_with(", ")) {
    return std::nullopt;
  }
  text.remove_prefix(2);
  const auto end = take_whole(text);
  if (!end || !text.empty() || *begin < 0 || *end <= *begin || *end > 100000) {
    return std::nullopt;
  }
  return prb_range{static_cast<std::int32_t>(*begin), static_cast<std::int32_t>(*end)};
}

std::string quoted(std::string_view text)
{
  return "'" + std::string(text.substr(0, 40)) + "'";
}

} // namespace

std::optional<double> measured_number(std::string_view text)
{
  while (!text.empty() && (text.front() == '[' || text.front() == '+' || text.front() == ' ')) {
    text.remove_prefix(1);
  }
  double number = 0.0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

void field_reader::wrong(const char* key, const std::string& what)
{
  if (!failure_) {
    failure_ = error{key, what};
  }
}

std::string_view field_reader::require(const char* key)
{
  const auto text = entry_.find(key);
  if (!text) {
    wrong(key,
          entry_.is_last       ? "is missing: the log ends here"
          : entry_.has_details ? "is missing"
                               : "is missing: set the PHY log level of the gNB to debug");
  }
  return text.value_or("");
}

std::int64_t field_reader::whole(const char* key, std::int64_t lowest, std::int64_t highest)
{
  const std::string_view text = require(key);
  std::string_view rest = text;
  const auto number = take_whole(rest);
  const bool is_unit = rest.find_first_of("0123456789.,") == std::string_view::npos;
  if (!number || !is_unit || *number < lowest || *number > highest) {
    wrong(key,
          "is " + quoted(text) + ", must be in " + std::to_string(lowest) + ".." + std::to_string(highest));
    return lowest;
  }
  return *number;
}

std::int64_t
field_reader::whole_or(const char* key, std::int64_t otherwise, std::int64_t lowest, std::int64_t highest)
{
  return entry_.find(key) ? whole(key, lowest, highest) : otherwise;
}

std::int64_t field_reader::choice(const char* key, std::initializer_list<std::string_view> names)
{
  const std::string_view text = require(key);
  std::int64_t index = 0;
  std::string all;
  for (const std::string_view name : names) {
    if (text == name) {
      return index;
    }
    all += (all.empty() ? "" : ", ") + std::string(name);
    ++index;
  }
  wrong(key, "is " + quoted(text) + ", known are: " + all);
  return 0;
}

bool field_reader::is_range(const char* key) const
{
  const auto text = entry_.find(key);
  return text && range_of(*text);
}

prb_range field_reader::range(const char* key, std::int32_t lowest, std::int32_t highest)
{
  const std::string_view text = require(key);
  const auto range = range_of(text);
  if (!range || range->begin < lowest || range->end > highest) {
    wrong(key,
          "is " + quoted(text) + ", must be [begin, end) in " + std::to_string(lowest) + ".." +
              std::to_string(highest));
    return {lowest, lowest + 1};
  }
  return *range;
}

std::int64_t field_reader::rnti()
{
  std::string_view text = require("rnti");
  const std::string_view whole_text = text;
  text.remove_prefix(text.starts_with("0x") ? 2 : 0);
  const auto number = take_whole(text, 16);
  if (!whole_text.starts_with("0x") || !number || !text.empty() || *number < 0 || *number > 65535) {
    wrong("rnti", "is " + quoted(whole_text) + ", must be 0x0000..0xffff");
    return 0;
  }
  return *number;
}

std::int64_t field_reader::modulation(const char* key)
{
  constexpr std::int64_t orders[] = {1, 2, 4, 6, 8};
  return orders[choice(key, {"pi/2-BPSK", "QPSK", "16QAM", "64QAM", "256QAM"})];
}

std::int64_t field_reader::code_rate(const char* key)
{
  const std::string_view text = require(key);
  const auto rate = measured_number(text);
  // Code rates of TS 38.214 are whole multiples of 1/2048.
  const double steps = rate ? *rate * 2048.0 : 0.0;
  if (!rate || steps < 1.0 || steps > 2048.0 || std::abs(steps - std::round(steps)) > 0.01) {
    wrong(key, "is " + quoted(text) + ", must be a multiple of 1/2048 up to 1");
    return 1;
  }
  return 5 * std::llround(steps);
}

std::int64_t field_reader::symbol_mask(const char* key)
{
  const std::string_view text = require(key);
  std::string_view rest = text;
  std::int64_t mask = 0;
  bool is_right = rest.starts_with('{') && rest.ends_with('}');
  rest = is_right ? rest.substr(1, rest.size() - 2) : "";
  while (is_right && !rest.empty()) {
    const auto symbol = take_whole(rest);
    is_right =
        symbol && *symbol >= 0 && *symbol < nof_symbols_per_slot && (rest.empty() || rest.starts_with(", "));
    mask |= is_right ? std::int64_t{1} << *symbol : 0;
    rest.remove_prefix(is_right && !rest.empty() ? 2 : 0);
  }
  if (!is_right || mask == 0) {
    wrong(key, "is " + quoted(text) + ", must be symbols as in {2, 7, 11}");
    return 1;
  }
  return mask;
}

} // namespace pado::apps
