// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/generate_slot.h"
#include "core/result.h"
#include "pipeline/stored_slot.h"
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pado::apps {

/// How `pado conform --suite blind` went on one scenario.
struct blind_verdict {
  std::int32_t scenario = 0;
  std::string about;              ///< one line: carrier, UEs
  std::int32_t nof_ues = 0;       ///< with a block that decodes with the schedule
  std::int32_t nof_ues_found = 0; ///< of these, every such block found and decoded to its bytes
  std::int32_t nof_blocks = 0;    ///< that decode with the schedule
  std::int32_t nof_found = 0;     ///< of these, without it
  std::int32_t nof_combined = 0;  ///< of nof_found, from several transmissions
  std::int32_t nof_false = 0;     ///< findings with a good CRC that nobody sent
  std::string missed;             ///< which
};

struct blind_suite_options {
  std::int32_t nof_workers = 0; ///< 0: one a core
  bool has_steps = false;       ///< prints what was sent and every step of the search
};

/// Scenarios from this number on hold UEs whose blocks need several transmissions.
inline constexpr std::int32_t first_harq_scenario = 10000;

/// The text of a scenario.yaml drawn from a number: modulation, widths, layers, UEs side by side and on the
/// same PRBs, channels, offsets, DM-RS variants.
std::string blind_scenario(std::int32_t number);

using stored_slots = std::vector<std::unique_ptr<pipeline::stored_slot>>;

/// The slots of a scenario as the radio unit would see them, in memory.
/// \errors a scenario that cannot be made
result<stored_slots> receive_scenario(const scenario_config& scenario,
                                      const std::vector<planned_slot>& slots);

/// What lies in slots in which no UE sends.
enum class blind_noise_kind : std::uint8_t {
  white,
  data ///< a block of PRBs with symbols of a constellation, 20 dB above the noise, without known DM-RS
};

/// Which slots to search: slot i is a function of i alone, so a long run can go in legs.
struct blind_noise_options {
  std::int64_t first = 0;
  std::int64_t nof_slots = 0;
  blind_noise_kind kind = blind_noise_kind::white;
  std::int32_t nof_workers = 0; ///< 0: one a core
};

/// What a search found in slots that hold nothing.
struct blind_noise_verdict {
  std::int64_t nof_slots = 0;
  std::int64_t nof_places = 0;      ///< that showed DM-RS
  std::int64_t nof_findings = 0;    ///< that pado inspect would show: none may be
  std::vector<float> scores;        ///< z of the best RNTI of each try
  std::vector<std::string> highest; ///< tries above what noise is known to reach often
};

/// Searches a carrier of 51 PRB and 2 ports, all slots of a frame in turn.
///
/// each  called now and then with the slots done
result<blind_noise_verdict> run_blind_noise(const blind_noise_options& options,
                                            const std::function<void(std::int64_t)>& each);

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
