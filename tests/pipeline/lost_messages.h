// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/pipeline/scene.h"
#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace pado::test {

/// A scene of which fronthaul messages are lost. The grid is empty where they are, as decompression leaves
/// it, and the mask says so.
class lost_messages {
public:
  /// A message carries one port and symbol of up to prb_per_message PRBs.
  lost_messages(const scene& from, std::int32_t prb_per_message)
      : prb_per_message_(prb_per_message), nof_ports_(from.nof_ports), nof_prb_(from.nof_prb),
        grid_(from.grid.begin(), from.grid.end()),
        received_(static_cast<std::size_t>(from.nof_ports * nof_symbols_per_slot * from.nof_prb), 1)
  {
  }

  /// Loses each message with a probability. Says how many are gone.
  int lose(double percent, std::uint32_t seed)
  {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> draw(0.0, 100.0);
    int nof_lost = 0;
    for (std::int32_t port = 0; port < nof_ports_; ++port) {
      for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
        for (std::int32_t prb = 0; prb < nof_prb_; prb += prb_per_message_) {
          if (draw(random) < percent) {
            lose_prbs(port, symbol, {prb, std::min(prb + prb_per_message_, nof_prb_)});
            ++nof_lost;
          }
        }
      }
    }
    return nof_lost;
  }

  void lose_prbs(std::int32_t port, std::int32_t symbol, prb_range prbs, ch16 left = {})
  {
    const std::size_t row = row_of(port, symbol);
    std::fill_n(received_.begin() + static_cast<std::ptrdiff_t>(row) + prbs.begin, prbs.size(), 0);
    std::fill_n(
        grid_.begin() + static_cast<std::ptrdiff_t>(12 * row) + 12 * prbs.begin, 12 * prbs.size(), left);
  }

  /// Gives the symbols of a mask back.
  void restore(const scene& from, std::uint32_t symbols)
  {
    for (std::int32_t port = 0; port < nof_ports_; ++port) {
      for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
        if (((symbols >> symbol) & 1U) != 0) {
          const std::size_t row = row_of(port, symbol);
          std::fill_n(received_.begin() + static_cast<std::ptrdiff_t>(row), nof_prb_, 1);
          std::copy_n(&from.grid[12 * row], 12 * nof_prb_, &grid_[12 * row]);
        }
      }
    }
  }

  /// PRBs missing on the symbols of a mask, all ports.
  std::int64_t nof_missing(std::uint32_t symbols) const
  {
    std::int64_t n = 0;
    for (std::size_t i = 0; i < received_.size(); ++i) {
      const std::size_t symbol = i / static_cast<std::size_t>(nof_prb_) % nof_symbols_per_slot;
      n += received_[i] == 0 && ((symbols >> symbol) & 1U) != 0 ? 1 : 0;
    }
    return n;
  }

  uplink_slot slot_of(const scene& from) const
  {
    uplink_slot slot;
    slot.slot = from.plan.slot;
    slot.grid = view<const ch16, 3>(
        grid_.data(), nof_ports_, nof_symbols_per_slot, nof_subcarriers_per_prb * nof_prb_);
    slot.received = view<const std::uint8_t, 3>(received_.data(), nof_ports_, nof_symbols_per_slot, nof_prb_);
    slot.nof_missing_prb = static_cast<std::int32_t>(std::count(received_.begin(), received_.end(), 0));
    return slot;
  }

private:
  std::size_t row_of(std::int32_t port, std::int32_t symbol) const
  {
    return static_cast<std::size_t>((port * nof_symbols_per_slot + symbol) * nof_prb_);
  }

  std::int32_t prb_per_message_;
  std::int32_t nof_ports_;
  std::int32_t nof_prb_;
  std::vector<ch16> grid_;
  std::vector<std::uint8_t> received_;
};

} // namespace pado::test
