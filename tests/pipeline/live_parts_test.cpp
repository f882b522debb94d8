// SPDX-License-Identifier: Apache-2.0
// ctest: unit property
#include "pipeline/live/doorbell.h"
#include "pipeline/live/lending_ring.h"
#include "pipeline/live/plan_table.h"
#include "pipeline/live/slot_time.h"
#include "pipeline/live/swap_box.h"
#include <doctest/doctest.h>
#include <thread>

using namespace pado;
using pipeline::plan_table;
using pipeline::slot_time;

namespace {

constexpr numerology mu1{1};

slot_plan plan_at(slot_id slot)
{
  slot_plan plan;
  plan.slot = slot;
  plan.pusch.resize(1);
  return plan;
}

/// Counts how many of it there are.
struct counted {
  explicit counted(int& alive) : alive_(alive) { ++alive_; }
  ~counted() { --alive_; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  int& alive_;
};

} // namespace

TEST_CASE("slot_time: numbers and times agree, also before SFN 0 and over the wrap")
{
  const slot_time time = {mu1, 1'000'000'000'000};
  for (const std::int64_t slot : {-20481LL, -1LL, 0LL, 19LL, 20479LL, 20480LL, 123456789LL}) {
    CAPTURE(slot);
    CHECK(time.slot_at(time.air_ns(slot)) == slot);
    CHECK(time.slot_at(time.air_ns(slot + 1) - 1) == slot);
    CHECK(time.number_of(time.id_of(slot), slot + 5000) == slot);
    CHECK(time.number_of(time.id_of(slot), slot - 5000) == slot);
  }
  CHECK(time.id_of(-1) == slot_id{1023, 19});
  CHECK(time.id_of(20480) == slot_id{0, 0});
  CHECK(time.symbol_ns(2, 7) == time.air_ns(2) + 250000);
}

TEST_CASE("plan_table: a schedule repeats with the least power of two of frames that holds it")
{
  const auto table = plan_table::make({plan_at({100, 4}), plan_at({102, 9})}, mu1, 0).value();
  CHECK(table.period_slots() == 4 * 20);
  for (const std::int64_t frame : {0, 100, 1020, 1024 + 100}) {
    CHECK(table.find(20 * frame + 4) == table.find(4));
    CHECK(table.find(20 * (frame + 2) + 9) == table.find(49));
    CHECK(table.find(20 * frame + 5) == nullptr);
    CHECK(table.find(20 * (frame + 1) + 4) == nullptr);
  }
  REQUIRE(table.find(4) != nullptr);
  CHECK(table.find(4)->slot == slot_id{100, 4});
  CHECK(table.find(4 - 80) == table.find(4));
  CHECK(plan_table().find(4) == nullptr);
}

TEST_CASE("plan_table: a schedule over the wrap of the SFN is one, wherever it begins")
{
  const auto table = plan_table::make({plan_at({1023, 4}), plan_at({0, 4})}, mu1, 0).value();
  CHECK(table.period_slots() == 40);
  CHECK(table.find(20 * 1023 + 4)->slot.sfn == 1023);
  CHECK(table.find(20 * 1024 + 4)->slot.sfn == 0);
}

TEST_CASE("plan_table: what does not repeat in whole frames of the cycle is refused by name")
{
  const auto failure_of = [](std::vector<slot_plan> plans, std::int32_t period) {
    const auto made = plan_table::make(std::move(plans), mu1, period);
    return made ? std::string() : made.failure().text();
  };
  CHECK(failure_of({}, 0).find("is empty") != std::string::npos);
  CHECK(failure_of({plan_at({0, 1})}, 3).find("must divide the 1024") != std::string::npos);
  CHECK(failure_of({plan_at({0, 1}), plan_at({2, 1})}, 2).find("spans 3") != std::string::npos);
  CHECK(failure_of({plan_at({0, 1}), plan_at({0, 1})}, 1).find("twice") != std::string::npos);
  CHECK(failure_of({plan_at({0, 20})}, 1).find("beyond the frame") != std::string::npos);
}

TEST_CASE("lending_ring: objects go round between two threads, none is lost, and a full round is refused")
{
  pipeline::lending_ring<std::vector<int>> ring(4, std::vector<int>(10));
  std::vector<std::vector<int>*> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(ring.acquire());
    REQUIRE(held.back() != nullptr);
  }
  CHECK(ring.acquire() == nullptr);
  CHECK(ring.nof_refused() == 1);
  for (std::vector<int>* object : held) {
    ring.push(object);
  }
  constexpr int nof_rounds = 20000;
  std::thread consumer([&] {
    for (int seen = 0; seen < nof_rounds + 4;) {
      if (std::vector<int>* full = ring.pop()) {
        ++seen;
        full->at(0) = 0;
        ring.release(full);
      } else {
        std::this_thread::yield();
      }
    }
  });
  int sum = 0;
  for (int i = 0; i < nof_rounds;) {
    if (std::vector<int>* free = ring.acquire()) {
      sum += free->at(0); // the consumer's zero
      free->at(0) = ++i;
      ring.push(free);
    } else {
      std::this_thread::yield();
    }
  }
  consumer.join();
  CHECK(sum == 0);
  CHECK(ring.pop() == nullptr);
}

TEST_CASE("swap_box: the newest object is taken, old ones are destroyed by who put them")
{
  int alive = 0;
  {
    pipeline::swap_box<counted> box;
    std::unique_ptr<counted> current;
    CHECK_FALSE(box.take(current));
    for (int i = 0; i < 4; ++i) {
      auto next = std::make_unique<counted>(alive);
      REQUIRE(box.put(next));
      CHECK(next == nullptr);
    }
    auto fifth = std::make_unique<counted>(alive);
    CHECK_FALSE(box.put(fifth));
    REQUIRE(fifth != nullptr);
    CHECK(alive == 5);
    CHECK(box.take(current));
    CHECK(alive == 5); // the taker destroys nothing
    box.collect();
    CHECK(alive == 2);
    CHECK(box.put(fifth));
  }
  CHECK(alive == 0);
}

TEST_CASE("doorbell: a ring between looking and sleeping is not missed")
{
  pipeline::doorbell bell;
  counter work;
  std::thread sleeper([&] {
    for (std::uint64_t done = 0; done < 1000;) {
      const std::uint32_t seen = bell.nof_rings();
      if (work.value() == done) {
        bell.wait(seen);
      } else {
        ++done;
      }
    }
  });
  for (int i = 0; i < 1000; ++i) {
    work.add();
    bell.ring();
  }
  sleeper.join();
  CHECK(work.value() == 1000);
}
