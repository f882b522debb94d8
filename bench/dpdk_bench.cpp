// SPDX-License-Identifier: Apache-2.0
// What a dpdk: port costs: frames out of net_pcap (infinite_rx) and through a net_ring pair, and from there
// into the slot grid, as fronthaul_rx_bench does from plain memory. One thread.
#include "bench/fronthaul_slots.h"
#include "io/assembly/slot_assembler.h"
#include "io/dpdk/dpdk_port.h"
#include "io/pcap/pcap_writer.h"
#include "phy/decompress/decompress.h"
#include "tests/support/temporary_folder.h"
#include <array>
#include <benchmark/benchmark.h>
#include <string>

namespace {

using namespace pado::io;    // NOLINT: a bench reads better with the short names
using namespace pado::bench; // NOLINT
constexpr iq_format bfp9{pado::compression::bfp, 9};

/// A port, or null and the reason in the benchmark's output.
std::unique_ptr<port> open_or_skip(benchmark::State& state, const std::string& name)
{
  auto opened = open_port("dpdk:" + name, {});
  if (!opened) {
    state.SkipWithError(opened.failure().text().c_str());
    return nullptr;
  }
  return std::move(opened.value());
}

std::string write_slots(const pado::test::temporary_folder& folder, const std::vector<stored_slot>& slots)
{
  std::string path = folder.file("slots.pcap");
  auto writer = pcap_writer::create(path);
  std::int64_t time_ns = 0;
  for (const stored_slot& slot : slots) {
    for (const auto& frame : slot.frames) {
      writer.value().write(frame, time_ns += 1000);
    }
  }
  writer.value().finish();
  return path;
}

void set_rates(benchmark::State& state, std::uint64_t nof_frames, std::uint64_t nof_bytes)
{
  state.SetItemsProcessed(static_cast<std::int64_t>(nof_frames));
  state.SetBytesProcessed(static_cast<std::int64_t>(nof_bytes));
}

void receive(benchmark::State& state)
{
  const pado::test::temporary_folder folder;
  const auto slots = make_slots(bfp9, static_cast<int>(state.range(0)), false);
  const auto rx = open_or_skip(state, "net_pcap0,infinite_rx=1,rx_pcap=" + write_slots(folder, slots));
  if (rx == nullptr) {
    return;
  }
  std::array<rx_frame, port::max_burst> burst;
  for (auto _ : state) {
    (void)_;
    const std::size_t nof = rx->poll(burst);
    benchmark::DoNotOptimize(burst[0].bytes.data());
    rx->release(std::span(burst).first(nof));
  }
  set_rates(state, rx->counters().received.value(), rx->counters().received_bytes.value());
}

/// Cost of the port itself: net_null hands over empty buffers.
void receive_nothing(benchmark::State& state)
{
  const auto rx = open_or_skip(state, "net_null0,size=7678");
  if (rx == nullptr) {
    return;
  }
  std::array<rx_frame, port::max_burst> burst;
  for (auto _ : state) {
    (void)_;
    rx->release(std::span(burst).first(rx->poll(burst)));
  }
  set_rates(state, rx->counters().received.value(), rx->counters().received_bytes.value());
}

void pass_pair(benchmark::State& state)
{
  const auto slots = make_slots(bfp9, static_cast<int>(state.range(0)), false);
  const auto a = open_or_skip(state, "net_ring0");
  const auto b = open_or_skip(state, "net_ring0");
  if (a == nullptr || b == nullptr) {
    return;
  }
  const std::vector<packet> packets(slots[0].frames.begin(), slots[0].frames.begin() + 32);
  std::array<rx_frame, port::max_burst> burst;
  for (auto _ : state) {
    (void)_;
    a->send(packets);
    const std::size_t nof = b->poll(burst);
    b->release(std::span(burst).first(nof));
  }
  if (b->counters().received.value() != a->counters().sent.value() || a->counters().unsent.value() != 0) {
    state.SkipWithError("frames were lost");
  }
  set_rates(state, b->counters().received.value(), b->counters().received_bytes.value());
}

/// Slots from a port into the grid. An RU numbers frames; a capture that comes round again has to be numbered
/// anew, one byte a frame, or its slots would be duplicates.
class slot_sink {
public:
  slot_sink()
      : assembler_(plan_slot_assembler(settings()).value()),
        decompress_(pado::phy::plan_decompress({nof_ports, nof_prb, nof_ports * 14 * nof_prb}).value()),
        grid_(std::size_t{nof_ports} * 14 * 12 * nof_prb)
  {
  }

