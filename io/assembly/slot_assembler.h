// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/assembly/arrival_histogram.h"
#include "io/assembly/assembler_config.h"
#include "io/assembly/prach_slot.h"
#include "io/oran/app_header.h"
#include <memory>
#include <span>

namespace pado::io {

/// Everything counted for one configured eAxC. Written by the pushing thread, readable by any.
struct flow_counters {
  struct plane_counters {
    counter messages;
    counter lost;      ///< by sequence id; holes count once they are 128 messages old, or at flush
    counter reordered; ///< behind a later sequence id, but there
    counter repeated;  ///< a sequence id again
    counter corrupt;   ///< the sections are not readable
  };
  std::int32_t cell = 0;
  std::int32_t port = 0;
  std::uint16_t eaxc = 0;
  bool is_prach = false;
  plane_counters user;             ///< uplink
  plane_counters control_uplink;   ///< C-plane that asks for uplink
  plane_counters control_downlink; ///< C-plane of the downlink with the same eAxC
  counter sections;                ///< accepted
  counter prbs;                    ///< accepted
  counter on_time, early, late;    ///< against the window, whether enforced or not; all 0 without one
  arrival_histogram timing;        ///< the same messages by time, since the window was set
  counter duplicate;               ///< sections that were there already
};

/// Counters of one assembler.
struct assembler_counters {
  rx_counters frames; ///< accepted: at least one message was
  rx_counters
      messages; ///< eCPRI messages; a PDU that breaks off counts one more. accepted: at least one section was
  rx_counters sections;                     ///< U-plane sections of readable messages
  counter prach_sections;                   ///< of the accepted ones
  counter concatenated;                     ///< messages with the C bit
  counter overlapping;                      ///< accepted sections of which some PRBs had been there
  std::array<counter, 8> c_types;           ///< accepted C-plane messages by section type
  counter slots_complete, slots_incomplete; ///< handed over
  counter slots_without_data;               ///< uplink slots between others in which nothing came
  counter slots_shed;                       ///< refused whole because no store was free
  counter prach_slots;
  counter resyncs; ///< the time of a cell was set anew

  /// The law, for all three.
  bool is_balanced() const noexcept
  {
    return frames.is_balanced() && messages.is_balanced() && sections.is_balanced();
  }
};

/// A slot and the store that it lies in.
template <class Slot>
struct lent {
  Slot slot;
  std::uint32_t store = 0;
};

/// Puts the packets of any number of cells together to slots.
///
/// Sections may come in any order, twice, or never; they are placed by their headers, never by arrival. A
/// slot is handed over when all PRBs of all uplink symbols and ports have come, when a slot more than
/// reorder_slots later begins, when advance_time() is past its window, or at flush(). PRACH sections go into
/// slots of their own. A slot far from all others is followed only when the arrival time agrees or a second
/// frame confirms it.
///
/// Threads: one pushes (push, push_pdu, advance_time, flush, await, set_window), one a cell consumes (pop,
/// release); all may be the same. All memory is allocated by the constructor. A flood of packets costs only
/// its own time: when the consumer holds all stores, whole slots are shed and counted.
///
/// \errors none: each frame, message and section that is not used has one drop_reason
class slot_assembler {
public:
  /// May throw std::bad_alloc.
  explicit slot_assembler(const slot_assembler_plan& plan);
  ~slot_assembler();
  slot_assembler(slot_assembler&&) noexcept;
  slot_assembler& operator=(slot_assembler&&) noexcept;

  /// One Ethernet frame; the bytes are copied. arrival_ns 0 means unknown.
  void push(packet frame, std::int64_t arrival_ns) noexcept;
  /// One eCPRI PDU without link headers, from a UDP socket. Cells with a VLAN or MAC filter do not see it.
  void push_pdu(packet pdu, std::int64_t arrival_ns) noexcept;
  /// Hands over slots of the grid whose reception window has ended. Does nothing for cells without window or
  /// sfn0_ns.
  void advance_time(std::int64_t now_ns) noexcept;
  /// From now on the slot is complete when this has come, and advance_time() closes it by its last symbol.
  /// Only cells with sfn0_ns; before the slot's first packet.
  void await(std::int32_t cell, const awaited_prbs& what) noexcept;
  /// Another reception window for a cell, from the next packet on. If it differs, the timing of its flows
  /// begins anew.
  void set_window(std::int32_t cell, const rx_window& window) noexcept;
  /// Hands over all that is open, oldest slots first, and closes the sequence counts.
  void flush() noexcept;

  /// The next slot of a cell, in order of hand-over. False: none. Its views are valid until release().
  bool pop(std::int32_t cell, lent<uplink_slot>& out) noexcept;
  bool pop(std::int32_t cell, lent<prach_slot>& out) noexcept;
  /// The next slot of the first cell that has one.
  bool pop(lent<uplink_slot>& out) noexcept;
  bool pop(lent<prach_slot>& out) noexcept;
  void release(const lent<uplink_slot>& slot) noexcept;
  void release(const lent<prach_slot>& slot) noexcept;

  const assembler_counters& counters() const noexcept;
  std::span<const flow_counters> flows() const noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace pado::io
