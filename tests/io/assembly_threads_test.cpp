// SPDX-License-Identifier: Apache-2.0
// ctest: property
#include "io/assembly/slot_assembler.h"
#include "tests/io/fronthaul_frames.h"
#include <atomic>
#include <doctest/doctest.h>
#include <thread>

using namespace pado::io; // NOLINT: a test reads better with the short names
using pado::compression;
using pado::numerology;
using pado::uplink_slot;

TEST_CASE(
    "slot_assembler: one thread pushes, another pops and releases, and every slot arrives whole or is shed")
{
  constexpr numerology mu1{1};
  constexpr int nof_slots = 2000;
  constexpr int nof_prb = 4;
  cell_config cell;
  cell.scs = mu1;
  cell.nof_prb = nof_prb;
  cell.pusch = {{0}, iq_format{compression::bfp, 9}};
  slot_assembler_config config;
  config.cells.push_back(cell);
  config.nof_stores = 6;
  slot_assembler assembler(plan_slot_assembler(config).value());

  // The 14 frames of one slot, whose times are then rewritten for each slot.
  std::vector<pado::test::frame_bytes> frames;
  std::uint8_t sequence = 0;
  for (int symbol = 0; symbol < 14; ++symbol) {
    const auto header = app_header_of({0, 0}, mu1, symbol, direction::uplink);
    frames.push_back(
        pado::test::symbol_frames(pado::test::plain_flow(0), header, 0, {0, nof_prb}, sequence).at(0));
  }

  std::atomic<bool> is_pushed{false};
  std::uint64_t nof_popped = 0;
  std::uint64_t nof_bytes = 0;
  std::thread consumer([&] {
    for (bool is_last = false;;) {
      is_last = is_pushed.load(std::memory_order_acquire); // pairs with the release after the last push
      lent<uplink_slot> slot;
      while (assembler.pop(slot)) {
        ++nof_popped;
        for (std::int32_t i = 0; i < slot.slot.bytes.extent(0); ++i) {
          nof_bytes += std::to_integer<unsigned>(slot.slot.bytes(i)) != 256U ? 1U : 0U; // reads every byte
        }
        assembler.release(slot);
      }
      if (is_last) {
        break;
      }
      std::this_thread::yield();
    }
  });
  for (int count = 0; count < nof_slots; ++count) {
    for (int symbol = 0; symbol < 14; ++symbol) {
      auto& frame = frames[static_cast<std::size_t>(symbol)];
      const auto header = app_header_of(advance({0, 0}, count, mu1), mu1, symbol, direction::uplink);
      write_app_header(header, std::span(frame).subspan(22, 4));
      assembler.push(frame, 0);
    }
  }
  assembler.flush();
  is_pushed.store(true, std::memory_order_release); // pairs with the acquire in the consumer
  consumer.join();

  const assembler_counters& counters = assembler.counters();
  CHECK(counters.is_balanced());
  CHECK(counters.slots_complete.value() == nof_popped);
  CHECK(counters.slots_incomplete.value() == 0);
  CHECK(nof_popped + counters.slots_shed.value() == nof_slots);
  CHECK(nof_bytes == nof_popped * 14 * nof_prb * 28);
}