  void take(port& from, std::span<const rx_frame> frames, std::size_t nof_per_round)
  {
    for (const rx_frame& frame : frames) {
      // the port's memory is ours; const because others only read it
      const std::span bytes(const_cast<std::byte*>(frame.bytes.data()), frame.bytes.size()); // NOLINT
      set_frame(bytes, static_cast<int>(nof_frames_++ / nof_per_round));
      assembler_.push(frame.bytes, frame.arrival_ns);
    }
    from.release(frames);
    for (lent<pado::uplink_slot> slot; assembler_.pop(slot);) {
      decompress_.run({slot.slot.bytes, slot.slot.sections}, {grid_.as(nof_ports, 14, 12 * nof_prb)}, {});
      benchmark::DoNotOptimize(grid_.data());
      ++nof_slots_;
      assembler_.release(slot);
    }
  }
  std::int64_t nof_slots() const { return nof_slots_; }
  std::uint64_t nof_dropped() const { return assembler_.counters().frames.nof_dropped(); }

private:
  static slot_assembler_config settings()
  {
    cell_config cell;
    cell.scs.mu = 1;
    cell.nof_prb = nof_prb;
    cell.pusch.eaxc = {0, 1, 2, 3};
    cell.pusch.fixed = bfp9;
    slot_assembler_config config;
    config.cells.push_back(cell);
    return config;
  }

  slot_assembler assembler_;
  pado::phy::decompress<pado::backend::cpu> decompress_;
  pado::buffer<pado::ch16> grid_;
  std::uint64_t nof_frames_ = 0;
  std::int64_t nof_slots_ = 0;
};

/// One iteration is one slot.
void receive_to_grid(benchmark::State& state)
{
  const pado::test::temporary_folder folder;
  const auto slots = make_slots(bfp9, static_cast<int>(state.range(0)), false);
  const auto rx = open_or_skip(state, "net_pcap0,infinite_rx=1,rx_pcap=" + write_slots(folder, slots));
  if (rx == nullptr) {
    return;
  }
  slot_sink sink;
  const std::size_t nof_per_slot = slots[0].frames.size();
  std::array<rx_frame, port::max_burst> burst;
  for (auto _ : state) {
    (void)_;
    for (std::size_t left = nof_per_slot; left > 0;) {
      const std::size_t nof = rx->poll(std::span(burst).first(std::min(left, burst.size())));
      sink.take(*rx, std::span(burst).first(nof), slots_in_memory * nof_per_slot);
      left -= nof;
    }
  }
  if (sink.nof_slots() != state.iterations() || sink.nof_dropped() != 0) {
    state.SkipWithError("a slot was not complete");
  }
  set_rates(state, rx->counters().received.value(), rx->counters().received_bytes.value());
}

void pair_to_grid(benchmark::State& state)
{
  const auto slots = make_slots(bfp9, static_cast<int>(state.range(0)), false);
  const auto ru = open_or_skip(state, "net_ring0");
  const auto du = open_or_skip(state, "net_ring0");
  if (ru == nullptr || du == nullptr) {
    return;
  }
  slot_sink sink;
  const std::size_t nof_per_slot = slots[0].frames.size();
  std::vector<std::vector<packet>> packets;
  for (const stored_slot& slot : slots) {
    packets.emplace_back(slot.frames.begin(), slot.frames.end());
  }
  std::array<rx_frame, port::max_burst> burst;
  std::size_t at = 0;
  for (auto _ : state) {
    (void)_;
    ru->send(packets[at]);
    at = (at + 1) % packets.size();
    for (std::size_t nof = du->poll(burst); nof > 0; nof = du->poll(burst)) {
      sink.take(*du, std::span(burst).first(nof), slots_in_memory * nof_per_slot);
    }
  }
  if (sink.nof_slots() != state.iterations() || sink.nof_dropped() != 0) {
    state.SkipWithError("a slot was not complete");
  }
  set_rates(state, du->counters().received.value(), du->counters().received_bytes.value());
}

} // namespace

BENCHMARK(receive)->ArgName("mtu")->Arg(9000)->Arg(1500)->Unit(benchmark::kMicrosecond);
BENCHMARK(receive_nothing)->Unit(benchmark::kMicrosecond);
BENCHMARK(pass_pair)->ArgName("mtu")->Arg(9000)->Arg(1500)->Unit(benchmark::kMicrosecond);
BENCHMARK(receive_to_grid)->ArgName("mtu")->Arg(9000)->Arg(1500)->Unit(benchmark::kMicrosecond);
BENCHMARK(pair_to_grid)->ArgName("mtu")->Arg(9000)->Arg(1500)->Unit(benchmark::kMicrosecond);

BENCHMARK_MAIN();
