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

void move_slots(schedule& plan, std::int32_t offset, numerology scs)
{
  for (scheduled_slot& slot : plan.slots) {
    slot.plan.slot = advance(slot.plan.slot, offset, scs);
  }
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
  if (auto failure = session->open_cell()) {
    return *failure;
  }
  if (options.is_blind) {
    if (auto failure = session->search()) {
      return *failure;
    }
  } else {
    result<schedule> lines = schedule_of(options, session->cell_);
    if (!lines) {
      return lines.failure();
    }
    session->schedule_ = std::move(lines).value();
  }
  move_slots(session->schedule_, options.slot_offset, session->cell_.carrier.scs);
  auto plan = plan_receiver(session->cell_, most_pdus(session->schedule_));
  if (!plan) {
    return plan.failure();
  }
  session->plan_ = std::move(plan).value();
  if (!options.is_blind) {
    if (auto failure = session->open_input()) {
      return *failure;
    }
  }
  auto decisions = make_decision_loop(session->cell_,
                                      model_path(options.model, options.cell, session->cell_),
                                      {typical_pusch(session->schedule_), mac::control_loop::open},
                                      time);
  if (!decisions) {
    return decisions.failure();
  }
  session->decisions_ = std::move(decisions).value();
  return session;
}

/// The cell of the file; without a schedule the one that is heard, and the timing of the samples.
std::optional<error> replay_session::open_cell()
{
  if (!options_.is_blind) {
    result<cell_config> cell = read_cell_file(options_.cell);
    if (!cell) {
      return cell.failure();
    }
    cell_ = std::move(cell).value();
    capture_ = {options_.input, std::nullopt, cell_, std::nullopt};
    if (options_.raw) {
      result<io::iq_recording> recording = io::describe_raw_iq(options_.input, *options_.raw);
      if (!recording) {
        return recording.failure();
      }
      capture_.recording = std::move(recording).value();
    }
    return std::nullopt;
  }
  result<blind_capture> capture = open_blind_capture(options_.input, options_.cell, options_.raw, *time_);
  if (!capture) {
    return capture.failure();
  }
  capture_ = std::move(capture).value();
  cell_ = capture_.cell;
  timing_ = capture_.timing ? timing_text(*capture_.timing) : "";
  return std::nullopt;
}

std::optional<error> replay_session::open_input()
{
  auto source = open_source(capture_, schedule_);
  if (!source) {
    return source.failure();
  }
  source_ = std::move(source).value();
  return std::nullopt;
}

/// Searches the capture and takes what was found as the schedule.
std::optional<error> replay_session::search()
{
  const std::int64_t begin = time_->now_ns();
  auto input = open_blind_input(capture_);
  if (!input) {
    return input.failure();
  }
  blind_slots_ = std::move(input.value().slots);
  source_ = std::move(input.value().source);
  const auto plan = plan_blind_receiver(cell_);
  if (!plan) {
    return plan.failure();
  }
  auto found = discover(*source_, plan.value(), cell_, {options_.nof_workers, {}}, *time_);
  if (!found) {
    return found.failure();
  }
  found_ = std::move(found).value();
  schedule_ = schedule_of(*found_);
  elapsed_ns_ = time_->now_ns() - begin;
  return std::nullopt;
}

/// The search has decoded every block on its way: what it found is the result.
void replay_session::deliver_found(const listener& each, const std::function<bool()>& is_stopped)
{
  std::size_t next = 0; // of found_->pusch, in the order of the schedule
  std::size_t heard = 0;
  for (const scheduled_slot& line : schedule_.slots) {
    if (is_stopped()) {
      return;
    }
    slot_report report;
    report.slot = line.plan.slot;
    for (std::size_t i = 0; i < line.plan.pusch.size(); ++i) {
      const found_pusch& one = found_->pusch[next++];
      while (!(found_->slots[heard].slot == one.slot && found_->slots[heard].sample == one.sample)) {
        ++heard;
      }
      report.pusch.push_back(one.report);
      report.pusch.back().pdu = line.plan.pusch[i];
      report.pusch.back().plan_index = static_cast<std::int32_t>(i);
    }
    const heard_slot& slot = found_->slots[heard];
    report.stage_ns = slot.stage_ns;
    report.nof_missing_prb = slot.nof_missing_prb;
    uplink_slot received;
    received.slot = report.slot;
    received.air_ns = slot.air_ns;
    received.first_ns = slot.first_ns;
    received.last_ns = slot.last_ns;
    fed_.push_back(&line);
    receive(report, received, each);
  }
  nof_unscheduled_ = static_cast<std::uint64_t>(found_->nof_slots) - schedule_.slots.size();
}

std::optional<error> replay_session::run(const listener& each, const std::function<bool()>& is_stopped)
{
  const std::int64_t begin = time_->now_ns();
  if (found_ && options_.where == backend::cpu && !spectator_) {
    deliver_found(each, is_stopped);
    elapsed_ns_ += time_->now_ns() - begin;
    return std::nullopt;
  }
  if (found_) { // the samples are needed once more
    if (auto failure = open_input()) {
      return failure;
    }
  }
  std::optional<error> failure = options_.where == backend::cpu ? run_on<backend::cpu>(each, is_stopped)
                                                                : run_on<backend::cuda>(each, is_stopped);
  elapsed_ns_ += time_->now_ns() - begin;
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
  arrival_.reset();
  if (slot.air_ns != 0 && slot.first_ns != 0) {
    arrival_ = slot_arrival{slot.first_ns - slot.air_ns, slot.last_ns - slot.air_ns};
  }
  reference_.compare(report, scheduled);
  if (options_.is_checked) {
    check_.compare(report, scheduled);
  }
  keep_failure(report, slot);
  if (spectator_) {
    spectator_(report, slot);
  }
  const pipeline::decision_loop::decision made = decisions_->decide(report);
  for (const link_advice& advice : made.advice) {
    stats_.add_advice(advice);
  }
  stats_.nof_grants += made.grants != nullptr ? static_cast<std::int64_t>(made.grants->pusch.size()) : 0;
  each(report, made);
}

void replay_session::keep_failure(const slot_report& report, const uplink_slot& slot)
{
  if (found_ && slot.sections.size() == 0 && slot.samples.size() == 0 && slot.grid.size() == 0) {
    return; // the search does not keep samples
  }
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
