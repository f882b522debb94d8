// SPDX-License-Identifier: Apache-2.0
// Frames in memory, or out of an in-memory port (port:1), to an assembled slot, and on into the slot grid
// (grid:1): 4 ports x 273 PRB x 14 symbols, BFP 9 and others, jumbo frames and MTU 1500. The frames lie in as
// much memory as `slots_in_memory` slots, as after a receive ring, so the caches are not warm for free.
// links: pado_io
#include "bench/fronthaul_slots.h"
#include "io/assembly/slot_assembler.h"
#include "io/port/ring_port.h"
#include "phy/decompress/decompress.h"
#include <array>
#include <benchmark/benchmark.h>
#include <vector>

namespace {

using namespace pado::io;    // NOLINT: a bench reads better with the short names
using namespace pado::bench; // NOLINT

void set_frame(std::vector<stored_slot>& slots, int number)
{
  for (auto& slot : slots) {
    for (auto& frame : slot.frames) {
      pado::bench::set_frame(frame, number);
    }
  }
}

/// Both ends of an in-memory port.
struct port_link {
  ring_exchange rings;
  std::unique_ptr<port> near, far;

  port_link()
  {
    port_config config;
    config.nof_rx_frames = 512;
    config.max_frame_bytes = 9700; // 16 bit samples at MTU 9600
    config.rings = &rings;
    near = open_port("ring:bench", config).value();
    far = open_port("ring:bench", config).value();
  }
  void send(const stored_slot& slot)
  {
    const std::vector<packet> packets(slot.frames.begin(), slot.frames.end());
    near->send(packets);
  }
};

void receive(port& from, slot_assembler& assembler)
{
  std::array<rx_frame, port::max_burst> some;
  for (std::size_t n = from.poll(some); n > 0; n = from.poll(some)) {
    for (const rx_frame& frame : std::span(some).first(n)) {
      assembler.push(frame.bytes, 0);
    }
    from.release(std::span(some).first(n));
  }
}

void assemble(benchmark::State& state)
{
  const iq_format format{static_cast<pado::compression>(state.range(0)),
                         static_cast<std::uint8_t>(state.range(1))};
  const bool has_comp_header = state.range(3) != 0;
  auto slots = make_slots(format, static_cast<int>(state.range(2)), has_comp_header);
  cell_config cell;
  cell.scs.mu = 1;
  cell.nof_prb = nof_prb;
  cell.pusch.eaxc = {0, 1, 2, 3};
  cell.pusch.fixed = has_comp_header ? std::nullopt : std::optional<iq_format>(format);
  slot_assembler_config config;
  config.cells.push_back(cell);
  slot_assembler assembler(plan_slot_assembler(config).value());
  const bool has_grid = state.range(4) != 0;
  const bool has_port = state.range(5) != 0;
  port_link link;
  pado::phy::decompress<pado::backend::cpu> decompress(
      pado::phy::plan_decompress({nof_ports, nof_prb, nof_ports * 14 * nof_prb}).value());
  pado::buffer<pado::ch16> grid(std::size_t{nof_ports} * 14 * 12 * nof_prb);
  std::int64_t nof_slots = 0;
  int number = 0;
  std::size_t at = 0;
  for (auto _ : state) {
    (void)_;
    if (has_port) {
      state.PauseTiming();
      link.send(slots[at]);
      state.ResumeTiming();
      receive(*link.far, assembler);
    } else {
      for (const auto& frame : slots[at].frames) {
        assembler.push(frame, 0);
      }
    }
    for (lent<pado::uplink_slot> slot; assembler.pop(slot);) {
      if (has_grid) {
        decompress.run({slot.slot.bytes, slot.slot.sections}, {grid.as(nof_ports, 14, 12 * nof_prb)}, {});
      }
      benchmark::DoNotOptimize(slot.slot.bytes.data());
      ++nof_slots;
      assembler.release(slot);
    }
    if (++at == slots.size()) {
      state.PauseTiming();
      at = 0;
      ++number;
      set_frame(slots, number);
      state.ResumeTiming();
    }
  }
  if (nof_slots != state.iterations() || assembler.counters().frames.nof_dropped() != 0) {
    state.SkipWithError("a slot was not complete");
  }
  state.counters["frames_per_slot"] = static_cast<double>(slots[0].frames.size());
  state.SetBytesProcessed(state.iterations() * nof_ports * 14 * static_cast<std::int64_t>(prb_bytes(format)) *
                          nof_prb);
}

} // namespace

// method, width, MTU, udCompHdr, into the grid, out of a port
BENCHMARK(assemble)
    ->ArgNames({"method", "width", "mtu", "header", "grid", "port"})
    ->Args({1, 9, 9000, 0, 0, 0})
    ->Args({1, 9, 1500, 0, 0, 0})
    ->Args({1, 9, 9000, 0, 1, 0})
    ->Args({1, 9, 1500, 0, 1, 0})
    ->Args({1, 9, 9000, 0, 1, 1})
    ->Args({1, 9, 1500, 0, 1, 1})
    ->Args({1, 9, 1500, 1, 0, 0})
    ->Args({1, 14, 9000, 0, 0, 0})
    ->Args({0, 16, 9600, 0, 0, 0})
    ->Unit(benchmark::kMicrosecond);

BENCHMARK_MAIN();
