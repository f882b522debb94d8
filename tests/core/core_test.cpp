// SPDX-License-Identifier: Apache-2.0
// ctest: unit
#include "core/block.h"
#include "core/buffer.h"
#include "core/clock.h"
#include "core/complex.h"
#include "core/limits.h"
#include "core/ring.h"
#include <cmath>
#include <cstdint>
#include <doctest/doctest.h>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

namespace pado {

TEST_CASE("view: a dense view addresses its elements in row order, and an index takes the first axis off")
{
  std::vector<int> data(2 * 3 * 4);
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i] = static_cast<int>(i);
  }
  const view<int, 3> whole(data.data(), 2, 3, 4);
  CHECK(whole.size() == 24);
  CHECK(whole(1, 2, 3) == 23);
  CHECK(whole[1](2, 3) == 23);
  CHECK(whole[1][0].part(1, 3)(0) == 13);
  CHECK(whole[1][0].part(1, 3).extent(0) == 2);
  whole(0, 1, 2) = -1;
  const view<const int, 3> read_only = whole;
  CHECK(read_only(0, 1, 2) == -1);
  CHECK(view<int, 2>().size() == 0);
}

TEST_CASE("buffer: memory is zeroed, aligned to 64 bytes, and moves with its owner")
{
  buffer<double> first(100);
  CHECK(reinterpret_cast<std::uintptr_t>(first.data()) % 64 == 0);
  CHECK(first[99] == 0.0);
  first[7] = 3.0;
  const double* at = first.data();
  buffer<double> second = std::move(first);
  CHECK(second.data() == at);
  CHECK(second.as(10, 10)(0, 7) == 3.0);
  CHECK(first.size() == 0); // NOLINT(bugprone-use-after-move): what is left is empty
  CHECK(buffer<int>(0).data() == nullptr);
  CHECK(pinned_buffer<int>(5)[4] == 0);
}

TEST_CASE("spsc_ring: what one thread pushes another pops in order; what does not fit is refused and counted")
{
  spsc_ring<int> small(2);
  CHECK(small.push(1));
  CHECK(small.push(2));
  CHECK_FALSE(small.push(3));
  CHECK(small.nof_dropped() == 1);
  int value = 0;
  CHECK(small.pop(value));
  CHECK(value == 1);

  constexpr int nof_values = 20000;
  spsc_ring<int> ring(64);
  std::thread producer([&ring] {
    for (int i = 0; i < nof_values;) {
      if (ring.push(i)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  int expected = 0;
  while (expected < nof_values) {
    if (ring.pop(value)) {
      REQUIRE(value == expected);
      ++expected;
    } else {
      std::this_thread::yield();
    }
  }
  producer.join();
  CHECK_FALSE(ring.pop(value));
}

TEST_CASE("counter: add counts, raise_to keeps the greatest")
{
  counter count;
  count.add();
  count.add(4);
  CHECK(count.value() == 5);
  count.raise_to(3);
  CHECK(count.value() == 5);
  count.raise_to(9);
  const counter copy = count;
  CHECK(copy.value() == 9);
}

TEST_CASE("limits: the first field outside its range is named with value and range; NaN lies in no range")
{
  CHECK_FALSE(check_range("a.nof_prb", 275, 1, 275));
  CHECK(check_range("a.nof_prb", 276, 1, 275)->text() == "a.nof_prb is 276, must be in 1..275");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(first_out_of_range({{"x", 1.0, 0.0, 1.0}, {"y", -1.0, -1.0, 0.0}}));
  CHECK(first_out_of_range({{"x", 1.0, 0.0, 1.0}, {"y", nan, -1.0, 0.0}})->field == "y");
}

TEST_CASE("result: holds a value or an error")
{
  const result<std::unique_ptr<int>> good = std::make_unique<int>(4);
  CHECK(good);
  CHECK(*good.value() == 4);
  const result<int> bad = error{"a", "is wrong"};
  CHECK_FALSE(bad);
  CHECK(bad.failure().text() == "a is wrong");
  CHECK(error{"", "alone"}.text() == "alone");
}

TEST_CASE("host_block: both orders visit every index once, and agree on sums and maxima")
{
  std::vector<std::byte> scratch(256);
  for (const visit order : {visit::forward, visit::backward}) {
    const host_block block(scratch.data(), scratch.size(), order);
    std::vector<int> visited(9);
    block.for_each(9, [&](int i) { ++visited[static_cast<std::size_t>(i)]; });
    CHECK(visited == std::vector<int>(9, 1));
    CHECK(block.sum<int>(9, [](int i) { return i; }) == 36);
    CHECK(block.max<int>(9, [](int i) { return i * (8 - i); }) == 16);
    CHECK(reinterpret_cast<std::byte*>(block.array<float>(64, 48)) == scratch.data() + 64);
  }
}

TEST_CASE("ch16: every half goes to float and back unchanged; floats round to the nearest half, ties to even")
{
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = half_to_float(static_cast<std::uint16_t>(bits));
    if (!std::isnan(value)) {
      REQUIRE(float_to_half(value) == bits);
    }
  }
  CHECK(half_to_float(float_to_half(2049.0F)) == 2048.0F); // 2048 and 2050 are halves
  CHECK(half_to_float(float_to_half(2051.0F)) == 2052.0F);
  CHECK(half_to_float(float_to_half(-2049.1F)) == -2050.0F);
}

TEST_CASE("clock: the virtual one stands still until told, the others do not run backwards")
{
  virtual_clock still;
  CHECK(still.now_ns() == 0);
  still.set_ns(5);
  still.advance_ns(7);
  CHECK(still.now_ns() == 12);
  const steady_clock steady;
  const std::int64_t before = steady.now_ns();
  CHECK(steady.now_ns() >= before);
  CHECK(system_clock().now_ns() > 1700000000000000000); // after 2023
}

} // namespace pado
