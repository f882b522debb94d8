// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_plan.h"
#include "phy/slot_program/slot_program.h"
#include "phy/uci_mux/uci_layout.h"

namespace pado::phy {

/// Tasks that take UCI out of the last of out.pdus and decode it. Returns where UL-SCH lies then, in the
/// arena of soft bits.
std::int32_t
add_uci(const slot_program_plan& plan, const pusch_pdu& pdu, const uci_layout& layout, slot_program& out);

} // namespace pado::phy
