// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/counter.h"
#include "core/slot_plan.h"
#include "io/assembly/assembler_config.h"
#include "io/oran/cplane_builder.h"
#include "io/port/port.h"
#include "pipeline/live/slot_time.h"
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace pado::pipeline {

/// Where PRACH repeats and what the radio unit must know to receive it: one section of type 3.
struct prach_occasion {
  std::int32_t period_frames = 1;   ///< divides 1024
  std::int32_t frame = 0;           ///< SFN modulo period_frames
  std::vector<std::int32_t> slots;  ///< of the frame
  std::int32_t start_symbol = 0;    ///< 0..13
  std::int32_t nof_symbols = 1;     ///< repetitions, 1..14
  std::int32_t nof_prb = 12;        ///< of PRACH subcarriers: 12 short formats, 72 at 1.25 kHz
  std::int32_t freq_offset = 0;     ///< half PRACH subcarriers: io::prach_freq_offset()
  std::uint16_t time_offset = 0;    ///< 1/30.72 us
  std::uint8_t frame_structure = 0; ///< io::frame_structure_of()
  std::uint8_t filter_index = 3;    ///< 1 1.25 kHz, 2 5 kHz, 3 short formats
};

/// How one cell talks to its radio unit.
struct cplane_config {
  slot_time time;
  std::int32_t nof_prb = 0;
  std::int32_t grid_start_crb = 0;
  std::vector<std::uint16_t> eaxc;       ///< of PUSCH, one a port
  std::vector<std::uint16_t> eaxc_prach; ///< may be empty
  io::link_settings link;                ///< to the radio unit; only where the port carries Ethernet
  std::uint8_t comp_header = 0;          ///< udCompHdr; 0 in static mode
  bool is_sent = true;                   ///< false: nothing goes out, the radio unit sends by itself
  bool is_whole_carrier = false;         ///< ask for all PRBs and symbols of slots with grants
  std::int64_t t1a_max_ns = 429000;      ///< earliest sending before the symbol is on air
  std::int64_t t1a_min_ns = 285000;      ///< latest
  std::vector<prach_occasion> prach;
  /// [slot of the TDD period, from slot 0 of an even frame] bit l: symbol l is guard, told with type 0.
  /// Empty: never.
  std::vector<std::uint16_t> guard_symbols;
  std::uint8_t frame_structure = 0; ///< of type 0
};

struct cplane_counters {
  counter sent;
  counter late;    ///< not sent: its window was over
  counter refused; ///< not sent: the port or our own store had no room
};

/// Makes the C-plane messages of slots and sends each inside its window before the first symbol that it is
/// about.
///
/// One thread. Memory is fixed; nothing waits.
class cplane_sender {
public:
  /// form  what the port's frames begin with
  cplane_sender(const cplane_config& config, io::framing form);

  /// What the radio unit is asked for in a slot with this plan.
  io::awaited_prbs asked_of(std::int64_t slot, const slot_plan& plan) noexcept;

  /// Prepares type 1 of a slot: call before window_begin_ns().
  void add_grants(const io::awaited_prbs& asked) noexcept;
  /// Prepares what does not depend on grants: PRACH and guard periods.
  void add_fixed(std::int64_t slot) noexcept;

  /// Sends what is due. What is overdue is counted and forgotten.
  void send_due(std::int64_t now_ns, io::port& to) noexcept;

  /// The window of messages about a symbol.
  std::int64_t window_begin_ns(std::int64_t slot, std::int32_t symbol) const noexcept
  {
    return config_.time.symbol_ns(slot, symbol) - config_.t1a_max_ns;
  }
  std::int64_t window_end_ns(std::int64_t slot, std::int32_t symbol) const noexcept
  {
    return config_.time.symbol_ns(slot, symbol) - config_.t1a_min_ns;
  }
  /// When send_due() has something to do next; INT64_MAX: never, as it stands.
  std::int64_t next_due_ns() const noexcept;

  /// Another T1a, for messages made from now on.
  void set_window(std::int64_t t1a_max_ns, std::int64_t t1a_min_ns) noexcept
  {
    config_.t1a_max_ns = t1a_max_ns;
    config_.t1a_min_ns = t1a_min_ns;
  }

  const cplane_config& config() const noexcept { return config_; }
  const cplane_counters& counters() const noexcept { return counters_; }

private:
  static constexpr std::size_t max_message_bytes = 1024;
  static constexpr std::size_t max_messages = 256;
  struct message {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    std::size_t size = 0;
    std::uint16_t eaxc = 0;
    std::array<std::byte, max_message_bytes> bytes;
  };

  void add(std::int64_t slot, std::span<const std::uint16_t> eaxc, const io::c_header& header) noexcept;
  void flush_burst(io::port& to) noexcept;

  cplane_config config_;
  io::framing form_;
  std::size_t skipped_bytes_;   ///< link headers that are written and not sent
  std::size_t sequence_offset_; ///< of the sequence id in a frame
  std::vector<prb_range> ranges_;
  std::vector<io::c_section> sections_;
  std::vector<std::uint8_t> sequence_; ///< [eaxc]
  std::vector<message> store_;
  std::vector<std::uint16_t> free_;
  std::vector<std::uint16_t> waiting_;
  std::array<io::packet, io::port::max_burst> burst_;
  std::size_t nof_burst_ = 0;
  cplane_counters counters_;
};

} // namespace pado::pipeline
