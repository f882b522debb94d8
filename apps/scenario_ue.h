// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/scenario_file.h"
#include "apps/yaml_section.h"

namespace pado::apps {

inline constexpr std::size_t max_scenario_ues = 64;

/// Limits of a number that need not be whole.
struct real_range {
  double lowest = 0.0;
  double highest = 0.0;
};

/// A number with a fraction.
void read_real(yaml_section& keys, const char* key, double& to, const real_range& range);

/// One entry of `ues:`.
std::optional<error> read_ue(yaml_section keys, const carrier_config& carrier, ue_config& ue);

} // namespace pado::apps
