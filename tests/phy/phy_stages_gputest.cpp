// SPDX-License-Identifier: Apache-2.0
// ctest: gpu equivalence
// links: pado_pipeline
// The stages around the slot: the CUDA entry against the CPU's on the same input. Those of the slot itself
// are in tests/pipeline/stages_gputest.cpp.
#include "phy/channel/channel_grid.h"
#include "phy/channel/channel_time.h"
#include "phy/decompress/decompress.h"
#include "phy/fft/fft.h"
#include "phy/ofdm/ofdm.h"
#include "phy/pbch/pbch_demod.h"
#include "phy/polar/polar_decode.h"
#include "phy/polar/uci_polar.h"
#include "phy/ssb/ssb_transmit.h"
#include "phy/ue/pusch_modulate.h"
#include "tests/support/on_device.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <random>

using namespace pado;
using test::on_device;

namespace {

constexpr backend cuda = backend::cuda;

buffer<cf32> noise(std::size_t size, unsigned seed)
{
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  buffer<cf32> values(size);
  for (cf32& value : values) {
    value = {normal(random), normal(random)};
  }
  return values;
}

std::vector<std::uint32_t> random_words(std::size_t size, unsigned seed)
{
  std::mt19937 random(seed);
  std::vector<std::uint32_t> words(size);
  for (std::uint32_t& word : words) {
    word = static_cast<std::uint32_t>(random());
  }
  return words;
}

cf32 value_of(cf32 a)
{
  return a;
}
cf32 value_of(ch16 a)
{
  return to_cf32(a);
}

/// Squared error relative to the power.
template <class T>
double relative_error(const std::vector<T>& found, const buffer<T>& expected)
{
  double error = 0.0;
  double power = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    error += static_cast<double>(norm(value_of(found[i]) - value_of(expected[i])));
    power += static_cast<double>(norm(value_of(expected[i])));
  }
  REQUIRE(power > 0.0);
  return error / power;
}

template <class T>
view<const T, 1> view_of(const std::vector<T>& list)
{
  return view<const T, 1>(list.data(), static_cast<std::int32_t>(list.size()));
}

} // namespace

TEST_CASE("fft: the device transforms as the CPU does, also sizes with large primes")
{
  if (!test::has_device()) {
    return;
  }
  for (const int size : {1, 12, 839, 4096}) {
    for (const auto direction : {phy::fft_direction::forward, phy::fft_direction::inverse}) {
      CAPTURE(size);
      const auto plan = phy::plan_fft({size, 3, direction}).value();
      const auto x = noise(static_cast<std::size_t>(3 * size), 1);
      const buffer<cf32> y(x.size());
      phy::fft<backend::cpu>(plan).run({x.as(3, size)}, {y.as(3, size)}, {});
      const on_device<cf32> from(x);
      const on_device<cf32> to(x.size());
      phy::fft<cuda>(plan).run({from.as(3, size)}, {to.as(3, size)}, {});
      CHECK(relative_error(to.fetch(), y) < 1e-11);
    }
  }
}

