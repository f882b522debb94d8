// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/counter.h"
#include "io/faults/fault_config.h"
#include "io/port/port.h"
#include <array>
#include <cstdint>
#include <span>

namespace pado::io {

/// Names a frame, whenever it is sent: what faults are drawn for.
struct frame_key {
  std::uint64_t slot = 0;  ///< since some begin
  std::uint32_t frame = 0; ///< in the slot
};

/// What hits one frame. Kinds that exclude each other are sorted out already.
struct frame_faults {
  std::uint32_t mask = 0;

  bool has(fault_kind kind) const noexcept { return (mask >> static_cast<unsigned>(kind) & 1U) != 0; }
  /// Not sent at all.
  bool is_lost() const noexcept
  {
    return has(fault_kind::loss) || has(fault_kind::loss_burst) || has(fault_kind::silence);
  }
};

/// Draws faults and damages frames. What hits a frame is a function of seed and key (a loss burst also of the
/// frames before), so it does not depend on timing.
///
/// A frame that is lost has no other fault. A late frame is not early. Every fault is counted when it is
/// drawn; damage when it is done. Counters are written by the drawing thread, readable by any.
class fault_injector {
public:
  explicit fault_injector(const fault_config& config) noexcept;

  bool is_active() const noexcept { return is_active_; }
  const fault_config& config() const noexcept { return config_; }

  /// What happens to a frame. Each frame once, in the order of sending.
  frame_faults draw(const frame_key& key) noexcept;
  /// Whether a C-plane message, counted from 0, goes unanswered.
  bool ignores_cplane(std::uint64_t message) noexcept;

  /// Changes the bytes of a frame: returns what is left of it. `form` says what it begins with.
  std::span<std::byte>
  damage(frame_faults faults, const frame_key& key, framing form, std::span<std::byte> frame) noexcept;

  /// Frames (messages for ignore_cplane) that a fault was done to; duplicate counts the copies.
  std::uint64_t injected(fault_kind kind) const noexcept
  {
    return injected_[static_cast<std::size_t>(kind)].value();
  }

private:
  std::uint32_t word_of(const frame_key& key, std::uint32_t purpose) const noexcept;
  bool is_hit(const frame_key& key, fault_kind kind) const noexcept;
  bool is_silent(std::uint64_t slot) noexcept;
  bool is_lost_in_burst(const frame_key& key) noexcept;
  void count(fault_kind kind, std::uint64_t n = 1) noexcept
  {
    injected_[static_cast<std::size_t>(kind)].add(n);
  }
  frame_faults one(fault_kind kind) noexcept;
  void change_headers(frame_faults faults,
                      const frame_key& key,
                      framing form,
                      std::span<std::byte> frame) noexcept;

  fault_config config_;
  std::array<std::uint64_t, nof_fault_kinds> limits_{}; ///< of a random word, below which the fault strikes
  bool is_active_ = false;
  std::int32_t burst_left_ = 0;
  std::uint64_t known_slot_ = ~std::uint64_t{0}; ///< that is_known_silent_ is about
  bool is_known_silent_ = false;
  std::array<counter, nof_fault_kinds> injected_;
};

} // namespace pado::io
