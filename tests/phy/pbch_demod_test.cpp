// SPDX-License-Identifier: Apache-2.0
// ctest: unit property golden
#include "core/block.h"
#include "core/stage.h"
#include "phy/pbch/pbch_demod_body.h"
#include "phy/pbch/pbch_payload.h"
#include "phy/pbch/pbch_receive.h"
#include "phy/ssb/ssb_transmit.h"
#include "tests/support/allocation_count.h"
#include "tests/support/shared.h"
#include <array>
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <random>
#include <span>
#include <string>
#include <vector>

using namespace pado;
using namespace pado::phy;

static_assert(stage<pbch_demod<backend::cpu>, backend::cpu>);
static_assert(stage<pbch_demod<backend::cuda>, backend::cuda>);

namespace {

using block_grid = std::array<cf32, 960>;

view<cf32, 2> as_grid(block_grid& storage)
{
  return view<cf32, 2>(storage.data(), 4, 240);
}

block_grid sent(const ssb_transmit_config& config)
{
  block_grid storage{};
  REQUIRE(map_ssb(config, as_grid(storage)));
  return storage;
}

/// A two-path channel, a phase step from symbol to symbol, and noise.
block_grid received(block_grid grid, float phase_step, float snr_db, unsigned seed)
{
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0.0F, std::sqrt(0.5F * std::pow(10.0F, -snr_db / 10.0F)));
  for (int symbol = 0; symbol < 4; ++symbol) {
    for (int k = 0; k < 240; ++k) {
      const cf32 channel = cf32{0.8F, 0.3F} + 0.4F * polar(-0.03F * static_cast<float>(k));
      const cf32 value = grid[symbol * 240 + k] * channel * polar(phase_step * static_cast<float>(symbol));
      grid[symbol * 240 + k] = value + cf32{noise(random), noise(random)};
    }
  }
  return grid;
}

} // namespace

TEST_CASE("pbch_receive: every index and half frame is heard, with 4 and with 8 candidates")
{
  pbch_receiver receiver;
  for (const int nof_candidates : {4, 8}) {
    for (int index = 0; index < nof_candidates; ++index) {
      for (const int half_frame : {0, 1}) {
        const mib content{100 * index + half_frame, half_frame, index, 30000, 17, 3, 5, 2, false, true};
        block_grid grid = received(sent({3 * index + 500, content, nof_candidates, 0.0F}), 0.4F, 10.0F, 1);
        const pbch_report report = receiver.receive(as_grid(grid), 3 * index + 500, 12 - nof_candidates);
        CAPTURE(nof_candidates);
        CAPTURE(index);
        CAPTURE(half_frame);
        REQUIRE(report.content);
        CHECK(*report.content == content);
        // The likely number was wrong: it stays where nothing in the block tells them apart.
        const bool is_alike = index < 4 && half_frame == 0;
        CHECK(report.nof_candidates == (is_alike ? 12 - nof_candidates : nof_candidates));
        CHECK(std::abs(report.phase_step_rad - 0.4F) < 0.05F);
      }
    }
  }
}

TEST_CASE("pbch_receive: any phase step between symbols is followed")
{
  pbch_receiver receiver;
  const mib content{513, 1, 5, 15000, 3, 2, 1, 0, true, false};
  for (float step = -3.0F; step < 3.1F; step += 0.5F) {
    CAPTURE(step);
    block_grid grid = received(sent({777, content, 8, 0.0F}), step, 6.0F, 2);
    const pbch_report report = receiver.receive(as_grid(grid), 777);
    REQUIRE(report.content);
    CHECK(*report.content == content);
    CHECK(std::abs(report.phase_step_rad - step) < 0.15F);
  }
}

TEST_CASE("pbch_receive: one block is read down to -4 dB, and noise is never read")
{
  pbch_receiver receiver;
  const mib content{1023, 0, 1, 30000, 9, 2, 15, 15, false, true};
  int nof_read = 0;
  int nof_false = 0;
  constexpr int nof_blocks = 60;
  for (unsigned seed = 0; seed < nof_blocks; ++seed) {
    block_grid grid = received(sent({42, content, 8, 0.0F}), 0.1F, -4.0F, seed);
    const auto report = receiver.receive(as_grid(grid), 42);
    nof_read += report.content == content ? 1 : 0;
    block_grid noise = received(block_grid{}, 0.0F, 0.0F, seed);
    nof_false += receiver.receive(as_grid(noise), 42).content ? 1 : 0;
  }
  MESSAGE("read at -4 dB: ", nof_read, " of ", nof_blocks);
  CHECK(nof_read >= 57);
  CHECK(nof_false == 0);
}

TEST_CASE("pbch_receive: another cell's block is not read")
{
  pbch_receiver receiver;
  block_grid grid = sent({42, mib{}, 8, 0.0F});
  CHECK_FALSE(receiver.receive(as_grid(grid), 46).content);
  CHECK(receiver.receive(as_grid(grid), 42).content);
}

