// SPDX-License-Identifier: Apache-2.0
// ctest: unit property equivalence
#include "core/block.h"
#include "core/stage.h"
#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include "phy/ofdm/ofdm_modulate.h"
#include "phy/uplink_sync/carrier_phase.h"
#include "phy/uplink_sync/half_subframe.h"
#include "phy/uplink_sync/prefix_fold_body.h"
#include "phy/uplink_sync/prefix_search.h"
#include "phy/uplink_sync/sequence_bits.h"
#include "tests/support/allocation_count.h"
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <random>
#include <vector>

using namespace pado;

static_assert(stage<phy::prefix_fold<backend::cpu>, backend::cpu>);
static_assert(stage<phy::prefix_fold<backend::cuda>, backend::cuda>);

namespace {

constexpr std::int32_t nof_prb = 12;

/// What a test sends.
struct sent_uplink {
  numerology scs;
  std::int64_t rate_hz = 7680000;
  std::int32_t first_slot = 0; ///< of the frame, that begins behind the lead-in
  std::int32_t nof_slots = 2;
  std::int32_t lead_in = 0; ///< samples of noise alone, and as many behind
  double cfo_hz = 0.0;
  float noise = 0.05F; ///< standard deviation of I and Q; a sample of the signal has about 0.4
  std::int64_t carrier_hz = 0;
  std::int32_t scrambling_id = 77;
  prb_range prbs = {2, 9};
};

cf32 qpsk(std::mt19937& random)
{
  return {random() % 2 != 0 ? 0.7071F : -0.7071F, random() % 2 != 0 ? 0.7071F : -0.7071F};
}

/// DM-RS on symbols 2, 7 and 11, comb 0, and QPSK on the others.
std::vector<cf32> make_grid(const sent_uplink& what, std::int32_t slot, std::mt19937& random)
{
  std::vector<cf32> grid(14 * 12 * nof_prb);
  for (std::int32_t symbol = 0; symbol < 14; ++symbol) {
    const bool is_dmrs = symbol == 2 || symbol == 7 || symbol == 11;
    std::vector<std::uint32_t> words(12 * nof_prb / 32 + 1);
    phy::gold_bits(phy::pusch_dmrs_c_init(slot, symbol, what.scrambling_id, 0), 0, words);
    for (std::int32_t k = 12 * what.prbs.begin; k < 12 * what.prbs.end; ++k) {
      cf32& to = grid[static_cast<std::size_t>(symbol * 12 * nof_prb + k)];
      if (!is_dmrs) {
        to = qpsk(random);
      } else if (k % 2 == 0) {
        const std::uint32_t bits = words[static_cast<std::size_t>(k / 32)] >> (k % 32);
        to = {(bits & 1U) != 0 ? -1.0F : 1.0F, (bits & 2U) != 0 ? -1.0F : 1.0F};
      }
    }
  }
  return grid;
}

std::vector<cf32> send(const sent_uplink& what, unsigned seed)
{
  std::mt19937 random(seed);
  std::normal_distribution<float> gauss(0.0F, what.noise);
  phy::ofdm_config config;
  config.scs = what.scs;
  config.nof_rx_ports = 1;
  config.nof_prb = nof_prb;
  config.fft_size = static_cast<std::int32_t>(what.rate_hz / what.scs.scs_hz());
  config.centre_hz = what.carrier_hz;
  const auto plan = phy::plan_ofdm(config);
  REQUIRE(plan);
  phy::ofdm_modulator modulator(plan.value());
  std::vector<cf32> out(static_cast<std::size_t>(what.lead_in));
  for (std::int32_t i = 0; i < what.nof_slots; ++i) {
    const std::int32_t slot = (what.first_slot + i) % what.scs.slots_per_frame();
    const std::int32_t in_subframe = slot % what.scs.slots_per_subframe();
    const std::vector<cf32> grid = make_grid(what, slot, random);
    buffer<cf32> samples(static_cast<std::size_t>(phy::slot_samples(plan.value(), in_subframe)));
    modulator.modulate(view<const cf32, 2>(grid.data(), 14, 12 * nof_prb),
                       in_subframe,
                       samples.as(static_cast<std::int32_t>(samples.size())));
    out.insert(out.end(), samples.data(), samples.data() + samples.size());
  }
  out.resize(out.size() + static_cast<std::size_t>(what.lead_in));
  for (std::size_t n = 0; n < out.size(); ++n) {
    const double angle =
        2.0 * std::numbers::pi * what.cfo_hz * static_cast<double>(n) / static_cast<double>(what.rate_hz);
    out[n] = out[n] * polar(static_cast<float>(std::remainder(angle, 2.0 * std::numbers::pi)));
    out[n] += {gauss(random), gauss(random)};
  }
  return out;
}

phy::prefix_match match_of(std::vector<cf32> samples, numerology scs, std::int64_t rate_hz)
{
  const auto period = static_cast<std::int32_t>(rate_hz / 2000);
  const auto lag = static_cast<std::int32_t>(rate_hz / scs.scs_hz());
  const auto count = static_cast<std::int32_t>(samples.size()) / period;
  samples.resize(samples.size() + static_cast<std::size_t>(lag + period));
  std::vector<phy::prefix_fold_task> tasks;
  for (std::int32_t i = 0; i <= count; ++i) {
    tasks.push_back({i * period, 1.0F});
  }
  const auto plan = phy::plan_prefix_fold({1, period, count + 1});
  REQUIRE(plan);
  phy::prefix_fold<backend::cpu> fold(plan.value());
  buffer<cf32> products(static_cast<std::size_t>(period));
  fold.run({view<const phy::prefix_fold_task, 1>(tasks.data(), static_cast<std::int32_t>(tasks.size())),
            view<const cf32, 2>(samples.data(), 1, static_cast<std::int32_t>(samples.size())),
            lag},
           {products.as(period)},
           {});
  return phy::find_prefixes(products.as(period), scs, rate_hz);
}

std::vector<phy::frame_symbol>
symbols_of(const std::vector<cf32>& samples, const sent_uplink& what, std::int32_t begin, float cfo_hz)
{
  auto plan = phy::half_subframe::plan({what.scs, what.rate_hz, 12 * nof_prb, cfo_hz});
  REQUIRE(plan);
  const std::int32_t period = plan.value().nof_samples();
  std::vector<phy::frame_symbol> out;
  for (std::int32_t half = 0; begin + (half + 1) * period <= static_cast<std::int32_t>(samples.size());
       ++half) {
    plan.value().run(view<const cf32, 2>(samples.data() + begin + half * period, 1, period),
                     half * (7 << what.scs.mu),
                     out);
  }
  return out;
}

std::optional<phy::frame_match> frame_of(const std::vector<phy::frame_symbol>& symbols,
                                         const sent_uplink& what,
                                         const std::vector<std::int32_t>& ids,
                                         const std::vector<std::int32_t>& middles)
{
  phy::frame_search_config config;
  config.scs = what.scs;
  config.ids = ids;
  config.middles = middles;
  config.fft_size = static_cast<std::int32_t>(what.rate_hz / what.scs.scs_hz());
  config.window_advance = config.fft_size / 128 * 9 / 2;
  config.max_shifts = 7 << what.scs.mu;
  return phy::find_frame(symbols, config);
}

} // namespace

