// SPDX-License-Identifier: Apache-2.0
// ctest: gpu equivalence
// links: pado_mac
// Each stage of the slot, one after the other: the CUDA entry against the CPU's on the same input.
#include "pipeline/slot_stages.h"
#include "tests/pipeline/lost_messages.h"
#include "tests/support/on_device.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>

using namespace pado;
using test::on_device;

namespace {

constexpr backend cuda = backend::cuda;

pipeline::slot_pipeline_plan plan_of(std::int32_t nof_prb, std::int32_t nof_ports)
{
  pipeline::slot_pipeline_config config;
  config.limits.scs = {1};
  config.limits.nof_prb = nof_prb;
  config.limits.nof_rx_ports = nof_ports;
  return pipeline::plan_slot_pipeline(config).value();
}

/// A slot with UEs of several modulations, two of them on the same PRBs, and some packets lost. All stages
/// have run on the CPU: what each read and wrote lies in the arenas.
struct slot_on_cpu {
  slot_on_cpu()
      : plan(plan_of(106, 4)), scene(test::make_scene(plan.program.limits,
                                                      {17, 9},
                                                      {{test::pdu_with(0, 40, 4, 4340, 1), 0.3e-6F, 100.0F},
                                                       {test::pdu_with(0, 40, 2, 3080, 2), -0.2e-6F, -150.0F},
                                                       {test::pdu_with(40, 1, 2, 3080, 4), 0.0F, 0.0F},
                                                       {test::pdu_with(41, 65, 8, 6660, 3), 0.1e-6F, 30.0F}},
                                                      28.0F,
                                                      5)),
        lost(scene, 53), program(plan.program), arenas(plan), stages(plan),
        soft(static_cast<std::size_t>(64 * phy::soft_stride))
  {
    lost.lose(3.0, 7);
    lost.lose_prbs(2, 11, {50, 90});
    std::vector<phy::harq_place> places;
    std::int64_t begin = 0;
    for (const pusch_pdu& pdu : scene.plan.pusch) {
      places.push_back({begin, false});
      begin += phy::soft_stride * phy::nof_code_blocks(plan.program, pdu).value();
    }
    REQUIRE(begin <= static_cast<std::int64_t>(soft.size()));
    phy::compile_slot(plan.program, scene.plan, places, program);
    REQUIRE(program.tbs.size() == 4);
    slot = lost.slot_of(scene);
    pipeline::run_stages<backend::cpu>(stages,
                                       tasks(),
                                       {slot.grid, slot.received, soft_view(), plan.program.sizes},
                                       arenas,
                                       {},
                                       [](stage_id) {});
  }

  pipeline::slot_tasks<backend::cpu> tasks() const
  {
    return {program.gold.all(),
            program.dmrs_ls.all(),
            program.estimates.all(),
            program.pdus.all(),
            program.tiles.all(),
            program.uci.all(),
            program.small_blocks.all(),
            program.polar.all(),
            program.polar_codes.all(),
            program.rate_dematch.all(),
            program.blocks.all(),
            program.tbs.all()};
  }
  view<std::int8_t, 1> soft_view() const { return soft.as(static_cast<std::int32_t>(soft.size())); }

  pipeline::slot_pipeline_plan plan;
  test::scene scene;
  test::lost_messages lost;
  phy::slot_program program;
  pipeline::slot_arenas<backend::cpu> arenas;
  pipeline::slot_stages<backend::cpu> stages;
  buffer<std::int8_t> soft;
  uplink_slot slot;
};

on_device<ch16> grid_of(const slot_on_cpu& cpu)
{
  return on_device<ch16>(cpu.slot.grid.data(), static_cast<std::size_t>(cpu.slot.grid.size()));
}
on_device<std::uint8_t> mask_of(const slot_on_cpu& cpu)
{
  return on_device<std::uint8_t>(cpu.slot.received.data(),
                                 static_cast<std::size_t>(cpu.slot.received.size()));
}

/// Squared error of `count` values, relative to their power.
double relative_error(const cf32* found, const cf32* expected, std::size_t count)
{
  double error = 0.0;
  double power = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    error += static_cast<double>(norm(found[i] - expected[i]));
    power += static_cast<double>(norm(expected[i]));
  }
  return error / power;
}

} // namespace

TEST_CASE("gold: the device makes the words of the CPU")
{
  if (!test::has_device()) {
    return;
  }
  const slot_on_cpu cpu;
  const on_device<phy::gold_task> tasks(cpu.program.gold.all());
  const on_device<std::uint32_t> words(cpu.arenas.words.size());
  phy::gold<cuda> stage(cpu.plan.gold);
  stage.run({tasks.all()}, {words.all()}, {});
  const auto found = words.fetch();
  const auto nof_bytes = static_cast<std::size_t>(cpu.program.nof_words) * sizeof(std::uint32_t);
  REQUIRE(nof_bytes > 0);
  CHECK(std::memcmp(found.data(), cpu.arenas.words.data(), nof_bytes) == 0);
}

