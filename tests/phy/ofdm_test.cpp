// SPDX-License-Identifier: Apache-2.0
// ctest: unit golden property equivalence
#include "core/block.h"
#include "core/buffer.h"
#include "core/stage.h"
#include "phy/ofdm/ofdm.h"
#include "phy/ofdm/ofdm_body.h"
#include "phy/ofdm/ofdm_modulate.h"
#include "tests/support/allocation_count.h"
#include "tests/support/shared.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

namespace phy = pado::phy;
using pado::backend;
using pado::buffer;
using pado::cf32;
using pado::ch16;
using pado::host_block;
using pado::view;

static_assert(pado::stage<phy::ofdm<backend::cpu>, backend::cpu>);
static_assert(pado::stage<phy::ofdm<backend::cuda>, backend::cuda>);

namespace {

/// Every value of a grid is rounded to half: at most 2^-11 of itself, 2^-11 / sqrt 3 in the mean square.
constexpr double half_rounding = 3e-4;

double relative_error(const ch16* grid, const cf32* expected, std::size_t size, float scale)
{
  double error = 0.0;
  double power = 0.0;
  for (std::size_t i = 0; i < size; ++i) {
    error += static_cast<double>(norm(to_cf32(grid[i]) - scale * expected[i]));
    power += static_cast<double>(norm(scale * expected[i]));
  }
  return std::sqrt(error / power);
}

buffer<cf32> random_qpsk(std::size_t size, unsigned seed)
{
  std::mt19937 random(seed);
  buffer<cf32> values(size);
  for (cf32& value : values) {
    value = {(random() & 1U) != 0 ? 0.7F : -0.7F, (random() & 1U) != 0 ? 0.7F : -0.7F};
  }
  return values;
}

buffer<cf32> read_cf32(const std::string& path)
{
  const auto bytes = pado::test::read_bytes(path);
  buffer<cf32> values(bytes.size() / sizeof(cf32));
  if (!bytes.empty()) {
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(cf32));
  }
  return values;
}

buffer<cf32> modulated(const phy::ofdm_plan& plan, const buffer<cf32>& grid, int slot_in_subframe)
{
  phy::ofdm_modulator modulator(plan);
  buffer<cf32> samples(slot_samples(plan, slot_in_subframe));
  modulator.modulate(grid.as(14, plan.nof_subcarriers()), slot_in_subframe, samples.as(samples.size()));
  return samples;
}

buffer<ch16> received(const phy::ofdm_plan& plan, const buffer<cf32>& samples, int slot_in_subframe)
{
  const int nof_ports = plan.config.nof_rx_ports;
  phy::ofdm<backend::cpu> stage(plan);
  buffer<ch16> grid(static_cast<std::size_t>(nof_ports) * 14 * plan.nof_subcarriers());
  stage.run({samples.as(nof_ports, samples.size() / nof_ports), slot_in_subframe},
            {grid.as(nof_ports, 14, plan.nof_subcarriers())},
            {});
  return grid;
}

/// Sends a random grid through modulator and receiver in the first two slots of a subframe.
void check_round_trip(const phy::ofdm_config& config)
{
  CAPTURE(config.scs.mu);
  CAPTURE(config.nof_prb);
  CAPTURE(config.fft_size);
  const phy::ofdm_plan plan = phy::plan_ofdm(config).value();
  const auto grid = random_qpsk(14 * static_cast<std::size_t>(plan.nof_subcarriers()), 5);
  int subframe_samples = 0;
  for (int slot = 0; slot < config.scs.slots_per_subframe(); ++slot) {
    CAPTURE(slot);
    if (slot < 2) { // the later ones have the same two sets of prefixes
      const auto back = received(plan, modulated(plan, grid, slot), slot);
      CHECK(relative_error(back.data(), grid.data(), grid.size(), 1.0F) < half_rounding);
    }
    subframe_samples += slot_samples(plan, slot);
  }
  CHECK(subframe_samples == config.fft_size * (15 << config.scs.mu));
}

} // namespace

