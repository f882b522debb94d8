// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/blind/slot_search.h"
#include <map>
#include <vector>

namespace pado::apps {

/// Which grants are worth trying again.
class grant_memory {
public:
  /// Grants come again: the last ones are tried as they are before a slot is searched. Not those of a UE
  /// whose grants hardly ever do.
  void remember(const pusch_pdu& pdu, std::vector<pusch_pdu>& grants);

  /// A grant seemed to come again and did not decode: a try that fails costs more than a few that hold save.
  void doubt(const pusch_pdu& pdu, std::vector<pusch_pdu>& grants);

private:
  struct habit {
    pusch_pdu last;
    std::int32_t nof_doubts = 0; ///< grants that failed since one came again
  };
  std::map<std::uint16_t, habit> habits_; ///< [RNTI]
};

} // namespace pado::apps
