// SPDX-License-Identifier: Apache-2.0
#include "io/oran/sequence.h"
#include <algorithm>
#include <doctest/doctest.h>
#include <random>
#include <vector>

using pado::io::sequence_tracker;

TEST_CASE("oran: sequence ids count a loss once, whatever the order, and survive a restart")
{
  sequence_tracker tracker;
  using event = sequence_tracker::event;
  CHECK(tracker.see(254) == event::in_order);
  CHECK(tracker.see(255) == event::in_order);
  CHECK(tracker.see(2) == event::gap); // 0 and 1 missing
  CHECK(tracker.nof_open() == 2);
  CHECK(tracker.see(1) == event::reordered);
  CHECK(tracker.see(1) == event::repeated);
  CHECK(tracker.nof_lost() == 0);
  for (int i = 3; i < 3 + 128; ++i) {
    CHECK(tracker.see(static_cast<std::uint8_t>(i)) == event::in_order);
  }
  CHECK(tracker.nof_lost() == 1); // 0 has left the window
  CHECK(tracker.nof_open() == 0);
  CHECK(tracker.see(140) == event::gap);
  tracker.close();
  CHECK(tracker.nof_lost() == 1 + 9);

  // A random order within 23 places loses nothing
  sequence_tracker shuffled;
  std::mt19937 random(4);
  std::vector<int> order(5000);
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = static_cast<int>(i);
  }
  for (std::size_t begin = 0; begin + 23 <= order.size(); begin += 23) {
    std::shuffle(order.begin() + static_cast<std::ptrdiff_t>(begin),
                 order.begin() + static_cast<std::ptrdiff_t>(begin) + 23,
                 random);
  }
  order.insert(order.begin(), -1);
  for (const int i : order) {
    shuffled.see(static_cast<std::uint8_t>(i));
  }
  shuffled.close();
  CHECK(shuffled.nof_lost() == 0);

  // A sender that restarts is followed after a few messages
  sequence_tracker restarted;
  for (int i = 0; i < 200; ++i) {
    restarted.see(static_cast<std::uint8_t>(i));
  }
  for (int i = 0; i < 300; ++i) {
    restarted.see(static_cast<std::uint8_t>(150 + i));
  }
  CHECK(restarted.nof_open() == 0);
}
