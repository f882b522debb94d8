// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/blind/slot_search.h"
#include <string>

namespace pado::apps {

/// One line of `--explain`: where, with which DM-RS, and what came of it.
std::string blind_step_text(const phy::blind_step& step);

/// An allocation in the words of those lines.
std::string allocation_text(const pusch_pdu& pdu);

} // namespace pado::apps
