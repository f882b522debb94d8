// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/advice.h"
#include "core/slot_report.h"
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pado::apps {

/// Mean and standard deviation of a series, kept as sums.
struct running_mean {
  double sum = 0.0;
  double sum_of_squares = 0.0;
  std::int64_t count = 0;

  void add(double value)
  {
    sum += value;
    sum_of_squares += value * value;
    ++count;
  }
  double mean() const { return count > 0 ? sum / static_cast<double>(count) : 0.0; }
  double deviation() const;
};

/// p50, p99, p99.9 and the largest of a series.
struct percentiles {
  double p50 = 0.0;
  double p99 = 0.0;
  double p999 = 0.0;
  double max = 0.0;
};
/// Nearest-rank percentiles; all 0 of an empty series. Sorts the series.
percentiles percentiles_of(std::vector<std::int64_t>& series);

/// Everything the summary says about one UE.
struct ue_stats {
  std::uint16_t rnti = 0;
  std::int64_t nof_tb = 0;
  std::int64_t nof_tb_ok = 0;
  std::int64_t nof_dtx = 0; ///< of nof_tb: nothing was sent
  std::int64_t nof_bits_ok = 0;
  std::int64_t nof_combined = 0;
  std::int64_t nof_uci = 0;    ///< PUSCHs with UCI that were sent
  std::int64_t nof_uci_ok = 0; ///< of these, all of their UCI was decoded
  int lowest_mcs = 99;
  int highest_mcs = -1;
  int qam_mod_order = 0;
  int most_layers = 0;
  running_mean sinr_db, ta_us, cfo_hz, iterations;
  std::int64_t nof_advice = 0;
  std::int64_t nof_model_advice = 0; ///< of these, the model's own value
};

/// What replay counts over a capture.
struct replay_stats {
  std::map<std::uint16_t, ue_stats> ues;
  std::int64_t nof_slots = 0;
  std::int64_t nof_incomplete = 0;
  std::int64_t nof_faulted = 0;
  std::int64_t nof_deadline_missed = 0;
  std::array<std::vector<std::int64_t>, nof_stages> stage_ns;
  std::map<std::string, std::int64_t> unsupported; ///< "PUCCH: format 1" -> count
  std::int64_t nof_grants = 0;
  slot_id first_slot, last_slot;

  void add(const slot_report& report, std::int64_t deadline_ns);
  void add_advice(const link_advice& advice);
  std::int64_t nof_tb() const;
  std::int64_t nof_tb_ok() const;
};

} // namespace pado::apps