TEST_CASE("ofdm: the device receives the grid of the CPU")
{
  if (!test::has_device()) {
    return;
  }
  for (const int slot : {0, 1}) {
    const auto plan = phy::plan_ofdm({{1}, 2, 51, 768, 3'500'000'000, 5, 0.5F}).value();
    const std::int32_t n = phy::slot_samples(plan, slot);
    const auto samples = noise(static_cast<std::size_t>(2 * n), 2);
    const buffer<ch16> grid(static_cast<std::size_t>(2 * 14 * 612));
    phy::ofdm<backend::cpu>(plan).run({samples.as(2, n), slot}, {grid.as(2, 14, 612)}, {});
    const on_device<cf32> from(samples);
    const on_device<ch16> to(grid.size());
    phy::ofdm<cuda>(plan).run({from.as(2, n), slot}, {to.as(2, 14, 612)}, {});
    // One step of a half where the rounding falls on the other side.
    CHECK(relative_error(to.fetch(), grid) < 1e-7);
  }
}

TEST_CASE("decompress: the device makes the CPU's grid to the bit, and clears what nothing covers")
{
  if (!test::has_device()) {
    return;
  }
  std::vector<iq_section> sections;
  std::uint32_t at = 0;
  std::uint8_t symbol = 0;
  for (const auto& [method, width] : {std::pair<compression, int>{compression::none, 16},
                                      {compression::none, 9},
                                      {compression::bfp, 9},
                                      {compression::bfp, 14},
                                      {compression::bfp, 4},
                                      {compression::mu_law, 8}}) {
    sections.push_back({at, 3, 40, 1, symbol++, method, static_cast<std::uint8_t>(width)});
    at += 40 * (1 + 3 * 16);
  }
  const auto words = random_words(at / 4 + 1, 3);
  const view<const std::byte, 1> bytes(reinterpret_cast<const std::byte*>(words.data()),
                                       static_cast<std::int32_t>(4 * words.size()));
  const auto plan = phy::plan_decompress({2, 51, 64}).value();
  const buffer<ch16> grid(static_cast<std::size_t>(2 * 14 * 612));
  phy::decompress<backend::cpu>(plan).run({bytes, view_of(sections)}, {grid.as(2, 14, 612)}, {});
  const on_device<std::byte> packets(bytes);
  const on_device<iq_section> list(sections);
  const on_device<ch16> to(grid.size());
  phy::decompress<cuda> stage(plan);
  for (int run = 0; run < 2; ++run) { // the marks of the first run are gone in the second
    stage.run({packets.all(), list.all()}, {to.as(2, 14, 612)}, {});
    CHECK(std::memcmp(to.fetch().data(), grid.data(), grid.size() * sizeof(ch16)) == 0);
  }
}

TEST_CASE("pusch_modulate: the device sends the CPU's grid")
{
  if (!test::has_device()) {
    return;
  }
  const int nof_prb = 25;
  phy::pusch_modulate_task task = {};
  task.prbs = {0, nof_prb};
  task.nof_layers = 2;
  task.qam_mod_order = 6;
  task.scrambling_words_begin = 32;
  task.data_res_per_prb = 12;
  task.dmrs_words_begin = -1;
  task.second_sign[0] = 1.0F;
  task.second_sign[1] = -1.0F;
  std::vector<phy::pusch_modulate_task> tasks = {task};
  task.symbol = 1;
  task.data_res_per_prb = 0;
  task.dmrs_words_begin = 3;
  task.dmrs_amplitude = 1.41421356F;
  tasks.push_back(task);
  const auto words = random_words(1000, 4);
  const auto plan = phy::plan_pusch_modulate({2, nof_prb, 2}).value();
  const buffer<cf32> grid(static_cast<std::size_t>(2 * 2 * 12 * nof_prb));
  phy::pusch_modulate<backend::cpu>(plan).run(
      {view_of(tasks), view_of(words), view_of(words)}, {grid.as(2, 2, 12 * nof_prb)}, {});
  const on_device<phy::pusch_modulate_task> list(tasks);
  const on_device<std::uint32_t> bits(words);
  const on_device<cf32> to(grid.size());
  phy::pusch_modulate<cuda>(plan).run({list.all(), bits.all(), bits.all()}, {to.as(2, 2, 12 * nof_prb)}, {});
  CHECK(relative_error(to.fetch(), grid) < 1e-12);
}

TEST_CASE("channel_grid: the device gives the CPU's signal and noise")
{
  if (!test::has_device()) {
    return;
  }
  const int width = 301; // odd: the last pair of noise draws is cut
  const auto tx = noise(static_cast<std::size_t>(14 * width), 5);
  const auto gains = noise(14 * 2 * 3, 6);
  const auto steering = noise(static_cast<std::size_t>(3 * width), 7);
  const std::vector<phy::channel_grid_task> tasks = {{0, width, 0, 1, 3, 0, 0}};
  const buffer<cf32> rx(static_cast<std::size_t>(2 * 14 * width));
  const phy::random_stream stream = {9, phy::random_purpose::noise, 5, 0};
  phy::channel_grid<backend::cpu>().run(
      {view_of(tasks), tx.as(1, 14, width), gains.as(14 * 2 * 3), steering.as(3 * width), stream, 0.3F},
      {rx.as(2, 14, width)},
      {});
  const on_device<phy::channel_grid_task> list(tasks);
  const on_device<cf32> sent(tx);
  const on_device<cf32> taps(gains);
  const on_device<cf32> turns(steering);
  const on_device<cf32> to(rx.size());
  phy::channel_grid<cuda>().run(
      {list.all(), sent.as(1, 14, width), taps.all(), turns.all(), stream, 0.3F}, {to.as(2, 14, width)}, {});
  CHECK(relative_error(to.fetch(), rx) < 1e-10);
}

TEST_CASE("channel_time: the device gives the CPU's signal and noise")
{
  if (!test::has_device()) {
    return;
  }
  const int n = 1500;
  const int nof_out = n + 2 * phy::channel_lead_samples;
  const auto tx = noise(static_cast<std::size_t>(n), 8);
  const std::vector<phy::channel_time_tap> taps = {phy::delay_filter(2.6)};
  const auto gains = noise(static_cast<std::size_t>((nof_out / 1000 + 2) * 2), 9);
  phy::channel_time_task task = {};
  task.nof_tx_ports = 1;
  task.nof_taps = 1;
  task.knot_samples = 1000;
  task.cfo_turns_per_sample = 1e-4;
  const std::vector<phy::channel_time_task> tasks = {task};
  const buffer<cf32> rx(static_cast<std::size_t>(2 * nof_out));
  const phy::random_stream stream = {3, phy::random_purpose::noise, 8, 0};
  phy::channel_time<backend::cpu>().run(
      {view_of(tasks), tx.as(1, n), view_of(taps), gains.as(gains.size()), stream, 0.1F},
      {rx.as(2, nof_out)},
      {});
  const on_device<phy::channel_time_task> list(tasks);
  const on_device<cf32> sent(tx);
  const on_device<phy::channel_time_tap> filters(taps);
  const on_device<cf32> knots(gains);
  const on_device<cf32> to(rx.size());
  phy::channel_time<cuda>().run(
      {list.all(), sent.as(1, n), filters.all(), knots.all(), stream, 0.1F}, {to.as(2, nof_out)}, {});
  CHECK(relative_error(to.fetch(), rx) < 1e-10);
}

TEST_CASE("polar_decode: the device decodes the payload of the CPU")
{
  if (!test::has_device()) {
    return;
  }
  for (const auto& [nof_bits, nof_coded] : {std::pair{12, 40}, {60, 200}, {400, 1100}}) {
    CAPTURE(nof_bits);
    const auto layout = phy::plan_uci_polar(nof_bits, nof_coded).value();
    std::mt19937 random(10);
    std::vector<std::uint8_t> payload(static_cast<std::size_t>(nof_bits));
    for (std::uint8_t& bit : payload) {
      bit = random() % 2 != 0 ? 1 : 0;
    }
    std::vector<std::uint8_t> coded(static_cast<std::size_t>(nof_coded));
    REQUIRE(phy::encode_uci_polar(view<std::uint8_t, 1>(payload.data(), nof_bits),
                                  view<std::uint8_t, 1>(coded.data(), nof_coded)));
    std::normal_distribution<float> normal(0.0F, 6.0F);
    std::vector<std::int8_t> llr;
    for (const std::uint8_t bit : coded) {
      llr.push_back(static_cast<std::int8_t>(std::lround((bit != 0 ? -12.0F : 12.0F) + normal(random))));
    }
    const std::vector<phy::polar_code> codes = {phy::plan_polar_code(layout.code).value()};
    std::vector<phy::polar_decode_task> tasks;
    for (int segment = 0; segment < layout.nof_segments; ++segment) {
      tasks.push_back({0, segment * layout.code.nof_coded, segment * layout.segment_bits(), layout.crc});
    }
    const auto plan = phy::plan_polar_decode({8, 10, phy::max_polar_coded}).value();
    const buffer<std::uint8_t> bits(static_cast<std::size_t>(layout.nof_segments * layout.segment_bits()));
    const buffer<phy::polar_decode_status> status(tasks.size());
    phy::polar_decode<backend::cpu>(plan).run(
        {view_of(tasks), view_of(codes), view_of(llr)}, {bits.as(bits.size()), status.as(status.size())}, {});
    REQUIRE(status[0].crc_ok == 1);
    const on_device<phy::polar_decode_task> list(tasks);
    const on_device<phy::polar_code> tables(codes);
    const on_device<std::int8_t> soft(llr);
    const on_device<std::uint8_t> to(bits.size());
    const on_device<phy::polar_decode_status> statuses(tasks.size());
    phy::polar_decode<cuda>(plan).run({list.all(), tables.all(), soft.all()}, {to.all(), statuses.all()}, {});
    CHECK(std::memcmp(to.fetch().data(), bits.data(), bits.size()) == 0);
    CHECK(statuses.fetch()[0].crc_ok == 1);
  }
}

TEST_CASE("pbch_demod: the device gives the CPU's soft bits, one step apart at most")
{
  if (!test::has_device()) {
    return;
  }
  buffer<cf32> grid(960);
  REQUIRE(phy::map_ssb({301, phy::mib{5, 1, 6, 30000, 9, 2, 15, 15, false, true}, 8, 0.0F}, grid.as(4, 240)));
  const auto added = noise(960, 11);
  for (std::size_t i = 0; i < 960; ++i) {
    grid[i] += 0.3F * added[i];
  }
  std::vector<std::uint32_t> words(phy::nof_pbch_words);
  phy::make_pbch_words(301, words);
  const std::vector<phy::pbch_demod_task> tasks = {{0, 301, 8, 0, 0}};
  const auto plan = phy::plan_pbch_demod({1}).value();
  const buffer<std::int8_t> llr(864);
  const buffer<phy::pbch_demod_status> status(1);
  phy::pbch_demod<backend::cpu>(plan).run(
      {view_of(tasks), grid.as(1, 4, 240), view_of(words)}, {llr.as(864), status.as(1)}, {});
  const on_device<phy::pbch_demod_task> list(tasks);
  const on_device<cf32> block(grid);
  const on_device<std::uint32_t> sequences(words);
  const on_device<std::int8_t> to(864);
  const on_device<phy::pbch_demod_status> statuses(1);
  phy::pbch_demod<cuda>(plan).run(
      {list.all(), block.as(1, 4, 240), sequences.all()}, {to.all(), statuses.all()}, {});
  const auto found = to.fetch();
  int worst = 0;
  for (std::size_t i = 0; i < 864; ++i) {
    worst = std::max(worst, std::abs(found[i] - llr[i]));
  }
  CHECK(worst <= 1);
  CHECK(statuses.fetch()[0].time_hypothesis == status[0].time_hypothesis);
}
