// SPDX-License-Identifier: Apache-2.0
#include "apps/run_session.h"
#include "apps/run_status.h"
#include <chrono>
#include <fmt/format.h>

namespace pado::apps {

run_session::~run_session() = default;

result<std::unique_ptr<run_session>>
run_session::open(const run_options& options, io::port& link, const clock& time, listener each)
{
  std::unique_ptr<run_session> session(new run_session);
  session->options_ = options;
  session->link_ = &link;
  session->time_ = &time;
  session->each_ = std::move(each);
  auto cells = read_run_cells(options);
  if (!cells) {
    return cells.failure();
  }
  session->cells_ = std::move(cells).value();
  auto plan = plan_run(options, session->cells_, link.form());
  if (!plan) {
    return plan.failure();
  }
  auto receiver = run_receiver::make(options.where, plan.value(), {&link}, time);
  if (!receiver) {
    return receiver.failure();
  }
  session->receiver_ = std::move(receiver).value();
  for (std::size_t i = 0; i < session->cells_.size(); ++i) {
    auto request = request_of(options, session->cells_[i], nullptr, time);
    if (!request) {
      return request.failure();
    }
    auto setup = poller_setup_of(options, session->cells_[i]);
    if (!setup) {
      return setup.failure();
    }
    auto spare = session->receiver_->make_spare(i, std::move(request).value());
    session->receiver_->put(i, spare);
    session->receiver_->put(i, std::move(setup).value());
  }
  session->started_ns_ = time.now_ns();
  return session;
}

void run_session::start()
{
  receiver_->start();
  state_ = "running";
}

void run_session::stop()
{
  state_ = "stopping";
  receiver_->stop();
  tick();
}

std::size_t run_session::tick()
{
  std::size_t sum = 0;
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    while (pipeline::live_report* report = receiver_->pop(cell)) {
      stats_.add(*report, time_->now_ns());
      each_(*report);
      if (report->report.is_faulted) {
        state_ = "faulted";
      }
      receiver_->release(cell, report);
      ++sum;
    }
  }
  return sum;
}

std::optional<error> run_session::submit(std::size_t cell, const slot_plan& plan)
{
  const pipeline::live_receiver_config::cell& config = receiver_->config().cells[cell];
  const pipeline::slot_time& time = config.slots.time;
  const std::int64_t now_ns = time_->now_ns();
  const std::int64_t slot = time.number_of(plan.slot, time.slot_at(now_ns));
  const std::string name = fmt::format("slot {}.{}", plan.slot.sfn, plan.slot.slot);
  // The poller decides; this is only to say it to the MAC at once. What slips through is counted there.
  const radio_link_config link = cells_[cell].cell.link.value_or(radio_link_config{});
  if (time.air_ns(slot) - std::int64_t{1000} * link.t1a_min_us < now_ns) {
    ++nof_submitted_late_;
    return error{name,
                 fmt::format("is late: its C-plane had to leave {} us ago",
                             (now_ns - time.air_ns(slot)) / 1000 + link.t1a_min_us)};
  }
  if (plan.pusch.size() > config.slots.max_pdus) {
    return error{name,
                 fmt::format("has {} PUSCH, must have at most {}", plan.pusch.size(), config.slots.max_pdus)};
  }
  pipeline::numbered_plan* out = receiver_->begin_plan(cell);
  if (out == nullptr) {
    return error{name, "is one of too many slots under way"};
  }
  out->slot = slot;
  out->plan.slot = plan.slot;
  out->plan.pusch.assign(plan.pusch.begin(), plan.pusch.end());
  stats_.expect(static_cast<std::int32_t>(cell), slot, plan.pusch, plan.slot);
  receiver_->submit(cell, out);
  return std::nullopt;
}

result<run_session::changes> run_session::make_changes(const std::vector<run_cell>& running) const
{
  // Everything is made before anything is put, so that a refusal leaves all as it was.
  changes made;
  for (std::size_t i = 0; i < running.size(); ++i) {
    auto cell = reread_run_cell(options_, running[i]);
    if (!cell) {
      return cell.failure();
    }
    auto request = request_of(options_, cell.value(), &running[i], *time_);
    if (!request) {
      return request.failure();
    }
    auto setup = poller_setup_of(options_, cell.value());
    if (!setup) {
      return setup.failure();
    }
    made.cells.push_back(std::move(cell).value());
    made.spares.push_back(receiver_->make_spare(i, std::move(request).value()));
    made.setups.push_back(std::move(setup).value());
  }
  return made;
}

bool run_session::begin_reload()
{
  if (changes_.valid()) {
    return false;
  }
  changes_ = std::async(std::launch::async, [this, running = cells_] { return make_changes(running); });
  return true;
}

std::optional<result<nothing>> run_session::take_reload()
{
  if (!changes_.valid() || changes_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    return std::nullopt;
  }
  return result<nothing>(put(changes_.get()));
}

std::optional<error> run_session::reload()
{
  if (!begin_reload()) {
    return error{"cell.yaml", "is being read already"};
  }
  const result<nothing> done = put(changes_.get());
  return done ? std::nullopt : std::optional(done.failure());
}

result<nothing> run_session::put(result<changes> made)
{
  if (!made) {
    return made.failure();
  }
  changes& wanted = made.value();
  for (std::size_t i = 0; i < wanted.cells.size(); ++i) {
    if (!receiver_->put(i, wanted.spares[i]) || !receiver_->put(i, std::move(wanted.setups[i]))) {
      return error{wanted.cells[i].path, "cannot be taken while earlier changes wait: try again"};
    }
  }
  cells_ = std::move(wanted.cells);
  ++nof_reloads_;
  return nothing{};
}

live_status run_session::status()
{
  live_status out = status_of(*receiver_, *link_);
  out.now_ns = time_->now_ns();
  out.started_ns = started_ns_;
  out.state = state_;
  out.backend = options_.where == backend::cpu ? "cpu" : "cuda";
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const carrier_config& carrier = cells_[i].cell.carrier;
    const pipeline::slot_time& time = receiver_->config().cells[i].slots.time;
    out.cells[i].name = carrier.name;
    out.cells[i].nof_prb = carrier.nof_prb;
    out.cells[i].now = time.id_of(time.slot_at(out.now_ns));
  }
  out.ues = stats_.ues(out.now_ns);
  out.grants = stats_.grants();
  return out;
}

} // namespace pado::apps
