// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// links: pado_apps pado_pipeline
#include "apps/generate_slot.h"
#include "apps/replay_check.h"
#include "core/clock.h"
#include "pipeline/slot_engine.h"
#include <doctest/doctest.h>
#include <map>

using namespace pado;

namespace {

struct tally {
  int nof_sent = 0;
  int nof_decoded = 0;
  int nof_uci = 0;
  int nof_uci_right = 0;
  int nof_false = 0; ///< CRC held, but other bytes, or nothing was sent
  std::map<int, int> decoded_of_ue;
};

pipeline::slot_pipeline_plan receiver_of(const apps::generate_plan& plan, bool is_time_domain)
{
  pipeline::slot_pipeline_config config;
  const auto& carrier = plan.scenario.cell.carrier;
  config.limits.scs = carrier.scs;
  config.limits.nof_rx_ports = carrier.nof_rx_ports;
  config.limits.nof_prb = carrier.nof_prb;
  config.limits.grid_start_crb = carrier.grid_start_crb;
  if (is_time_domain) {
    config.ofdm = plan.ofdm.config;
    config.ofdm->gain = plan.full_scale / 4096.0F;
    config.ofdm->window_advance = plan.ofdm.cp_samples / 4;
  }
  auto receiver = pipeline::plan_slot_pipeline(config);
  REQUIRE_MESSAGE(receiver, receiver.failure().text());
  return receiver.value();
}

/// Every slot of a scenario from the transmitters to the receiver, without packets or files.
tally decode(const std::string& name, bool is_time_domain)
{
  const auto scenario = apps::read_scenario_file(PADO_SOURCE_DIR "/testvectors/scenarios/" + name);
  REQUIRE_MESSAGE(scenario, scenario.failure().text());
  const auto plan = apps::plan_generate(scenario.value()).value();
  const auto slots = apps::plan_slots(scenario.value()).value();
  apps::slot_maker maker(plan);
  const int nof_rx = plan.ofdm.config.nof_rx_ports;
  const int nof_subcarriers = plan.ofdm.nof_subcarriers();
  const buffer<cf32> wide(static_cast<std::size_t>(nof_rx * 14 * nof_subcarriers));
  const buffer<ch16> half(wide.size());
  const steady_clock clock;
  tally t;
  std::size_t at = 0;
  const auto on_report = [&](const slot_report& report, const uplink_slot&) {
    const auto& planned = slots[at++];
    for (std::size_t i = 0; i < planned.ue.size(); ++i) {
      const auto& expected = planned.schedule.expected[i];
      const auto found = std::find_if(report.pusch.begin(), report.pusch.end(), [&](const pusch_report& r) {
        return r.pdu.rnti == planned.schedule.plan.pusch[i].rnti;
      });
      REQUIRE(found != report.pusch.end());
      t.nof_sent += *expected.transmitted ? 1 : 0;
      const bool is_right = found->tb_crc_ok && found->payload == *expected.payload && *expected.transmitted;
      t.nof_decoded += is_right ? 1 : 0;
      t.decoded_of_ue[planned.ue[i]] += is_right ? 1 : 0;
      t.nof_uci += expected.has_uci() ? 1 : 0;
      t.nof_uci_right += expected.has_uci() && apps::uci_difference(*found, expected).empty() ? 1 : 0;
      t.nof_false += found->tb_crc_ok && !is_right ? 1 : 0;
    }
  };
  pipeline::slot_engine<backend::cpu> engine(receiver_of(plan, is_time_domain), {}, clock, on_report);
  for (const auto& planned : slots) {
    uplink_slot slot;
    slot.slot = planned.schedule.plan.slot;
    if (is_time_domain) {
      const auto samples = maker.make_samples(planned).value();
      const buffer<cf32> own(static_cast<std::size_t>(nof_rx * samples.slot_samples));
      const auto all = samples.memory.as(nof_rx, samples.nof_samples);
      for (int r = 0; r < nof_rx; ++r) {
        for (int i = 0; i < samples.slot_samples; ++i) {
          own.as(nof_rx, samples.slot_samples)(r, i) = all(r, phy::channel_lead_samples + i);
        }
      }
      slot.samples = own.as(nof_rx, samples.slot_samples);
      engine.feed(slot, planned.schedule.plan);
      continue;
    }
    const auto rx = wide.as(nof_rx, 14, nof_subcarriers);
    REQUIRE(maker.make_grid(planned, rx));
    for (std::size_t i = 0; i < wide.size(); ++i) {
      half[i] = to_ch16(plan.full_scale / 4096.0F * wide[i]);
    }
    slot.grid = half.as(nof_rx, 14, nof_subcarriers);
    engine.feed(slot, planned.schedule.plan);
  }
  engine.finish();
  CHECK(at == slots.size());
  for (const auto& [ue, n] : t.decoded_of_ue) {
    MESSAGE(name << ": UE " << ue << " decoded " << n << " of " << slots.size() << " slots");
  }
  return t;
}

} // namespace

TEST_CASE("generate: the receiver decodes what well-heard UEs sent, also two on the same PRBs")
{
  const tally t = decode("small_20mhz.yaml", false);
  CHECK(t.nof_sent == 12);
  CHECK(t.nof_decoded == 12);
  CHECK(t.nof_false == 0);
}

TEST_CASE("generate: HARQ-ACK and CSI of both parts come back with the blocks")
{
  const tally t = decode("uci_20mhz.yaml", false);
  CHECK(t.nof_sent == 12);
  CHECK(t.nof_decoded == 12);
  CHECK(t.nof_uci == 9); // every second block of one UE, every block of the other
  CHECK(t.nof_uci_right == 9);
}

TEST_CASE("generate: the receiver decodes time-domain samples with fading, delay and carrier offset")
{
  const tally t = decode("small_20mhz_iq.yaml", true);
  CHECK(t.nof_sent == 12);
  CHECK(t.nof_decoded >= 10); // a fade may take one; the seed is fixed
  CHECK(t.nof_false == 0);
}

TEST_CASE("generate: a block too weak for one transmission is decoded by combining several")
{
  const tally t = decode("harq_20mhz.yaml", false);
  CHECK(t.nof_sent == 32);
  CHECK(t.nof_decoded >= 8);
  CHECK(t.nof_decoded < 32); // not at once
  CHECK(t.nof_false == 0);
}
