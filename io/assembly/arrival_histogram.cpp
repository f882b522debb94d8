// SPDX-License-Identifier: Apache-2.0
#include "io/assembly/arrival_histogram.h"

namespace pado::io {

namespace {

std::int64_t up(std::int64_t a, std::int64_t b) noexcept
{
  return (a + b - 1) / b;
}

} // namespace

void arrival_histogram::restart(const rx_window& window) noexcept
{
  constexpr std::int64_t us = 1000;
  const std::int64_t width_ns = window.latest_ns - window.earliest_ns;
  const std::int64_t coarse_us = std::max<std::int64_t>(1, up(width_ns, us * nof_coarse_inside));
  begin_ns_.set(window.earliest_ns);
  end_ns_.set(window.latest_ns);
  fine_ns_.set(us / static_cast<std::int64_t>(nof_fine) * coarse_us);
  nof_used_inside_.set(std::max<std::int64_t>(1, up(width_ns, coarse_ns())));
  bins_.fill(counter());
  count_ = counter();
  least_ = counter();
  greatest_ = counter();
}

std::size_t arrival_histogram::bin_of(std::int64_t offset_ns) const noexcept
{
  const std::int64_t fine_ns = fine_ns_.value();
  const std::int64_t begin_ns = begin_ns_.value();
  const std::int64_t end_ns = end_ns_.value();
  if (offset_ns < begin_ns) {
    const std::int64_t back = (begin_ns - offset_ns - 1) / fine_ns;
    return nof_outside - 1 - static_cast<std::size_t>(std::min<std::int64_t>(back, nof_outside - 1));
  }
  if (offset_ns > end_ns) {
    const std::int64_t on = (offset_ns - end_ns - 1) / fine_ns;
    return nof_outside + nof_inside + static_cast<std::size_t>(std::min<std::int64_t>(on, nof_outside - 1));
  }
  // The window's end is inside of it: with a width of whole bins it belongs to the last one.
  const std::int64_t last = static_cast<std::int64_t>(nof_fine) * nof_used_inside_.value() - 1;
  return nof_outside + static_cast<std::size_t>(std::min((offset_ns - begin_ns) / fine_ns, last));
}

std::int64_t arrival_histogram::bin_end_ns(std::size_t index) const noexcept
{
  const auto at = static_cast<std::int64_t>(index) + 1;
  constexpr auto outside = static_cast<std::int64_t>(nof_outside);
  if (index < nof_outside + nof_inside) {
    const std::int64_t end = begin_ns_.value() + (at - outside) * fine_ns_.value();
    return index < nof_outside ? end - 1 : std::min(end, end_ns_.value());
  }
  return end_ns_.value() + (at - outside - static_cast<std::int64_t>(nof_inside)) * fine_ns_.value();
}

std::int64_t arrival_histogram::least_ns() const noexcept
{
  return count() == 0 ? 0 : bias_ns - static_cast<std::int64_t>(least_.value());
}

std::int64_t arrival_histogram::greatest_ns() const noexcept
{
  return count() == 0 ? 0 : static_cast<std::int64_t>(greatest_.value()) - bias_ns;
}

std::int64_t arrival_histogram::quantile_ns(double quantile) const noexcept
{
  const double wanted = quantile * static_cast<double>(count());
  std::uint64_t below = 0;
  for (std::size_t index = 0; index + 1 < nof_bins; ++index) {
    below += bin(index);
    if (below != 0 && static_cast<double>(below) >= wanted) {
      return std::clamp(bin_end_ns(index), least_ns(), greatest_ns());
    }
  }
  return greatest_ns();
}

std::uint64_t arrival_histogram::coarse_bin(std::size_t index) const noexcept
{
  // Behind the window the fine bins begin at a fixed place, whatever is used inside.
  const auto used = static_cast<std::size_t>(nof_used_inside_.value());
  const std::size_t unused = index < nof_coarse_outside + used ? 0 : nof_coarse_inside - used;
  std::uint64_t sum = 0;
  for (std::size_t fine = 0; fine < nof_fine; ++fine) {
    sum += bin(nof_fine * (index + unused) + fine);
  }
  return sum;
}

} // namespace pado::io
