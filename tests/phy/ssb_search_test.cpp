// SPDX-License-Identifier: Apache-2.0
// ctest: property golden
#include "phy/ssb/ssb_raster.h"
#include "phy/ssb/ssb_search.h"
#include "phy/ssb/ssb_transmit.h"
#include "tests/support/shared.h"
#include <array>
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <random>
#include <vector>

using namespace pado;
using namespace pado::phy;

namespace {

using samples_of = std::vector<cf32>;

view<const cf32, 1> as_view(const samples_of& samples)
{
  return view<const cf32, 1>(samples.data(), samples.size());
}

samples_of noise_of(std::size_t n, float power, unsigned seed)
{
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0.0F, std::sqrt(0.5F * power));
  samples_of samples(n);
  for (cf32& sample : samples) {
    sample = {noise(random), noise(random)};
  }
  return samples;
}

/// Adds a block whose resource elements lie snr_db above noise of unit power.
void add_block(samples_of& samples, const ssb_transmit_config& block, ssb_placement placement, double snr_db)
{
  std::array<cf32, 960> storage{};
  REQUIRE(map_ssb(block, view<cf32, 2>(storage.data(), 4, 240)));
  const double useful = static_cast<double>(placement.sample_rate_hz) / placement.scs_hz;
  placement.amplitude = static_cast<float>(std::sqrt(std::pow(10.0, snr_db / 10.0) / useful));
  add_ssb(
      placement, view<const cf32, 2>(storage.data(), 4, 240), view<cf32, 1>(samples.data(), samples.size()));
}

samples_of recording(const std::string& name)
{
  const auto path = test::shared_path("captures/" + name);
  if (!path) {
    MESSAGE("skipped: ", name, " not found");
    return {};
  }
  const auto bytes = test::read_bytes(*path);
  samples_of samples(bytes.size() / sizeof(cf32));
  std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(cf32));
  return samples;
}

std::vector<heard_cell> search(const samples_of& samples, const ssb_search_config& config)
{
  auto cells = search_cells(as_view(samples), config);
  REQUIRE(cells);
  return cells.value();
}

} // namespace

TEST_CASE("ssb_search: a recorded n78 cell is found where others found it, and its MIB is read")
{
  const samples_of samples = recording("n78_ssb_46M08.sigmf-data");
  if (samples.empty()) {
    return;
  }
  const auto cells = search(samples, {46080000, 3502800000, {30000}});
  REQUIRE(cells.size() == 1);
  const heard_cell& cell = cells[0];
  CHECK(cell.pci == 500);
  CHECK(cell.ssb_centre_hz == 3512640000);
  CHECK(std::abs(cell.start_sample - 357802) <= 1);
  CHECK(cell.sss_metric > 0.99F);
  // Inside the PSS alone it looks like 320 Hz, give or take 100; over two symbols it is 154.
  CHECK(std::abs(cell.cfo_hz - 154.0) < 20.0);
  REQUIRE(cell.content);
  CHECK(cell.content->sfn % 16 == 2);
  CHECK(cell.content->ssb_index == 0);
  CHECK(cell.content->half_frame == 0);
  CHECK(cell.content->k_ssb / 16 == 1);
}

TEST_CASE("ssb_search: a recorded n3 cell is found where others found it, and its MIB is read")
{
  const samples_of samples = recording("n3_ssb_sib_15M36.sigmf-data");
  if (samples.empty()) {
    return;
  }
  const auto cells = search(samples, {15360000, 1842500000});
  REQUIRE(cells.size() == 1);
  const heard_cell& cell = cells[0];
  CHECK(cell.pci == 500);
  CHECK(cell.scs_hz == 15000);
  CHECK(cell.ssb_centre_hz == 1842050000);
  CHECK(std::abs(cell.start_sample - 2200) <= 1);
  CHECK(std::abs(cell.cfo_hz) < 10.0);
  CHECK(cell.nof_candidates == 4);
  REQUIRE(cell.content);
  CHECK(cell.content->sfn % 16 == 0);
  CHECK(cell.content->coreset_zero == 6);
  CHECK_FALSE(cell.content->is_barred);
}

TEST_CASE("ssb_search: recordings without a block yield none")
{
  for (const char* name : {"n3_pdsch_15M36.sigmf-data", "n3_rar_15M36.sigmf-data"}) {
    const samples_of samples = recording(name);
    if (!samples.empty()) {
      CHECK(search(samples, {15360000, 1842500000}).empty());
    }
  }
}

