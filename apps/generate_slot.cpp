// SPDX-License-Identifier: Apache-2.0
#include "apps/generate_slot.h"
#include <algorithm>
#include <cmath>

namespace pado::apps {

namespace {

constexpr double full_scale_16 = 32767.0;

phy::channel_config channel_of(const scenario_config& scenario, std::size_t index)
{
  const ue_config& ue = scenario.ues[index];
  phy::channel_config config;
  config.model = ue.channel;
  config.correlation = ue.correlation;
  config.nof_rx_ports = scenario.cell.carrier.nof_rx_ports;
  config.nof_tx_ports = ue.nof_layers;
  config.taps = ue.taps;
  config.doppler_hz = ue.doppler_hz;
  config.cfo_hz = ue.cfo_hz;
  config.delay_s = 1e-9 * ue.delay_ns;
  config.amplitude =
      static_cast<float>(std::pow(10.0, ue.snr_db / 20.0) / std::sqrt(static_cast<double>(ue.nof_layers)));
  config.seed = scenario.simulation.seed;
  config.ue = static_cast<std::int32_t>(index);
  // Columns of the DFT matrix by DM-RS port, so that UEs on the same PRBs are orthogonal as far as ports
  // allow.
  while ((ue.dmrs_ports >> config.first_column & 1) == 0) {
    ++config.first_column;
  }
  return config;
}

phy::carrier_config carrier_of(const scenario_config& scenario)
{
  return {scenario.cell.carrier.scs, scenario.cell.carrier.nof_prb, scenario.simulation.fft_size};
}

phy::random_stream noise_of(const scenario_config& scenario, std::int64_t slot)
{
  return {scenario.simulation.seed, phy::random_purpose::noise, static_cast<std::uint32_t>(slot), 0};
}

template <class T>
view<const T, 1> all_of(const std::vector<T>& values)
{
  return view<const T, 1>(values.data(), values.size());
}

} // namespace

result<generate_plan> plan_generate(const scenario_config& scenario)
{
  generate_plan plan;
  plan.scenario = scenario;
  const carrier_config& carrier = scenario.cell.carrier;
  const auto transmit = phy::plan_pusch_transmit({carrier.scs, carrier.nof_prb, carrier.grid_start_crb});
  if (!transmit) {
    return transmit.failure();
  }
  plan.transmit = transmit.value();
  phy::ofdm_config ofdm;
  ofdm.scs = carrier.scs;
  ofdm.nof_rx_ports = carrier.nof_rx_ports;
  ofdm.nof_prb = carrier.nof_prb;
  ofdm.fft_size = scenario.simulation.fft_size;
  ofdm.centre_hz = carrier.centre_hz;
  const auto ofdm_plan = phy::plan_ofdm(ofdm);
  if (!ofdm_plan) {
    return ofdm_plan.failure();
  }
  plan.ofdm = ofdm_plan.value();
  double strongest_db = 0.0; // the noise, if all UEs are weaker
  for (std::size_t i = 0; i < scenario.ues.size(); ++i) {
    const auto channel = phy::plan_channel(channel_of(scenario, i));
    if (!channel) {
      return error{"ues[" + std::to_string(i) + "]: " + channel.failure().field, channel.failure().what};
    }
    plan.channels.push_back(channel.value());
    plan.first_tx_port.push_back(plan.nof_tx_ports);
    plan.nof_tx_ports += scenario.ues[i].nof_layers;
    strongest_db = std::max(strongest_db, scenario.ues[i].snr_db);
  }
  plan.full_scale = static_cast<float>(
      full_scale_16 * std::pow(10.0, (scenario.simulation.level_dbfs - strongest_db) / 20.0));
  return plan;
}

slot_maker::slot_maker(const generate_plan& plan)
    : plan_(plan), transmitter_(plan.transmit), modulator_(plan.ofdm),
      tx_(static_cast<std::size_t>(plan.nof_tx_ports * nof_symbols_per_slot * plan.ofdm.nof_subcarriers()))
{
}

result<nothing> slot_maker::transmit(const planned_slot& slot)
{
  const scenario_config& scenario = plan_.scenario;
  const std::int32_t nof_subcarriers = plan_.ofdm.nof_subcarriers();
  const std::int32_t port_size = nof_symbols_per_slot * nof_subcarriers;
  std::fill(tx_.begin(), tx_.end(), cf32{});
  for (std::size_t i = 0; i < slot.ue.size(); ++i) {
    const auto ue = static_cast<std::size_t>(slot.ue[i]);
    const pdu_expectation& expected = slot.schedule.expected[i];
    if (!*expected.transmitted) {
      continue;
    }
    const view<cf32, 3> rows(tx_.data() + std::ptrdiff_t{plan_.first_tx_port[ue]} * port_size,
                             scenario.ues[ue].nof_layers,
                             nof_symbols_per_slot,
                             nof_subcarriers);
    const auto bits = [](const std::optional<std::vector<std::uint8_t>>& of) {
      return of ? std::span<const std::uint8_t>(*of) : std::span<const std::uint8_t>();
    };
    auto sent = transmitter_.send(slot.schedule.plan.pusch[i],
                                  slot.schedule.plan.slot.slot,
                                  *expected.payload,
                                  rows,
                                  {bits(expected.harq_ack), bits(expected.csi1), bits(expected.csi2)});
    if (!sent) {
      return error{"ues[" + std::to_string(ue) + "]: " + sent.failure().field, sent.failure().what};
    }
  }
  return nothing{};
}

result<nothing> slot_maker::make_grid(const planned_slot& slot, view<cf32, 3> rx)
{
  if (auto sent = transmit(slot); !sent) {
    return sent;
  }
  grid_channel_.clear();
  for (std::size_t i = 0; i < slot.ue.size(); ++i) {
    const auto ue = static_cast<std::size_t>(slot.ue[i]);
    const pusch_pdu& pdu = slot.schedule.plan.pusch[i];
    if (*slot.schedule.expected[i].transmitted) {
      grid_channel_.add(plan_.channels[ue],
                        carrier_of(plan_.scenario),
                        slot.slot,
                        {pdu.rb_start, pdu.rb_start + pdu.rb_size},
                        plan_.first_tx_port[ue]);
    }
  }
  phy::channel_grid<backend::cpu>::input in;
  in.tasks = all_of(grid_channel_.tasks);
  in.tx = tx_.as(plan_.nof_tx_ports, nof_symbols_per_slot, plan_.ofdm.nof_subcarriers());
  in.gains = all_of(grid_channel_.gains);
  in.steering = all_of(grid_channel_.steering);
  in.noise = noise_of(plan_.scenario, slot.slot);
  in.noise_amplitude = 1.0F;
  phy::channel_grid<backend::cpu>().run(in, {rx}, {});
  return nothing{};
}

result<slot_samples_out> slot_maker::make_samples(const planned_slot& slot)
{
  if (auto sent = transmit(slot); !sent) {
    return sent.failure();
  }
  const std::int32_t in_subframe = slot.schedule.plan.slot.slot % plan_.ofdm.config.scs.slots_per_subframe();
  const std::int32_t nof_slot_samples = phy::slot_samples(plan_.ofdm, in_subframe);
  if (tx_samples_.size() < static_cast<std::size_t>(plan_.nof_tx_ports) * nof_slot_samples) {
    tx_samples_ = buffer<cf32>(static_cast<std::size_t>(plan_.nof_tx_ports) * nof_slot_samples);
  }
  const auto tx = tx_.as(plan_.nof_tx_ports, nof_symbols_per_slot, plan_.ofdm.nof_subcarriers());
  const auto tx_samples = tx_samples_.as(plan_.nof_tx_ports, nof_slot_samples);
  time_channel_.clear();
  for (std::size_t i = 0; i < slot.ue.size(); ++i) {
    const auto ue = static_cast<std::size_t>(slot.ue[i]);
    const std::int32_t first = plan_.first_tx_port[ue];
    if (!*slot.schedule.expected[i].transmitted) {
      continue;
    }
    for (std::int32_t port = first; port < first + plan_.scenario.ues[ue].nof_layers; ++port) {
      modulator_.modulate(tx[port], in_subframe, tx_samples[port]);
    }
    time_channel_.add(plan_.channels[ue], carrier_of(plan_.scenario), slot.slot, nof_slot_samples, first);
  }
  slot_samples_out out;
  out.slot_samples = nof_slot_samples;
  out.nof_samples = std::max(time_channel_.nof_samples, phy::channel_lead_samples + nof_slot_samples);
  const std::int32_t nof_rx = plan_.scenario.cell.carrier.nof_rx_ports;
  out.memory = buffer<cf32>(static_cast<std::size_t>(nof_rx) * out.nof_samples);
  phy::channel_time<backend::cpu>::input in;
  in.tasks = all_of(time_channel_.tasks);
  in.tx = tx_samples;
  in.taps = all_of(time_channel_.taps);
  in.gains = all_of(time_channel_.gains);
  in.noise = noise_of(plan_.scenario, slot.slot);
  in.noise_amplitude = 1.0F;
  phy::channel_time<backend::cpu>().run(in, {out.memory.as(nof_rx, out.nof_samples)}, {});
  return out;
}

} // namespace pado::apps
