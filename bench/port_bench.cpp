// SPDX-License-Identifier: Apache-2.0
// Packets and bytes per CPU-second of the receiving thread, and of the sending one, through each kind of
// port. items_per_second and bytes_per_second are per CPU-second. Frames are sent while the clock of the
// receiver stands, 256 at a time, so the kernel's own receive work on loopback and veth is the sender's, and
// every poll finds a full burst. The first 64 bytes of each frame are read. links: pado_io
#include "io/ecpri/link.h"
#include "io/pcap/pcap_writer.h"
#include "io/port/open_port.h"
#include "io/port/ring_port.h"
#include <array>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <sched.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using namespace pado::io; // NOLINT: a bench reads better with the short names

constexpr int frames_per_round = 256;

double thread_cpu_s()
{
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::vector<std::byte> frame_of(std::int64_t size)
{
  std::vector<std::byte> frame(static_cast<std::size_t>(size), std::byte{0x5A});
  frame[0] = std::byte{0x02};
  store_be16(frame, 12, ethertype_ecpri);
  return frame;
}

/// Both ends of a link, or the reason why there is none here.
struct link {
  ring_exchange rings;
  std::unique_ptr<port> near, far;
  std::string problem;

  void open(const std::string& near_name, const std::string& far_name)
  {
    port_config config;
    config.rings = &rings;
    for (auto [end, name] : {std::pair{&near, &near_name}, std::pair{&far, &far_name}}) {
      auto opened = open_port(*name, config);
      if (!opened) {
        problem = opened.failure().text();
        return;
      }
      *end = std::move(opened).value();
    }
  }
};

bool has_veth()
{
  static const bool is_made =
      unshare(CLONE_NEWNET) == 0 && // NOLINT: once a process
      std::system("ip link add padoa mtu 9000 type veth peer name padob mtu 9000 && "
                  "ip link set padoa up && ip link set padob up && ip link set lo up && sleep 1") == 0;
  return is_made;
}

void open_kind(link& made, const std::string& kind)
{
  if (kind == "raw" && !has_veth()) {
    made.problem = "raw needs root and iproute2: a network namespace with a veth pair";
  } else if (kind == "raw") {
    made.open("raw:padoa", "raw:padob");
  } else if (kind == "udp") {
    made.open("udp:127.0.0.1:24991,local=127.0.0.1:24992", "udp:127.0.0.1:24992,local=127.0.0.1:24991");
  } else {
    made.open("ring:bench", "ring:bench");
  }
}

/// Polls all there is; frames and their bytes are added.
void take_all(port& from, std::int64_t& nof_frames, std::int64_t& nof_bytes)
{
  std::array<rx_frame, port::max_burst> some;
  unsigned sum = 0;
  for (std::size_t n = from.poll(some); n > 0; n = from.poll(some)) {
    for (const rx_frame& frame : std::span(some).first(n)) {
      for (std::size_t at = 0; at < 64; at += 8) {
        sum += load_u8(frame.bytes, at);
      }
      nof_bytes += static_cast<std::int64_t>(frame.bytes.size());
    }
    nof_frames += static_cast<std::int64_t>(n);
    from.release(std::span(some).first(n));
  }
  benchmark::DoNotOptimize(sum);
}

void through_port(benchmark::State& state, const std::string& kind, bool is_receiving)
{
  link made;
  open_kind(made, kind);
  if (!made.problem.empty()) {
    state.SkipWithError(made.problem.c_str());
    return;
  }
  const auto frame = frame_of(state.range(0));
  const std::vector<packet> burst(port::max_burst, packet(frame));
  std::int64_t nof_frames = 0;
  std::int64_t nof_bytes = 0;
  std::int64_t nof_rounds = 0;
  for (auto _ : state) {
    (void)_;
    const double begin_s = thread_cpu_s();
    for (int i = 0; i < frames_per_round; i += static_cast<int>(burst.size())) {
      made.near->send(burst);
    }
    const double sent_s = thread_cpu_s();
    take_all(*made.far, nof_frames, nof_bytes);
    const double received_s = thread_cpu_s();
    if (nof_frames == 0) {
      state.SkipWithError("nothing arrives");
      return;
    }
    state.SetIterationTime(is_receiving ? received_s - sent_s : sent_s - begin_s);
    ++nof_rounds;
  }
  state.SetItemsProcessed(nof_frames);
  state.SetBytesProcessed(nof_bytes);
  state.counters["lost"] = static_cast<double>(nof_rounds * frames_per_round - nof_frames);
}

void from_capture(benchmark::State& state)
{
  const std::string file =
      (std::filesystem::temp_directory_path() / ("port_bench_" + std::to_string(getpid()) + ".pcap"))
          .string();
  auto writer = pcap_writer::create(file);
  const auto frame = frame_of(state.range(0));
  for (int i = 0; i < 4096; ++i) {
    writer.value().write(frame, 1000 * i);
  }
  writer.value().finish();
  std::int64_t nof_frames = 0;
  std::int64_t nof_bytes = 0;
  for (auto _ : state) {
    (void)_;
    auto opened = open_port("pcap:" + file + ",pace=free", {});
    const double begin_s = thread_cpu_s();
    take_all(*opened.value(), nof_frames, nof_bytes);
    state.SetIterationTime(thread_cpu_s() - begin_s);
  }
  std::filesystem::remove(file);
  state.SetItemsProcessed(nof_frames);
  state.SetBytesProcessed(nof_bytes);
}

} // namespace

BENCHMARK_CAPTURE(through_port, receive_raw, std::string("raw"), true)->Arg(1514)->Arg(7678)->UseManualTime();
BENCHMARK_CAPTURE(through_port, receive_udp, std::string("udp"), true)->Arg(1514)->Arg(7678)->UseManualTime();
BENCHMARK_CAPTURE(through_port, receive_ring, std::string("ring"), true)
    ->Arg(1514)
    ->Arg(7678)
    ->UseManualTime();
BENCHMARK(from_capture)->Name("through_port/receive_pcap")->Arg(1514)->Arg(7678)->UseManualTime();
BENCHMARK_CAPTURE(through_port, send_raw, std::string("raw"), false)->Arg(1514)->Arg(7678)->UseManualTime();
BENCHMARK_CAPTURE(through_port, send_udp, std::string("udp"), false)->Arg(1514)->Arg(7678)->UseManualTime();
BENCHMARK_CAPTURE(through_port, send_ring, std::string("ring"), false)->Arg(1514)->Arg(7678)->UseManualTime();

BENCHMARK_MAIN();
