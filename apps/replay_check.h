// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/schedule_file.h"
#include "core/slot_report.h"
#include <cstdint>
#include <string>
#include <vector>

namespace pado::apps {

/// What is wrong with the UCI of a PUSCH, empty when nothing is or nothing is expected.
std::string uci_difference(const pusch_report& found, const pdu_expectation& expected);

/// Compares reports with what a schedule expects.
class replay_check {
public:
  /// rntis  UEs whose every block must decode; empty: all. Of the others a failed CRC is no difference, a
  /// wrong payload
  ///        under a good CRC always is.
  void require(std::vector<std::uint16_t> rntis) { required_ = std::move(rntis); }

  void compare(const slot_report& report, const scheduled_slot& scheduled);

  std::int64_t nof_compared() const { return nof_compared_; }
  std::int64_t nof_equal() const { return nof_compared_ - nof_different_; }
  std::int64_t nof_different() const { return nof_different_; }
  /// The first differences, one line each.
  const std::vector<std::string>& differences() const { return differences_; }

private:
  void differ(const slot_report& report, const pusch_pdu& pdu, const std::string& what);

  std::vector<std::uint16_t> required_;
  std::int64_t nof_compared_ = 0;
  std::int64_t nof_different_ = 0;
  std::vector<std::string> differences_;
};

} // namespace pado::apps
