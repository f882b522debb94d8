// SPDX-License-Identifier: Apache-2.0
// ctest: property
// links: pado_models
#include "mac/mcs/mcs_table.h"
#include "mac/scheduler/scheduler.h"
#include "models/link_quality/link_quality.h"
#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <map>
#include <memory>
#include <random>
#include <vector>

using namespace pado;
using namespace pado::mac;
using namespace pado::models;

namespace {

constexpr int nof_ues = 8;

/// UEs with a mean SINR each and fading around it, and a receiver with a logistic block error curve per MCS.
class simulated_cell {
public:
  explicit simulated_cell(float swing_db) : swing_db_(swing_db), fading_db_(nof_ues, 0.0F) {}

  void advance_slot()
  {
    std::normal_distribution<float> step(0.0F, swing_db_ * std::sqrt(1.0F - 0.98F * 0.98F));
    for (float& fading_db : fading_db_) {
      fading_db = 0.98F * fading_db + step(rng_);
    }
  }
  pusch_report receive(const pusch_pdu& pdu)
  {
    const int ue = pdu.rnti - 1;
    const float sinr_db = 3.0F + 2.5F * static_cast<float>(ue) + fading_db_[static_cast<std::size_t>(ue)];
    const double efficiency = mcs_of(pdu.mcs_table, pdu.mcs_index).spectral_efficiency();
    const double combining_db = 3.0 * (pdu.new_data ? 0 : 1); // a retransmission has the energy of both
    const double margin_db =
        static_cast<double>(sinr_db) + combining_db - 2.5 - 10.0 * std::log10(std::exp2(efficiency) - 1.0);
    pusch_report report;
    report.pdu = pdu;
    report.sinr_db = sinr_db + std::normal_distribution<float>(0.0F, 0.5F)(rng_);
    report.tb_crc_ok =
        std::uniform_real_distribution<double>(0.0, 1.0)(rng_) < 1.0 / (1.0 + std::exp(-3.0 * margin_db));
    return report;
  }

private:
  float swing_db_;
  std::mt19937 rng_{99};
  std::vector<float> fading_db_;
};

struct loop_result {
  std::map<int, double> bits; ///< [rnti] delivered
  double total_bits = 0.0;
  double log_utility = 0.0;
};

scheduler_config cell_config(mcs_rule rule)
{
  scheduler_config c;
  c.numerology = {1};
  c.common.bwp_size = 51;
  c.common.dmrs_symbol_mask = 0x0804;
  c.max_ues_per_slot = 2;
  c.link_adaptation.rule = rule;
  return c;
}

/// Report -> hook -> scheduler -> grants -> channel -> report.
loop_result drive(scheduler& s, link_quality* hook, int k2, int nof_slots, float swing_db)
{
  simulated_cell cell(swing_db);
  loop_result result;
  const numerology n{1};
  std::vector<slot_grants> due(static_cast<std::size_t>(k2 + 1));
  slot_id now;
  for (int i = 0; i < nof_slots; ++i, now = advance(now, 1, n)) {
    cell.advance_slot();
    slot_report report;
    report.slot = now;
    for (const pusch_pdu& pdu : due[static_cast<std::size_t>(i % (k2 + 1))].pusch) {
      report.pusch.push_back(cell.receive(pdu));
      result.bits[pdu.rnti] += report.pusch.back().tb_crc_ok ? 8.0 * pdu.tb_size_bytes : 0.0;
    }
    std::span<const link_advice> advice;
    if (hook != nullptr) {
      hook->observe(report);
      advice = hook->advise(advance(now, k2, n));
    }
    due[static_cast<std::size_t>((i + k2) % (k2 + 1))] = s.next(report, advice);
  }
  for (const auto& [rnti, bits] : result.bits) {
    result.total_bits += bits;
    result.log_utility += std::log(bits);
  }
  return result;
}

scheduler with_ues(const scheduler_config& config)
{
  scheduler s(plan_scheduler(config).value());
  for (int rnti = 1; rnti <= nof_ues; ++rnti) {
    REQUIRE(s.add_ue(static_cast<std::uint16_t>(rnti)));
  }
  return s;
}

loop_result with_hook(std::unique_ptr<link_quality_engine> model,
                      scheduler_counters& counters,
                      link_quality_counters& counts)
{
  static const steady_clock time;
  link_quality_config config;
  config.numerology = {1};
  config.max_ues = nof_ues;
  config.budget_ns = 100'000'000; // a loaded machine must not decide this test
  link_quality hook(plan_link_quality(config).value(), std::move(model), time);
  scheduler s = with_ues(cell_config(mcs_rule::advice));
  const loop_result result = drive(s, &hook, 4, 8000, 3.0F);
  counters = s.counters();
  counts = hook.counters();
  return result;
}

/// Always sure: the worst advice that passes every check of range.
class reckless_engine final : public link_quality_engine {
public:
  bool run(const link_features&, view<float, 2> out) noexcept override
  {
    std::fill_n(out.data(), out.size(), 1.0F);
    return true;
  }
};

} // namespace

