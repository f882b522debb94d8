// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/oran/survey.h"
#include "io/oran/uplane.h"
#include <array>
#include <optional>

namespace pado::io {

/// Finds the compression of a U-plane flow by trying every layout on the lengths of its messages.
class compression_guess {
public:
  /// `sections` is what follows the application header.
  void see(packet sections) noexcept;

  /// The layout that fits most messages so far. Nothing before the first message, or when none fits.
  std::optional<u_layout> layout() const noexcept;
  std::optional<compression_finding> finding() const;

private:
  // Hypothesis 0 is the dynamic header; 1..16 are 3 w bytes a PRB, 17..32 are 3 w + 1.
  static constexpr std::size_t nof_hypotheses = 33;
  static constexpr std::uint64_t nof_tried_in_full = 256; ///< messages after which only the best are tried

  struct score {
    std::uint64_t fitting = 0;
    std::uint64_t standard = 0; ///< of those with numPrbu = 0: the carrier would have a standard width
    std::uint64_t sections = 0; ///< IQ bytes read as headers make more sections than there are
  };

  static u_layout layout_of(std::size_t hypothesis) noexcept;
  std::size_t best() const noexcept;
  static bool is_better(const score& a, const score& b) noexcept;
  bool is_tied(std::size_t winner) const noexcept;
  void look_at_content(std::size_t winner, packet sections) noexcept;
  compression method_of(std::size_t winner) const noexcept;

  std::uint64_t nof_messages_ = 0;
  std::array<score, nof_hypotheses> scores_{};
  std::array<std::uint64_t, 256> headers_{};    ///< dynamic: sections with each udCompHdr
  std::array<std::uint64_t, 256> parameters_{}; ///< static: PRBs with each udCompParam under the best layout
};

} // namespace pado::io