TEST_CASE("pbch_demod: order of visits does not matter, and run does not allocate")
{
  const mib content{5, 1, 6, 30000, 9, 2, 15, 15, false, true};
  block_grid grid = received(sent({301, content, 8, 0.0F}), -0.7F, 3.0F, 4);
  std::vector<std::uint32_t> words(nof_pbch_words);
  make_pbch_words(301, words);
  const pbch_demod_task task{0, 301, 8, 0, 0};
  std::array<std::int8_t, 864> forward{}, backward{};
  pbch_demod_status status{};
  const pbch_demod<backend::cpu>::input in{view<const pbch_demod_task, 1>(&task, 1),
                                           view<const cf32, 3>(grid.data(), 1, 4, 240),
                                           view<const std::uint32_t, 1>(words.data(), words.size())};
  const auto plan = plan_pbch_demod({1}).value();
  pbch_demod<backend::cpu> stage(plan);
  const std::int64_t before = test::allocation_count();
  stage.run(in, {view<std::int8_t, 1>(forward.data(), 864), view<pbch_demod_status, 1>(&status, 1)}, {});
  CHECK(test::allocation_count() == before);
  CHECK(status.time_hypothesis == 6);
  const buffer<std::byte> scratch(plan.scratch_bytes);
  body::pbch_demod<backend::cpu>(
      host_block(scratch.data(), scratch.size(), visit::backward),
      0,
      in,
      {view<std::int8_t, 1>(backward.data(), 864), view<pbch_demod_status, 1>(&status, 1)});
  int nof_different = 0;
  int sum_of_squares = 0;
  for (int i = 0; i < 864; ++i) {
    REQUIRE(std::abs(forward[i] - backward[i]) <= 1); // sums in another order round differently
    nof_different += forward[i] != backward[i] ? 1 : 0;
    sum_of_squares += forward[i] * forward[i];
  }
  CHECK(nof_different < 20);
  CHECK(std::sqrt(sum_of_squares / 864.0) == doctest::Approx(24.0).epsilon(0.03));
}

TEST_CASE("pbch_demod: a plan without tasks is refused")
{
  CHECK(plan_pbch_demod({0}).failure().field == "pbch_demod.max_tasks");
  CHECK(plan_pbch_demod({4097}).failure().field == "pbch_demod.max_tasks");
}

TEST_CASE("pbch_demod: golden blocks of the specification's formulas give their bits and their time")
{
  const auto bytes = [](const char* name) {
    return test::read_bytes(std::string(PADO_SOURCE_DIR "/testvectors/pbch_demod/blocks_") + name + ".bin");
  };
  const auto grid = bytes("grid");
  const auto bits = bytes("bits");
  const auto expected = bytes("tasks");
  const auto step = bytes("step");
  constexpr int nof_blocks = 3;
  REQUIRE(grid.size() == nof_blocks * 960 * sizeof(cf32));
  REQUIRE(bits.size() == nof_blocks * 864);
  REQUIRE(expected.size() == nof_blocks * 12);
  REQUIRE(step.size() == nof_blocks * 4);
  std::vector<cf32> values(nof_blocks * 960);
  std::memcpy(values.data(), grid.data(), grid.size());
  std::int32_t fields[nof_blocks][3];
  std::memcpy(fields, expected.data(), expected.size());
  float steps[nof_blocks];
  std::memcpy(steps, step.data(), step.size());
  std::vector<std::uint32_t> words(static_cast<std::size_t>(nof_blocks * nof_pbch_words));
  std::vector<pbch_demod_task> tasks;
  for (int b = 0; b < nof_blocks; ++b) {
    const auto begin = static_cast<std::size_t>(b * nof_pbch_words);
    make_pbch_words(fields[b][0], std::span(words).subspan(begin, nof_pbch_words));
    tasks.push_back({b, fields[b][0], fields[b][1], b * nof_pbch_words, b * 864});
  }
  std::vector<std::int8_t> llr(nof_blocks * 864);
  std::vector<pbch_demod_status> status(nof_blocks);
  pbch_demod<backend::cpu> stage(plan_pbch_demod({nof_blocks}).value());
  stage.run(
      {view<const pbch_demod_task, 1>(tasks.data(), nof_blocks),
       view<const cf32, 3>(values.data(), nof_blocks, 4, 240),
       view<const std::uint32_t, 1>(words.data(), words.size())},
      {view<std::int8_t, 1>(llr.data(), llr.size()), view<pbch_demod_status, 1>(status.data(), nof_blocks)},
      {});
  for (int b = 0; b < nof_blocks; ++b) {
    CAPTURE(b);
    CHECK(status[static_cast<std::size_t>(b)].time_hypothesis == fields[b][2]);
    CHECK(std::abs(status[static_cast<std::size_t>(b)].phase_step_rad - steps[b]) < 0.01F);
    for (std::size_t i = static_cast<std::size_t>(864 * b); i < static_cast<std::size_t>(864 * b + 864);
         ++i) {
      REQUIRE(llr[i] != 0);
      REQUIRE((llr[i] < 0) == (bits[i] != 0));
    }
  }
}
