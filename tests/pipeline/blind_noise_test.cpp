// SPDX-License-Identifier: Apache-2.0
// ctest: property
// links: pado_apps
#include "apps/blind_session.h"
#include "pipeline/blind_receiver.h"
#include <doctest/doctest.h>
#include <random>

using namespace pado;

TEST_CASE("blind: noise holds no UE")
{
  pipeline::slot_pipeline_config config;
  config.limits.scs = {1};
  config.limits.nof_rx_ports = 2;
  config.limits.nof_prb = 51;
  config.limits.max_pdus = 16;
  const auto plan = pipeline::plan_slot_pipeline(config);
  REQUIRE(plan);
  const steady_clock time;
  pipeline::blind_receiver receiver(plan.value(), apps::codes_of, time);
  phy::blind_knowledge known;
  known.identities = {{1, 0}, {1, 1}};
  known.data_ids = {1};
  const std::int32_t width = 12 * config.limits.nof_prb;
  const buffer<ch16> grid(static_cast<std::size_t>(2 * 14 * width));
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0.0F, 1.0F);
  for (std::int32_t slot = 0; slot < 20; ++slot) {
    for (ch16& re : grid) {
      const float real = normal(random);
      re = to_ch16({real, normal(random)});
    }
    uplink_slot received;
    received.slot = {0, slot};
    received.grid = grid.as(2, 14, width);
    const pipeline::blind_slot out = receiver.run(received, known);
    for (const phy::blind_finding& one : out.found) {
      CHECK(!one.is_proven);
      CHECK(one.match.z < phy::least_z_likely);
    }
  }
}
