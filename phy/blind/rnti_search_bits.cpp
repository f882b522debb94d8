// SPDX-License-Identifier: Apache-2.0
// The part of rnti_search that puts the bits of a code word on the columns of the base graph.
#include "phy/blind/rnti_search.h"
#include <algorithm>

namespace pado::phy {

/// Bits [d, d + count) of the circular buffer on their columns: a piece that stays in one column at a time.
template <class Put>
void rnti_search::place_run(std::int32_t z, std::int32_t d, std::int32_t count, const Put& put)
{
  for (std::int32_t done = 0; done < count;) {
    const std::int32_t column = 2 + (d + done) / z;
    const std::int32_t row = (d + done) % z;
    const std::int32_t length = std::min(count - done, z - row);
    const auto at = static_cast<std::size_t>(column * 2 * z);
    if (!sent_[static_cast<std::size_t>(column)]) {
      sent_.set(static_cast<std::size_t>(column));
      if (length < z) {
        std::fill_n(column_soft_.begin() + static_cast<std::ptrdiff_t>(at), 2 * z, 0.0F);
      }
    }
    put(done, length, at + static_cast<std::size_t>(row));
    done += length;
  }
}

void rnti_search::place_bits(const segmentation& cut, std::int32_t block, std::int32_t qam_mod_order)
{
  const auto z = static_cast<std::size_t>(cut.z);
  sent_.reset();
  place_run(cut.z,
            cut.filler_begin,
            std::max(0, cut.filler_end - cut.filler_begin),
            [&](std::int32_t, std::int32_t length, std::size_t at) {
              for (std::size_t i = at; i < at + static_cast<std::size_t>(length); ++i) {
                column_soft_[i] = column_soft_[i + z] = 1.0F; // known zeros, not scrambled
                column_key_[i] = column_key_[i + z] = 0;
              }
            });
  // First copies only: a repeated position has another key, so its soft values cannot be added.
  const std::int32_t nof_sent = cut.nof_sent(block);
  const std::int32_t count = std::min(nof_sent, cut.nof_sendable());
  const std::int32_t row_length = nof_sent / qam_mod_order;
  const auto begin = static_cast<std::size_t>(cut.sent_begin(block));
  std::int32_t d = cut.k0;
  for (std::int32_t j = 0; j < count;) {
    d = d >= cut.nof_circular ? 0 : d;
    d = d >= cut.filler_begin && d < cut.filler_end ? cut.filler_end : d;
    d = d >= cut.nof_circular ? 0 : d;
    const std::int32_t until = d < cut.filler_begin ? cut.filler_begin : cut.nof_circular;
    // Bit j of the selection is in row j / row_length of the interleaver, which is read by columns.
    const std::int32_t row = j / row_length;
    const std::int32_t in_row = j % row_length;
    const std::int32_t length = std::min({until - d, row_length - in_row, count - j});
    const std::size_t from = begin + static_cast<std::size_t>(in_row * qam_mod_order + row);
    const auto step = static_cast<std::size_t>(qam_mod_order);
    place_run(cut.z, d, length, [&](std::int32_t done, std::int32_t part, std::size_t at) {
      std::size_t bit = from + static_cast<std::size_t>(done) * step;
      for (std::size_t i = at; i < at + static_cast<std::size_t>(part); ++i, bit += step) {
        column_soft_[i] = column_soft_[i + z] = soft_[bit];
        column_key_[i] = column_key_[i + z] = keys_[bit];
      }
    });
    j += length;
    d += length;
  }
}

} // namespace pado::phy
