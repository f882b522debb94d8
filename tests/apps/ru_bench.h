// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/generate_frames.h"
#include "apps/ru_emulator.h"
#include "apps/scenario_file.h"
#include "core/clock.h"
#include "io/assembly/assembler_config.h"
#include "tests/support/recording_port.h"
#include <doctest/doctest.h>
#include <map>
#include <memory>
#include <string>

namespace pado::test {

/// A unit of a scenario of testvectors/scenarios, its samples made.
inline apps::ru_unit_config unit_of(const apps::scenario_config& scenario)
{
  auto cell = apps::plan_ru_cell(scenario);
  REQUIRE_MESSAGE(cell, cell.failure().text());
  apps::ru_unit_config unit;
  unit.cell = std::make_shared<apps::ru_cell_plan>(std::move(cell).value());
  auto waveform = apps::ru_waveform::make(*unit.cell, {});
  REQUIRE_MESSAGE(waveform, waveform.failure().text());
  unit.waveform = std::make_shared<apps::ru_waveform>(std::move(waveform).value());
  unit.is_unsolicited = !scenario.link.has_cplane;
  return unit;
}

/// An emulator in virtual time over a port in memory.
class ru_bench {
public:
  struct input {
    std::int64_t time_ns;
    std::vector<std::byte> bytes;
  };

  /// Begins in the middle of the given frame of an SFN cycle.
  ru_bench(std::vector<apps::ru_unit_config> units,
           std::int32_t start_sfn,
           io::framing form = io::framing::ethernet)
      : link(time, form)
  {
    sfn0_ns = io::sfn0_of_utc_ns();
    begin_ns = sfn0_ns + 141000000LL * 10240000000 + start_sfn * 10000000LL;
    time.set_ns(begin_ns);
    emulator = std::make_unique<apps::ru_emulator>(
        apps::ru_emulator_config{std::move(units), sfn0_ns, begin_ns}, link);
  }

  /// Steps exactly at the times at which something is due or comes in, until end_ns.
  void run_until(std::int64_t end_ns, const std::vector<input>& inputs = {})
  {
    emulator->step(time.now_ns());
    std::size_t next_input = 0;
    while (true) {
      std::int64_t next_ns = emulator->next_ns();
      if (next_input < inputs.size()) {
        next_ns = std::min(next_ns, inputs[next_input].time_ns);
      }
      if (next_ns > end_ns) {
        break;
      }
      time.set_ns(std::max(next_ns, time.now_ns()));
      while (next_input < inputs.size() && inputs[next_input].time_ns <= time.now_ns()) {
        link.put(inputs[next_input++].bytes);
      }
      emulator->step(time.now_ns());
    }
    time.set_ns(end_ns);
    emulator->step(end_ns);
  }

  /// Both laws of ru_counters.
  void check_laws() const
  {
    const apps::ru_counters& count = emulator->counters();
    std::uint64_t dropped = 0;
    for (const counter& one : count.messages_dropped) {
      dropped += one.value();
    }
    CHECK(count.messages_received.value() == count.messages_answered.value() + dropped);
    const auto injected = [&](io::fault_kind kind) { return emulator->injected(kind); };
    CHECK(count.frames_made.value() + injected(io::fault_kind::duplicate) ==
          count.link_lost.value() + injected(io::fault_kind::loss) + injected(io::fault_kind::loss_burst) +
              injected(io::fault_kind::silence) + count.overflow.value() + count.frames_sent.value() +
              count.frames_unsent.value() + emulator->nof_waiting());
    CHECK(count.frames_sent.value() == link.sent.size());
  }
  std::uint64_t nof_dropped(apps::cplane_drop reason) const
  {
    return emulator->counters().messages_dropped[static_cast<std::size_t>(reason)].value();
  }

  virtual_clock time;
  recording_port link;
  std::int64_t sfn0_ns = 0;
  std::int64_t begin_ns = 0;
  std::unique_ptr<apps::ru_emulator> emulator;
};

/// What `pado generate` writes for the slots of [begin, end), counted from the bench's begin: C-plane and
/// U-plane apart, in order of time, the sequence ids counted on.
struct generated_frames {
  std::vector<ru_bench::input> cplane;
  std::vector<ru_bench::input> uplane;
};
inline generated_frames
generated(const apps::ru_unit_config& unit, const ru_bench& bench, std::int64_t begin, std::int64_t end)
{
  const apps::ru_cell_plan& cell = *unit.cell;
  const apps::ru_timing& timing = bench.emulator->unit(0).timing();
  apps::slot_maker maker(cell.plan);
  apps::frame_maker frames(cell.plan);
  const std::int32_t nof_ports = cell.plan.ofdm.config.nof_rx_ports;
  const buffer<cf32> memory(static_cast<std::size_t>(nof_ports * 14 * cell.plan.ofdm.nof_subcarriers()));
  const auto rx = memory.as(nof_ports, 14, cell.plan.ofdm.nof_subcarriers());
  std::map<std::int32_t, std::uint8_t> sequences;
  generated_frames out;
  const std::int64_t first = timing.slot_at(bench.begin_ns);
  for (std::int64_t slot = first + begin; slot < first + end; ++slot) {
    const std::int32_t planned = unit.waveform->planned(slot);
    if (planned < 0) {
      continue;
    }
    apps::planned_slot now = cell.slots[static_cast<std::size_t>(planned)];
    REQUIRE(maker.make_grid(now, rx));
    now.schedule.plan.slot = timing.id_of(slot);
    const std::int64_t move_ns = timing.slot_begin_ns(slot) - apps::air_time_ns(cell.plan.scenario) -
                                 now.slot * timing.scs().slot_ns();
    for (apps::timed_frame& frame : frames.make(now, rx)) {
      frame.bytes[frames.sequence_offset()] = static_cast<std::byte>(sequences[frame.flow]++);
      auto& to = frame.flow < nof_ports ? out.uplane : out.cplane;
      if (!frame.is_lost) {
        to.push_back({frame.time_ns + move_ns, std::move(frame.bytes)});
      }
    }
  }
  const auto is_earlier = [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; };
  std::stable_sort(out.cplane.begin(), out.cplane.end(), is_earlier);
  std::stable_sort(out.uplane.begin(), out.uplane.end(), is_earlier);
  return out;
}

} // namespace pado::test