TEST_CASE("ssb_search: blocks are found at any sample rate, offset and fractional start")
{
  struct place {
    std::int64_t rate;
    std::int32_t scs;
    std::int64_t centre;
    std::int64_t ssb;
    double start;
    double cfo;
  };
  // The sixth rate has a whole number of samples a symbol at 15 kHz only, the last centre is on no raster
  // point.
  for (const place& p : {place{7680000, 30000, 3505440000, 3505440000, 1000.0, 0.0},
                         place{3840000, 15000, 1842050000, 1842050000, 500.4, 300.0},
                         place{11520000, 15000, 1842500000, 1842050000, 2000.3, -1200.0},
                         place{23040000, 30000, 3700000000, 3704160000, 4321.0, 5000.0},
                         place{30720000, 15000, 1850000000, 1842250000, 777.7, 2500.0},
                         place{15375000, 30000, 3505440000, 3507000000 - 120000, 3000.5, -900.0},
                         place{20010000, 30000, 3505441234, 3505440000, 1200.0, 100.0}}) {
    CAPTURE(p.rate);
    CAPTURE(p.scs);
    const mib content{741, 1, 3, 30000, 21, 3, 7, 9, false, false};
    samples_of samples = noise_of(static_cast<std::size_t>(p.rate / 500), 1.0F, 3);
    add_block(samples, {123, content, 8, 3.0F}, {p.rate, p.scs, p.centre, p.ssb, p.start, p.cfo}, 10.0);
    const auto cells = search(samples, {p.rate, p.centre, {p.scs}, ssb_raster::sync, 7500});
    REQUIRE(cells.size() == 1);
    CHECK(cells[0].pci == 123);
    CHECK(cells[0].ssb_centre_hz == p.ssb);
    CHECK(std::abs(static_cast<double>(cells[0].start_sample) - p.start) < 1.6);
    CHECK(std::abs(cells[0].cfo_hz - p.cfo) < 0.004 * p.scs);
    CHECK(std::abs(cells[0].snr_db - 10.0F) < 2.0F);
    REQUIRE(cells[0].content);
    CHECK(*cells[0].content == content);
  }
}

TEST_CASE("ssb_search: without the centre frequency the block is found too")
{
  const mib content{3, 0, 1, 15000, 0, 2, 0, 0, false, true};
  for (const std::int32_t scs : {15000, 30000}) {
    CAPTURE(scs);
    samples_of samples = noise_of(11520, 1.0F, 8);
    add_block(samples,
              {901, content, 4, 0.0F},
              {7680000, scs, 0, scs == 15000 ? -1500000 : 150000, 2000.0, 6000.0},
              10.0);
    const auto cells = search(samples, {7680000, 0, {scs}});
    REQUIRE(cells.size() == 1);
    CHECK(cells[0].pci == 901);
    // 6 kHz away from one multiple of 15 kHz: the sum counts.
    CHECK(std::abs(static_cast<double>(cells[0].ssb_centre_hz) + cells[0].cfo_hz -
                   (scs == 15000 ? -1494000 : 156000)) < 0.03 * scs);
    REQUIRE(cells[0].content);
    CHECK(*cells[0].content == content);
  }
}

TEST_CASE(
    "ssb_search: cells on one frequency, beams of one cell, and a 20 dB stronger neighbour are told apart")
{
  samples_of samples = noise_of(92160, 1.0F, 5);
  const ssb_placement at{15360000, 30000, 3505440000, 3505440000, 3000.0, 0.0};
  const mib content{10, 0, 0, 30000, 0, 2, 0, 0, false, true};
  mib beam = content;
  beam.ssb_index = 4;
  ssb_placement later = at;
  later.start_sample = 3000.0 + 28 * 548;
  ssb_placement aside = at;
  aside.ssb_centre_hz += 2880000; // overlaps half of the band, 20 dB stronger, at another time
  aside.start_sample = 50000.0;
  add_block(samples, {300, content, 8, 0.0F}, at, 12.0);
  add_block(samples, {301, content, 8, 0.0F}, {15360000, 30000, 3505440000, 3505440000, 3040.0, 0.0}, 10.0);
  add_block(samples, {300, beam, 8, 0.0F}, later, 3.0);
  add_block(samples, {77, content, 8, 0.0F}, aside, 32.0);
  const auto cells = search(samples, {15360000, 3505440000, {30000}, ssb_raster::sync});
  REQUIRE(cells.size() == 4);
  CHECK(cells[0].pci == 300);
  CHECK(cells[1].pci == 301);
  CHECK(cells[2].pci == 300);
  REQUIRE(cells[2].content);
  CHECK(cells[2].content->ssb_index == 4);
  CHECK(cells[3].pci == 77);
  CHECK(cells[3].ssb_centre_hz == 3508320000);
}

