// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_assembly.h"
#include "apps/generate_frames.h"
#include "apps/generate_slot.h"
#include "pipeline/live/live_receiver.h"
#include <algorithm>
#include <deque>
#include <doctest/doctest.h>
#include <map>
#include <vector>

namespace pado::test {

/// A port whose frames arrive at given times of a virtual clock, and that keeps what is sent with its time.
class scripted_port final : public io::port {
public:
  struct frame {
    std::int64_t time_ns = 0;
    std::vector<std::byte> bytes;
  };

  explicit scripted_port(const clock& time, io::framing form = io::framing::ethernet)
      : time_(time), form_(form)
  {
  }

  void arrive(std::int64_t time_ns, std::vector<std::byte> bytes)
  {
    const auto after = std::upper_bound(
        inbox_.begin(), inbox_.end(), time_ns, [](std::int64_t t, const frame& f) { return t < f.time_ns; });
    inbox_.insert(after, {time_ns, std::move(bytes)});
  }
  std::int64_t next_arrival_ns() const { return inbox_.empty() ? INT64_MAX : inbox_.front().time_ns; }

  io::framing form() const noexcept override { return form_; }
  std::size_t poll(std::span<io::rx_frame> out) noexcept override
  {
    held_.clear();
    std::size_t n = 0;
    for (; n < out.size() && next_arrival_ns() <= time_.now_ns(); ++n) {
      held_.push_back(std::move(inbox_.front()));
      inbox_.pop_front();
    }
    for (std::size_t i = 0; i < n; ++i) {
      out[i] = {held_[i].bytes, held_[i].time_ns, 0};
    }
    counters_.received.add(n);
    return n;
  }
  void release(std::span<const io::rx_frame>) noexcept override {}
  std::size_t send(std::span<const io::packet> frames) noexcept override
  {
    for (const io::packet bytes : frames.first(is_kept ? frames.size() : 0)) {
      sent.push_back({time_.now_ns(), {bytes.begin(), bytes.end()}});
    }
    counters_.sent.add(frames.size());
    return frames.size();
  }
  bool wait(std::int64_t) noexcept override { return next_arrival_ns() <= time_.now_ns(); }
  const io::port_counters& counters() const noexcept override { return counters_; }
  std::string describe() const override { return "frames of a test"; }

  std::vector<frame> sent;
  bool is_kept = true; ///< what is sent: that costs memory

private:
  const clock& time_;
  io::framing form_;
  std::deque<frame> inbox_;
  std::vector<frame> held_;
  io::port_counters counters_;
};

/// A scenario's cell, UEs and radio unit on one side, a live receiver on the other, in virtual time on one
/// thread.
class live_world {
public:
  explicit live_world(apps::scenario_config scenario)
      : plan(apps::plan_generate(scenario).value()), port(time), maker_(plan), frames_(plan),
        rx_(static_cast<std::size_t>(plan.ofdm.config.nof_rx_ports * 14 * plan.ofdm.nof_subcarriers()))
  {
    const apps::cell_config& cell = plan.scenario.cell;
    slots.time = {cell.carrier.scs, apps::sfn0_ns_of(*cell.fronthaul).value_or(io::sfn0_of_utc_ns())};
    first_slot = slots.time.slot_at(apps::air_time_ns(plan.scenario) + 1000);
    slots.deadline_ns = 3 * cell.carrier.scs.slot_ns();
    cplane.time = slots.time;
    cplane.nof_prb = cell.carrier.nof_prb;
    cplane.grid_start_crb = cell.carrier.grid_start_crb;
    cplane.eaxc = cell.fronthaul->eaxc_pusch;
    cplane.link.destination = plan.scenario.link.ru_mac;
    cplane.link.source = plan.scenario.link.du_mac;
    cplane.link.vlan = cell.fronthaul->vlan.value_or(io::link_frame::no_vlan);
    time.set_ns(slots.time.air_ns(first_slot - 2));
  }

  /// After the public settings have been set.
  void open()
  {
    pipeline::live_receiver_config config;
    config.assembler = apps::assembly_of({&plan.scenario.cell, 1}).value();
    config.assembler.cells[0].sfn0_ns = slots.time.sfn0_ns;
    config.assembler.cells[0].window = window;
    config.assembler.nof_stores = slots.nof_stores;
    config.cells.push_back({slots, cplane, 0});
    auto made = pipeline::live_receiver<backend::cpu>::make(config, {&port}, time);
    REQUIRE_MESSAGE(made, (made ? "" : made.failure().text()));
    live = std::move(made).value();
    auto setup = std::make_unique<pipeline::cell_setup<backend::cpu>>();
    setup->plan = receiver_plan();
    setup->pipeline =
        std::make_unique<pipeline::slot_pipeline<backend::cpu>>(setup->plan, live->soft(0), time);
    setup->decisions = std::move(decisions);
    setup->window_ns = window.latest_ns;
    REQUIRE(live->put(0, setup));
  }

