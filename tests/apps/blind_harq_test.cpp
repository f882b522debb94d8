// SPDX-License-Identifier: Apache-2.0
// ctest: property
// links: pado_apps
#include "apps/blind_harq.h"
#include "apps/conform_blind.h"
#include <doctest/doctest.h>
#include <set>

using namespace pado;

namespace {

/// Two blocks with rv 0, 2, 3, 1 each in 4 slots in turn, so weak that one transmission does not hold.
constexpr const char* weak_ue = R"(carrier:
  scs_khz: 15
  nof_prb: 25
  nof_rx_ports: 1
  phys_cell_id: 5
fronthaul:
  eaxc_pusch: [0]
simulation:
  slots: 8
  seed: 3
ues:
  - rnti: 0x4601
    snr_db: 3
    channel: fixed
    nof_prb: 25
    mcs: 12
    rv: [0, 2, 3, 1]
    harq_processes: 2
    dmrs: {additional_positions: 1}
)";

} // namespace

TEST_CASE("blind_combiner: transmissions that fail alone decode together, and only those of one block")
{
  const auto scenario = apps::parse_scenario_file(weak_ue, "weak");
  REQUIRE(scenario);
  const auto truth = apps::plan_slots(scenario.value());
  REQUIRE(truth);
  const auto received = apps::receive_scenario(scenario.value(), truth.value());
  REQUIRE(received);
  const auto plan = apps::plan_blind_receiver(scenario.value().cell);
  REQUIRE(plan);
  pipeline::slot_receiver<backend::cpu> alone(plan.value(), 64);
  std::vector<apps::found_pusch> found;
  for (std::size_t i = 0; i < received.value().size(); ++i) {
    apps::found_pusch one;
    one.slot = truth.value()[i].schedule.plan.slot;
    one.finding.pdu = truth.value()[i].schedule.plan.pusch[0];
    one.finding.pdu.new_data = true;
    slot_plan first;
    first.slot = one.slot;
    first.pusch = {one.finding.pdu};
    const slot_report report = alone.run(received.value()[i]->slot(), first);
    REQUIRE(report.pusch.size() == 1);
    CHECK(!report.pusch[0].tb_crc_ok);
    found.push_back(one);
  }
  apps::blind_combiner combiner(plan.value());
  combiner.run(found, [&](const apps::found_pusch& one) -> const uplink_slot* {
    for (const auto& slot : received.value()) {
      if (slot->slot().slot == one.slot) {
        return &slot->slot();
      }
    }
    return nullptr;
  });
  std::set<std::int32_t> blocks;
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    if (found[i].finding.is_proven) {
      CHECK(found[i].report.combined);
      CHECK(found[i].report.payload == *truth.value()[i].schedule.expected[0].payload);
      blocks.insert(found[i].block);
    }
  }
  CHECK(blocks.size() == 2);
  // Slots 0, 2, 4, 6 are of one block, the others of the other.
  CHECK(found[0].block != found[1].block);
  CHECK(found[6].finding.is_proven);
  CHECK(found[6].block == found[0].block);
  CHECK(found[7].block == found[1].block);
}
