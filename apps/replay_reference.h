// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/replay_stats.h"
#include "apps/schedule_file.h"
#include <cstdint>
#include <map>

namespace pado::apps {

/// What a gNB measured on the same blocks (`gnb_figures` of the schedule), beside what replay measures.
class replay_reference {
public:
  /// One quantity, of the blocks for which the gNB gave it.
  struct pair {
    running_mean of_gnb, of_pado;
  };
  struct ue {
    std::int64_t nof_tb = 0;
    std::int64_t nof_gnb_ok = 0, nof_pado_ok = 0;     ///< blocks whose CRC held
    std::int64_t nof_only_gnb = 0, nof_only_pado = 0; ///< with one of the two alone
    pair sinr_db, ta_us, cfo_hz, ldpc_iterations;
  };

  /// PDUs without figures of a gNB are passed over.
  void compare(const slot_report& report, const scheduled_slot& scheduled);

  const std::map<std::uint16_t, ue>& ues() const { return ues_; }

private:
  std::map<std::uint16_t, ue> ues_;
};

} // namespace pado::apps
