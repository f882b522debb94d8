// SPDX-License-Identifier: Apache-2.0
// ctest: unit property
#include "pipeline/harq_pool.h"
#include <doctest/doctest.h>
#include <random>
#include <vector>

using namespace pado;
using pipeline::harq_pool;

namespace {
pusch_pdu pdu_of(std::uint16_t rnti, std::uint8_t process, bool new_data, std::uint32_t tb_size_bytes = 100)
{
  pusch_pdu pdu;
  pdu.rnti = rnti;
  pdu.harq_process_id = process;
  pdu.new_data = new_data;
  pdu.tb_size_bytes = tb_size_bytes;
  return pdu;
}
} // namespace

TEST_CASE("harq_pool: a retransmission combines with its failed block, in the same place")
{
  harq_pool pool(8);
  const auto first = pool.acquire(pdu_of(1, 3, true), 2, 0);
  CHECK_FALSE(first.place.is_combined);
  pool.release(first, false);
  const auto second = pool.acquire(pdu_of(1, 3, false), 2, 1);
  CHECK(second.place.is_combined);
  CHECK(second.place.soft_begin == first.place.soft_begin);
}

TEST_CASE("harq_pool: nothing is combined for new data, for another size or another process")
{
  for (int what = 0; what < 3; ++what) {
    CAPTURE(what);
    harq_pool pool(8);
    pool.release(pool.acquire(pdu_of(1, 3, true), 2, 0), false);
    const auto next = pool.acquire(pdu_of(1, what == 2 ? 4 : 3, what == 0, what == 1 ? 99U : 100U), 2, 1);
    CHECK(next.entry >= 0);
    CHECK_FALSE(next.place.is_combined);
  }
}

TEST_CASE("harq_pool: a block that was decoded still combines when it is sent again, but goes first when "
          "room is needed")
{
  harq_pool pool(4);
  pool.release(pool.acquire(pdu_of(1, 0, true), 2, 0), false);
  pool.release(pool.acquire(pdu_of(2, 0, true), 2, 1), true);
  const auto again = pool.acquire(pdu_of(2, 0, false), 2, 2);
  CHECK(again.place.is_combined);
  pool.release(again, true);
  pool.release(pool.acquire(pdu_of(3, 0, true), 2, 3), false);
  CHECK(pool.nof_evicted() == 0);
  CHECK(pool.acquire(pdu_of(1, 0, false), 2, 4).place.is_combined);
}

TEST_CASE("harq_pool: two PDUs of one slot with the same RNTI and process do not share a place")
{
  harq_pool pool(8);
  const auto a = pool.acquire(pdu_of(0, 0, true), 2, 0);
  const auto b = pool.acquire(pdu_of(0, 0, true), 2, 0);
  CHECK(a.place.soft_begin != b.place.soft_begin);
}

TEST_CASE("harq_pool: when memory is full the oldest idle process goes, one in flight never")
{
  harq_pool pool(4);
  const auto old = pool.acquire(pdu_of(1, 0, true), 2, 0);
  pool.release(old, false);
  const auto flying = pool.acquire(pdu_of(2, 0, true), 2, 1);
  const auto next = pool.acquire(pdu_of(3, 0, true), 2, 2);
  CHECK(next.place.soft_begin == old.place.soft_begin);
  CHECK(pool.nof_evicted() == 1);
  CHECK(pool.acquire(pdu_of(4, 0, true), 1, 3).entry == -1);
  pool.release(flying, true);
  CHECK(pool.acquire(pdu_of(4, 0, true), 1, 3).entry >= 0);
}

TEST_CASE("harq_pool: places in flight never overlap, whatever the traffic")
{
  std::mt19937 random(7);
  harq_pool pool(64);
  struct flight {
    harq_pool::lease lease;
    std::int64_t nof_bytes;
  };
  std::vector<flight> flights;
  for (std::int64_t slot = 0; slot < 3000; ++slot) {
    CAPTURE(slot);
    const auto blocks = static_cast<std::int32_t>(1 + random() % 9);
    const auto lease = pool.acquire(pdu_of(static_cast<std::uint16_t>(random() % 5),
                                           static_cast<std::uint8_t>(random() % 3),
                                           random() % 2 == 0),
                                    blocks,
                                    slot);
    if (lease.entry >= 0) {
      const std::int64_t begin = lease.place.soft_begin;
      const std::int64_t end = begin + std::int64_t{blocks} * phy::soft_stride;
      CHECK(begin >= 0);
      CHECK(end <= pool.memory_bytes());
      for (const flight& other : flights) {
        const std::int64_t other_begin = other.lease.place.soft_begin;
        CHECK((end <= other_begin || other_begin + other.nof_bytes <= begin));
      }
      flights.push_back({lease, std::int64_t{blocks} * phy::soft_stride});
    }
    while (flights.size() > 4) {
      pool.release(flights.front().lease, random() % 2 == 0);
      flights.erase(flights.begin());
    }
  }
}
