// SPDX-License-Identifier: Apache-2.0
#include "pipeline/slot_pipeline.h"
#include "core/limits.h"
#include "phy/channel_estimate/presence.h"
#include <algorithm>
#include <cmath>

namespace pado::pipeline {

namespace {

/// Plans of all stages that depend on the limits alone. The first refusal wins.
result<nothing> plan_stages(const slot_pipeline_config& config, slot_pipeline_plan& plan)
{
  const phy::slot_limits& limits = config.limits;
  const phy::slot_sizes& sizes = plan.program.sizes;
  const auto keep = [](auto planned, auto& kept) -> std::optional<error> {
    if (!planned) {
      return planned.failure();
    }
    kept = std::move(planned).value();
    return std::nullopt;
  };
  const std::optional<error> failures[] = {
      keep(phy::plan_gold({sizes.gold_tasks, sizes.words}), plan.gold),
      keep(phy::plan_dmrs_ls({limits.nof_rx_ports, limits.nof_prb, std::min(sizes.dmrs_ls_tasks, 4096)}),
           plan.dmrs_ls),
      keep(phy::plan_channel_estimate({limits.scs, limits.nof_rx_ports, limits.nof_prb, limits.max_pdus}),
           plan.channel_estimate),
      keep(phy::plan_equalise({limits.nof_rx_ports, limits.nof_prb, sizes.tiles, limits.max_pdus}),
           plan.equalise),
      keep(phy::plan_uci_demux({limits.max_pdus}), plan.uci_demux),
      keep(phy::plan_small_block_decode({sizes.small_blocks}), plan.small_block_decode),
      keep(phy::plan_polar_decode({}), plan.polar_decode),
      keep(phy::plan_rate_dematch({sizes.blocks}), plan.rate_dematch),
      keep(phy::plan_ldpc_decode({sizes.blocks}), plan.ldpc_decode),
      keep(phy::plan_tb_assemble({limits.max_pdus}), plan.tb_assemble),
      keep(phy::plan_decompress({limits.nof_rx_ports, limits.nof_prb, config.max_sections}), plan.decompress),
  };
  for (const std::optional<error>& failure : failures) {
    if (failure) {
      return *failure;
    }
  }
  return nothing{};
}

float to_db(float linear)
{
  return 10.0F * std::log10(std::max(linear, 1e-20F));
}

/// Mean over REs of log2(1 + SINR) of the PDU's layers on all tiles, turned back into a SINR.
float effective_sinr_db(const phy::slot_program& program, const slot_findings& found, std::int32_t pdu)
{
  double sum = 0.0;
  double count = 0.0;
  for (std::int32_t t = 0; t < program.tiles.size(); ++t) {
    const phy::equalise_tile& tile = program.tiles[t];
    for (std::int32_t layer = 0; layer < tile.nof_layers; ++layer) {
      if (tile.layers[layer].pdu == pdu) {
        sum += static_cast<double>(found.quality(t, layer).sum_log2);
        count += static_cast<double>(found.quality(t, layer).nof_re);
      }
    }
  }
  return count > 0.0 ? to_db(static_cast<float>(std::exp2(sum / count) - 1.0)) : to_db(0.0F);
}

void fill_pusch(const phy::slot_program& program,
                const slot_findings& found,
                std::int32_t pdu,
                pusch_report& out)
{
  const phy::tb_assemble_status& tb = found.tb_status(pdu);
  const phy::tb_assemble_task& task = program.tbs[pdu];
  const phy::channel_estimate_info& info = found.info(pdu);
  out.tb_crc_ok = tb.crc_ok != 0;
  const std::uint8_t* payload = found.payload.data() + task.payload_begin;
  out.payload.assign(payload, payload + task.payload_bytes);
  out.nof_cb = task.nof_blocks;
  out.nof_cb_ok = tb.nof_blocks_ok;
  out.ldpc_iterations_mean = static_cast<float>(tb.sum_iterations) / static_cast<float>(task.nof_blocks);
  out.ldpc_iterations_max = tb.max_iterations;
  out.sinr_db = effective_sinr_db(program, found, pdu);
  out.rsrp_db = to_db(info.rsrp);
  out.ta_us = info.ta_s * 1e6F;
  out.cfo_hz = info.cfo_hz;
  out.dmrs_coherence = info.coherence;
  out.dtx = !out.tb_crc_ok && !phy::is_dmrs_present(info.presence);
  out.combined = program.rate_dematch[task.first_block].is_combined != 0;
}

void fill_uci(const phy::uci_part& part, const slot_findings& found, bool is_dtx, uci_report& out)
{
  const std::uint8_t* bits = found.uci_bits.data() + part.bits_begin;
  out.bits.assign(bits, bits + part.nof_bits);
  out.has_crc = part.nof_polar > 0;
  out.log_ratio = 0.0F;
  out.is_ok = part.nof_bits > 0;
  for (std::int32_t block = 0; block < part.nof_polar; ++block) {
    out.is_ok = out.is_ok && found.polar(part.first_task + block).crc_ok != 0;
  }
  if (part.nof_bits > 0 && part.nof_polar == 0) {
    out.log_ratio = found.small_blocks(part.first_task).log_ratio;
    out.is_ok = !is_dtx && out.log_ratio >= uci_log_ratio;
  }
}

/// UCI of all PDUs: those without it get an empty one.
void fill_all_uci(const phy::slot_program& program, const slot_findings& found, slot_report& report)
{
  std::int32_t next = 0;
  for (std::int32_t pdu = 0; pdu < program.tbs.size(); ++pdu) {
    pusch_report& out = report.pusch[static_cast<std::size_t>(pdu)];
    const bool is_present = next < program.uci_places.size() && program.uci_places[next].pdu == pdu;
    const phy::uci_parts parts = is_present ? program.uci_places[next++] : phy::uci_parts();
    fill_uci(parts.harq_ack, found, out.dtx, out.harq_ack);
    fill_uci(parts.csi1, found, out.dtx, out.csi1);
    fill_uci(parts.csi2, found, out.dtx, out.csi2);
  }
}

float mean_noise(const phy::channel_estimate_info& info, std::int32_t nof_ports)
{
  float sum = 0.0F;
  for (std::int32_t port = 0; port < nof_ports; ++port) {
    sum += info.noise[port];
  }
  return sum / static_cast<float>(nof_ports);
}

} // namespace

result<slot_pipeline_plan> plan_slot_pipeline(const slot_pipeline_config& config)
{
  slot_pipeline_plan plan;
  result<phy::slot_program_plan> program = phy::plan_slot_program(config.limits);
  if (!program) {
    return program.failure();
  }
  plan.program = program.value();
  if (auto bad = check_range("pipeline.max_sections", config.max_sections, 1, 1 << 20)) {
    return *bad;
  }
  if (auto bad = check_range("pipeline.max_packet_bytes", config.max_packet_bytes, 1, 1 << 28)) {
    return *bad;
  }
  plan.max_sections = config.max_sections;
  plan.max_packet_bytes = config.max_packet_bytes;
  if (auto stages = plan_stages(config, plan); !stages) {
    return stages.failure();
  }
  if (config.ofdm) {
    result<phy::ofdm_plan> ofdm = phy::plan_ofdm(*config.ofdm);
    if (!ofdm) {
      return ofdm.failure();
    }
    plan.ofdm = std::move(ofdm).value();
  }
  return plan;
}

void build_report(const uplink_slot& slot,
                  const slot_plan& plan,
                  const phy::slot_program& program,
                  const slot_findings& found,
                  slot_report& report)
{
  report.cell = slot.cell;
  report.slot = slot.slot;
  report.nof_missing_prb = slot.nof_missing_prb;
  report.is_faulted = false;
  report.unsupported = plan.unsupported;
  for (const phy::refused_pdu& refused : program.refused) {
    report.unsupported.push_back(
        {"PUSCH", refused.why, plan.pusch[static_cast<std::size_t>(refused.pdu)].rnti});
  }
  for (std::size_t named = program.refused.size() + static_cast<std::size_t>(program.tbs.size());
       named < plan.pusch.size();
       ++named) {
    report.unsupported.push_back({"PUSCH", "the slot has more PDUs than cell.max_pdus", 0});
  }
  report.pusch.resize(static_cast<std::size_t>(program.tbs.size()));
  for (std::int32_t pdu = 0; pdu < program.tbs.size(); ++pdu) {
    pusch_report& out = report.pusch[static_cast<std::size_t>(pdu)];
    out.plan_index = program.plan_index[pdu];
    out.pdu = plan.pusch[static_cast<std::size_t>(program.plan_index[pdu])];
    fill_pusch(program, found, pdu, out);
    out.noise_db = to_db(mean_noise(found.info(pdu), program.nof_rx_ports));
  }
  fill_all_uci(program, found, report);
}

} // namespace pado::pipeline
