// SPDX-License-Identifier: Apache-2.0
#include "core/slot.h"
#include <doctest/doctest.h>
#include <initializer_list>

using pado::numerology;
using pado::slot_id;

TEST_CASE("slot: arithmetic goes over the SFN wrap in both directions")
{
  for (const int mu : {0, 1, 2}) {
    CAPTURE(mu);
    const numerology n{mu};
    const slot_id last{1023, n.slots_per_frame() - 1};
    CHECK(advance(last, 1, n) == slot_id{0, 0});
    CHECK(advance(slot_id{0, 0}, -1, n) == last);
    CHECK(distance(last, slot_id{0, 0}, n) == 1);
    CHECK(distance(slot_id{0, 0}, last, n) == -1);
    CHECK(advance(slot_id{5, 3}, 1024 * n.slots_per_frame(), n) == slot_id{5, 3});
  }
}

TEST_CASE("slot: distance undoes advance for every offset below half a cycle")
{
  const numerology n{1};
  const slot_id from{1000, 13};
  for (int count = -10239; count < 10240; count += 7) {
    CAPTURE(count);
    CHECK(distance(from, advance(from, count, n), n) == count);
  }
}
