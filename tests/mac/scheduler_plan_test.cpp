// SPDX-License-Identifier: Apache-2.0
#include "mac/scheduler/scheduler.h"
#include <doctest/doctest.h>
#include <string>

using namespace pado;
using namespace pado::mac;

namespace {

template <class Change>
std::string refusal(const Change& change)
{
  scheduler_config config;
  config.common.bwp_size = 51;
  config.common.dmrs_symbol_mask = 0x0004;
  REQUIRE(plan_scheduler(config));
  change(config);
  const result<scheduler_plan> plan = plan_scheduler(config);
  REQUIRE_FALSE(plan);
  return plan.failure().text();
}

} // namespace

TEST_CASE("scheduler: a number outside its range is refused with the range")
{
  CHECK(refusal([](auto& c) { c.numerology.mu = 7; }) == "scheduler.numerology is 7, must be in 0..6");
  CHECK(refusal([](auto& c) { c.k2 = 33; }) == "scheduler.k2 is 33, must be in 0..32");
  CHECK(refusal([](auto& c) { c.max_ues = 0; }) == "scheduler.max_ues is 0, must be in 1..1024");
  CHECK(refusal([](auto& c) { c.max_ues_per_slot = 65; }) ==
        "scheduler.max_ues_per_slot is 65, must be in 1..64");
  CHECK(refusal([](auto& c) { c.fairness_slots = 0.5F; }) ==
        "scheduler.fairness_slots is 0.5, must be in 1..100000");
  CHECK(refusal([](auto& c) { c.overhead_re = 24; }) == "scheduler.overhead_re is 24, must be in 0..18");
  CHECK(refusal([](auto& c) { c.common.bwp_size = 276; }) ==
        "scheduler.common.bwp_size is 276, must be in 1..275");
  CHECK(refusal([](auto& c) { c.min_prb = 52; }) == "scheduler.min_prb is 52, must be in 1..51");
  CHECK(refusal([](auto& c) { c.harq.nof_processes = 17; }) ==
        "scheduler.harq.nof_processes is 17, must be in 1..16");
  CHECK(refusal([](auto& c) { c.harq.max_transmissions = 9; }) ==
        "scheduler.harq.max_transmissions is 9, must be in 1..8");
  CHECK(refusal([](auto& c) { c.harq.report_timeout_slots = 4; }) ==
        "scheduler.harq.report_timeout_slots is 4, must be in 5..1000");
  CHECK(refusal([](auto& c) { c.common.start_symbol = 14; }) ==
        "scheduler.common.start_symbol is 14, must be in 0..13");
  CHECK(refusal([](auto& c) { c.common.start_symbol = 1; }) ==
        "scheduler.common.nof_symbols is 14, must be in 1..13");
  CHECK(refusal([](auto& c) { c.common.nof_layers = 5; }) ==
        "scheduler.common.nof_layers is 5, must be in 1..4");
  CHECK(refusal([](auto& c) { c.common.dmrs_config_type = 0; }) ==
        "scheduler.common.dmrs_config_type is 0, must be in 1..2");
  CHECK(refusal([](auto& c) { c.common.nof_cdm_groups_no_data = 3; }) ==
        "scheduler.common.nof_cdm_groups_no_data is 3, must be in 1..2");
}

TEST_CASE("scheduler: a combination that cannot be is refused with what would be right")
{
  CHECK(refusal([](auto& c) { c.is_uplink.assign(7, true); }) ==
        "scheduler.is_uplink has 7 slots, must divide the 20 slots of 20 ms");
  CHECK(refusal([](auto& c) { c.overhead_re = 5; }) == "scheduler.overhead_re is 5, must be 0, 6, 12 or 18");
  CHECK(refusal([](auto& c) { c.common.nof_symbols = 2; }) ==
        "scheduler.common.dmrs_symbol_mask has no symbol inside the allocation: there must be one");
  CHECK(refusal([](auto& c) { c.common.nof_layers = 2; }) ==
        "scheduler.common.dmrs_ports has 1 ports, must have one for each of the 2 layers");
  CHECK(refusal([](auto& c) { c.link_adaptation.mcs_table = 3; }) ==
        "scheduler.link_adaptation.mcs_table is 3, must be 0, 1 or 2 without transform precoding");
  CHECK(refusal([](auto& c) { c.common.transform_precoding = true; }) ==
        "scheduler.link_adaptation.mcs_table is 0, must be 1, 3 or 4 with transform precoding");
  CHECK(refusal([](auto& c) { c.link_adaptation.target_bler = 0.0F; }) ==
        "link_adaptation.target_bler is 0, must be in 0.001..0.5");
  CHECK(refusal([](auto& c) {
          c.common.nof_symbols = 1;
          c.common.start_symbol = 2;
        }).find("has no resource element for data") != std::string::npos);
}
