// SPDX-License-Identifier: Apache-2.0
// ctest: unit property
#include "models/link_quality/link_quality.h"
#include "tests/support/allocation_count.h"
#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <utility>

using namespace pado;
using namespace pado::models;

namespace {

/// An engine that does what a test tells it to.
class scripted_engine final : public link_quality_engine {
public:
  using script = std::function<bool(const link_features&, view<float, 2>)>;
  explicit scripted_engine(script run) : run_(std::move(run)) {}
  bool run(const link_features& in, view<float, 2> out) noexcept override { return run_(in, out); }

private:
  script run_;
};

std::unique_ptr<link_quality_engine> scripted(scripted_engine::script run)
{
  return std::make_unique<scripted_engine>(std::move(run));
}

void fill(view<float, 2> out, float value)
{
  std::fill_n(out.data(), out.size(), value);
}

link_quality_plan plan_of(const link_quality_config& config)
{
  const result<link_quality_plan> plan = plan_link_quality(config);
  REQUIRE_MESSAGE(plan, (plan ? "" : plan.failure().text()));
  return plan.value();
}

slot_report report_at(slot_id slot, std::uint16_t rnti, float sinr_db, bool is_ack, int mcs = 10)
{
  slot_report report;
  report.slot = slot;
  pusch_report& pusch = report.pusch.emplace_back();
  pusch.pdu.rnti = rnti;
  pusch.pdu.mcs_index = static_cast<std::uint8_t>(mcs);
  pusch.sinr_db = sinr_db;
  pusch.tb_crc_ok = is_ack;
  pusch.dmrs_coherence = 0.9F;
  return report;
}

std::uint64_t from(const link_quality& hook, advice_source source)
{
  return hook.counters().from[static_cast<std::size_t>(source)].value();
}

} // namespace

TEST_CASE("link_quality: each refusal of a plan names the field and the range")
{
  const auto refuse = [](auto change) {
    link_quality_config config;
    change(config);
    const result<link_quality_plan> plan = plan_link_quality(config);
    REQUIRE_FALSE(plan);
    return plan.failure().text();
  };
  CHECK(refuse([](auto& c) { c.max_ues = 0; }) == "link_quality.max_ues is 0, must be in 1..1024");
  CHECK(refuse([](auto& c) { c.mcs_table = 5; }) == "link_quality.mcs_table is 5, must be in 0..4");
  CHECK(refuse([](auto& c) { c.forget_slots = 9000; }) ==
        "link_quality.forget_slots is 9000, must be in 1..8000");
  CHECK(refuse([](auto& c) { c.budget_ns = 10; }) ==
        "link_quality.budget_ns is 10, must be in 1000..100000000");
  CHECK(refuse([](auto& c) { c.numerology.mu = 7; }) == "link_quality.numerology is 7, must be in 0..6");
  CHECK(refuse([](auto& c) { c.guard.window = 4; }) == "link_quality.guard.window is 4, must be in 8..256");
  CHECK(refuse([](auto& c) { c.guard.trip_margin = 0.0F; }) ==
        "link_quality.guard.trip_margin is 0, must be in 0.001..1");
  CHECK(refuse([](auto& c) { c.guard.readmit_margin = 0.5F; }).find("readmit_margin is 0.5") !=
        std::string::npos);
  CHECK(refuse([](auto& c) { c.classical.slope_per_db = NAN; }) ==
        "link_quality.classical.slope_per_db is nan, must be in 0.1..20");
  CHECK(refuse([](auto& c) { c.classical.forgetting = 1.0F; }).find("forgetting is 1") != std::string::npos);
  CHECK(refuse([](auto& c) { c.classical.gap_db = 11.0F; }).find("gap_db is 11") != std::string::npos);
  CHECK(refuse([](auto& c) { c.classical.spread_floor_db = -1.0F; }).find("spread_floor_db") !=
        std::string::npos);
  CHECK(refuse([](auto& c) { c.classical.correction_step_db = 6.0F; }).find("correction_step_db") !=
        std::string::npos);
  CHECK(refuse([](auto& c) { c.classical.max_offset_db = 41.0F; }).find("max_offset_db") !=
        std::string::npos);
}

