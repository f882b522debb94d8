// SPDX-License-Identifier: Apache-2.0
#include "apps/cell_receiver.h"
#include <algorithm>
#include <map>

namespace pado::apps {

namespace {

std::string folder_of(const std::string& path)
{
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

/// What static grants ask for in one slot.
scheduled_slot static_line(const cell_config& cell, slot_id slot)
{
  scheduled_slot line;
  line.plan.slot = slot;
  for (const static_grant& grant : cell.static_grants) {
    if (std::find(grant.slots.begin(), grant.slots.end(), slot.slot) != grant.slots.end()) {
      line.pdu_index.push_back(static_cast<std::int32_t>(line.plan.pusch.size()));
      line.plan.pusch.push_back(grant.pusch);
      line.expected.emplace_back();
    }
  }
  return line;
}

} // namespace

std::int32_t most_pdus(const schedule& plan)
{
  std::size_t most = 1;
  for (const scheduled_slot& slot : plan.slots) {
    most = std::max(most, slot.plan.pusch.size());
  }
  return static_cast<std::int32_t>(std::min<std::size_t>(most, 256));
}

std::string model_path(const std::string& option, const std::string& cell_path, const cell_config& cell)
{
  if (!option.empty()) {
    return option == "none" ? "" : option;
  }
  if (!cell.model || cell.model->path.empty()) {
    return "";
  }
  return cell.model->path.front() == '/' ? cell.model->path : folder_of(cell_path) + cell.model->path;
}

pusch_pdu typical_pusch(const schedule& plan)
{
  std::map<std::uint8_t, std::int64_t> nof_uses;
  std::map<std::uint8_t, pusch_pdu> first_use;
  for (const scheduled_slot& slot : plan.slots) {
    for (const pusch_pdu& pdu : slot.plan.pusch) {
      ++nof_uses[pdu.mcs_table];
      first_use.emplace(pdu.mcs_table, pdu);
    }
  }
  const auto most = std::max_element(
      nof_uses.begin(), nof_uses.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != nof_uses.end()) {
    return first_use[most->first];
  }
  pusch_pdu none;
  none.dmrs_symbol_mask = 1U << 2U;
  return none;
}

schedule static_schedule(const cell_config& cell)
{
  schedule out;
  for (std::int32_t sfn = 0; sfn < nof_sfn; ++sfn) {
    for (std::int32_t slot = 0; slot < cell.carrier.scs.slots_per_frame(); ++slot) {
      scheduled_slot line = static_line(cell, {sfn, slot});
      if (!line.plan.pusch.empty()) {
        out.nof_pusch += static_cast<std::int64_t>(line.plan.pusch.size());
        out.slots.push_back(std::move(line));
      }
    }
  }
  return out;
}

result<pipeline::slot_pipeline_plan> plan_receiver(const cell_config& cell, std::int32_t max_pdus)
{
  pipeline::slot_pipeline_config config;
  config.limits.scs = cell.carrier.scs;
  config.limits.nof_rx_ports = cell.carrier.nof_rx_ports;
  config.limits.nof_prb = cell.carrier.nof_prb;
  config.limits.grid_start_crb = cell.carrier.grid_start_crb;
  config.limits.max_pdus = max_pdus;
  config.limits.max_ldpc_iterations = cell.receiver.ldpc_iterations;
  if (cell.iq) {
    phy::ofdm_config ofdm;
    ofdm.scs = cell.carrier.scs;
    ofdm.nof_rx_ports = cell.carrier.nof_rx_ports;
    ofdm.nof_prb = cell.carrier.nof_prb;
    ofdm.fft_size = cell.iq->fft_size;
    ofdm.centre_hz = cell.carrier.centre_hz;
    config.ofdm = ofdm;
  }
  return pipeline::plan_slot_pipeline(config);
}

result<std::unique_ptr<pipeline::decision_loop>> make_decision_loop(const cell_config& cell,
                                                                    const std::string& model,
                                                                    const grant_style& style,
                                                                    const clock& time)
{
  models::link_quality_config hook;
  hook.numerology = cell.carrier.scs;
  hook.mcs_table = style.like.mcs_table;
  hook.budget_ns = (cell.model ? cell.model->budget_us : 50) * std::int64_t{1000};
  const result<models::link_quality_plan> hook_plan = models::plan_link_quality(hook);
  if (!hook_plan) {
    return hook_plan.failure();
  }
  mac::scheduler_config scheduler;
  scheduler.numerology = cell.carrier.scs;
  scheduler.loop = style.loop;
  scheduler.common = style.like;
  scheduler.common.bwp_start = static_cast<std::uint16_t>(cell.carrier.grid_start_crb);
  scheduler.common.bwp_size = static_cast<std::uint16_t>(cell.carrier.nof_prb);
  scheduler.k2 = cell.mac.k2;
  scheduler.max_ues_per_slot = cell.mac.max_ues_per_slot;
  scheduler.min_prb = std::min(cell.mac.min_prb, cell.carrier.nof_prb);
  scheduler.link_adaptation.mcs_table = style.like.mcs_table;
  if (cell.tdd) {
    for (const slot_kind kind : cell.tdd->slots) {
      scheduler.is_uplink.push_back(kind == slot_kind::uplink);
    }
  }
  const result<mac::scheduler_plan> scheduler_plan = mac::plan_scheduler(scheduler);
  if (!scheduler_plan) {
    return scheduler_plan.failure();
  }
  std::unique_ptr<models::link_quality_engine> engine;
  if (!model.empty()) {
    auto loaded = models::load_onnx_engine(model, {hook.max_ues, hook_plan.value().classical.nof_mcs});
    if (!loaded) {
      return loaded.failure();
    }
    engine = std::move(loaded).value();
  }
  return std::make_unique<pipeline::decision_loop>(
      hook_plan.value(), std::move(engine), scheduler_plan.value(), time);
}

result<backend> choose_backend(const std::string& name)
{
  const bool wants_cuda = name == "cuda" || (name == "auto" && !pipeline::check_backend(backend::cuda));
  if (!wants_cuda) {
    return backend::cpu;
  }
  if (auto missing = pipeline::check_backend(backend::cuda)) {
    return *missing;
  }
  return backend::cuda;
}

} // namespace pado::apps
