// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/uplink_slot.h"
#include "io/assembly/assembler_config.h"
#include "io/assembly/prach_slot.h"
#include "io/oran/app_header.h"
#include "io/oran/uplane.h"

namespace pado::io {

enum class add_result : std::uint8_t {
  fresh,
  overlapping, ///< some PRBs were there already; the others were taken
  duplicate,   ///< all PRBs were there already
  full         ///< no room for another section
};

/// Memory of one slot of the grid: packet bytes, sections and the mask of what came.
///
/// A PRB is stored once, so ports * symbols * PRBs bounds the bytes and no packet can overrun them.
class uplink_store {
public:
  /// Bytes readable beyond the last section, so that a wide load of its end is harmless.
  static constexpr std::size_t slack_bytes = 64;

  struct limits {
    std::int32_t nof_ports = 0;
    std::int32_t nof_prb = 0;
    std::size_t max_bytes_per_prb = 0;
    std::size_t max_sections = 0;
  };
  explicit uplink_store(const limits& of);

  /// Starts a slot of which the given symbols (bit l: symbol l) of all ports are awaited; of these only what
  /// `told` names, unless it is null.
  void begin(std::uint16_t symbols, const awaited_prbs* told = nullptr) noexcept;
  add_result add(std::int32_t port, std::int32_t symbol, const u_section& section) noexcept;
  void see(std::int64_t arrival_ns) noexcept;

  std::int32_t nof_missing_prb() const noexcept { return nof_awaited_ - nof_received_; }
  bool is_complete() const noexcept { return nof_missing_prb() == 0; }
  /// What has been stored; cell, slot and air time are left to the caller.
  uplink_slot contents() const noexcept;

private:
  std::uint8_t* row_of(std::int32_t port, std::int32_t symbol) const noexcept;
  std::int32_t nof_awaited_in(std::int32_t symbol, prb_range run) const noexcept;
  /// False when there is no room for another section.
  bool store_run(std::int32_t port, std::int32_t symbol, const u_section& section, prb_range run) noexcept;

  std::int32_t nof_ports_;
  std::int32_t nof_prb_;
  pinned_buffer<std::byte> bytes_;
  pinned_buffer<iq_section> sections_;
  pinned_buffer<std::uint8_t> received_;
  std::uint32_t nof_bytes_ = 0;
  std::int32_t nof_sections_ = 0;
  std::uint16_t awaited_symbols_ = 0;
  awaited_prbs::ranges awaited_ranges_;
  std::int32_t nof_awaited_ = 0;
  std::int32_t nof_received_ = 0;
  std::int64_t first_ns_ = 0;
  std::int64_t last_ns_ = 0;
};

/// Memory of the PRACH sections of one slot: at most 8 occasions in frequency a port and symbol.
class prach_store {
public:
  prach_store(std::int32_t nof_ports, std::int32_t nof_prb, std::size_t max_bytes_per_prb);

  void begin() noexcept;
  add_result add(std::int32_t port, const app_header& header, const u_section& section) noexcept;
  void see(std::int64_t arrival_ns) noexcept;

  std::int32_t nof_sections() const noexcept { return nof_sections_; }
  prach_slot contents() const noexcept;

private:
  bool overlaps(std::int32_t port, std::int32_t symbol, const u_section& section) const noexcept;

  pinned_buffer<std::byte> bytes_;
  pinned_buffer<prach_section> sections_;
  std::uint32_t nof_bytes_ = 0;
  std::int32_t nof_sections_ = 0;
  std::int64_t first_ns_ = 0;
  std::int64_t last_ns_ = 0;
};

} // namespace pado::io
