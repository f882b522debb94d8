// SPDX-License-Identifier: Apache-2.0
// ctest: property
#include "models/link_quality/link_quality.h"
#include <cmath>
#include <doctest/doctest.h>
#include <memory>
#include <random>

using namespace pado;
using namespace pado::models;

namespace {

/// A model with the right curve, moved by an error that the test sets.
class shifted_engine final : public link_quality_engine {
public:
  explicit shifted_engine(const float& error_db) : error_db_(error_db) {}
  bool run(const link_features& in, view<float, 2> out) noexcept override
  {
    for (int ue = 0; ue < in.nof_ues(); ++ue) {
      for (int mcs = 0; mcs < in.nof_mcs(); ++mcs) {
        const float margin_db = in.sinr_db(ue, 0) + error_db_ - in.mcs_required_db(ue, mcs);
        out(ue, mcs) = 1.0F / (1.0F + std::exp(-4.0F * margin_db));
      }
    }
    return true;
  }

private:
  const float& error_db_;
};

/// One UE on a constant channel whose MCS is the one with the largest expected throughput under the advice.
struct link_run {
  int outcomes = 0;
  int acks = 0;
  int outcomes_until_trip = -1;
};

link_run
drive(link_quality& hook, const link_quality_plan& plan, int first_slot, int nof_outcomes, std::mt19937& rng)
{
  link_run run;
  const float sinr_db = 12.0F;
  int mcs = 0;
  for (int i = 0; i < nof_outcomes; ++i) {
    const slot_id slot = advance({0, 0}, first_slot + i, {0});
    slot_report report;
    report.slot = slot;
    pusch_report& pusch = report.pusch.emplace_back();
    pusch.pdu.rnti = 1;
    pusch.pdu.mcs_index = static_cast<std::uint8_t>(mcs);
    pusch.sinr_db = sinr_db;
    const float required_db = plan.classical.required_db[static_cast<std::size_t>(mcs)];
    const double p = 1.0 / (1.0 + std::exp(-4.0 * static_cast<double>(sinr_db - required_db)));
    pusch.tb_crc_ok = std::uniform_real_distribution<double>(0.0, 1.0)(rng) < p;
    ++run.outcomes;
    run.acks += pusch.tb_crc_ok ? 1 : 0;
    hook.observe(report);
    if (hook.counters().guard_trips.value() > 0 && run.outcomes_until_trip < 0) {
      run.outcomes_until_trip = run.outcomes;
    }
    const link_advice& advice = hook.advise(advance(slot, 1, {0}))[0];
    float best = -1.0F;
    for (int m = 0; m < advice.nof_mcs; ++m) {
      const auto at = static_cast<std::size_t>(m);
      const float rate = advice.success_probability[at] * (plan.classical.required_db[at] + 20.0F);
      mcs = rate > best ? m : mcs;
      best = std::max(rate, best);
    }
  }
  return run;
}

} // namespace

TEST_CASE("guard: a model that is 3 dB too sure is out within 20 outcomes and the BLER recovers")
{
  float error_db = 3.0F;
  virtual_clock time;
  const link_quality_plan plan = plan_link_quality({}).value();
  link_quality hook(plan, std::make_unique<shifted_engine>(error_db), time);
  std::mt19937 rng(2);
  const link_run run = drive(hook, plan, 0, 60, rng);
  CHECK(run.outcomes_until_trip > 1);
  CHECK(run.outcomes_until_trip < 20);
  CHECK(hook.advise({0, 61})[0].source == advice_source::guarded);
  const link_run after = drive(hook, plan, 60, 1000, rng);
  CHECK(after.acks > 900);
}

TEST_CASE("guard: a model that became right is taken back after a whole window, not before")
{
  float error_db = 3.0F;
  virtual_clock time;
  const link_quality_plan plan = plan_link_quality({}).value();
  link_quality hook(plan, std::make_unique<shifted_engine>(error_db), time);
  std::mt19937 rng(3);
  drive(hook, plan, 0, 40, rng);
  REQUIRE(hook.counters().guard_trips.value() == 1);
  error_db = 0.0F;
  drive(hook, plan, 40, 20, rng);
  CHECK(hook.counters().readmissions.value() == 0);
  drive(hook, plan, 60, 3000, rng);
  CHECK(hook.counters().readmissions.value() == 1);
  CHECK(hook.counters().guard_trips.value() == 1);
}

TEST_CASE("guard: a model as good as the classical value is taken out less than once in 30000 outcomes")
{
  // 200 UEs with 1000 outcomes each: both say within 0.1 of the truth, on either side.
  std::mt19937 rng(4);
  std::uniform_real_distribution<float> uniform(0.0F, 1.0F);
  const guard_config config;
  int trips = 0;
  for (int ue = 0; ue < 200; ++ue) {
    guard_state state;
    for (int i = 0; i < 1000; ++i) {
      const float truth = 0.7F + 0.25F * uniform(rng);
      const float a = std::min(1.0F, truth + 0.2F * (uniform(rng) - 0.5F));
      const float b = std::min(1.0F, truth + 0.2F * (uniform(rng) - 0.5F));
      trips += score(config, state, a, b, uniform(rng) < truth) == guard_change::tripped ? 1 : 0;
    }
  }
  CHECK(trips <= 6);
}

TEST_CASE("guard: the sum is the Brier difference of exactly the last window")
{
  guard_config config;
  config.window = 8;
  config.trip_margin = 1.0F;
  guard_state state;
  for (int i = 0; i < 100; ++i) {
    CHECK(score(config, state, 1.0F, 0.5F, i % 2 == 0) == guard_change::none); // -0.25, then 0.75
  }
  CHECK(state.count == 8);
  CHECK(state.sum == doctest::Approx(8 * 0.25));
}

TEST_CASE(
    "guard: an adversarial model that says the opposite of the truth is out at once and never comes back")
{
  const guard_config config;
  guard_state state;
  int trips = 0;
  int first = -1;
  for (int i = 0; i < 500; ++i) {
    const bool is_ack = i % 10 != 0;
    const guard_change change = score(config, state, is_ack ? 0.0F : 1.0F, 0.9F, is_ack);
    trips += change == guard_change::tripped ? 1 : 0;
    first = trips == 1 && first < 0 ? i : first;
    CHECK(change != guard_change::readmitted);
  }
  CHECK(trips == 1);
  CHECK(first < 4);
}

TEST_CASE("guard: each relapse must wait twice as long as the one before, up to 64 windows")
{
  guard_config config;
  config.window = 8;
  guard_state state;
  for (const int windows : {1, 2, 4, 8, 16, 32, 64, 64}) {
    CAPTURE(windows);
    while (!state.is_tripped) {
      score(config, state, 1.0F, 0.5F, false);
    }
    int outcomes = 0;
    while (state.is_tripped) {
      score(config, state, 0.9F, 0.5F, true);
      ++outcomes;
    }
    CHECK(outcomes == 8 * windows);
  }
}