TEST_CASE("dmrs_ls: the device finds the pilots of the CPU, missing ones zero")
{
  if (!test::has_device()) {
    return;
  }
  const slot_on_cpu cpu;
  const auto& sizes = cpu.plan.program.sizes;
  const on_device<phy::dmrs_ls_task> tasks(cpu.program.dmrs_ls.all());
  const on_device<std::uint32_t> words(cpu.arenas.words);
  const on_device<ch16> grid = grid_of(cpu);
  const on_device<std::uint8_t> mask = mask_of(cpu);
  const on_device<cf32> ls(cpu.arenas.ls.size());
  phy::dmrs_ls<cuda> stage(cpu.plan.dmrs_ls);
  stage.run({tasks.all(), words.all(), grid.as(4, 14, 12 * 106), mask.as(4, 14, 106)},
            {ls.as(4, sizes.pilots)},
            {});
  const auto found = ls.fetch();
  for (std::size_t port = 0; port < 4; ++port) {
    const std::size_t row = port * static_cast<std::size_t>(sizes.pilots);
    const auto count = static_cast<std::size_t>(cpu.program.nof_pilots);
    CHECK(relative_error(&found[row], &cpu.arenas.ls[row], count) < 1e-12);
  }
}

TEST_CASE("channel_estimate: the device estimates what the CPU does, with gaps")
{
  if (!test::has_device()) {
    return;
  }
  const slot_on_cpu cpu;
  const auto& sizes = cpu.plan.program.sizes;
  const on_device<phy::channel_estimate_task> tasks(cpu.program.estimates.all());
  const on_device<cf32> ls(cpu.arenas.ls);
  const on_device<std::uint8_t> mask = mask_of(cpu);
  const on_device<cf32> h(cpu.arenas.h.size());
  const on_device<phy::channel_estimate_info> info(cpu.arenas.info.size());
  phy::channel_estimate<cuda> stage(cpu.plan.channel_estimate);
  stage.run({tasks.all(), ls.as(4, sizes.pilots), mask.as(4, 14, 106)},
            {h.as(4, sizes.estimates), info.as(tasks.all().extent(0))},
            {});
  const auto found = h.fetch();
  const auto reports = info.fetch();
  for (int t = 0; t < cpu.program.estimates.size(); ++t) {
    CAPTURE(t);
    const phy::channel_estimate_task& task = cpu.program.estimates[t];
    const phy::channel_estimate_info& expected = cpu.arenas.info[static_cast<std::size_t>(t)];
    const phy::channel_estimate_info& other = reports[static_cast<std::size_t>(t)];
    CHECK(other.is_static == expected.is_static);
    CHECK(other.rsrp == doctest::Approx(expected.rsrp).epsilon(1e-3));
    CHECK(std::abs(other.ta_s - expected.ta_s) < 1e-9F);
    CHECK(std::abs(other.cfo_hz - expected.cfo_hz) < 0.5F);
    const auto width = static_cast<std::size_t>(12 * task.prbs.size());
    const int nof_written = expected.is_static > 0.0F ? 1 : task.nof_dmrs;
    for (int port = 0; port < 4; ++port) {
      CHECK(other.noise[port] == doctest::Approx(expected.noise[port]).epsilon(1e-2));
      for (int row = 0; row < task.nof_layers * task.nof_dmrs; ++row) {
        if (row % task.nof_dmrs < nof_written) {
          const auto at = static_cast<std::size_t>(port * sizes.estimates + task.h_begin) +
                          static_cast<std::size_t>(row) * width;
          CHECK(relative_error(&found[at], &cpu.arenas.h[at], width) < 1e-6);
        }
      }
    }
  }
}

