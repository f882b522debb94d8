// SPDX-License-Identifier: Apache-2.0
// ctest: unit property
#include "mac/link_adaptation/link_adaptation.h"
#include "mac/mcs/mcs_table.h"
#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <random>
#include <string>

using namespace pado;
using namespace pado::mac;

namespace {

link_adaptation_plan plan_of(const link_adaptation_config& config)
{
  const result<link_adaptation_plan> plan = plan_link_adaptation(config);
  REQUIRE_MESSAGE(plan, (plan ? "" : plan.failure().text()));
  return plan.value();
}

pusch_report report_of(int mcs, bool is_ack, float sinr_db)
{
  pusch_report report;
  report.pdu.mcs_index = static_cast<std::uint8_t>(mcs);
  report.tb_crc_ok = is_ack;
  report.sinr_db = sinr_db;
  return report;
}

/// A link whose MCS need what Shannon says plus a gap, logistic around it, with a SINR that walks and is
/// measured with error.
struct simulated_link {
  float true_gap_db = 3.0F;
  float report_error_db = 0.0F;
  float slope_per_db = 2.0F;
  std::mt19937 rng{1};
  float sinr_db = 12.0F;

  bool transmits(double efficiency)
  {
    std::normal_distribution<float> step(0.0F, 0.5F);
    sinr_db = 12.0F + 0.95F * (sinr_db - 12.0F) + step(rng);
    const double required_db =
        10.0 * std::log10(std::exp2(efficiency) - 1.0) + static_cast<double>(true_gap_db);
    const double p =
        1.0 /
        (1.0 + std::exp(-static_cast<double>(slope_per_db) * (static_cast<double>(sinr_db) - required_db)));
    return std::uniform_real_distribution<double>(0.0, 1.0)(rng) < p;
  }
};

link_advice advice_with(int nof_mcs, float (*p)(int))
{
  link_advice advice;
  advice.nof_mcs = nof_mcs;
  for (int mcs = 0; mcs < nof_mcs; ++mcs) {
    advice.success_probability[static_cast<std::size_t>(mcs)] = p(mcs);
  }
  return advice;
}

} // namespace

TEST_CASE("link_adaptation: each refusal of a plan names the field and the range")
{
  const auto refuse = [](auto change) {
    link_adaptation_config config;
    change(config);
    const auto plan = plan_link_adaptation(config);
    REQUIRE_FALSE(plan);
    return plan.failure().text();
  };
  CHECK(refuse([](auto& c) { c.mcs_table = 5; }) == "link_adaptation.mcs_table is 5, must be in 0..4");
  CHECK(refuse([](auto& c) { c.target_bler = 0.75F; }) ==
        "link_adaptation.target_bler is 0.75, must be in 0.001..0.5");
  CHECK(refuse([](auto& c) { c.step_down_db = 0.0F; }) ==
        "link_adaptation.step_down_db is 0, must be in 0.01..5");
  CHECK(refuse([](auto& c) { c.max_offset_db = 50.0F; }) ==
        "link_adaptation.max_offset_db is 50, must be in 0..40");
  CHECK(refuse([](auto& c) { c.sinr_forgetting = NAN; }) ==
        "link_adaptation.sinr_forgetting is nan, must be in 0..0.99");
  CHECK(refuse([](auto& c) { c.gap_db = -6.0F; }) == "link_adaptation.gap_db is -6, must be in -5..10");
  CHECK(refuse([](auto& c) { c.min_success_probability = 2.0F; }) ==
        "link_adaptation.min_success_probability is 2, must be in 0..1");
}

TEST_CASE("link_adaptation: the outer loop converges to the BLER target, whatever the receiver's error")
{
  for (const float target : {0.02F, 0.1F, 0.3F}) {
    for (const float report_error_db : {-4.0F, 0.0F, 4.0F}) {
      CAPTURE(target);
      CAPTURE(report_error_db);
      link_adaptation_config config;
      config.rule = mcs_rule::outer_loop;
      config.target_bler = target;
      config.step_down_db = 0.3F;
      const link_adaptation_plan plan = plan_of(config);
      simulated_link link;
      outer_loop loop;
      int nof_lost = 0;
      const int warm_up = 2000;
      const int counted = 40000;
      for (int i = 0; i < warm_up + counted; ++i) {
        const mcs_choice choice = choose_mcs(plan, loop, nullptr);
        CHECK_FALSE(choice.is_advised);
        const bool is_ack = link.transmits(mcs_of(0, choice.mcs).spectral_efficiency());
        loop = observed(plan, loop, report_of(choice.mcs, is_ack, link.sinr_db + report_error_db));
        nof_lost += i >= warm_up && !is_ack ? 1 : 0;
      }
      CHECK(nof_lost / static_cast<double>(counted) ==
            doctest::Approx(static_cast<double>(target)).epsilon(0.1));
    }
  }
}

