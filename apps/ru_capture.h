// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/ru_cell.h"
#include "core/result.h"
#include "io/port/port.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pado::apps {

/// Uplink user data of a capture, sorted by slot and symbol of a period that repeats: real packets that a
/// unit sends again, with the time of now.
///
/// The SFN keeps its place modulo the period, so a schedule of the capture fits with its SFN modulo the
/// period. When a frame had come in the capture does not matter: each is due when its symbol is.
class ru_capture {
public:
  struct stored_frame {
    std::size_t begin = 0; ///< of its bytes
    std::uint32_t size = 0;
    std::uint32_t pdu = 0; ///< where the eCPRI PDU begins
    std::uint16_t eaxc = 0;
    std::uint8_t symbol = 0;
    std::int64_t slot = 0; ///< of the period
  };

  /// \errors the capture cannot be read; it has no U-plane of the cell; more than 1024 frames or 2 GiB
  static result<ru_capture> read(const std::string& path, const cell_config& cell);

  std::int64_t period_slots() const noexcept { return period_slots_; }
  const std::vector<stored_frame>& frames() const noexcept { return frames_; }
  /// Indices of the frames of one symbol, in the order of the capture.
  std::span<const std::uint32_t> of(std::int64_t slot, std::int32_t symbol) const noexcept
  {
    const auto place = static_cast<std::size_t>((slot % period_slots_) * nof_symbols_per_slot + symbol);
    return std::span(order_).subspan(begin_[place], begin_[place + 1] - begin_[place]);
  }
  std::size_t max_frame_bytes() const noexcept { return max_frame_bytes_; }

  /// Copies a frame, with another time and sequence id. Returns its bytes, from the PDU on if so wanted.
  std::span<std::byte> write(std::uint32_t index,
                             slot_id slot,
                             numerology scs,
                             std::uint8_t sequence,
                             io::framing form,
                             std::span<std::byte> out) const noexcept;

private:
  void sort();

  std::int64_t period_slots_ = 0;
  std::size_t max_frame_bytes_ = 0;
  std::vector<std::byte> bytes_;
  std::vector<stored_frame> frames_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> begin_; ///< [slot * 14 + symbol] into order_
};

/// What a unit must know of a cell whose packets come from a capture.
/// \errors no fronthaul
result<ru_cell_plan> plan_capture_cell(const cell_config& cell, const ru_capture& capture);

} // namespace pado::apps
