// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/slot_plan.h"
#include "core/slot_report.h"
#include "mac/mcs/tbs.h"
#include "phy/ue/pusch_transmit.h"
#include "pipeline/slot_receiver.h"
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

namespace pado::test {

/// Of one PUSCH a slot, at 30 kHz.
inline phy::slot_limits limits_of(std::int32_t nof_prb, std::int32_t nof_ports)
{
  phy::slot_limits limits;
  limits.scs = {1};
  limits.nof_prb = nof_prb;
  limits.nof_rx_ports = nof_ports;
  limits.max_pdus = 1;
  return limits;
}

/// One UE of a scene, and what its channel does to it.
struct scene_ue {
  pusch_pdu pdu;
  float delay_s = 0.0F;
  float cfo_hz = 0.0F;
  float amplitude = 1.0F;
};

/// UCI that one UE sends.
struct scene_uci {
  std::vector<std::uint8_t> harq_ack, csi1, csi2;
};

/// A slot grid made by the transmitter of phy/ue, a flat random channel per port and layer, and white noise.
struct scene {
  slot_plan plan;
  std::vector<std::vector<std::uint8_t>> payloads; ///< [pdu]
  std::vector<scene_uci> uci;                      ///< [pdu]
  buffer<ch16> grid;
  std::int32_t nof_ports = 0;
  std::int32_t nof_prb = 0;

  view<const ch16, 3> as_view() const
  {
    return grid.as(nof_ports, nof_symbols_per_slot, nof_subcarriers_per_prb * nof_prb);
  }
};

/// The channel of a layer on a port: a complex number of mean power 1.
inline cf32 random_tap(std::mt19937& random)
{
  std::normal_distribution<float> normal(0.0F, std::numbers::sqrt2_v<float> / 2.0F);
  const float re = normal(random);
  return {re, normal(random)};
}

/// Orthogonal taps when `is_unitary`: the layers of a slot meet with equal strength and without mutual
/// interference.
inline scene make_scene(const phy::slot_limits& limits,
                        slot_id slot,
                        const std::vector<scene_ue>& ues,
                        float snr_db,
                        std::uint32_t seed,
                        const std::vector<std::vector<std::uint8_t>>& payloads = {})
{
  std::mt19937 random(seed);
  scene out;
  out.nof_ports = limits.nof_rx_ports;
  out.nof_prb = limits.nof_prb;
  out.plan.slot = slot;
  const std::int32_t width = nof_subcarriers_per_prb * limits.nof_prb;
  const std::int32_t symbols = nof_symbols_per_slot;
  std::vector<cf32> sum(static_cast<std::size_t>(limits.nof_rx_ports * symbols * width));
  phy::pusch_transmitter transmitter(
      phy::plan_pusch_transmit({limits.scs, limits.nof_prb, limits.grid_start_crb}).value());
  std::int32_t stream = 0;
  for (const scene_ue& ue : ues) {
    out.plan.pusch.push_back(ue.pdu);
    std::vector<std::uint8_t> payload(ue.pdu.tb_size_bytes);
    for (std::uint8_t& byte : payload) {
      byte = static_cast<std::uint8_t>(random());
    }
    if (out.payloads.size() < payloads.size()) {
      payload = payloads[out.payloads.size()];
    }
    const auto bits = [&](std::size_t n) {
      std::vector<std::uint8_t> drawn(n);
      for (std::uint8_t& bit : drawn) {
        bit = static_cast<std::uint8_t>(random() & 1U);
      }
      return drawn;
    };
    const scene_uci& uci = out.uci.emplace_back(
        scene_uci{bits(ue.pdu.uci.harq_ack_bits), bits(ue.pdu.uci.csi1_bits), bits(ue.pdu.uci.csi2_bits)});
    buffer<cf32> sent(static_cast<std::size_t>(ue.pdu.nof_layers * symbols * width));
    const auto sent_grid = sent.as(ue.pdu.nof_layers, symbols, width);
    [[maybe_unused]] const auto done =
        transmitter.send(ue.pdu, slot.slot, payload, sent_grid, {uci.harq_ack, uci.csi1, uci.csi2});
    assert(done);
    out.payloads.push_back(payload);
    for (std::int32_t layer = 0; layer < ue.pdu.nof_layers; ++layer, ++stream) {
      const float start = 6.2831853F * std::uniform_real_distribution<float>()(random);
      for (std::int32_t port = 0; port < limits.nof_rx_ports; ++port) {
        // Columns of a DFT matrix with a random start: every layer has power 1 on every port, all are
        // orthogonal.
        const float turn =
            6.2831853F * static_cast<float>(port * stream) / static_cast<float>(limits.nof_rx_ports);
        const cf32 tap = ue.amplitude * polar(start + turn);
        for (std::int32_t symbol = 0; symbol < symbols; ++symbol) {
          const float time_s =
              static_cast<float>(symbol) / (14.0F * 1000.0F * static_cast<float>(1 << limits.scs.mu));
          for (std::int32_t k = 0; k < width; ++k) {
            const float phase =
                6.2831853F * (ue.cfo_hz * time_s -
                              ue.delay_s * static_cast<float>(limits.scs.scs_hz()) * static_cast<float>(k));
            sum[static_cast<std::size_t>((port * symbols + symbol) * width + k)] +=
                tap * polar(phase) * sent_grid(layer, symbol, k);
          }
        }
      }
    }
  }
  const float sigma = std::pow(10.0F, -snr_db / 20.0F) * std::numbers::sqrt2_v<float> / 2.0F;
  std::normal_distribution<float> normal(0.0F, sigma);
  out.grid = buffer<ch16>(sum.size());
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const float re = sum[i].re + normal(random);
    out.grid[i] = to_ch16({re, sum[i].im + normal(random)});
  }
  return out;
}

