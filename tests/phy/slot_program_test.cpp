// SPDX-License-Identifier: Apache-2.0
// ctest: unit property
#include "phy/slot_program/pack_tasks.h"
#include "phy/slot_program/slot_program.h"
#include "tests/support/allocation_count.h"
#include <algorithm>
#include <cstring>
#include <doctest/doctest.h>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

using namespace pado;

namespace {

phy::slot_program_plan plan_of(std::int32_t nof_prb, std::int32_t nof_ports = 4)
{
  phy::slot_limits limits;
  limits.scs = {1};
  limits.nof_rx_ports = nof_ports;
  limits.nof_prb = nof_prb;
  return phy::plan_slot_program(limits).value();
}

pusch_pdu pdu_of(std::int32_t rb_start, std::int32_t rb_size, std::uint16_t ports = 1)
{
  pusch_pdu pdu;
  pdu.rnti = static_cast<std::uint16_t>(100 + rb_start);
  pdu.bwp_size = 273;
  pdu.rb_start = static_cast<std::uint16_t>(rb_start);
  pdu.rb_size = static_cast<std::uint16_t>(rb_size);
  pdu.target_code_rate = 3000;
  pdu.dmrs_symbol_mask = 1U << 2U | 1U << 11U;
  pdu.dmrs_ports = ports;
  pdu.nof_layers =
      static_cast<std::uint8_t>((ports & 1U) + (ports >> 1U & 1U) + (ports >> 2U & 1U) + (ports >> 3U));
  // Short enough for every allocation here, and a size that TS 38.214, 5.1.3.2 lists.
  pdu.tb_size_bytes = 4;
  return pdu;
}

phy::slot_program compiled(const phy::slot_program_plan& plan, const std::vector<pusch_pdu>& pdus)
{
  slot_plan slot;
  slot.slot = {17, 8};
  slot.pusch = pdus;
  std::vector<phy::harq_place> places;
  for (std::size_t i = 0; i < pdus.size(); ++i) {
    places.push_back({static_cast<std::int64_t>(i) * phy::soft_stride, false});
  }
  phy::slot_program program(plan);
  phy::compile_slot(plan, slot, places, program);
  return program;
}

} // namespace

TEST_CASE("slot_program: tiles cover every data RE of every layer exactly once")
{
  const auto plan = plan_of(273);
  const std::vector<pusch_pdu> pdus = {
      pdu_of(0, 100, 1), pdu_of(50, 100, 4), pdu_of(200, 1, 3), pdu_of(201, 72, 15)};
  const auto program = compiled(plan, pdus);
  REQUIRE(program.refused.empty());
  std::vector<int> count(pdus.size() * 4 * 14 * 273, 0);
  for (std::int32_t t = 0; t < program.tiles.size(); ++t) {
    const auto& tile = program.tiles[t];
    CHECK(tile.prbs.size() <= 16);
    for (std::int32_t i = 0; i < tile.nof_layers; ++i) {
      for (std::int32_t symbol = tile.symbol_begin; symbol < tile.symbol_end; ++symbol) {
        for (std::int32_t prb = tile.prbs.begin; prb < tile.prbs.end; ++prb) {
          const std::size_t layer = static_cast<std::size_t>(tile.layers[i].pdu * 4 + tile.layers[i].layer);
          ++count[(layer * 14 + static_cast<std::size_t>(symbol)) * 273 + static_cast<std::size_t>(prb)];
        }
      }
    }
  }
  int covered = 0;
  for (const int n : count) {
    CHECK(n <= 1);
    covered += n;
  }
  CHECK(covered == 14 * (100 + 100 + 2 * 1 + 4 * 72));
}

TEST_CASE(
    "slot_program: estimates, soft bits and sequences of the PDUs do not overlap and stay inside the arenas")
{
  const auto plan = plan_of(51);
  std::vector<pusch_pdu> pdus;
  for (int i = 0; i < 51; ++i) {
    pdus.push_back(pdu_of(i, 1, 15));
  }
  const auto program = compiled(plan, pdus);
  REQUIRE(program.refused.empty());
  CHECK(program.nof_pilots <= plan.sizes.pilots);
  CHECK(program.nof_estimates <= plan.sizes.estimates);
  CHECK(program.nof_llrs <= plan.sizes.llrs);
  CHECK(program.nof_words <= plan.sizes.words);
  CHECK(program.nof_block_bytes <= plan.sizes.block_bytes);
  CHECK(program.nof_payload_bytes <= plan.sizes.payload_bytes);
  std::set<std::int32_t> begins;
  for (std::int32_t i = 0; i < program.dmrs_ls.size(); ++i) {
    CHECK(begins.insert(program.dmrs_ls[i].h_begin).second);
    CHECK(program.dmrs_ls[i].h_begin % 6 == 0);
  }
}

TEST_CASE("slot_program: layers that share a comb are each other's peers, also across UEs")
{
  const auto program = compiled(plan_of(106), {pdu_of(10, 20, 1), pdu_of(10, 20, 2), pdu_of(40, 8, 5)});
  REQUIRE(program.estimates.size() == 3);
  CHECK(program.estimates[0].peer_task[0] == 1);
  CHECK(program.estimates[0].peer_layer[0] == 0);
  CHECK(program.estimates[1].peer_task[0] == 0);
  CHECK(program.estimates[2].peer_task[0] == -1);
  CHECK(program.estimates[2].peer_task[1] == -1);
}

