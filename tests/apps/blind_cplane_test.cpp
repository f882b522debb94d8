// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// links: pado_apps
#include "apps/blind_session.h"
#include "apps/cell_receiver.h"
#include "apps/generate.h"
#include "tests/support/temporary_folder.h"
#include <algorithm>
#include <doctest/doctest.h>
#include <map>

using namespace pado;

namespace {

const steady_clock real_time;

/// Four UEs side by side, whose channels fade: their edges are not easy to see.
constexpr const char* scenario_text = R"(carrier: {scs_khz: 30, nof_prb: 51, nof_rx_ports: 2, phys_cell_id: 7}
fronthaul: {eaxc_pusch: [0, 1], vlan: 5}
simulation: {slots: 3, seed: 5}
link: {prbs: granted}
ues:
  - {rnti: 0x1001, snr_db: 22, channel: tdlc300, nof_prb: 9, mcs: 9}
  - {rnti: 0x1002, snr_db: 24, channel: tdlc300, first_prb: 9, nof_prb: 12, mcs: 11}
  - {rnti: 0x1003, snr_db: 23, channel: tdlc300, first_prb: 21, nof_prb: 10, mcs: 8}
  - {rnti: 0x1004, snr_db: 24, channel: tdlc300, first_prb: 34, nof_prb: 17, mcs: 12}
)";

enum class sections { none, as_sent, of_each_ue };

/// A capture whose C-plane a test may leave out, or cut at the UEs as a DU does that gives each a beam.
class changed_source final : public apps::slot_source {
public:
  changed_source(apps::slot_source& from, sections what, const apps::schedule& truth)
      : from_(from), what_(what), truth_(truth)
  {
  }

  result<bool> next(apps::sourced_slot& out) override
  {
    const result<bool> more = from_.next(out);
    if (more && more.value()) {
      asked.push_back(out.asked);
      if (what_ != sections::as_sent) {
        out.asked.clear();
      }
      for (const apps::scheduled_slot& line : truth_.slots) {
        for (const pusch_pdu& pdu : line.plan.pusch) {
          if (what_ == sections::of_each_ue && line.plan.slot == out.slot.slot) {
            out.asked.push_back({{pdu.rb_start, pdu.rb_start + pdu.rb_size}, 0x3FFF});
          }
        }
      }
    }
    return more;
  }
  double progress() const override { return from_.progress(); }
  std::vector<apps::source_count> counts() const override { return from_.counts(); }
  std::string describe() const override { return from_.describe(); }

  std::vector<std::vector<apps::cplane_section>> asked; ///< as the capture says

private:
  apps::slot_source& from_;
  sections what_;
  const apps::schedule& truth_;
};

struct outcome {
  std::map<std::pair<std::int32_t, std::int32_t>, std::vector<std::uint8_t>> blocks; ///< by slot and RNTI
  std::int32_t nof_attempts = 0;
  std::vector<std::vector<apps::cplane_section>> asked;
};

outcome search(const apps::generate_summary& made, sections what)
{
  const auto cell = apps::read_cell_file(made.cell_path);
  const auto truth = apps::read_schedule(made.schedule_path);
  REQUIRE(cell);
  REQUIRE(truth);
  const apps::schedule none;
  auto source = apps::open_fronthaul_source(made.capture_path, cell.value(), none);
  REQUIRE_MESSAGE(source, source.failure().text());
  changed_source changed(*source.value(), what, truth.value());
  outcome out;
  apps::blind_options options;
  options.nof_workers = 1;
  options.explain = [&](const phy::blind_step& step) {
    out.nof_attempts += step.what == phy::blind_step::kind::attempt ? 1 : 0;
  };
  const auto plan = apps::plan_receiver(cell.value(), 32);
  REQUIRE(plan);
  const auto found = apps::discover(changed, plan.value(), cell.value(), options, real_time);
  REQUIRE(found);
  for (const apps::found_pusch& one : found.value().pusch) {
    if (one.finding.is_proven) {
      out.blocks[{one.slot.slot, one.finding.pdu.rnti}] = one.report.payload;
    }
  }
  out.asked = changed.asked;
  return out;
}

} // namespace

TEST_CASE("blind: C-plane sections narrow the search and change nothing that is found")
{
  const test::temporary_folder folder;
  const auto scenario = apps::read_scenario_file(folder.write("scenario.yaml", scenario_text));
  REQUIRE_MESSAGE(scenario, scenario.failure().text());
  apps::generate_options options;
  options.output = folder.file("lab.pcap");
  const auto made = apps::generate(scenario.value(), options);
  REQUIRE_MESSAGE(made, made.failure().text());

  const outcome without = search(made.value(), sections::none);
  const outcome with = search(made.value(), sections::as_sent);
  const outcome cut = search(made.value(), sections::of_each_ue);
  CHECK(without.blocks.size() >= 10); // of 12
  CHECK(with.blocks == without.blocks);
  CHECK(with.nof_attempts <= without.nof_attempts);
  CHECK(cut.nof_attempts < without.nof_attempts);
  for (const auto& [where, payload] : without.blocks) {
    REQUIRE(cut.blocks.count(where) == 1);
    CHECK(cut.blocks.at(where) == payload);
  }
  // The DU of `generate` asks for neighbours together: PRB 0 to 31 and 34 to 51, the same for both ports.
  REQUIRE(with.asked.size() == 3);
  for (const std::vector<apps::cplane_section>& slot : with.asked) {
    REQUIRE(slot.size() == 2);
    CHECK(slot[0].prbs == prb_range{0, 31});
    CHECK(slot[1].prbs == prb_range{34, 51});
    CHECK(slot[0].symbol_mask == 0x3FFF);
  }
}
