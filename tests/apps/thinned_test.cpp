// SPDX-License-Identifier: Apache-2.0
// links: pado_apps
#include "apps/thinned.h"
#include <doctest/doctest.h>

using namespace pado::apps; // NOLINT(google-build-using-namespace)

TEST_CASE("thinned: of a series of any length every k-th is kept, from the first on, never too many")
{
  for (const int length : {1, 4, 5, 8, 9, 100, 1000}) {
    CAPTURE(length);
    thinned<int> kept(4);
    for (int i = 0; i < length; ++i) {
      if (kept.wants()) {
        kept.put(i);
      }
    }
    CHECK(kept.kept().size() <= 4);
    CHECK(kept.stride() * 4 >= length);
    CHECK((length <= 4) == (kept.stride() == 1));
    for (std::size_t i = 0; i < kept.kept().size(); ++i) {
      CHECK(kept.kept()[i] == static_cast<int>(i) * kept.stride());
    }
    CHECK((static_cast<std::int64_t>(kept.kept().size()) - 1) * kept.stride() < length);
    CHECK(static_cast<std::int64_t>(kept.kept().size()) * kept.stride() >= length);
  }
}

TEST_CASE("summed_bins: sums of a series that grows are kept whole, in at most as many bins")
{
  struct sum {
    std::int64_t n = 0;
    sum& operator+=(const sum& other)
    {
      n += other.n;
      return *this;
    }
  };
  for (const std::int64_t length : {1, 6, 7, 1000}) {
    summed_bins<sum> bins(6);
    for (std::int64_t i = 0; i < length; ++i) {
      bins.at(i).n += i;
    }
    CHECK(bins.bins().size() <= 6);
    for (std::size_t bin = 0; bin < bins.bins().size(); ++bin) {
      std::int64_t expected = 0;
      for (std::int64_t i = 0; i < length; ++i) {
        expected += i / bins.width() == static_cast<std::int64_t>(bin) ? i : 0;
      }
      CHECK(bins.bins()[bin].n == expected);
    }
  }
  summed_bins<sum> far(6);
  far.at(0).n = 1;
  far.at(1000000000).n += 2; // a gap, as between two parts of a capture
  CHECK(far.bins()[0].n == 1);
  CHECK(far.bins().back().n == 2);
}
