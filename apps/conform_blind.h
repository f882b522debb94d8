// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstdint>
#include <functional>
#include <string>

namespace pado::apps {

/// How `pado conform --suite blind` went on one scenario.
struct blind_verdict {
  std::int32_t scenario = 0;
  std::string about;              ///< one line: carrier, UEs
  std::int32_t nof_ues = 0;       ///< with a block that decodes with the schedule
  std::int32_t nof_ues_found = 0; ///< of these, every such block found and decoded to its bytes
  std::int32_t nof_blocks = 0;    ///< that decode with the schedule
  std::int32_t nof_found = 0;     ///< of these, without it
  std::int32_t nof_false = 0;     ///< findings with a good CRC that nobody sent
  std::string missed;             ///< which
};

struct blind_suite_options {
  std::int32_t nof_workers = 0; ///< 0: one a core
  bool has_steps = false;       ///< prints what was sent and every step of the search
};

/// The text of a scenario.yaml drawn from a number: modulation, widths, layers, UEs side by side and on the
/// same PRBs, channels, offsets, DM-RS variants.
std::string blind_scenario(std::int32_t number);

/// Generates scenarios in memory and searches them with the truth withheld: the search knows the carrier and
/// the cell identity, nothing about UEs.
///
/// each  called after each scenario
/// \errors a scenario that cannot be made
result<nothing> run_blind_suite(std::int32_t first,
                                std::int32_t count,
                                const blind_suite_options& options,
                                const std::function<void(const blind_verdict&)>& each);

} // namespace pado::apps
