// SPDX-License-Identifier: Apache-2.0
// ctest: property
#include "core/buffer.h"
#include "phy/blind/dmrs_ports.h"
#include "phy/blind/interval_search.h"
#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <random>

using namespace pado;

namespace {

constexpr std::int32_t nof_ports = 2;
constexpr std::int32_t slot = 7;

/// A grid of noise of power 1 that UEs are added to.
class world {
public:
  explicit world(std::int32_t nof_prb, unsigned seed = 1)
      : width_(12 * nof_prb), random_(seed),
        grid_(static_cast<std::size_t>(nof_ports * nof_symbols_per_slot * width_))
  {
    for (cf32& re : grid_) {
      re = draw();
    }
  }

  struct ue {
    phy::dmrs_identity identity;
    std::uint16_t mask;
    prb_range prbs;
    std::int32_t dmrs_port;
    float amplitude;
    float delay_turns; ///< of the channel a subcarrier
    float phase;       ///< of the second receive port
  };

  /// DM-RS on the symbols of the mask, QPSK data on the others.
  void add(const ue& u)
  {
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      const bool is_dmrs = (u.mask >> symbol & 1U) != 0;
      std::vector<std::uint32_t> words(static_cast<std::size_t>(width_ / 16 + 1));
      phy::gold_bits(
          phy::pusch_dmrs_c_init(slot, symbol, u.identity.scrambling_id, u.identity.scid), 0, words);
      for (std::int32_t k = 12 * u.prbs.begin; k < 12 * u.prbs.end; ++k) {
        cf32 x = draw();
        if (is_dmrs) {
          const std::int32_t comb = u.dmrs_port / 2;
          if (k % 2 != comb) {
            continue;
          }
          const std::int32_t pilot = (k - comb) / 2;
          const std::uint32_t bits = words[static_cast<std::size_t>(pilot / 16)] >> (2 * (pilot % 16));
          const float sign = u.dmrs_port % 2 == 1 && pilot % 2 == 1 ? -0.7071068F : 0.7071068F;
          x = {(bits & 1U) != 0 ? -sign : sign, (bits & 2U) != 0 ? -sign : sign};
        }
        for (std::int32_t port = 0; port < nof_ports; ++port) {
          const float turn = u.delay_turns * static_cast<float>(k) + u.phase * static_cast<float>(port);
          at(port, symbol, k) += u.amplitude * (x * polar(-2.0F * std::numbers::pi_v<float> * turn));
        }
      }
    }
  }

  phy::slot_spectrum spectrum()
  {
    received_.resize(grid_.size());
    for (std::size_t i = 0; i < grid_.size(); ++i) {
      received_[i] = to_ch16(grid_[i]);
    }
    phy::slot_spectrum out;
    out.load(view<const ch16, 3>(received_.data(), nof_ports, nof_symbols_per_slot, width_), 0);
    return out;
  }

private:
  cf32& at(std::int32_t port, std::int32_t symbol, std::int32_t k)
  {
    return grid_[static_cast<std::size_t>((port * nof_symbols_per_slot + symbol) * width_ + k)];
  }
  cf32 draw()
  {
    std::normal_distribution<float> normal(0.0F, 0.7071068F);
    const float real = normal(random_);
    return {real, normal(random_)};
  }

  std::int32_t width_;
  std::mt19937 random_;
  std::vector<cf32> grid_;
  std::vector<ch16> received_;
};

std::vector<phy::identity_map> maps_of(const phy::slot_spectrum& spectrum,
                                       const std::vector<phy::dmrs_identity>& identities)
{
  std::vector<phy::identity_map> out(identities.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].identity = identities[i];
    out[i].map.make(spectrum, slot, identities[i]);
  }
  return out;
}

const std::vector<phy::dmrs_identity> both_scids = {{33, 0}, {33, 1}};

} // namespace

TEST_CASE("fast_log: within 1e-4 of the logarithm")
{
  for (float x = 5e-4F; x < 40.0F; x *= 1.013F) {
    CHECK(std::abs(phy::fast_log(x) - std::log(x)) < 1e-4F);
  }
}

TEST_CASE("find_dmrs_runs: neighbours that differ in mask and identity are kept apart")
{
  world w(30);
  w.add({{33, 0}, 0x804, {2, 9}, 0, 4.0F, 0.002F, 0.1F});
  w.add({{33, 0}, 0x004, {9, 15}, 0, 4.0F, 0.001F, 0.3F});
  w.add({{33, 1}, 0x884, {15, 28}, 2, 4.0F, 0.004F, 0.6F});
  const phy::slot_spectrum spectrum = w.spectrum();
  const auto runs = phy::find_dmrs_runs(maps_of(spectrum, both_scids), {});
  REQUIRE(runs.size() == 3);
  CHECK(runs[0].prbs == prb_range{2, 9});
  CHECK(runs[0].dmrs_mask == 0x804);
  CHECK(runs[1].prbs == prb_range{9, 15});
  CHECK(runs[1].dmrs_mask == 0x004);
  CHECK(runs[2].prbs == prb_range{15, 28});
  CHECK(runs[2].dmrs_mask == 0x884);
  CHECK(runs[2].identity == phy::dmrs_identity{33, 1});
  CHECK(runs[2].comb == 1);
}