TEST_CASE("uplink_sync: the prefixes give numerology, half subframe and carrier offset")
{
  for (std::int32_t mu = 0; mu < 3; ++mu) {
    sent_uplink what;
    what.scs = {mu};
    what.rate_hz = 15360000;
    what.lead_in = 1001;
    what.nof_slots = 2 << mu;
    what.cfo_hz = 0.31 * what.scs.scs_hz();
    CAPTURE(mu);
    const std::vector<cf32> samples = send(what, 1);
    float best_other = 0.0F;
    for (std::int32_t other = 0; other < 3; ++other) {
      const phy::prefix_match match = match_of(samples, {other}, what.rate_hz);
      if (other != mu) {
        best_other = std::max(best_other, match.z);
        continue;
      }
      CHECK(match.z > 2.0F * phy::least_prefix_z);
      CHECK(std::abs(match.half_begin - what.lead_in) <= 3);
      CHECK(std::abs(static_cast<double>(match.cfo_hz) - what.cfo_hz) < 0.02 * what.scs.scs_hz());
    }
    CHECK(match_of(samples, {mu}, what.rate_hz).z > best_other);
  }
}

TEST_CASE("uplink_sync: noise, a carrier and silence have no prefixes")
{
  for (unsigned seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    sent_uplink what;
    what.prbs = {0, 0};
    what.noise = 1.0F;
    std::vector<cf32> noise = send(what, seed);
    for (std::int32_t mu = 0; mu < 3; ++mu) {
      CHECK(match_of(noise, {mu}, what.rate_hz).z < phy::least_prefix_z);
    }
    for (std::size_t n = 0; n < noise.size(); ++n) { // and a carrier 20 dB over it
      noise[n] += 10.0F * polar(0.37F * static_cast<float>(n % 1000));
    }
    CHECK(match_of(noise, {0}, what.rate_hz).z < phy::least_prefix_z);
  }
  CHECK(match_of(std::vector<cf32>(7680), {0}, 7680000).z == 0.0F);
}

