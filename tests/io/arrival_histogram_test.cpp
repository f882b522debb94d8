// SPDX-License-Identifier: Apache-2.0
// ctest: unit property
#include "io/assembly/arrival_histogram.h"
#include <doctest/doctest.h>
#include <random>
#include <vector>

using pado::io::arrival_histogram;
using pado::io::rx_window;

namespace {

/// Sums of the coarse bins before, inside and behind the window.
std::array<std::uint64_t, 3> parts_of(const arrival_histogram& arrivals)
{
  std::array<std::uint64_t, 3> sums{};
  for (std::size_t bin = 0; bin < arrivals.nof_coarse(); ++bin) {
    const bool is_before = bin < arrival_histogram::nof_coarse_outside;
    const bool is_behind = bin >= arrivals.nof_coarse() - arrival_histogram::nof_coarse_outside;
    sums[is_before ? 0 : is_behind ? 2 : 1] += arrivals.coarse_bin(bin);
  }
  return sums;
}

} // namespace

TEST_CASE("arrival_histogram: a coarse bin is a whole number of microseconds, at most 16 fill the window")
{
  const arrival_histogram a(rx_window{50000, 331000, {}, false});
  CHECK(a.coarse_ns() == 18000); // 281 us in 16 parts
  CHECK(a.nof_coarse() == 8 + 16 + 8);
  const arrival_histogram narrow(rx_window{0, 5000, {}, false});
  CHECK(narrow.coarse_ns() == 1000);
  CHECK(narrow.nof_coarse() == 8 + 5 + 8);
  const arrival_histogram wide(rx_window{-1000, 170000, {}, false});
  CHECK(wide.coarse_ns() == 11000);
  CHECK(wide.nof_coarse() == 8 + 16 + 8);
}

TEST_CASE("arrival_histogram: the ends of the window belong to it")
{
  arrival_histogram a(rx_window{50000, 66000, {}, false}); // coarse bins of 1 us
  for (const std::int64_t offset_ns : {49999, 50000, 50999, 51000, 66000, 66001, 67000, 67001}) {
    a.add(offset_ns);
  }
  CHECK(a.coarse_bin(7) == 1);          // 49999
  CHECK(a.coarse_bin(8) == 2);          // 50000 50999
  CHECK(a.coarse_bin(9) == 1);          // 51000
  CHECK(a.coarse_bin(8 + 15) == 1);     // 66000
  CHECK(a.coarse_bin(8 + 16) == 2);     // 66001 67000
  CHECK(a.coarse_bin(8 + 16 + 1) == 1); // 67001
  CHECK(a.least_ns() == 49999);
  CHECK(a.greatest_ns() == 67001);
  CHECK(a.count() == 8);
}

TEST_CASE("arrival_histogram: what is far out lies in the outermost bins, least and greatest stay exact")
{
  arrival_histogram a(rx_window{0, 100000, {}, false});
  CHECK(a.least_ns() == 0);
  CHECK(a.greatest_ns() == 0);
  CHECK(a.quantile_ns(0.5) == 0);
  const std::int64_t years_ns = 1'700'000'000'000'000'000;
  a.add(-years_ns);
  a.add(years_ns);
  CHECK(a.coarse_bin(0) == 1);
  CHECK(a.coarse_bin(a.nof_coarse() - 1) == 1);
  CHECK(a.least_ns() == -years_ns);
  CHECK(a.greatest_ns() == years_ns);
  CHECK(a.quantile_ns(1.0) == years_ns);
}

TEST_CASE("arrival_histogram: bins count like the window does, quantiles are right to a bin")
{
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    CAPTURE(round);
    const rx_window window{static_cast<std::int64_t>(random() % 200000) - 100000, 0, {}, false};
    rx_window own = window;
    own.latest_ns = window.earliest_ns + 1000 * static_cast<std::int64_t>(1 + random() % 500);
    arrival_histogram a(own);
    std::array<std::uint64_t, 3> expected{};
    std::vector<std::int64_t> offsets;
    for (int i = 0; i < 500; ++i) {
      const auto width = static_cast<std::uint32_t>(own.latest_ns - own.earliest_ns);
      offsets.push_back(own.earliest_ns + static_cast<std::int64_t>(random() % (2 * width)) - width / 4);
      a.add(offsets.back());
      ++expected[offsets.back() < own.earliest_ns ? 0 : offsets.back() > own.latest_ns ? 2 : 1];
    }
    CHECK(parts_of(a) == expected);
    std::sort(offsets.begin(), offsets.end());
    CHECK(a.least_ns() == offsets.front());
    CHECK(a.greatest_ns() == offsets.back());
    // Only the outermost bins are wider than the others.
    if (offsets[250] < own.latest_ns + 8 * a.coarse_ns()) {
      CHECK(a.quantile_ns(0.5) >= offsets[249]);
      CHECK(a.quantile_ns(0.5) <= offsets[249] + a.coarse_ns() / 8);
    }
  }
}
