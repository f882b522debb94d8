// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "io/assembly/assembler_config.h"
#include <span>

namespace pado::apps {

/// Time of the packets' clock at which an SFN 0 begins on air; nothing with `clock: fitted`.
std::optional<std::int64_t> sfn0_ns_of(const fronthaul_config& fronthaul);

/// The reception window as the assembler has it.
io::rx_window rx_window_of(const ta4_window& window);

/// What the slot assembler needs to know about cells whose samples come as packets, in the order given.
/// \errors a cell without `fronthaul`; two cells with different UDP ports: one assembler listens on one
result<io::slot_assembler_config> assembly_of(std::span<const cell_config> cells);

} // namespace pado::apps