TEST_CASE(
    "link_quality: the classical P is 1/2 at the required SINR, falls with the MCS and rises with the SINR")
{
  virtual_clock time;
  for (const int table : {0, 1, 2, 3, 4}) {
    CAPTURE(table);
    link_quality_config config;
    config.mcs_table = static_cast<std::uint8_t>(table);
    const link_quality_plan plan = plan_of(config);
    for (int mcs = 0; mcs < plan.classical.nof_mcs; ++mcs) {
      link_quality hook(plan, nullptr, time);
      const float required_db = plan.classical.required_db[static_cast<std::size_t>(mcs)];
      slot_report report = report_at({0, 0}, 1, required_db, true, mcs);
      report.pusch[0].pdu.mcs_table = config.mcs_table;
      hook.observe(report);
      const auto advice = hook.advise({0, 4});
      REQUIRE(advice.size() == 1);
      CHECK(advice[0].source == advice_source::classical);
      CHECK(advice[0].nof_mcs == plan.classical.nof_mcs);
      CHECK(advice[0].success_probability[static_cast<std::size_t>(mcs)] ==
            doctest::Approx(0.5).epsilon(1e-5));
      for (std::size_t m = 1; m < static_cast<std::size_t>(advice[0].nof_mcs); ++m) {
        const bool harder = plan.classical.required_db[m] >= plan.classical.required_db[m - 1];
        CHECK((advice[0].success_probability[m] <= advice[0].success_probability[m - 1]) == harder);
      }
    }
  }
}

TEST_CASE("link_quality: more spread in the SINR makes the classical curve flatter")
{
  virtual_clock time;
  const link_quality_plan plan = plan_of({});
  const auto advise = [&](float swing_db) {
    link_quality hook(plan, nullptr, time);
    for (int i = 0; i < 12; ++i) {
      hook.observe(report_at({0, i}, 1, 10.0F + (i % 2 == 0 ? swing_db : -swing_db), true));
    }
    return hook.advise({2, 0})[0].success_probability;
  };
  const auto steady = advise(0.0F);
  const auto swinging = advise(4.0F);
  CHECK(steady[5] > swinging[5]);
  CHECK(steady[26] < swinging[26]);
}

TEST_CASE("link_quality: features carry ages over the SFN wrap, ACKs of first transmissions only, and empty "
          "entries")
{
  virtual_clock time;
  bool seen = false;
  link_quality_config config;
  config.numerology = {1};
  const link_quality_plan plan = plan_of(config);
  link_quality hook(plan,
                    scripted([&](const link_features& in, view<float, 2> out) {
                      seen = true;
                      CHECK(in.nof_ues() == 1);
                      CHECK(in.nof_mcs() == 29);
                      const float age[] = {8.0F, 11.0F, 14.0F, 0.0F};
                      const float ack[] = {0.0F, -1.0F, 1.0F, 0.0F};
                      const float mcs[] = {11.0F, 12.0F, 10.0F, -1.0F};
                      const float sinr_db[] = {5.0F, 6.0F, 7.0F, 0.0F};
                      for (int i = 0; i < 4; ++i) {
                        CAPTURE(i);
                        CHECK(in.age_slots(0, i) == age[i]);
                        CHECK(in.ack(0, i) == ack[i]);
                        CHECK(in.mcs(0, i) == mcs[i]);
                        CHECK(in.sinr_db(0, i) == sinr_db[i]);
                      }
                      CHECK(in.required_db(0, 1) == plan.classical.required_db[12]);
                      CHECK(in.mcs_required_db(0, 28) == plan.classical.required_db[28]);
                      CHECK(in.coherence(0, 0) == 0.9F);
                      CHECK(in.classical_probability(0, 0) > in.classical_probability(0, 28));
                      fill(out, 0.5F);
                      return true;
                    }),
                    time);
  hook.observe(report_at({1023, 15}, 7, 7.0F, true, 10));
  hook.observe(report_at({1023, 18}, 7, 6.0F, false, 12));
  slot_report retransmission = report_at({0, 1}, 7, 5.0F, true, 11);
  retransmission.pusch[0].pdu.new_data = false;
  retransmission.pusch[0].pdu.rv_index = 2;
  hook.observe(retransmission);
  const auto advice = hook.advise({0, 9});
  CHECK(seen);
  REQUIRE(advice.size() == 1);
  CHECK(advice[0].source == advice_source::model);
  CHECK(advice[0].rnti == 7);
  CHECK(advice[0].success_probability[28] == 0.5F);
}