TEST_CASE("ofdm: golden slots of the specification's own formulas are received")
{
  struct golden {
    std::string name;
    int mu, nof_prb, fft_size;
    std::int64_t centre_hz;
    int slot;
  };
  for (const golden& g : {golden{"fr1_15khz", 0, 11, 384, 1747500000, 0},
                          golden{"fr1_30khz", 1, 6, 128, 3512640123, 1},
                          golden{"fr1_60khz", 2, 5, 128, 2595000000, 2}}) {
    CAPTURE(g.name);
    const std::string path = PADO_SOURCE_DIR "/testvectors/ofdm/" + g.name;
    const auto grid = read_cf32(path + "_grid.bin");
    const auto samples = read_cf32(path + "_samples.bin");
    const phy::ofdm_plan plan =
        phy::plan_ofdm({{g.mu}, 1, g.nof_prb, g.fft_size, g.centre_hz, 4, 1.0F}).value();
    REQUIRE(grid.size() == 14 * static_cast<std::size_t>(plan.nof_subcarriers()));
    REQUIRE(samples.size() == static_cast<std::size_t>(slot_samples(plan, g.slot)));
    CHECK(relative_error(received(plan, samples, g.slot).data(), grid.data(), grid.size(), 1.0F) <
          half_rounding);
    const auto sent = modulated(plan, grid, g.slot);
    double error = 0.0;
    double power = 0.0;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      error += static_cast<double>(norm(sent[i] - samples[i]));
      power += static_cast<double>(norm(samples[i]));
    }
    CHECK(std::sqrt(error / power) < 1e-6); // binary32 on both sides
  }
}

TEST_CASE("ofdm: every FR1 bandwidth at 15, 30 and 60 kHz comes back from modulator to grid")
{
  const auto path = pado::test::shared_path("spec/coding/nrb_per_bandwidth.csv");
  if (!path) {
    MESSAGE("skipped: spec/coding/nrb_per_bandwidth.csv is not there");
    return;
  }
  int nof_rows = 0;
  for (const auto& row : pado::test::read_csv(*path)) {
    if (row.at(0) == "FR1") {
      const int mu = row.at(1) == "15" ? 0 : row.at(1) == "30" ? 1 : 2;
      check_round_trip({{mu}, 1, std::stoi(row.at(3)), std::stoi(row.at(6)), 3500010000, 9, 1.0F});
      ++nof_rows;
    }
  }
  CHECK(nof_rows == 39);
}

