// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/decompress/decompress.h"
#include "phy/decompress/decompress_linear.h"
#include <cstring>

namespace pado::phy {

namespace {

/// The same as body::clear_uncovered: of a full row it reads each mark once, 32 at a time.
void clear_uncovered_row(view<std::uint8_t, 1> covered, view<ch16, 1> row)
{
  const std::size_t nof_prb = static_cast<std::size_t>(covered.extent(0));
  if (std::memchr(covered.data(), 0, nof_prb) != nullptr) {
    body::clear_uncovered(host_block(), covered, row);
  } else {
    std::memset(covered.data(), 0, nof_prb);
  }
}

} // namespace

template <>
void decompress<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  const auto marks = covered();
  for (int s = 0; s < in.sections.extent(0); ++s) {
    const iq_section& section = in.sections(s);
    const linear_kernel kernel = best_linear_kernel(section.method);
    if (kernel == nullptr || section.method == compression::mu_law) {
      body::decompress(host_block(), section, in.bytes, marks, out.grid);
    } else if (section.nof_prb > 0) {
      body::check(section, in.bytes, out.grid);
      kernel(linear_prbs_of(section, in.bytes),
             &out.grid(section.port, section.symbol, nof_subcarriers_per_prb * section.prb_begin));
      std::memset(&marks(section.port, section.symbol, section.prb_begin), 1, section.nof_prb);
    }
  }
  for (int port = 0; port < marks.extent(0); ++port) {
    for (int symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      clear_uncovered_row(marks[port][symbol], out.grid[port][symbol]);
    }
  }
}

} // namespace pado::phy