TEST_CASE("find_dmrs_runs: nothing in noise, and nothing on PRBs that are taken")
{
  world noise(51, 3);
  CHECK(phy::find_dmrs_runs(maps_of(noise.spectrum(), both_scids), {}).empty());
  world w(20);
  w.add({{33, 0}, 0x804, {4, 16}, 0, 3.0F, 0.002F, 0.1F});
  std::vector<bool> taken(20, false);
  std::fill(taken.begin() + 4, taken.begin() + 16, true);
  CHECK(phy::find_dmrs_runs(maps_of(w.spectrum(), both_scids), {}, taken).empty());
}

TEST_CASE("find_ports: a port 24 dB below the other one of its comb, at another delay")
{
  world w(20);
  w.add({{33, 0}, 0x804, {3, 17}, 0, 40.0F, 0.004F, 0.1F});
  w.add({{33, 0}, 0x804, {3, 17}, 1, 2.5F, 0.020F, 0.6F});
  const phy::slot_spectrum spectrum = w.spectrum();
  const auto runs = phy::find_dmrs_runs(maps_of(spectrum, both_scids), {});
  REQUIRE(runs.size() == 1);
  const auto ports = phy::find_ports(spectrum, slot, runs[0].identity, runs[0]);
  REQUIRE(ports.size() == 2);
  CHECK(ports[0].port == 0);
  CHECK(ports[1].port == 1);
  CHECK(ports[0].snr > 20.0F * ports[1].snr);
}

TEST_CASE("find_ports: data on the other comb are no port")
{
  world w(20);
  w.add({{33, 0}, 0x804, {3, 17}, 0, 10.0F, 0.004F, 0.1F});
  w.add({{99, 0}, 0x001, {3, 17}, 2, 10.0F, 0.004F, 0.1F}); // no DM-RS of ours on symbols 2 and 11
  const phy::slot_spectrum spectrum = w.spectrum();
  phy::dmrs_run run = {{33, 0}, 0x804, 0, {3, 17}, 100.0F, 0.0F};
  run.turn_rad = -2.0F * std::numbers::pi_v<float> * 4.0F * 0.004F;
  const auto ports = phy::find_ports(spectrum, slot, run.identity, run);
  REQUIRE(ports.size() == 1);
  CHECK(ports[0].port == 0);
}

TEST_CASE("find_edges: two UEs with the same DM-RS meet where the channel jumps")
{
  world w(30);
  w.add({{33, 0}, 0x804, {3, 14}, 0, 3.0F, 0.004F, 0.1F});
  w.add({{33, 0}, 0x804, {14, 27}, 0, 3.0F, 0.009F, 0.55F});
  const phy::slot_spectrum spectrum = w.spectrum();
  const auto maps = maps_of(spectrum, both_scids);
  const auto runs = phy::find_dmrs_runs(maps, {});
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].prbs == prb_range{3, 27});
  const std::vector<float> edges = phy::find_edges(spectrum, slot, maps[0].map, runs[0]);
  REQUIRE(edges.size() == 24);
  const auto strongest = std::max_element(edges.begin(), edges.end());
  CHECK(strongest - edges.begin() == 11);
  CHECK(*strongest > 5.0F);

  phy::interval_search intervals(runs[0], edges);
  const prb_range all = {0, 30};
  intervals.add_ends(phy::run_levels(maps[0].map, runs[0].dmrs_mask),
                     all,
                     all,
                     phy::find_power_edges(spectrum, runs[0].dmrs_mask, all));
  std::vector<prb_range> tried = {intervals.next(), intervals.next(), intervals.next(), intervals.next()};
  CHECK(tried[1] == all);
  CHECK(std::find(tried.begin(), tried.end(), prb_range{3, 14}) != tried.end());
  CHECK(std::find(tried.begin(), tried.end(), prb_range{14, 27}) != tried.end());
}

TEST_CASE("interval_search: what is taken is not tried again, and all taken is done")
{
  const phy::dmrs_run run = {{33, 0}, 0x804, 0, {10, 30}, 100.0F, 0.0F};
  std::vector<float> edges(20, 0.0F);
  edges[8] = 12.0F;
  phy::interval_search intervals(run, edges);
  intervals.take({10, 18});
  CHECK_FALSE(intervals.is_done());
  CHECK(intervals.is_taken({17, 20}));
  for (int i = 0; i < 30; ++i) {
    const prb_range next = intervals.next();
    CHECK((next.size() < 1 || next.begin >= 18));
  }
  intervals.take({18, 30});
  CHECK(intervals.is_done());
}
