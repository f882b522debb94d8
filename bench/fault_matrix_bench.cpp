// SPDX-License-Identifier: Apache-2.0
// links: pado_apps
// Every fault of docs/ru.md at several rates, radio unit to transport block, over an in-memory port in
// virtual time. Prints one JSON object; exit 1 when a counter law does not hold. Usage: fault_matrix_bench
// SCENARIO.yaml SECONDS
#include "apps/cell_assembly.h"
#include "apps/ru_session.h"
#include "core/clock.h"
#include "io/assembly/slot_assembler.h"
#include "io/oran/cplane_builder.h"
#include "io/port/ring_port.h"
#include "pipeline/slot_engine.h"
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <unistd.h>

namespace {

using namespace pado;
using io::fault_kind;

struct run_setting {
  std::string name;
  io::fault_config faults;
};

struct run_figures {
  std::uint64_t nof_blocks = 0;    ///< sent by UEs in slots that were asked for
  std::uint64_t nof_decoded = 0;   ///< with the right payload
  std::uint64_t nof_false = 0;     ///< CRC held, and the payload is another
  std::uint64_t nof_touched = 0;   ///< blocks in slots of which a frame was hit
  std::uint64_t nof_explained = 0; ///< blocks lost in such slots
  std::uint64_t nof_other = 0;     ///< blocks lost elsewhere
  bool is_lawful = true;
};

std::int64_t rss_bytes()
{
  std::ifstream file("/proc/self/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  file >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

template <class T>
T need(result<T> made)
{
  if (!made) {
    std::fprintf(stderr, "fault_matrix_bench: %s\n", made.failure().text().c_str());
    std::exit(2);
  }
  return std::move(made).value();
}

/// One radio unit, one receiver, one fault.
class bench_run {
public:
  bench_run(const apps::ru_emulator_config& base, const run_setting& setting)
      : cell_(*base.units[0].cell), setting_(setting), shadow_(setting.faults)
  {
    const std::int64_t cycle_ns = 10240000000;
    begin_ns_ = base.sfn0_ns + 141000000 * cycle_ns;
    time_.set_ns(begin_ns_);
    io::port_config port;
    port.time = &time_;
    port.rings = &rings_;
    du_ = need(io::open_port("ring:faults", port));
    ru_ = need(io::open_port("ring:faults", port));
    apps::ru_emulator_config config = base;
    config.start_ns = begin_ns_;
    config.units[0].faults = setting.faults;
    emulator_ = std::make_unique<apps::ru_emulator>(config, *ru_);
    auto assembly = need(apps::assembly_of({&cell_.plan.scenario.cell, 1}));
    assembly.cells[0].sfn0_ns = base.sfn0_ns;
    // Enforced, and only this unit's frames: then a fault costs what it would cost a receiver that is strict.
    assembly.cells[0].window = {0, 500000, io::window_origin::symbol_end, true};
    assembly.cells[0].ru = cell_.plan.scenario.link.ru_mac;
    assembler_ = std::make_unique<io::slot_assembler>(need(io::plan_slot_assembler(assembly)));
    pipeline::slot_pipeline_config receiver;
    receiver.limits.scs = cell_.plan.scenario.cell.carrier.scs;
    receiver.limits.nof_rx_ports = cell_.plan.scenario.cell.carrier.nof_rx_ports;
    receiver.limits.nof_prb = cell_.plan.scenario.cell.carrier.nof_prb;
    receiver.limits.grid_start_crb = cell_.plan.scenario.cell.carrier.grid_start_crb;
    engine_ = std::make_unique<pipeline::slot_engine<backend::cpu>>(
        need(pipeline::plan_slot_pipeline(receiver)),
        pipeline::slot_engine_config{},
        steady_,
        [this](const slot_report& report, const uplink_slot& slot) { take(report, slot); });
  }

  run_figures run(std::int64_t nof_slots);
  nlohmann::ordered_json json(const run_figures& figures) const;

private:
  const apps::planned_slot* planned(std::int64_t slot) const
  {
    for (const apps::planned_slot& one : cell_.slots) {
      if (one.slot == slot % cell_.period_slots) {
        return &one;
      }
    }
    return nullptr;
  }
  void ask(std::int64_t slot);
  void receive();
  void step_until(std::int64_t end_ns);
  void take(const slot_report& report, const uplink_slot& slot);
  bool is_touched(std::int64_t slot);
  void check_laws();

  const apps::ru_cell_plan& cell_;
  run_setting setting_;
  io::fault_injector shadow_; ///< draws again what the emulator drew
  virtual_clock time_;
  steady_clock steady_;
  std::int64_t begin_ns_ = 0;
  io::ring_exchange rings_;
  std::unique_ptr<io::port> du_, ru_;
  std::unique_ptr<apps::ru_emulator> emulator_;
  std::unique_ptr<io::slot_assembler> assembler_;
  std::unique_ptr<pipeline::slot_engine<backend::cpu>> engine_;
  std::uint8_t sequence_ = 0;
  std::set<std::int64_t> decoded_; ///< slot * 64 + UE
  run_figures figures_;
  std::int64_t first_ = 0;
};

void bench_run::ask(std::int64_t slot)
{
  const apps::scenario_config& scenario = cell_.plan.scenario;
  const apps::ru_timing& timing = emulator_->unit(0).timing();
  io::link_settings to_ru;
  to_ru.destination = scenario.link.ru_mac;
  to_ru.source = scenario.link.du_mac;
  to_ru.vlan = scenario.cell.fronthaul->vlan.value_or(io::link_frame::no_vlan);
  io::c_header header;
  header.app = io::app_header_of(timing.id_of(slot), timing.scs(), 0, io::direction::uplink);
  io::c_section section;
  section.nof_prb = static_cast<std::uint16_t>(scenario.cell.carrier.nof_prb);
  section.nof_symbols = nof_symbols_per_slot;
  for (const std::uint16_t eaxc : scenario.cell.fronthaul->eaxc_pusch) {
    std::array<std::byte, 128> memory;
    const std::size_t size =
        io::write_c_frame(to_ru, {.eaxc = eaxc, .sequence = sequence_}, header, {&section, 1}, memory);
    const io::packet frame = io::packet(memory).first(size);
    du_->send({&frame, 1});
  }
  ++sequence_;
}

void bench_run::receive()
{
  std::array<io::rx_frame, io::port::max_burst> frames;
  io::lent<uplink_slot> lent;
  const auto drain = [&] {
    while (assembler_->pop(lent)) {
      const std::int64_t slot =
          emulator_->unit(0).timing().slot_at(time_.now_ns()) +
          distance(emulator_->unit(0).timing().id_of(emulator_->unit(0).timing().slot_at(time_.now_ns())),
                   lent.slot.slot,
                   cell_.plan.scenario.cell.carrier.scs);
      if (const apps::planned_slot* grants = planned(slot)) {
        slot_plan plan = grants->schedule.plan;
        plan.slot = lent.slot.slot;
        engine_->feed(lent.slot, plan);
      }
      assembler_->release(lent);
    }
  };
  while (const std::size_t n = du_->poll(frames)) {
    for (std::size_t i = 0; i < n; ++i) {
      assembler_->push(frames[i].bytes, frames[i].arrival_ns);
      drain();
    }
    du_->release(std::span(frames).first(n));
  }
  assembler_->advance_time(time_.now_ns());
  drain();
}

void bench_run::step_until(std::int64_t end_ns)
{
  for (std::int64_t next_ns = emulator_->next_ns(); next_ns <= end_ns; next_ns = emulator_->next_ns()) {
    time_.set_ns(std::max(next_ns, time_.now_ns()));
    emulator_->step(time_.now_ns());
    receive();
  }
  time_.set_ns(end_ns);
  emulator_->step(end_ns);
  receive();
}

void bench_run::take(const slot_report& report, const uplink_slot& slot)
{
  const apps::planned_slot* grants = nullptr;
  const numerology scs = cell_.plan.scenario.cell.carrier.scs;
  const std::int64_t number = first_ + distance(emulator_->unit(0).timing().id_of(first_), slot.slot, scs);
  grants = planned(number);
  for (std::size_t i = 0; grants != nullptr && i < grants->ue.size(); ++i) {
    for (const pusch_report& pusch : report.pusch) {
      if (pusch.pdu.rnti != grants->schedule.plan.pusch[i].rnti || !pusch.tb_crc_ok) {
        continue;
      }
      const bool is_right = pusch.payload == *grants->schedule.expected[i].payload;
      figures_.nof_false += is_right ? 0 : 1;
      if (is_right) {
        decoded_.insert(number * 64 + static_cast<std::int64_t>(i));
      }
    }
  }
}

/// Draws for every frame of the slot in the order of the emulator.
bool bench_run::is_touched(std::int64_t slot)
{
  const int nof_frames = nof_symbols_per_slot * cell_.plan.ofdm.config.nof_rx_ports;
  bool is_any = false;
  for (int frame = 0; frame < nof_frames; ++frame) {
    const io::frame_key key = {static_cast<std::uint64_t>(slot), static_cast<std::uint32_t>(frame)};
    is_any = shadow_.draw(key).mask != 0 || is_any;
  }
  return is_any;
}

void bench_run::check_laws()
{
  const apps::ru_counters& count = emulator_->counters();
  const auto injected = [&](fault_kind kind) { return emulator_->injected(kind); };
  std::uint64_t dropped = 0;
  for (const counter& one : count.messages_dropped) {
    dropped += one.value();
  }
  const io::assembler_counters& seen = assembler_->counters();
  figures_.is_lawful =
      count.messages_received.value() == count.messages_answered.value() + dropped &&
      count.frames_made.value() + injected(fault_kind::duplicate) ==
          injected(fault_kind::loss) + injected(fault_kind::loss_burst) + injected(fault_kind::silence) +
              count.link_lost.value() + count.overflow.value() + count.frames_sent.value() +
              count.frames_unsent.value() + emulator_->nof_waiting() &&
      count.frames_sent.value() == seen.frames.received.value() && count.frames_unsent.value() == 0 &&
      emulator_->nof_waiting() == 0 && seen.is_balanced();
}

run_figures bench_run::run(std::int64_t nof_slots)
{
  const apps::ru_timing& timing = emulator_->unit(0).timing();
  first_ = timing.slot_at(begin_ns_) + 4;
  emulator_->step(begin_ns_);
  for (std::int64_t slot = first_; slot < first_ + nof_slots; ++slot) {
    if (planned(slot) != nullptr) {
      step_until(timing.slot_begin_ns(slot) - 300000);
      ask(slot);
      emulator_->step(time_.now_ns());
    }
  }
  step_until(timing.slot_begin_ns(first_ + nof_slots) + 200000000);
  assembler_->flush();
  receive();
  engine_->finish();
  const bool is_cplane = setting_.faults[fault_kind::ignore_cplane].rate > 0.0;
  std::uint64_t nof_asked = 0;
  for (std::int64_t slot = first_; slot < first_ + nof_slots; ++slot) {
    const apps::planned_slot* grants = planned(slot);
    if (grants == nullptr) {
      continue;
    }
    bool is_hit = is_touched(slot);
    for (int port = 0; is_cplane && port < cell_.plan.ofdm.config.nof_rx_ports; ++port) {
      is_hit = shadow_.ignores_cplane(nof_asked++) || is_hit;
    }
    for (std::size_t i = 0; i < grants->ue.size(); ++i) {
      const bool is_decoded = decoded_.count(slot * 64 + static_cast<std::int64_t>(i)) != 0;
      ++figures_.nof_blocks;
      figures_.nof_decoded += is_decoded ? 1 : 0;
      figures_.nof_touched += is_hit ? 1 : 0;
      figures_.nof_explained += !is_decoded && is_hit ? 1 : 0;
      figures_.nof_other += !is_decoded && !is_hit ? 1 : 0;
    }
  }
  check_laws();
  return figures_;
}

nlohmann::ordered_json bench_run::json(const run_figures& figures) const
{
  nlohmann::ordered_json line;
  line["fault"] = setting_.name;
  line["is_lawful"] = figures.is_lawful;
  line["blocks"] = figures.nof_blocks;
  line["blocks_decoded"] = figures.nof_decoded;
  line["blocks_false"] = figures.nof_false;
  line["blocks_in_slots_hit"] = figures.nof_touched;
  line["blocks_lost_in_slots_hit"] = figures.nof_explained;
  line["blocks_lost_elsewhere"] = figures.nof_other;
  line["frames_sent"] = emulator_->counters().frames_sent.value();
  for (std::size_t kind = 0; kind < io::nof_fault_kinds; ++kind) {
    const auto fault = static_cast<fault_kind>(kind);
    if (emulator_->injected(fault) != 0) {
      line["injected"][std::string(io::name_of(fault))] = emulator_->injected(fault);
    }
  }
  const io::assembler_counters& seen = assembler_->counters();
  line["frames_accepted"] = seen.frames.accepted.value();
  for (std::size_t reason = 0; reason < io::nof_drop_reasons; ++reason) {
    if (seen.frames.dropped[reason].value() != 0) {
      line["frames_dropped"][std::string(io::name_of(static_cast<io::drop_reason>(reason)))] =
          seen.frames.dropped[reason].value();
    }
  }
  std::uint64_t lost = 0;
  for (const io::flow_counters& flow : assembler_->flows()) {
    lost += flow.user.lost.value();
  }
  line["lost_by_sequence"] = lost;
  line["slots_complete"] = seen.slots_complete.value();
  line["slots_incomplete"] = seen.slots_incomplete.value();
  line["resyncs"] = seen.resyncs.value();
  return line;
}

std::vector<run_setting> all_settings()
{
  std::vector<run_setting> settings = {{"none", {}}};
  const auto add = [&](const std::string& text) {
    run_setting setting{text, {}};
    need(io::parse_fault(text, setting.faults));
    settings.push_back(setting);
  };
  for (std::size_t kind = 0; kind < io::nof_fault_kinds; ++kind) {
    for (const char* rate : {"0.001", "0.01", "0.1"}) {
      add(std::string(io::name_of(static_cast<fault_kind>(kind))) + "=" + rate);
    }
  }
  for (const char* text :
       {"clock_offset_us=-100", "clock_offset_us=50", "clock_drift_ppb=-10000", "clock_drift_ppb=10000"}) {
    add(text);
  }
  return settings;
}

} // namespace

int main(int argc, char** argv)
{
  if (argc != 3) {
    std::fprintf(stderr, "usage: fault_matrix_bench SCENARIO.yaml SECONDS\n");
    return 2;
  }
  const virtual_clock start;
  apps::ru_options options;
  options.scenarios = {argv[1]};
  const apps::ru_emulator_config config = need(apps::prepare_ru(options, start));
  const numerology scs = config.units[0].cell->plan.scenario.cell.carrier.scs;
  const auto nof_slots = static_cast<std::int64_t>(std::atof(argv[2]) * 1e9) / scs.slot_ns();
  nlohmann::ordered_json all;
  all["scenario"] = argv[1];
  all["slots"] = nof_slots;
  bool is_lawful = true;
  std::int64_t first_rss = 0;
  for (const run_setting& setting : all_settings()) {
    bench_run run(config, setting);
    const run_figures figures = run.run(nof_slots);
    is_lawful = is_lawful && figures.is_lawful;
    nlohmann::ordered_json line = run.json(figures);
    first_rss = first_rss == 0 ? rss_bytes() : first_rss;
    line["rss_grown_bytes"] = rss_bytes() - first_rss;
    std::fprintf(stderr, "%s\n", line.dump().c_str());
    all["runs"].push_back(line);
  }
  all["is_lawful"] = is_lawful;
  std::printf("%s\n", all.dump(1).c_str());
  return is_lawful ? 0 : 1;
}