  pipeline::slot_pipeline_plan receiver_plan(std::int32_t ldpc_iterations = 6) const
  {
    const apps::carrier_config& carrier = plan.scenario.cell.carrier;
    pipeline::slot_pipeline_config config;
    config.limits.scs = carrier.scs;
    config.limits.nof_rx_ports = carrier.nof_rx_ports;
    config.limits.nof_prb = carrier.nof_prb;
    config.limits.grid_start_crb = carrier.grid_start_crb;
    config.limits.max_pdus = 8;
    config.limits.max_ldpc_iterations = ldpc_iterations;
    return pipeline::plan_slot_pipeline(config).value();
  }

  void use_table(pipeline::plan_table table)
  {
    auto setup = std::make_unique<pipeline::poller_setup>();
    setup->window = window;
    setup->t1a_max_ns = cplane.t1a_max_ns;
    setup->t1a_min_ns = cplane.t1a_min_ns;
    setup->table = std::move(table);
    REQUIRE(live->put(0, setup));
  }

  /// The slots of the scenario, moved by so many of its periods.
  std::vector<apps::planned_slot> planned(std::int64_t period = 0) const
  {
    std::vector<apps::planned_slot> all = apps::plan_slots(plan.scenario).value();
    for (apps::planned_slot& one : all) {
      one.slot += period * plan.scenario.simulation.nof_slots;
      one.schedule.plan.slot = slots.time.id_of(first_slot + one.slot);
    }
    return all;
  }

  /// What the radio unit sends of a slot, with its sequence ids; the caller may lose or delay frames.
  std::vector<apps::timed_frame> uplane(const apps::planned_slot& slot)
  {
    const auto rx = rx_.as(plan.ofdm.config.nof_rx_ports, 14, plan.ofdm.nof_subcarriers());
    REQUIRE(maker_.make_grid(slot, rx));
    std::vector<apps::timed_frame> made = frames_.make(slot, rx);
    made.erase(std::remove_if(made.begin(),
                              made.end(),
                              [&](const apps::timed_frame& frame) {
                                return frame.flow >= plan.ofdm.config.nof_rx_ports;
                              }),
               made.end());
    for (apps::timed_frame& frame : made) {
      frame.bytes[frames_.sequence_offset()] = static_cast<std::byte>(sequence_[frame.flow]++);
    }
    return made;
  }
  void send(const apps::planned_slot& slot)
  {
    for (apps::timed_frame& frame : uplane(slot)) {
      port.arrive(frame.time_ns, std::move(frame.bytes));
    }
  }

  /// Lets time pass until `until_ns`, stopping wherever something happens.
  template <class Each>
  void run_until(std::int64_t until_ns, const Each& each)
  {
    while (time.now_ns() < until_ns) {
      live->step();
      while (pipeline::live_report* report = live->pop(0)) {
        each(*report);
        live->release(0, report);
      }
      const std::int64_t next = std::min(live->poller().next_event_ns(time.now_ns()), port.next_arrival_ns());
      time.set_ns(std::clamp(next, time.now_ns() + 1, until_ns));
    }
  }
  std::vector<pipeline::live_report> run_until(std::int64_t until_ns)
  {
    std::vector<pipeline::live_report> all;
    run_until(until_ns, [&](const pipeline::live_report& report) { all.push_back(report); });
    return all;
  }
  std::int64_t air_ns(std::int64_t slot) const { return slots.time.air_ns(first_slot + slot); }

  virtual_clock time;
  apps::generate_plan plan;
  scripted_port port;
  std::int64_t first_slot = 0; ///< of the scenario
  pipeline::live_cell_config slots;
  pipeline::cplane_config cplane;
  io::rx_window window = {0, 400000};
  std::unique_ptr<pipeline::decision_loop> decisions;
  std::unique_ptr<pipeline::live_receiver<backend::cpu>> live;

private:
  apps::slot_maker maker_;
  apps::frame_maker frames_;
  buffer<cf32> rx_;
  std::map<std::int32_t, std::uint8_t> sequence_;
};

inline apps::scenario_config scenario_of(const std::string& path)
{
  auto read = apps::read_scenario_file(path);
  REQUIRE_MESSAGE(read, (read ? "" : read.failure().text()));
  return std::move(read).value();
}

inline std::vector<slot_plan> plans_of(const std::vector<apps::planned_slot>& slots)
{
  std::vector<slot_plan> plans;
  for (const apps::planned_slot& slot : slots) {
    plans.push_back(slot.schedule.plan);
  }
  return plans;
}

} // namespace pado::test