TEST_CASE("slot_program: a PDU that breaks a limit is refused by name and leaves the others alone")
{
  const auto plan = plan_of(51);
  auto outside = pdu_of(40, 12);
  auto no_dmrs = pdu_of(0, 4);
  no_dmrs.dmrs_symbol_mask = 0;
  auto dft = pdu_of(0, 4);
  dft.transform_precoding = true;
  auto type2 = pdu_of(0, 4);
  type2.dmrs_config_type = 2;
  auto too_large = pdu_of(0, 1);
  too_large.tb_size_bytes = 100000;
  auto no_bits = pdu_of(0, 4);
  no_bits.qam_mod_order = 3;
  auto late = pdu_of(0, 4);
  late.start_symbol = 10;
  auto rank = pdu_of(0, 4);
  rank.nof_layers = 3;
  for (const pusch_pdu& bad : {outside, no_dmrs, dft, type2, too_large, no_bits, late, rank}) {
    const auto program = compiled(plan, {pdu_of(5, 10), bad, pdu_of(20, 10)});
    REQUIRE(program.refused.size() == 1);
    CAPTURE(program.refused[0].why);
    CHECK(program.refused[0].pdu == 1);
    CHECK(std::string(program.refused[0].why).size() > 10);
    REQUIRE(program.tbs.size() == 2);
    CHECK(program.plan_index[0] == 0);
    CHECK(program.plan_index[1] == 2);
    CHECK_FALSE(phy::nof_code_blocks(plan, bad));
  }
}

TEST_CASE("slot_program: a fifth layer on a PRB is refused, next to it it is not")
{
  const auto program = compiled(plan_of(51), {pdu_of(0, 10, 15), pdu_of(9, 2, 1), pdu_of(11, 2, 1)});
  REQUIRE(program.refused.size() == 1);
  CHECK(program.refused[0].pdu == 1);
}

TEST_CASE("slot_program: compiling a slot allocates nothing")
{
  const auto plan = plan_of(273);
  slot_plan slot;
  slot.slot = {0, 4};
  for (int i = 0; i < 27; ++i) {
    slot.pusch.push_back(pdu_of(10 * i, 10, 3));
  }
  const std::vector<phy::harq_place> places(slot.pusch.size(), phy::harq_place{0, false});
  phy::slot_program program(plan);
  const std::int64_t before = test::allocation_count();
  phy::compile_slot(plan, slot, places, program);
  CHECK(test::allocation_count() == before);
  CHECK(program.tbs.size() == 27);
}

TEST_CASE("slot_program: every limit of the cell is refused by name")
{
  const auto refused = [](auto change) {
    phy::slot_limits limits;
    limits.scs = {1};
    limits.nof_rx_ports = 4;
    limits.nof_prb = 273;
    change(limits);
    const auto plan = phy::plan_slot_program(limits);
    return plan ? std::string() : plan.failure().field;
  };
  CHECK(refused([](auto&) {}).empty());
  CHECK(refused([](auto& l) { l.scs.mu = 3; }) == "cell.numerology");
  CHECK(refused([](auto& l) { l.nof_rx_ports = 9; }) == "cell.nof_rx_ports");
  CHECK(refused([](auto& l) { l.nof_prb = 276; }) == "cell.nof_prb");
  CHECK(refused([](auto& l) { l.grid_start_crb = -1; }) == "cell.grid_start_crb");
  CHECK(refused([](auto& l) { l.max_pdus = 0; }) == "cell.max_pdus");
  CHECK(refused([](auto& l) { l.max_ldpc_iterations = 101; }) == "cell.max_ldpc_iterations");
}

TEST_CASE("pack_tasks: each array arrives whole and aligned, side by side, without an allocation")
{
  const auto plan = plan_of(273);
  const auto program = compiled(plan, {pdu_of(10, 20, 3), pdu_of(40, 8, 5), pdu_of(100, 150, 15)});
  buffer<std::byte> memory(program.capacity_bytes());
  const std::int64_t before = test::allocation_count();
  const phy::packed_tasks packed = phy::pack_tasks(program, {memory.data(), memory.size()});
  CHECK(test::allocation_count() == before);
  std::size_t end = 0;
  const auto check = [&](const phy::packed_list& at, const auto& list) {
    const auto tasks = list.all();
    const std::size_t nof_bytes = static_cast<std::size_t>(list.size()) * sizeof(list[0]);
    CHECK(list.size() > 0);
    CHECK(at.size == list.size());
    CHECK(at.begin_bytes == end);
    CHECK(at.begin_bytes % 64 == 0);
    CHECK(std::memcmp(memory.data() + at.begin_bytes, tasks.data(), nof_bytes) == 0);
    end = (at.begin_bytes + nof_bytes + 63) / 64 * 64;
  };
  check(packed.gold, program.gold);
  check(packed.dmrs_ls, program.dmrs_ls);
  check(packed.estimates, program.estimates);
  check(packed.pdus, program.pdus);
  check(packed.tiles, program.tiles);
  check(packed.rate_dematch, program.rate_dematch);
  check(packed.blocks, program.blocks);
  check(packed.tbs, program.tbs);
  CHECK(packed.nof_bytes == end);
  MESSAGE(packed.nof_bytes << " of " << program.capacity_bytes() << " bytes travel");
  CHECK(packed.nof_bytes < program.capacity_bytes() / 20);
}

TEST_CASE("pack_tasks: a slot with nothing to decode packs to nothing")
{
  const auto program = compiled(plan_of(51), {});
  buffer<std::byte> memory(program.capacity_bytes());
  CHECK(phy::pack_tasks(program, {memory.data(), memory.size()}).nof_bytes == 0);
}
