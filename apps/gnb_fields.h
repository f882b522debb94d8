// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/gnb_log.h"
#include "core/result.h"
#include <initializer_list>

namespace pado::apps {

/// The number that a measurement begins with: "+97.0dB", "[-1.9]dB", "159749bytes". Nothing for "na", "-nan"
/// and infinities.
std::optional<double> measured_number(std::string_view text);

/// The fields of one message, read one after the other; the first error is kept and names its field.
class field_reader {
public:
  explicit field_reader(const gnb_log_entry& entry) : entry_(entry) {}

  const gnb_log_entry& entry() const { return entry_; }
  const std::optional<error>& failure() const { return failure_; }

  std::string_view require(const char* key);
  /// A whole number, with a unit behind it or not: "tbs_lbrm=159749bytes".
  std::int64_t whole(const char* key, std::int64_t lowest, std::int64_t highest);
  std::int64_t whole_or(const char* key, std::int64_t otherwise, std::int64_t lowest, std::int64_t highest);
  /// The index of one of these.
  std::int64_t choice(const char* key, std::initializer_list<std::string_view> names);
  /// "[8, 11)", not empty, inside of lowest..highest.
  prb_range range(const char* key, std::int32_t lowest, std::int32_t highest);
  bool is_range(const char* key) const;
  std::int64_t rnti();
  /// QPSK as 2; pi/2-BPSK as 1.
  std::int64_t modulation(const char* key);
  /// "0.1171875" as 1024 R x 10. \errors no whole multiple of 1/2048
  std::int64_t code_rate(const char* key);
  /// "{2, 7, 11}" as a bit mask.
  std::int64_t symbol_mask(const char* key);
  /// Notes what is wrong with a field that the caller reads by itself.
  void wrong(const char* key, const std::string& what);

private:
  const gnb_log_entry& entry_;
  std::optional<error> failure_;
};

} // namespace pado::apps