TEST_CASE("ofdm: sizes that are no power of two come back, from 1 to 273 PRB")
{
  check_round_trip({{0}, 1, 1, 128, 0, 0, 1.0F});
  check_round_trip({{1}, 1, 273, 3840, 3500010000, 100, 1.0F});
  check_round_trip({{1}, 1, 100, 1920, 3500010000, 1, 1.0F});
  check_round_trip({{2}, 1, 51, 768, 1, 54, 1.0F});
  check_round_trip({{3}, 1, 32, 640, 28'000'080'000, 3, 1.0F});
}

TEST_CASE("ofdm: prefixes are those of the reference table")
{
  const auto path = pado::test::shared_path("spec/coding/ofdm_cp_samples.csv");
  if (!path) {
    MESSAGE("skipped: spec/coding/ofdm_cp_samples.csv is not there");
    return;
  }
  for (const auto& row : pado::test::read_csv(*path)) {
    const int mu = std::stoi(row.at(0));
    CAPTURE(mu);
    CAPTURE(row.at(1));
    const phy::ofdm_plan plan = phy::plan_ofdm({{mu}, 1, 10, std::stoi(row.at(1)), 0, 0, 1.0F}).value();
    CHECK(plan.cp_samples == std::stoi(row.at(3)));
    CHECK(plan.useful_begin(0, 0) == std::stoi(row.at(4)));
    CHECK(plan.useful_begin(0, 1) - plan.useful_begin(0, 0) == plan.config.fft_size + plan.cp_samples);
  }
}

TEST_CASE("ofdm: an arrival within the prefix is a phase slope over frequency, whatever the window advance")
{
  struct arrival {
    int advance, delay;
    bool is_inside; ///< the window holds samples of one symbol only
  };
  const std::size_t nof_whole =
      13 * 132; // an early signal ends before the slot does: the last symbol is left out
  for (const arrival& a : {arrival{0, 5, true},
                           arrival{7, 5, true},
                           arrival{13, 5, true},
                           arrival{14, 5, false},
                           arrival{5, -5, true},
                           arrival{4, -5, false},
                           arrival{18, 0, true}}) {
    CAPTURE(a.advance);
    CAPTURE(a.delay);
    const phy::ofdm_plan plan = phy::plan_ofdm({{1}, 1, 11, 256, 0, a.advance, 1.0F}).value();
    auto grid = random_qpsk(14 * 132, 6);
    const auto samples = modulated(plan, grid, 1);
    const int nof_samples = static_cast<int>(samples.size());
    buffer<cf32> shifted(samples.size());
    for (int i = std::max(0, a.delay); i < nof_samples + std::min(0, a.delay); ++i) {
      shifted[i] = samples[i - a.delay];
    }
    for (int i = 0; i < 14 * 132; ++i) {
      const double angle = -2.0 * std::numbers::pi * (i % 132 - 66) * a.delay / 256.0;
      grid[i] = grid[i] * cf32{static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
    }
    const double error = relative_error(received(plan, shifted, 1).data(), grid.data(), nof_whole, 1.0F);
    CHECK((error < half_rounding) == a.is_inside);
    CHECK((error > 0.01) == !a.is_inside);
  }
}

TEST_CASE("ofdm: a recorded uplink gives the grid that another receiver made of it")
{
  const auto data = pado::test::shared_path("captures/ue_n3_10mhz/ul.sigmf-data");
  const auto grids = pado::test::shared_path("captures/ue_n3_10mhz/grid.cf32");
  if (!data || !grids) {
    MESSAGE("skipped: captures/ue_n3_10mhz is not there");
    return;
  }
  const auto bytes = pado::test::read_bytes(*data);
  const auto theirs = read_cf32(*grids);
  // ul.sigmf-meta: integers are 32767 times the sample. README: their grid is 1.110 times a unitary
  // transform.
  const phy::ofdm_plan plan = phy::plan_ofdm({{0}, 1, 52, 768, 1747500000, 4, 1.110F}).value();
  struct place {
    std::size_t sample, grid_offset; // schedule.jsonl: PUSCH in 18.3, PUCCH in 19.1, PUSCH in 22.8 and 30.8
  };
  for (const place& at :
       {place{126720, 0}, place{218880, 8736}, place{645120, 34944}, place{910080, 61152}}) {
    CAPTURE(at.sample);
    buffer<cf32> samples(11520);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      std::int16_t iq[2];
      std::memcpy(iq, bytes.data() + 4 * (at.sample + i), sizeof(iq));
      samples[i] = {static_cast<float>(iq[0]) / 32767.0F, static_cast<float>(iq[1]) / 32767.0F};
    }
    const double error =
        relative_error(received(plan, samples, 0).data(), theirs.data() + at.grid_offset, 14 * 624, 1.0F);
    MESSAGE("difference " << 20.0 * std::log10(error) << " dB");
    CHECK(error < 2.5e-3); // -52 dB: their grid is rounded to 8 bits of mantissa
  }
}

TEST_CASE("ofdm: ports are independent, gain scales, and run() does not allocate")
{
  const phy::ofdm_plan one = phy::plan_ofdm({{1}, 1, 24, 512, 3500010000, 10, 1.0F}).value();
  const phy::ofdm_plan plan = phy::plan_ofdm({{1}, 3, 24, 512, 3500010000, 10, 0.25F}).value();
  const std::size_t nof_samples = static_cast<std::size_t>(slot_samples(one, 1));
  buffer<cf32> samples(3 * nof_samples);
  std::vector<buffer<cf32>> grids;
  for (unsigned port = 0; port < 3; ++port) {
    grids.push_back(random_qpsk(14 * 288, 10 + port));
    const auto sent = modulated(one, grids.back(), 1);
    std::copy(sent.begin(), sent.end(), samples.begin() + port * nof_samples);
  }
  phy::ofdm<backend::cpu> stage(plan);
  buffer<ch16> grid(3 * 14 * 288);
  const auto before = pado::test::allocation_count();
  stage.run({samples.as(3, nof_samples), 1}, {grid.as(3, 14, 288)}, {});
  CHECK(pado::test::allocation_count() == before);
  for (std::size_t port = 0; port < 3; ++port) {
    CHECK(relative_error(grid.data() + port * 14 * 288, grids[port].data(), 14 * 288, 0.25F) < half_rounding);
  }
}

TEST_CASE("ofdm: the bodies give the same in reversed order, and the CPU path gives what they give")
{
  const phy::ofdm_plan plan = phy::plan_ofdm({{1}, 1, 25, 384, 3500010000, 10, 1.0F}).value();
  const auto samples = modulated(plan, random_qpsk(14 * 300, 20), 0);
  const auto expected = received(plan, samples, 0);
  phy::fft<backend::cpu> transform(phy::plan_fft({384, 1, phy::fft_direction::forward}).value());
  const view<const cf32, 1> factor(plan.subcarrier_factor.data(), 300);
  for (const pado::visit order : {pado::visit::forward, pado::visit::backward}) {
    const host_block block(nullptr, 0, order);
    buffer<cf32> window(384);
    buffer<cf32> bins(384);
    for (int symbol = 0; symbol < 14; ++symbol) {
      phy::body::ofdm_strip(block,
                            phy::body::windows_of(plan, 0).begin[symbol],
                            view<const cf32, 1>(samples.as(samples.size())),
                            window.as(384));
      transform.run({window.as(1, 384)}, {bins.as(1, 384)}, {});
      buffer<ch16> row(300);
      phy::body::ofdm_map(
          block, plan.symbol_factor[symbol], factor, view<const cf32, 1>(bins.as(384)), row.as(300));
      for (std::size_t k = 0; k < 300; ++k) {
        const cf32 difference = to_cf32(row[k]) - to_cf32(expected[300 * symbol + k]);
        CHECK(norm(difference) <=
              1e-6F); // one step of half near 0.7: a fused multiply-add may round the other way
      }
    }
  }
}

TEST_CASE("ofdm: a plan out of limits is refused by name")
{
  const auto refusal = [](const phy::ofdm_config& config) { return phy::plan_ofdm(config).failure(); };
  const phy::ofdm_config good{{1}, 4, 273, 4096, 3500010000, 10, 1.0F};
  REQUIRE(phy::plan_ofdm(good));
  phy::ofdm_config bad = good;
  bad.scs.mu = 4;
  CHECK(refusal(bad).field == "ofdm.scs.mu");
  bad = good;
  bad.nof_rx_ports = 9;
  CHECK(refusal(bad).text() == "ofdm.nof_rx_ports is 9, must be in 1..8");
  bad = good;
  bad.nof_prb = 276;
  CHECK(refusal(bad).field == "ofdm.nof_prb");
  bad = good;
  bad.fft_size = 4000;
  CHECK(refusal(bad).text() ==
        "ofdm.fft_size is 4000, must be 128 times a product of 2, 3 and 5 in 3276..16384: "
        "resample to 122880000 samples/s (size 4096)");
  bad.fft_size = 2048; // too small for 273 PRB
  CHECK(refusal(bad).what.find("(size 3456)") != std::string::npos);
  bad.fft_size = 0;
  CHECK(refusal(bad).field == "ofdm.fft_size");
  bad.fft_size = 1 << 30;
  CHECK(refusal(bad).what.find("(size 16384)") != std::string::npos);
  bad = good;
  bad.centre_hz = -1;
  CHECK(refusal(bad).field == "ofdm.centre_hz");
  bad = good;
  bad.window_advance = 289;
  CHECK(refusal(bad).text() == "ofdm.window_advance is 289, must be in 0..288");
  for (const float gain :
       {0.0F, -1.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    bad = good;
    bad.gain = gain;
    CHECK(refusal(bad).field == "ofdm.gain");
  }
}