TEST_CASE("ssb_search: a block at -4 dB is found and read, and its scale does not matter")
{
  int nof_found = 0;
  int nof_read = 0;
  constexpr unsigned nof_trials = 12;
  for (unsigned seed = 0; seed < nof_trials; ++seed) {
    const mib content{static_cast<std::int32_t>(seed * 80), 0, 2, 30000, 5, 2, 3, 1, false, true};
    samples_of samples = noise_of(11520, 1.0F, seed + 100);
    add_block(
        samples, {612, content, 8, 0.0F}, {7680000, 30000, 3505440000, 3505440000, 4000.0, 500.0}, -4.0);
    for (cf32& sample : samples) {
      sample = 1e-4F * sample;
    }
    for (const heard_cell& cell : search(samples, {7680000, 3505440000, {30000}, ssb_raster::sync})) {
      nof_found += cell.pci == 612 ? 1 : 0;
      nof_read += cell.content == content ? 1 : 0;
    }
  }
  MESSAGE("-4 dB: found ", nof_found, ", read ", nof_read, " of ", nof_trials);
  CHECK(nof_found >= 11);
  CHECK(nof_read >= 10);
}

TEST_CASE("ssb_search: noise, silence, a tone and a step yield nothing")
{
  for (unsigned seed = 0; seed < 4; ++seed) {
    CHECK(search(noise_of(15360, 1.0F, seed), {7680000, 0, {30000}}).empty());
  }
  const ssb_search_config config{7680000, 3505440000, {15000, 30000}, ssb_raster::sync};
  CHECK(search(samples_of(15360), config).empty());
  CHECK(search(samples_of(), config).empty());
  CHECK(search(samples_of(15360, cf32{1.0F, 0.0F}), config).empty());
  samples_of step(15360);
  for (std::size_t i = 7000; i < step.size(); ++i) {
    step[i] = 100.0F * polar(1.1F * static_cast<float>(i % 1000));
  }
  CHECK(search(step, config).empty());
}

TEST_CASE("ssb_search: a block that the end of the recording cuts is not reported")
{
  samples_of samples = noise_of(7680, 1.0F, 5);
  const ssb_placement at{7680000, 30000, 3505440000, 3505440000, 7680.0 - 900.0, 0.0};
  add_block(samples, {300, mib{}, 8, 0.0F}, at, 20.0);
  CHECK(search(samples, {7680000, 3505440000, {30000}, ssb_raster::sync}).empty());
}

TEST_CASE("ssb_search: progress goes from 0 to 1")
{
  std::vector<float> seen;
  ssb_search_config config{7680000, 3505440000};
  config.raster = ssb_raster::sync;
  config.progress = [&seen](float done) { seen.push_back(done); };
  search(noise_of(76800, 1.0F, 1), config);
  REQUIRE(seen.size() > 4);
  CHECK(seen.front() >= 0.0F);
  CHECK(seen.back() == 1.0F);
  for (std::size_t i = 1; i < seen.size(); ++i) {
    CHECK(seen[i] >= seen[i - 1]);
  }
}

TEST_CASE("ssb_raster: known cells lie on it")
{
  const auto low = sync_raster(1842000000, 1842300000);
  CHECK(low == std::vector<std::int64_t>{1842050000, 1842150000, 1842250000});
  const auto high = sync_raster(3512000000, 3513000000);
  CHECK(high == std::vector<std::int64_t>{3512640000});
  CHECK(sync_raster(2999000000, 3001440000) == std::vector<std::int64_t>{2999050000, 3000000000, 3001440000});
  CHECK(every_15_khz(-31000, 15000) == std::vector<std::int64_t>{-30000, -15000, 0, 15000});
}

TEST_CASE("ssb_search: configurations that make no sense are refused by name")
{
  const samples_of samples(100);
  const auto refused = [&](const ssb_search_config& config) {
    return search_cells(as_view(samples), config).failure().field;
  };
  CHECK(refused({3000000, 0}) == "ssb_search.sample_rate_hz");
  CHECK(refused({7680001, 0}) == "ssb_search.sample_rate_hz");
  CHECK(refused({245760000, 0}) == "ssb_search.sample_rate_hz");
  CHECK(refused({3840000, 0, {30000}}) == "ssb_search.sample_rate_hz");
  CHECK(refused({7680000, 0, {}}) == "ssb_search.scs_hz");
  CHECK(refused({7680000, 0, {60000}}) == "ssb_search.scs_hz");
  CHECK(refused({7680000, 0, {30000}, ssb_raster::sync}) == "ssb_search.raster");
  CHECK(refused({7680000, 0, {30000}, ssb_raster::automatic, -1}) == "ssb_search.max_cfo_hz");
}
