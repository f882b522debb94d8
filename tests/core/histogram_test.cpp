// SPDX-License-Identifier: Apache-2.0
// ctest: unit
#include "core/histogram.h"
#include <algorithm>
#include <doctest/doctest.h>

namespace pado {

TEST_CASE("duration_histogram: bins follow each other without a hole and are at most an eighth wide")
{
  for (std::size_t bin = 0; bin + 1 < duration_histogram::nof_bins; ++bin) {
    const std::int64_t begin = duration_histogram::bin_begin_ns(bin);
    const std::int64_t end = duration_histogram::bin_begin_ns(bin + 1);
    CAPTURE(bin);
    REQUIRE(end > begin);
    CHECK(duration_histogram::bin_of(begin) == bin);
    CHECK(duration_histogram::bin_of(end - 1) == bin);
    CHECK((end - begin) * 8 <= std::max<std::int64_t>(begin, 8));
  }
}

TEST_CASE("duration_histogram: quantiles are never below the truth and at most an eighth above")
{
  duration_histogram histogram;
  CHECK(histogram.quantile_ns(0.5) == 0);
  for (std::int64_t i = 1; i <= 1000; ++i) {
    histogram.add(i * 1000);
  }
  CHECK(histogram.count() == 1000);
  CHECK(histogram.sum_ns() == 500500000);
  for (const double q : {0.5, 0.9, 0.99}) {
    const double truth = q * 1e6;
    CHECK(static_cast<double>(histogram.quantile_ns(q)) >= truth);
    CHECK(static_cast<double>(histogram.quantile_ns(q)) <= truth * 1.126);
  }
  CHECK(histogram.quantile_ns(1.0) == 1000000);
  CHECK(histogram.max_ns() == 1000000);
}

TEST_CASE("duration_histogram: values outside the range are counted at its ends")
{
  duration_histogram histogram;
  histogram.add(-5);
  histogram.add(INT64_MAX / 2);
  CHECK(histogram.bin(0) == 1);
  CHECK(histogram.bin(duration_histogram::nof_bins - 1) == 1);
  CHECK(histogram.quantile_ns(0.5) == 0);
  CHECK(histogram.quantile_ns(1.0) == INT64_MAX / 2);
}

TEST_CASE("duration_histogram: two of them together are what one would have counted")
{
  duration_histogram odd;
  duration_histogram even;
  duration_histogram all;
  for (std::int64_t i = 1; i <= 1000; ++i) {
    (i % 2 == 0 ? even : odd).add(i * 1000);
    all.add(i * 1000);
  }
  odd.add_all(even);
  CHECK(odd.count() == all.count());
  CHECK(odd.sum_ns() == all.sum_ns());
  CHECK(odd.max_ns() == all.max_ns());
  for (const double q : {0.0, 0.5, 0.99, 1.0}) {
    CHECK(odd.quantile_ns(q) == all.quantile_ns(q));
  }
}

} // namespace pado
