// SPDX-License-Identifier: Apache-2.0
#include "io/faults/fault_config.h"
#include <charconv>
#include <string>

namespace pado::io {

namespace {

struct kind_row {
  std::string_view name;
  fault_amount amount;
};

constexpr std::array<kind_row, nof_fault_kinds> kind_table = {{{"loss", {}},
                                                               {"loss_burst", {"frames", 2, 1000, 8}},
                                                               {"duplicate", {"copies", 1, 8, 1}},
                                                               {"reorder", {"depth", 1, 64, 4}},
                                                               {"bit_error", {"bits", 1, 64, 1}},
                                                               {"truncate", {}},
                                                               {"late", {"us", 1, 100000, 500}},
                                                               {"early", {"us", 1, 10000, 100}},
                                                               {"wrong_sequence", {}},
                                                               {"wrong_vlan", {}},
                                                               {"wrong_mac", {}},
                                                               {"silence", {"slots", 1, 100, 4}},
                                                               {"slot_burst", {}},
                                                               {"ignore_cplane", {}}}};

constexpr std::int64_t max_clock_offset_us = 10000000;
constexpr std::int64_t max_clock_drift_ppb = 1000000;

const kind_row& row_of(fault_kind kind)
{
  return kind_table[static_cast<std::size_t>(kind)];
}

/// Takes what stands before the first `mark` off `text`.
std::string_view take_until(std::string_view& text, char mark)
{
  const std::size_t end = text.find(mark);
  const std::string_view taken = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return taken;
}

template <class T>
bool read_number(std::string_view text, T& to)
{
  const auto got = std::from_chars(text.data(), text.data() + text.size(), to);
  return !text.empty() && got.ec == std::errc() && got.ptr == text.data() + text.size();
}

error wrong(std::string_view name, const std::string& what)
{
  return error{"fault " + std::string(name), what};
}

std::string known_names()
{
  std::string names;
  for (const kind_row& row : kind_table) {
    names += std::string(row.name) + ", ";
  }
  return names + "clock_offset_us, clock_drift_ppb";
}

result<nothing> read_clock(
    std::string_view name, std::string_view value, std::int64_t limit, std::int64_t scale, std::int64_t& to)
{
  std::int64_t number = 0;
  if (!read_number(value, number) || number < -limit || number > limit) {
    return wrong(name,
                 "is '" + std::string(value) + "', must be in -" + std::to_string(limit) + ".." +
                     std::to_string(limit));
  }
  to = number * scale;
  return nothing{};
}

result<nothing> read_amount(const kind_row& row, std::string_view text, fault_setting& to)
{
  const std::string_view key = take_until(text, '=');
  if (row.amount.name.empty() || key != row.amount.name) {
    return wrong(row.name,
                 "has no '" + std::string(key.substr(0, 40)) + "', " +
                     (row.amount.name.empty()
                          ? "only a rate"
                          : "but '" + std::string(row.amount.name) + "', as in " + std::string(row.name) +
                                "=0.01," + std::string(row.amount.name) + "=" +
                                std::to_string(row.amount.usual)));
  }
  if (!read_number(text, to.amount)) {
    return wrong(row.name,
                 std::string(key) + " is '" + std::string(text.substr(0, 40)) + "', must be a whole number");
  }
  return nothing{};
}

result<nothing> check_setting(const kind_row& row, const fault_setting& setting)
{
  if (!(setting.rate >= 0.0 && setting.rate <= 1.0)) {
    return wrong(row.name, "is " + std::to_string(setting.rate) + ", must be in 0..1");
  }
  const fault_amount& limits = row.amount;
  const bool is_used = setting.rate > 0.0 && !limits.name.empty();
  if (is_used && (setting.amount < limits.lowest || setting.amount > limits.highest)) {
    return wrong(row.name,
                 std::string(limits.name) + " is " + std::to_string(setting.amount) + ", must be in " +
                     std::to_string(limits.lowest) + ".." + std::to_string(limits.highest));
  }
  return nothing{};
}

} // namespace

std::string_view name_of(fault_kind kind)
{
  return row_of(kind).name;
}

fault_amount amount_of(fault_kind kind)
{
  return row_of(kind).amount;
}

result<nothing> parse_fault(std::string_view text, fault_config& to)
{
  std::string_view rest = text;
  std::string_view first = take_until(rest, ',');
  const std::string_view name = take_until(first, '=');
  if (name == "clock_offset_us" && rest.empty()) {
    return read_clock(name, first, max_clock_offset_us, 1000, to.clock_offset_ns);
  }
  if (name == "clock_drift_ppb" && rest.empty()) {
    return read_clock(name, first, max_clock_drift_ppb, 1, to.clock_drift_ppb);
  }
  for (std::size_t kind = 0; kind < nof_fault_kinds; ++kind) {
    const kind_row& row = kind_table[kind];
    if (row.name != name) {
      continue;
    }
    fault_setting setting{0.0, row.amount.usual};
    if (!read_number(first, setting.rate)) {
      return wrong(name, "is '" + std::string(first.substr(0, 40)) + "', must be a rate in 0..1");
    }
    while (!rest.empty()) {
      if (auto read = read_amount(row, take_until(rest, ','), setting); !read) {
        return read;
      }
    }
    if (auto checked = check_setting(row, setting); !checked) {
      return checked;
    }
    to.kinds[kind] = setting;
    return nothing{};
  }
  return wrong("'" + std::string(name.substr(0, 40)) + "'", "is unknown, must be one of " + known_names());
}

result<nothing> check_faults(const fault_config& config)
{
  for (std::size_t kind = 0; kind < nof_fault_kinds; ++kind) {
    if (auto checked = check_setting(kind_table[kind], config.kinds[kind]); !checked) {
      return checked;
    }
  }
  return nothing{};
}

} // namespace pado::io