TEST_CASE("uplink_sync: DM-RS tells the slot, whatever symbol the search begins with")
{
  for (std::int32_t mu = 0; mu < 2; ++mu) {
    sent_uplink what;
    what.scs = {mu};
    what.first_slot = 7;
    what.nof_slots = 2;
    const std::vector<cf32> samples = send(what, 3);
    const std::int32_t size = static_cast<std::int32_t>(what.rate_hz) / what.scs.scs_hz();
    for (const std::int32_t late : {0, 3}) { // symbols
      CAPTURE(mu);
      CAPTURE(late);
      const std::int32_t begin = late == 0 ? 0 : phy::symbol_begin_in_half(what.scs, what.rate_hz, late);
      const auto symbols = symbols_of(samples, what, begin, 0.0F);
      const auto match = frame_of(symbols, what, {12, 77, 500}, {6 * 11, 6 * nof_prb});
      REQUIRE(match);
      CHECK(match->identity == phy::dmrs_identity{77, 0});
      CHECK(match->middle == 6 * nof_prb);
      CHECK(match->first_symbol == 14 * 7 + late);
      CHECK(match->log_chance < 5.0F * phy::most_log_chance);
      CHECK(match->hits.size() >= (late == 0 ? 6U : 3U));
      CHECK(std::abs(match->delay_samples) < 0.02F * static_cast<float>(size));
    }
  }
}

TEST_CASE("uplink_sync: an offset of whole subcarriers shows in the place of the sequence")
{
  sent_uplink what;
  what.cfo_hz = 2.0 * what.scs.scs_hz();
  const auto symbols = symbols_of(send(what, 4), what, 0, 0.0F);
  CHECK_FALSE(frame_of(symbols, what, {77}, {6 * nof_prb}));
  const auto match = frame_of(symbols, what, {77}, {6 * nof_prb, 6 * nof_prb - 2, 6 * nof_prb + 2});
  REQUIRE(match);
  CHECK(match->middle == 6 * nof_prb - 2);
}

TEST_CASE("uplink_sync: another identity's DM-RS and noise tell no slot")
{
  sent_uplink what;
  what.scrambling_id = 78;
  CHECK_FALSE(frame_of(symbols_of(send(what, 5), what, 0, 0.0F), what, {12, 77, 500}, {6 * nof_prb}));
  what.prbs = {0, 0};
  what.noise = 1.0F;
  for (unsigned seed = 0; seed < 5; ++seed) {
    CAPTURE(seed);
    CHECK_FALSE(frame_of(symbols_of(send(what, seed), what, 0, 0.0F), what, {12, 77, 500}, {6 * nof_prb}));
  }
}

TEST_CASE("uplink_sync: the carrier's phase is found modulo 1.92 MHz where the DM-RS allow it")
{
  sent_uplink what;
  what.scs = {1};
  what.first_slot = 3;
  what.carrier_hz = 3499995000;
  const auto symbols = symbols_of(send(what, 6), what, 0, 0.0F);
  const auto match = frame_of(symbols, what, {77}, {6 * nof_prb});
  REQUIRE(match);
  const auto turns = phy::symbol_turns(symbols, *match, what.scs, what.rate_hz);
  REQUIRE(turns.size() == 6);
  CHECK(phy::carrier_agreement(turns, what.carrier_hz, what.rate_hz) > 0.95F);
  CHECK(phy::carrier_agreement(turns, 0, what.rate_hz) < 0.8F);
  const auto carriers = phy::find_carriers(turns, what.scs, what.rate_hz, 8);
  REQUIRE_FALSE(carriers.empty());
  // Symbols of one slot turn by the carrier times the 71.4 us / 2^mu from one to the next.
  const double per_symbol = 1096.0 / 30.72e6;
  const double apart = per_symbol * static_cast<double>(carriers[0].carrier_hz - what.carrier_hz);
  CHECK(std::abs(apart - std::round(apart)) < 0.02);
  CHECK(carriers[0].agreement > 0.95F);
}