TEST_CASE("closed loop: every first transmission is advised by the hook, and the hook is worth more than the "
          "outer loop")
{
  scheduler_counters advised;
  link_quality_counters counts;
  const loop_result hook = with_hook(nullptr, advised, counts);
  scheduler s = with_ues(cell_config(mcs_rule::outer_loop));
  const loop_result loop = drive(s, nullptr, 4, 8000, 3.0F);
  CHECK(hook.total_bits > 0.98 * loop.total_bits);
  CHECK(hook.log_utility > loop.log_utility - 0.02 * nof_ues);
  CHECK(s.counters().advised.value() == 0);
  CHECK(advised.advised.value() > 0.99 * static_cast<double>(advised.first_transmissions.value()));
  MESSAGE("classical hook over outer loop: " << hook.total_bits / loop.total_bits);
}

TEST_CASE("closed loop: a reckless model costs little, because the guard takes every UE from it")
{
  scheduler_counters counters;
  link_quality_counters plain;
  link_quality_counters guarded;
  const loop_result classical = with_hook(nullptr, counters, plain);
  const loop_result reckless = with_hook(std::make_unique<reckless_engine>(), counters, guarded);
  CHECK(guarded.guard_trips.value() >= nof_ues);
  CHECK(guarded.readmissions.value() <= 6 * nof_ues); // 1 + 2 + ... + 32 windows of 64 outcomes do not fit
  CHECK(reckless.total_bits > 0.97 * classical.total_bits);
  const auto from = [&](advice_source source) {
    return guarded.from[static_cast<std::size_t>(source)].value();
  };
  CHECK(from(advice_source::guarded) > 20 * from(advice_source::model));
  CHECK(from(advice_source::classical) == 0);
}

TEST_CASE("closed loop: the shipped ONNX model goes the whole way, report to grant")
{
  if (!has_openvino()) {
    MESSAGE("skipped: OpenVINO is not compiled in, run scripts/setup-python and configure again");
    return;
  }
  auto engine = load_onnx_engine(PADO_SOURCE_DIR "/models/link_quality/link_quality_v1.onnx", {nof_ues, 29});
  REQUIRE_MESSAGE(engine, (engine ? "" : engine.failure().text()));
  scheduler_counters counters;
  link_quality_counters plain;
  link_quality_counters counts;
  const loop_result classical = with_hook(nullptr, counters, plain);
  const loop_result model = with_hook(std::move(engine).value(), counters, counts);
  const auto from = [&](advice_source source) {
    return counts.from[static_cast<std::size_t>(source)].value();
  };
  CHECK(from(advice_source::model) > 0.9 * static_cast<double>(counts.advised.value()));
  CHECK(from(advice_source::not_a_number) == 0);
  CHECK(from(advice_source::out_of_range) == 0);
  CHECK(model.total_bits > 0.95 * classical.total_bits);
  CHECK(counters.advised.value() > 0);
  MESSAGE("shipped model over classical hook: " << model.total_bits / classical.total_bits);
}

TEST_CASE("closed loop: proportional fairness has more log-utility than serving in turn or serving the best")
{
  const auto with_window = [](float fairness_slots) {
    scheduler_config config = cell_config(mcs_rule::outer_loop);
    config.max_ues_per_slot = 1;
    config.fairness_slots = fairness_slots;
    scheduler s = with_ues(config);
    return drive(s, nullptr, 4, 8000, 5.0F);
  };
  const loop_result fair = with_window(100.0F);
  scheduler_config config = cell_config(mcs_rule::outer_loop);
  config.max_ues_per_slot = 1;
  scheduler best_only(plan_scheduler(config).value());
  REQUIRE(best_only.add_ue(nof_ues));
  const loop_result best = drive(best_only, nullptr, 4, 8000, 5.0F);
  const loop_result turns = with_window(1.0F); // forgets all but the last grant, so the UEs take turns
  CHECK(fair.log_utility > turns.log_utility);
  CHECK(fair.total_bits < best.total_bits);
  CHECK(fair.bits.size() == nof_ues);
}
