// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/counter.h"
#include "core/histogram.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pado::apps {

/// Why a message that came to a radio unit is not answered.
enum class cplane_drop : std::uint8_t {
  unreadable,   ///< link, eCPRI, application or section headers
  other_plane,  ///< not C-plane: user data of the downlink
  unknown_unit, ///< no unit has this address, VLAN and eAxC
  downlink,     ///< C-plane of the downlink
  unsupported,  ///< a section type other than 1 and 3, rb, symInc, another compression than the unit's
  range,        ///< PRBs or symbols outside of the carrier or the slot
  late,         ///< its first symbol is over
  early,        ///< more than 255 slots ahead
  no_room,      ///< more sections than one slot holds
  ignored,      ///< fault ignore_cplane
  nof_reasons
};
inline constexpr std::size_t nof_cplane_drops = static_cast<std::size_t>(cplane_drop::nof_reasons);
std::string_view name_of(cplane_drop reason);

/// Everything counted by the thread that steps an emulator; readable by any.
///
/// Laws: messages_received == messages_answered + sum(messages_dropped), and
/// frames_made + injected(duplicate) == link_lost + injected(loss, loss_burst, silence) + overflow
///                                      + frames_sent + frames_unsent + frames waiting
struct ru_counters {
  counter messages_received; ///< eCPRI messages; a frame that breaks off counts one
  counter messages_answered; ///< at least one section was taken
  std::array<counter, nof_cplane_drops> messages_dropped;
  counter sections_taken;
  counter frames_made;         ///< U-plane frames that took a sequence id
  counter link_lost;           ///< of those: link.loss_percent
  counter overflow;            ///< of those: no memory for so many frames at once
  counter frames_sent;         ///< taken by the port, duplicates too
  counter frames_unsent;       ///< not taken by the port
  counter slots_skipped;       ///< not sent because the thread came more than 20 ms late
  counter grants_taken;        ///< closed loop: PUSCH that UEs sent
  counter grants_late;         ///< closed loop: slots that were not made in time
  duration_histogram send_lag; ///< from the time that a frame is due to its sending
};

} // namespace pado::apps