TEST_CASE("equalise: soft bits of the device are those of the CPU, one step apart at most")
{
  if (!test::has_device()) {
    return;
  }
  const slot_on_cpu cpu;
  const auto& sizes = cpu.plan.program.sizes;
  const on_device<phy::equalise_tile> tiles(cpu.program.tiles.all());
  const on_device<phy::equalise_pdu> pdus(cpu.program.pdus.all());
  const on_device<phy::channel_estimate_info> info(cpu.arenas.info);
  const on_device<ch16> grid = grid_of(cpu);
  const on_device<std::uint8_t> mask = mask_of(cpu);
  const on_device<cf32> h(cpu.arenas.h);
  const on_device<std::uint32_t> words(cpu.arenas.words);
  const on_device<std::int8_t> llr(cpu.arenas.llr.size());
  const on_device<phy::equalise_quality> quality(cpu.arenas.quality.size());
  phy::equalise<cuda> stage(cpu.plan.equalise);
  stage.run({tiles.all(),
             pdus.all(),
             info.all(),
             grid.as(4, 14, 12 * 106),
             mask.as(4, 14, 106),
             h.as(4, sizes.estimates),
             words.all()},
            {llr.all(), quality.as(tiles.all().extent(0), phy::max_nof_layers)},
            {});
  const auto found = llr.fetch();
  int worst = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(cpu.program.nof_llrs); ++i) {
    worst = std::max(worst, std::abs(found[i] - cpu.arenas.llr[i]));
  }
  REQUIRE(cpu.program.nof_llrs > 0);
  CHECK(worst <= 1);
  const auto sums = quality.fetch();
  for (int t = 0; t < cpu.program.tiles.size(); ++t) {
    for (int layer = 0; layer < cpu.program.tiles[t].nof_layers; ++layer) {
      const auto at = static_cast<std::size_t>(t * phy::max_nof_layers + layer);
      CHECK(sums[at].sum_log2 == doctest::Approx(cpu.arenas.quality[at].sum_log2).epsilon(1e-3));
      CHECK(sums[at].nof_re == cpu.arenas.quality[at].nof_re);
    }
  }
}

TEST_CASE("rate_dematch: the device fills the soft buffers of the CPU")
{
  if (!test::has_device()) {
    return;
  }
  const slot_on_cpu cpu;
  const on_device<phy::rate_dematch_task> tasks(cpu.program.rate_dematch.all());
  const on_device<std::int8_t> llr(cpu.arenas.llr);
  const buffer<std::int8_t> nothing(cpu.soft.size());
  const on_device<std::int8_t> soft(nothing);
  phy::rate_dematch<cuda> stage(cpu.plan.rate_dematch);
  stage.run({tasks.all(), llr.all()}, {soft.all()}, {});
  const auto found = soft.fetch();
  CHECK(std::memcmp(found.data(), cpu.soft.data(), found.size()) == 0);
}

TEST_CASE("ldpc_decode: the device decodes the blocks of the CPU in as many iterations")
{
  if (!test::has_device()) {
    return;
  }
  const slot_on_cpu cpu;
  const on_device<phy::ldpc_decode_task> tasks(cpu.program.blocks.all());
  const on_device<std::int8_t> soft(cpu.soft);
  const on_device<std::uint8_t> bytes(cpu.arenas.block_bytes.size());
  const on_device<phy::ldpc_decode_status> status(cpu.arenas.block_status.size());
  phy::ldpc_decode<cuda> stage(cpu.plan.ldpc_decode);
  stage.run({tasks.all(), soft.all()}, {bytes.all(), status.as(tasks.all().extent(0))}, {});
  const auto found = bytes.fetch();
  const auto statuses = status.fetch();
  CHECK(std::memcmp(found.data(),
                    cpu.arenas.block_bytes.data(),
                    static_cast<std::size_t>(cpu.program.nof_block_bytes)) == 0);
  for (int b = 0; b < cpu.program.blocks.size(); ++b) {
    CHECK(statuses[static_cast<std::size_t>(b)].crc_ok ==
          cpu.arenas.block_status[static_cast<std::size_t>(b)].crc_ok);
    CHECK(statuses[static_cast<std::size_t>(b)].iterations ==
          cpu.arenas.block_status[static_cast<std::size_t>(b)].iterations);
  }
}

TEST_CASE("tb_assemble: the device puts the blocks together as the CPU does")
{
  if (!test::has_device()) {
    return;
  }
  const slot_on_cpu cpu;
  const on_device<phy::tb_assemble_task> tasks(cpu.program.tbs.all());
  const on_device<std::uint8_t> bytes(cpu.arenas.block_bytes);
  const on_device<phy::ldpc_decode_status> status(cpu.arenas.block_status);
  const on_device<std::uint8_t> payload(cpu.arenas.payload.size());
  const on_device<phy::tb_assemble_status> tb_status(cpu.arenas.tb_status.size());
  phy::tb_assemble<cuda> stage(cpu.plan.tb_assemble);
  stage.run(
      {tasks.all(), bytes.all(), status.all()}, {payload.all(), tb_status.as(tasks.all().extent(0))}, {});
  const auto found = payload.fetch();
  const auto statuses = tb_status.fetch();
  for (int t = 0; t < cpu.program.tbs.size(); ++t) {
    const phy::tb_assemble_task& task = cpu.program.tbs[t];
    CHECK(statuses[static_cast<std::size_t>(t)].crc_ok ==
          cpu.arenas.tb_status[static_cast<std::size_t>(t)].crc_ok);
    CHECK(std::memcmp(&found[static_cast<std::size_t>(task.payload_begin)],
                      &cpu.arenas.payload[static_cast<std::size_t>(task.payload_begin)],
                      static_cast<std::size_t>(task.payload_bytes)) == 0);
  }
}
