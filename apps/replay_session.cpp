// SPDX-License-Identifier: Apache-2.0
#include "apps/replay_session.h"
#include "phy/dmrs_probe/dmrs_probe.h"
#include "pipeline/front_end.h"
#include "pipeline/slot_engine.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <thread>

namespace pado::apps {

namespace {

std::int32_t most_pdus(const schedule& plan)
{
  std::size_t most = 1;
  for (const scheduled_slot& slot : plan.slots) {
    most = std::max(most, slot.plan.pusch.size());
  }
  return static_cast<std::int32_t>(std::min<std::size_t>(most, 256));
}

void move_slots(schedule& plan, std::int32_t offset, numerology scs)
{
  for (scheduled_slot& slot : plan.slots) {
    slot.plan.slot = advance(slot.plan.slot, offset, scs);
  }
}

std::string folder_of(const std::string& path)
{
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

/// The model file: the option as it is, the path of cell.yaml from the folder of cell.yaml.
std::string model_path(const replay_options& options, const cell_config& cell)
{
  if (!options.model.empty()) {
    return options.model == "none" ? "" : options.model;
  }
  if (!cell.model || cell.model->path.empty()) {
    return "";
  }
  return cell.model->path.front() == '/' ? cell.model->path : folder_of(options.cell) + cell.model->path;
}

/// The first PUSCH with the MCS table that most have: what the grants look like that are proposed. Hook and
/// scheduler know one table; UEs of another are decoded, but get no advice.
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

/// What cell.yaml grants in every frame, as a schedule of one whole cycle of frames.
schedule static_schedule(const cell_config& cell)
{
  schedule out;
  for (std::int32_t sfn = 0; sfn < nof_sfn; ++sfn) {
    for (std::int32_t slot = 0; slot < cell.carrier.scs.slots_per_frame(); ++slot) {
      scheduled_slot line;
      line.plan.slot = {sfn, slot};
      for (const static_grant& grant : cell.static_grants) {
        if (std::find(grant.slots.begin(), grant.slots.end(), slot) != grant.slots.end()) {
          line.pdu_index.push_back(static_cast<std::int32_t>(line.plan.pusch.size()));
          line.plan.pusch.push_back(grant.pusch);
          line.expected.emplace_back();
        }
      }
      if (!line.plan.pusch.empty()) {
        out.nof_pusch += static_cast<std::int64_t>(line.plan.pusch.size());
        out.slots.push_back(std::move(line));
      }
    }
  }
  return out;
}

result<schedule> schedule_of(const replay_options& options, const cell_config& cell)
{
  if (!options.schedule.empty()) {
    return read_schedule(options.schedule);
  }
  if (cell.static_grants.empty()) {
    return error{"--schedule",
                 "is needed: a capture alone does not say what was granted, and " + options.cell +
                     " has no static_grants (docs/schedule.md)"};
  }
  return static_schedule(cell);
}

} // namespace

result<pipeline::slot_pipeline_plan> plan_receiver(const cell_config& cell, const schedule& plan)
{
  pipeline::slot_pipeline_config config;
  config.limits.scs = cell.carrier.scs;
  config.limits.nof_rx_ports = cell.carrier.nof_rx_ports;
  config.limits.nof_prb = cell.carrier.nof_prb;
  config.limits.grid_start_crb = cell.carrier.grid_start_crb;
  config.limits.max_pdus = most_pdus(plan);
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
                                                                    const pusch_pdu& like,
                                                                    const clock& time)
{
  models::link_quality_config hook;
  hook.numerology = cell.carrier.scs;
  hook.mcs_table = like.mcs_table;
  hook.budget_ns = (cell.model ? cell.model->budget_us : 50) * std::int64_t{1000};
  const result<models::link_quality_plan> hook_plan = models::plan_link_quality(hook);
  if (!hook_plan) {
    return hook_plan.failure();
  }
  mac::scheduler_config scheduler;
  scheduler.numerology = cell.carrier.scs;
  scheduler.loop = mac::control_loop::open;
  scheduler.common = like;
  scheduler.common.bwp_start = static_cast<std::uint16_t>(cell.carrier.grid_start_crb);
  scheduler.common.bwp_size = static_cast<std::uint16_t>(cell.carrier.nof_prb);
  scheduler.k2 = cell.mac.k2;
  scheduler.max_ues_per_slot = cell.mac.max_ues_per_slot;
  scheduler.min_prb = std::min(cell.mac.min_prb, cell.carrier.nof_prb);
  scheduler.link_adaptation.mcs_table = like.mcs_table;
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

replay_session::~replay_session() = default;

result<std::unique_ptr<replay_session>> replay_session::open(const replay_options& options, const clock& time)
{
  std::unique_ptr<replay_session> session(new replay_session);
  session->options_ = options;
  session->time_ = &time;
  session->check_.require(options.check_rntis);
  if (session->options_.nof_workers == 0) {
    session->options_.nof_workers =
        static_cast<std::int32_t>(std::max(1U, std::thread::hardware_concurrency()));
  }
  result<cell_config> cell = read_cell_file(options.cell);
  if (!cell) {
    return cell.failure();
  }
  session->cell_ = std::move(cell).value();
  result<schedule> lines = schedule_of(options, session->cell_);
  if (!lines) {
    return lines.failure();
  }
  session->schedule_ = std::move(lines).value();
  move_slots(session->schedule_, options.slot_offset, session->cell_.carrier.scs);
  auto plan = plan_receiver(session->cell_, session->schedule_);
  if (!plan) {
    return plan.failure();
  }
  session->plan_ = std::move(plan).value();
  auto source = is_iq_path(options.input)
                    ? open_iq_source(options.input, session->cell_, session->schedule_)
                    : open_fronthaul_source(options.input, session->cell_, session->schedule_);
  if (!source) {
    return source.failure();
  }
  session->source_ = std::move(source).value();
  auto decisions = make_decision_loop(
      session->cell_, model_path(options, session->cell_), typical_pusch(session->schedule_), time);
  if (!decisions) {
    return decisions.failure();
  }
  session->decisions_ = std::move(decisions).value();
  return session;
}

std::optional<error> replay_session::run(const listener& each, const std::function<bool()>& is_stopped)
{
  const std::int64_t begin = time_->now_ns();
  std::optional<error> failure = options_.where == backend::cpu ? run_on<backend::cpu>(each, is_stopped)
                                                                : run_on<backend::cuda>(each, is_stopped);
  elapsed_ns_ = time_->now_ns() - begin;
  return failure;
}

template <backend B>
std::optional<error> replay_session::run_on(const listener& each, const std::function<bool()>& is_stopped)
{
  pipeline::slot_engine_config config;
  config.nof_workers = options_.nof_workers;
  pipeline::slot_engine<B> engine(
      plan_, config, *time_, [&](const slot_report& report, const uplink_slot& slot) {
        receive(report, slot, each);
      });
  std::optional<error> failure;
  sourced_slot next;
  while (!is_stopped()) {
    const result<bool> more = source_->next(next);
    if (!more) {
      failure = more.failure();
      break;
    }
    if (!more.value()) {
      break;
    }
    if (next.scheduled == nullptr) {
      ++nof_unscheduled_;
      continue;
    }
    fed_.push_back(next.scheduled);
    engine.feed(next.slot, next.scheduled->plan);
  }
  engine.finish();
  nof_harq_evictions_ = engine.nof_harq_evictions();
  return failure;
}

void replay_session::receive(const slot_report& report, const uplink_slot& slot, const listener& each)
{
  const scheduled_slot& scheduled = *fed_[next_fed_++];
  stats_.add(report, cell_.carrier.scs.slot_ns());
  if (options_.is_checked) {
    check_.compare(report, scheduled);
  }
  keep_failure(report, slot);
  const pipeline::decision_loop::decision made = decisions_->decide(report);
  for (const link_advice& advice : made.advice) {
    stats_.add_advice(advice);
  }
  stats_.nof_grants += made.grants != nullptr ? static_cast<std::int64_t>(made.grants->pusch.size()) : 0;
  each(report, made);
}

void replay_session::keep_failure(const slot_report& report, const uplink_slot& slot)
{
  for (const pusch_report& pusch : report.pusch) {
    const auto ue = stats_.ues.find(pusch.pdu.rnti);
    if (pusch.tb_crc_ok || ue == stats_.ues.end() || ue->second.nof_tb_ok > 0) {
      continue;
    }
    failure_case& kept = failures_[pusch.pdu.rnti];
    const float energy_db = pusch.rsrp_db + 10.0F * std::log10(static_cast<float>(pusch.pdu.rb_size));
    if (energy_db > kept.energy_db) {
      kept.energy_db = energy_db;
      kept.pdu = pusch.pdu;
      kept.slot.store(slot);
    }
  }
}

std::vector<std::string> replay_session::findings()
{
  std::vector<std::string> lines;
  pipeline::front_end front(plan_);
  for (const auto& [rnti, ue] : stats_.ues) {
    const auto kept = failures_.find(rnti);
    if (ue.nof_tb_ok > 0 || kept == failures_.end()) {
      continue;
    }
    const uplink_slot& slot = kept->second.slot.slot();
    const phy::dmrs_finding finding = phy::probe_dmrs(
        front.run(slot), kept->second.pdu, slot.slot, cell_.carrier.scs, cell_.carrier.grid_start_crb);
    lines.push_back(fmt::format(
        "UE 0x{:04x}: 0 of {} blocks. {}", rnti, ue.nof_tb, phy::explain(finding, kept->second.pdu)));
  }
  return lines;
}

} // namespace pado::apps
