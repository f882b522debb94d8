// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>

namespace pado::io {

/// Counts lost, reordered and repeated messages of one eAxC, plane and direction by their 8-bit sequence ids.
///
/// A message may come up to 127 places late. What is still missing then counts as lost, so the counts never
/// go back. Eight repeated ids in a row are a sender that started anew, or a gap of more than 127, and are
/// followed.
class sequence_tracker {
public:
  static constexpr std::size_t window = 128;

  enum class event : std::uint8_t { in_order, gap, reordered, repeated };

  /// Books one message.
  event see(std::uint8_t sequence) noexcept
  {
    if (!is_started_) {
      is_started_ = true;
      newest_ = sequence;
      nof_repeated_ = 0;
      seen_.set(); // nothing before the first message is missing
      return event::in_order;
    }
    const auto ahead = static_cast<std::int8_t>(sequence - newest_);
    if (ahead > 0) {
      for (int step = 0; step < ahead; ++step) {
        nof_lost_ += seen_[window - 1] ? 0U : 1U;
        seen_ <<= 1;
      }
      seen_[0] = true;
      newest_ = sequence;
      nof_repeated_ = 0;
      return ahead == 1 ? event::in_order : event::gap;
    }
    const auto behind = static_cast<std::size_t>(-static_cast<int>(ahead));
    if (behind >= window || seen_[behind]) {
      if (++nof_repeated_ == max_repeated) {
        close();
        return see(sequence);
      }
      return event::repeated;
    }
    nof_repeated_ = 0;
    seen_[behind] = true;
    return event::reordered;
  }

  /// Holes that have left the window.
  std::uint64_t nof_lost() const noexcept { return nof_lost_; }
  /// Holes inside the window: lost, if nothing comes any more.
  std::uint64_t nof_open() const noexcept { return window - seen_.count(); }

  /// The stream ended, or starts anew: open holes become losses.
  void close() noexcept
  {
    if (is_started_) {
      nof_lost_ += nof_open();
      seen_.set();
      is_started_ = false;
    }
  }

private:
  static constexpr int max_repeated = 8;

  std::bitset<window> seen_ = std::bitset<window>().set(); ///< bit i: newest_ - i was seen
  std::uint64_t nof_lost_ = 0;
  int nof_repeated_ = 0;
  std::uint8_t newest_ = 0;
  bool is_started_ = false;
};

} // namespace pado::io