TEST_CASE("uplink_sync: rounded turns add up like the turns themselves")
{
  std::mt19937 random(7);
  std::vector<std::uint32_t> words(12);
  phy::gold_bits(12345, 40, words);
  const phy::sequence_bits table(2000);
  std::array<std::uint64_t, phy::quarter_turns::nof_words> piece = {};
  table.piece(12345, 40, piece);
  for (std::size_t w = 0; w < words.size(); ++w) {
    CHECK(words[w] == static_cast<std::uint32_t>(piece[w / 2] >> (32 * (w % 2))));
  }
  std::vector<cf32> pilots;
  for (std::size_t p = 0; p < 150; ++p) {
    const std::uint32_t bits = words[p / 16] >> (2 * (p % 16));
    pilots.push_back({(bits & 1U) != 0 ? -1.0F : 1.0F, (bits & 2U) != 0 ? -1.0F : 1.0F});
  }
  std::vector<cf32> products;
  for (std::size_t p = 0; p + 2 < pilots.size(); ++p) {
    products.push_back(conj(pilots[p]) * pilots[p + 2] * polar(0.3F));
  }
  const auto count = static_cast<float>(products.size());
  CHECK(phy::quarter_turns(products).turned_power(piece) == count * count);
  table.piece(54321, 40, piece);
  CHECK(phy::quarter_turns(products).turned_power(piece) < 8.0F * count);
}

TEST_CASE("prefix_fold: every sample is multiplied by the one that lies the lag behind, in any order")
{
  constexpr std::int32_t period = 5;
  constexpr std::int32_t lag = 3;
  std::vector<cf32> samples;
  for (std::int32_t n = 0; n < 40; ++n) {
    samples.push_back({0.25F * static_cast<float>(n % 7), 0.5F - 0.125F * static_cast<float>(n % 5)});
  }
  const std::vector<phy::prefix_fold_task> tasks = {{1, 1.0F}, {9, 0.5F}};
  const view<const phy::prefix_fold_task, 1> all(tasks.data(), 2);
  const view<const cf32, 2> rows(samples.data(), 2, 20);
  buffer<cf32> forward(period);
  buffer<cf32> backward(period);
  phy::body::prefix_fold(host_block(), 0, period, all, rows, lag, forward.as(period));
  phy::body::prefix_fold(
      host_block(nullptr, 0, visit::backward), 0, period, all, rows, lag, backward.as(period));
  phy::prefix_fold<backend::cpu> stage(phy::plan_prefix_fold({2, period, 2}).value());
  buffer<cf32> out(period);
  const std::int64_t before = test::allocation_count();
  stage.run({all, rows, lag}, {out.as(period)}, {});
  CHECK(test::allocation_count() == before);
  for (std::int32_t i = 0; i < period; ++i) {
    cf32 expected;
    for (const phy::prefix_fold_task& task : tasks) {
      for (std::int32_t port = 0; port < 2; ++port) {
        expected +=
            task.weight * (conj(rows(port, task.sample_begin + i)) * rows(port, task.sample_begin + i + lag));
      }
    }
    CHECK(out.data()[i].re == doctest::Approx(expected.re));
    CHECK(out.data()[i].im == doctest::Approx(expected.im));
    CHECK(forward.data()[i].re == backward.data()[i].re);
    CHECK(forward.data()[i].im == backward.data()[i].im);
  }
}

TEST_CASE("prefix_fold: limits are refused by name")
{
  CHECK(phy::plan_prefix_fold({0, 1, 1}).failure().field == "prefix_fold.nof_rx_ports");
  CHECK(phy::plan_prefix_fold({1, 0, 1}).failure().field == "prefix_fold.period");
  CHECK(phy::plan_prefix_fold({1, 1, 0}).failure().field == "prefix_fold.max_tasks");
  CHECK(phy::half_subframe::plan({{0}, 1000000, 144, 0.0F}).failure().field ==
        "half_subframe.sample_rate_hz");
  CHECK(phy::half_subframe::plan({{0}, 1920000, 144, 0.0F}).failure().field ==
        "half_subframe.nof_subcarriers");
}