TEST_CASE("link_quality: a late model gives the classical value, is counted, and rests after eight times")
{
  virtual_clock time;
  int calls = 0;
  std::int64_t cost_ns = 0;
  link_quality_config config;
  config.budget_ns = 50'000;
  link_quality hook(plan_of(config),
                    scripted([&](const link_features&, view<float, 2> out) {
                      ++calls;
                      time.advance_ns(cost_ns);
                      fill(out, 0.25F);
                      return true;
                    }),
                    time);
  hook.observe(report_at({0, 0}, 1, 10.0F, true));
  cost_ns = 50'000;
  CHECK(hook.advise({0, 4})[0].source == advice_source::model);
  cost_ns = 50'001;
  for (int i = 0; i < 8; ++i) {
    const link_advice advice = hook.advise({0, 5})[0];
    CHECK(advice.source == advice_source::late);
    CHECK(advice.inference_ns == 50'001);
    CHECK(advice.success_probability[0] > 0.99F);
  }
  CHECK(calls == 9);
  cost_ns = 10;
  for (int i = 0; i < 256; ++i) {
    CHECK(hook.advise({0, 6})[0].source == advice_source::late);
  }
  CHECK(calls == 9);
  CHECK(hook.advise({0, 7})[0].source == advice_source::model);
  CHECK(calls == 10);
  const link_quality_counters& n = hook.counters();
  CHECK(n.batches.value() == 266);
  CHECK(n.late_batches.value() == 8);
  CHECK(n.rested_batches.value() == 256);
  CHECK(n.max_inference_ns.value() == 50'001);
  CHECK(from(hook, advice_source::late) == 264);
}

TEST_CASE("link_quality: NaN, infinity and values outside 0..1 give the classical value of that UE alone")
{
  virtual_clock time;
  link_quality hook(plan_of({}),
                    scripted([&](const link_features&, view<float, 2> out) {
                      fill(out, 0.5F);
                      out(1, 28) = std::numeric_limits<float>::quiet_NaN();
                      out(2, 0) = -std::numeric_limits<float>::infinity();
                      out(3, 3) = 1.01F;
                      out(4, 3) = -0.01F;
                      out(5, 3) = 1.00005F; // rounding of a sum of weights
                      return true;
                    }),
                    time);
  for (const int rnti : {10, 11, 12, 13, 14, 15}) {
    hook.observe(report_at({0, 0}, static_cast<std::uint16_t>(rnti), 10.0F, true));
  }
  const auto advice = hook.advise({0, 4});
  REQUIRE(advice.size() == 6);
  CHECK(advice[0].source == advice_source::model);
  CHECK(advice[1].source == advice_source::not_a_number);
  CHECK(advice[2].source == advice_source::not_a_number);
  CHECK(advice[3].source == advice_source::out_of_range);
  CHECK(advice[4].source == advice_source::out_of_range);
  CHECK(advice[5].source == advice_source::model);
  CHECK(advice[5].success_probability[3] == 1.0F);
  for (const link_advice& a : advice) {
    CHECK(std::all_of(a.success_probability.begin(), a.success_probability.end(), [](float p) {
      return p >= 0.0F && p <= 1.0F;
    }));
  }
  CHECK(from(hook, advice_source::not_a_number) == 2);
  CHECK(from(hook, advice_source::out_of_range) == 2);
  CHECK(from(hook, advice_source::model) == 2);
  CHECK(hook.counters().advised.value() == 6);
}

TEST_CASE("link_quality: an engine that fails is counted and its output is not looked at")
{
  virtual_clock time;
  link_quality hook(plan_of({}), scripted([](const link_features&, view<float, 2>) { return false; }), time);
  hook.observe(report_at({0, 0}, 1, 10.0F, true));
  CHECK(hook.advise({0, 4})[0].source == advice_source::late);
  hook.observe(report_at({0, 4}, 1, 10.0F, true));
  CHECK(hook.counters().failed_batches.value() == 1);
  CHECK(hook.counters().scored.value() == 0);
}

TEST_CASE("link_quality: reports that say nothing are counted and leave no trace")
{
  virtual_clock time;
  link_quality hook(plan_of({}), nullptr, time);
  slot_report report = report_at({0, 0}, 1, std::numeric_limits<float>::quiet_NaN(), true);
  hook.observe(report);
  report = report_at({0, 0}, 1, 3.0F, true);
  report.pusch[0].pdu.mcs_table = 1;
  hook.observe(report);
  report.pusch[0].pdu.mcs_table = 0;
  report.pusch[0].pdu.mcs_index = 29; // reserved
  hook.observe(report);
  report.pusch[0].pdu.mcs_index = 3;
  report.pusch[0].dtx = true;
  hook.observe(report);
  report.is_faulted = true;
  hook.observe(report);
  CHECK(hook.advise({0, 4}).empty());
  CHECK(hook.counters().bad_sinr.value() == 1);
  CHECK(hook.counters().other_table.value() == 2);
  CHECK(hook.counters().dtx.value() == 1);
  CHECK(hook.counters().faulted_reports.value() == 1);
  CHECK(hook.counters().observed.value() == 0);
}

TEST_CASE("link_quality: the UE that was silent longest makes room, silent ones are forgotten")
{
  virtual_clock time;
  link_quality_config config;
  config.max_ues = 3;
  config.forget_slots = 100;
  link_quality hook(plan_of(config), nullptr, time);
  const auto rntis = [&](slot_id target) {
    std::vector<int> list;
    for (const link_advice& a : hook.advise(target)) {
      list.push_back(a.rnti);
    }
    std::sort(list.begin(), list.end());
    return list;
  };
  for (const int rnti : {1, 2, 3}) {
    hook.observe(report_at({0, rnti}, static_cast<std::uint16_t>(rnti), 10.0F, true));
  }
  hook.observe(report_at({0, 5}, 1, 10.0F, true));
  hook.observe(report_at({0, 6}, 4, 10.0F, true));
  CHECK(rntis({0, 8}) == std::vector<int>{1, 3, 4});
  CHECK(hook.counters().evicted.value() == 1);
  hook.observe(report_at({9, 0}, 4, 10.0F, true));
  CHECK(rntis({10, 5}) == std::vector<int>{1, 4}); // slot 105: 1 was heard 100 slots ago, 3 102
  CHECK(rntis({10, 6}) == std::vector<int>{4});
  CHECK(hook.counters().forgotten.value() == 2);
}

TEST_CASE("link_quality: neither observe nor advise allocates with the classical engine or with a model")
{
  virtual_clock time;
  link_quality_config config;
  config.max_ues = 40;
  for (const bool has_model : {false, true}) {
    CAPTURE(has_model);
    link_quality hook(plan_of(config),
                      has_model ? scripted([](const link_features&, view<float, 2> out) {
                        fill(out, 0.5F);
                        return true;
                      })
                                : nullptr,
                      time);
    std::mt19937 rng(5);
    for (int i = 0; i < 300; ++i) {
      slot_report report = report_at(advance({0, 0}, i, {0}), 1, 10.0F, true);
      for (int ue = 0; ue < 8; ++ue) {
        report.pusch.push_back(report.pusch[0]);
        report.pusch.back().pdu.rnti = static_cast<std::uint16_t>(rng() % 60); // evictions too
      }
      const std::int64_t before = test::allocation_count();
      hook.observe(report);
      hook.advise(advance(report.slot, 1, {0}));
      CHECK(test::allocation_count() == before);
    }
    CHECK(hook.counters().evicted.value() > 0);
  }
}

TEST_CASE("link_quality: every advice has exactly one source, whatever the engine does")
{
  virtual_clock time;
  std::mt19937 rng(11);
  link_quality_config config;
  config.max_ues = 8;
  link_quality hook(plan_of(config),
                    scripted([&](const link_features&, view<float, 2> out) {
                      const float values[] = {0.5F, NAN, 2.0F, -1.0F, 0.0F, 1.0F};
                      for (int ue = 0; ue < out.extent(0); ++ue) {
                        std::fill_n(&out(ue, 0), out.extent(1), values[rng() % 6]);
                      }
                      time.advance_ns(rng() % 3 == 0 ? 200'000 : 10);
                      return rng() % 5 != 0;
                    }),
                    time);
  for (int i = 0; i < 3000; ++i) {
    hook.observe(
        report_at(advance({0, 0}, i, {0}), static_cast<std::uint16_t>(rng() % 10), 10.0F, rng() % 2 == 0));
    for (const link_advice& a : hook.advise(advance({0, 0}, i + 1, {0}))) {
      CHECK(a.source != advice_source::classical);
      CHECK(std::all_of(a.success_probability.begin(), a.success_probability.end(), [](float p) {
        return p >= 0.0F && p <= 1.0F;
      }));
    }
  }
  std::uint64_t sum = 0;
  for (const counter& c : hook.counters().from) {
    sum += c.value();
  }
  CHECK(sum == hook.counters().advised.value());
  CHECK(from(hook, advice_source::model) > 0);
  CHECK(from(hook, advice_source::guarded) > 0);
  CHECK(from(hook, advice_source::late) > 0);
  CHECK(from(hook, advice_source::not_a_number) > 0);
  CHECK(from(hook, advice_source::out_of_range) > 0);
}