TEST_CASE("link_adaptation: the outer loop takes more efficiency for more SINR and MCS 0 before any report")
{
  link_adaptation_config config;
  config.rule = mcs_rule::outer_loop;
  const link_adaptation_plan plan = plan_of(config);
  CHECK(outer_loop_mcs(plan, {}) == 0);
  double last = 0.0;
  for (float sinr_db = -20.0F; sinr_db < 40.0F; sinr_db += 0.25F) {
    const double efficiency = mcs_of(0, outer_loop_mcs(plan, {sinr_db, 0.0F, true})).spectral_efficiency();
    CHECK(efficiency >= last);
    last = efficiency;
  }
  CHECK(last == doctest::Approx(5.5547).epsilon(1e-4));
}

TEST_CASE("link_adaptation: retransmissions and reports without a SINR move nothing")
{
  const link_adaptation_plan plan = plan_of({});
  const outer_loop loop{10.0F, 1.0F, true};
  pusch_report report = report_of(10, false, 3.0F);
  report.pdu.new_data = false;
  report.pdu.rv_index = 2;
  CHECK(observed(plan, loop, report).offset_db == 1.0F);
  CHECK(observed(plan, loop, report).sinr_db == 10.0F);
  report = report_of(10, false, std::numeric_limits<float>::quiet_NaN());
  CHECK(observed(plan, loop, report).offset_db == 1.0F);
  CHECK(observed(plan, loop, report).sinr_db == 10.0F);
}

TEST_CASE("link_adaptation: somebody else's MCS moves the offset only where it proves something")
{
  const link_adaptation_plan plan = plan_of({});
  const outer_loop loop{10.0F, 0.0F, true};
  const int own = outer_loop_mcs(plan, loop);
  REQUIRE(own > 2);
  CHECK(observed(plan, loop, report_of(own + 2, true, 10.0F)).offset_db > 0.0F);
  CHECK(observed(plan, loop, report_of(own + 2, false, 10.0F)).offset_db == 0.0F);
  CHECK(observed(plan, loop, report_of(own - 2, true, 10.0F)).offset_db == 0.0F);
  CHECK(observed(plan, loop, report_of(own - 2, false, 10.0F)).offset_db < 0.0F);
  pusch_report other = report_of(own, false, 12.0F);
  other.pdu.mcs_table = 1;
  CHECK(observed(plan, loop, other).offset_db == 0.0F);
  CHECK(observed(plan, loop, other).sinr_db > 10.0F);
}

TEST_CASE("link_adaptation: on advice the MCS with the largest expected throughput is taken, above the least "
          "probability")
{
  link_adaptation_config config;
  const link_advice step = advice_with(29, [](int mcs) { return mcs <= 14 ? 0.9F : 0.05F; });
  const link_advice flat = advice_with(29, [](int) { return 0.4F; });
  const link_advice gamble = advice_with(29, [](int mcs) { return mcs <= 4 ? 0.99F : 0.45F; });
  const link_adaptation_plan plan = plan_of(config);
  CHECK(choose_mcs(plan, {}, &step).mcs == 14);
  CHECK(choose_mcs(plan, {}, &step).is_advised);
  CHECK(choose_mcs(plan, {}, &step).success_probability == 0.9F);
  CHECK(choose_mcs(plan, {}, &flat).mcs == 0);
  CHECK(choose_mcs(plan, {}, &gamble).mcs == 4);
  config.min_success_probability = 0.3F;
  CHECK(choose_mcs(plan_of(config), {}, &gamble).mcs == 28);
  config.rule = mcs_rule::outer_loop;
  CHECK_FALSE(choose_mcs(plan_of(config), {}, &gamble).is_advised);
}

TEST_CASE("link_adaptation: advice that is broken counts as none")
{
  const link_adaptation_plan plan = plan_of({});
  const outer_loop loop{10.0F, 0.0F, true};
  link_advice advice = advice_with(29, [](int) { return 0.9F; });
  CHECK(choose_mcs(plan, loop, &advice).mcs == 28);
  for (const float bad : {NAN, -0.1F, 1.5F}) {
    advice.success_probability[20] = bad;
    const mcs_choice choice = choose_mcs(plan, loop, &advice);
    CHECK_FALSE(choice.is_advised);
    CHECK(choice.mcs == outer_loop_mcs(plan, loop));
  }
  advice = advice_with(28, [](int) { return 0.9F; });
  CHECK_FALSE(choose_mcs(plan, loop, &advice).is_advised);
}
