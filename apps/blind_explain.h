// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/blind/slot_search.h"
#include <string>

namespace pado::apps {

/// Symbols or ports of a mask: "2,7,11".
std::string bits_text(std::uint32_t mask);

/// One line of `--explain`: where, with which DM-RS, and what came of it.
std::string blind_step_text(const phy::blind_step& step);

/// An allocation in the words of those lines.
std::string allocation_text(const pusch_pdu& pdu);

} // namespace pado::apps