/// A receiver with its HARQ memory, fed with one scene after the other.
template <backend B>
class receiver {
public:
  explicit receiver(const phy::slot_limits& limits) : receiver_(plan_of(limits), 256) {}

  slot_report run(const uplink_slot& slot, const slot_plan& plan) { return receiver_.run(slot, plan); }
  slot_report run(const scene& from)
  {
    uplink_slot slot;
    slot.slot = from.plan.slot;
    slot.grid = from.as_view();
    return run(slot, from.plan);
  }

private:
  static pipeline::slot_pipeline_plan plan_of(const phy::slot_limits& limits)
  {
    pipeline::slot_pipeline_config config;
    config.limits = limits;
    return pipeline::plan_slot_pipeline(config).value();
  }

  pipeline::slot_receiver<B> receiver_;
};

/// A PUSCH of 14 symbols, DM-RS on 2 and 11 unless said, with the transport block size of TS 38.214.
inline pusch_pdu pdu_with(std::int32_t rb_start,
                          std::int32_t rb_size,
                          std::uint8_t qam_mod_order,
                          std::uint16_t target_code_rate,
                          std::uint16_t dmrs_ports = 1,
                          std::uint32_t dmrs_symbol_mask = 1U << 2U | 1U << 11U)
{
  pusch_pdu pdu;
  pdu.rnti = static_cast<std::uint16_t>(0x4601 + rb_start + dmrs_ports);
  pdu.bwp_size = static_cast<std::uint16_t>(rb_start + rb_size);
  pdu.rb_start = static_cast<std::uint16_t>(rb_start);
  pdu.rb_size = static_cast<std::uint16_t>(rb_size);
  pdu.qam_mod_order = qam_mod_order;
  pdu.target_code_rate = target_code_rate;
  pdu.dmrs_symbol_mask = static_cast<std::uint16_t>(dmrs_symbol_mask);
  pdu.dmrs_ports = dmrs_ports;
  pdu.nof_layers = static_cast<std::uint8_t>(__builtin_popcount(dmrs_ports));
  pdu.dmrs_scrambling_id = 41;
  pdu.data_scrambling_id = 77;
  pdu.tb_size_bytes = static_cast<std::uint32_t>(
      mac::tbs_bits(
          {mac::nof_re_per_prb(pdu, 0), rb_size, qam_mod_order, target_code_rate / 5, pdu.nof_layers}) /
      8);
  return pdu;
}

} // namespace pado::test
