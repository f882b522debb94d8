// SPDX-License-Identifier: Apache-2.0
// ctest: property net
#include "io/faults/fault_port.h"
#include "tests/support/recording_port.h"
#include <doctest/doctest.h>
#include <map>

using namespace pado;
using io::fault_kind;

namespace {

/// Frames with their number in the bytes 20 to 23, 10 us apart, out of a port with a fault.
struct fault_bench {
  fault_bench(const std::string& fault, io::fault_direction direction)
  {
    time.set_ns(1000000000);
    io::fault_port_config config;
    const auto parsed = io::parse_fault(fault, config.faults);
    REQUIRE_MESSAGE(parsed, parsed.failure().text());
    config.direction = direction;
    auto inner = std::make_unique<test::recording_port>(time);
    link = inner.get();
    port = std::make_unique<io::fault_port>(std::move(inner), config, time);
  }
  static std::vector<std::byte> frame_of(std::uint32_t number)
  {
    std::vector<std::byte> bytes(64);
    io::store_be16(bytes, 12, 0xAEFE);
    io::store_be32(bytes, 20, number);
    return bytes;
  }
  void take()
  {
    std::array<io::rx_frame, io::port::max_burst> frames;
    while (const std::size_t n = port->poll(frames)) {
      for (std::size_t i = 0; i < n; ++i) {
        out.push_back({frames[i].arrival_ns, {frames[i].bytes.begin(), frames[i].bytes.end()}});
      }
      port->release(std::span(frames).first(n));
    }
  }
  /// What comes out of the far end.
  const std::vector<test::recording_port::sent_frame>& run(std::uint32_t nof_frames, bool is_sent)
  {
    for (std::uint32_t i = 0; i < nof_frames; ++i) {
      const auto frame = frame_of(i);
      if (is_sent) {
        const io::packet one = frame;
        port->send({&one, 1});
      } else {
        link->put(frame);
        take();
      }
      time.advance_ns(10000);
    }
    time.advance_ns(5000000);
    take();
    CHECK(port->nof_held() == 0);
    return is_sent ? link->sent : out;
  }

  virtual_clock time;
  test::recording_port* link = nullptr;
  std::unique_ptr<io::fault_port> port;
  std::vector<test::recording_port::sent_frame> out;
};

} // namespace

TEST_CASE("fault_port: what is taken is given, lost or copied, in both directions")
{
  for (const io::fault_direction direction : {io::fault_direction::received, io::fault_direction::sent}) {
    const bool is_sent = direction == io::fault_direction::sent;
    for (const char* fault : {"loss=0.1",
                              "loss_burst=0.02,frames=7",
                              "silence=0.1,slots=2",
                              "duplicate=0.1,copies=3",
                              "reorder=0.1,depth=3",
                              "late=0.1,us=300",
                              "bit_error=0.1",
                              "truncate=0.1",
                              "wrong_mac=0.1"}) {
      CAPTURE(std::string(fault));
      fault_bench bench(fault, direction);
      const auto& given = bench.run(2000, is_sent);
      const auto injected = [&](fault_kind kind) { return bench.port->injected(kind); };
      const std::uint64_t lost =
          injected(fault_kind::loss) + injected(fault_kind::loss_burst) + injected(fault_kind::silence);
      CHECK(2000 + injected(fault_kind::duplicate) == given.size() + lost);
      CHECK(bench.port->overflow() == 0);
      std::uint64_t sum = lost;
      for (std::size_t kind = 0; kind < io::nof_fault_kinds; ++kind) {
        sum += injected(static_cast<fault_kind>(kind));
      }
      CHECK(sum > 20);
      CHECK((is_sent ? bench.port->counters().sent : bench.port->counters().received).value() ==
            given.size());
    }
  }
}

TEST_CASE("fault_port: late frames come so much later, with their arrival time")
{
  fault_bench bench("late=0.1,us=300", io::fault_direction::received);
  std::uint64_t nof_late = 0;
  for (const auto& frame : bench.run(1000, false)) {
    const std::int64_t right_ns = 1000000000 + 10000 * std::int64_t{io::load_be32(frame.bytes, 20)};
    CHECK((frame.time_ns == right_ns || frame.time_ns == right_ns + 300000));
    nof_late += frame.time_ns != right_ns ? 1 : 0;
  }
  CHECK(nof_late == bench.port->injected(fault_kind::late));
}

TEST_CASE("fault_port: a reordered frame lets so many others pass")
{
  fault_bench bench("reorder=0.02,depth=5", io::fault_direction::sent);
  const auto& sent = bench.run(1000, true);
  REQUIRE(sent.size() == 1000);
  std::uint64_t nof_behind = 0;
  for (std::size_t i = 1; i < sent.size(); ++i) {
    const std::uint32_t number = io::load_be32(sent[i].bytes, 20);
    if (number < io::load_be32(sent[i - 1].bytes, 20)) {
      ++nof_behind;
      CHECK(i - number >= 4);
    }
  }
  CHECK(nof_behind > bench.port->injected(fault_kind::reorder) / 2);
}

TEST_CASE("fault_port: a clock that is ahead or drifts moves arrival times")
{
  fault_bench bench("clock_offset_us=20", io::fault_direction::received);
  CHECK(bench.run(10, false)[3].time_ns == 1000000000 + 30000 - 20000);
  fault_bench drift("clock_drift_ppb=1000000", io::fault_direction::received);
  CHECK(drift.run(101, false)[100].time_ns == 1000000000 + 1000000 - 1000);
}

TEST_CASE("fault_port: the same frames get the same faults, whenever they are polled")
{
  const auto numbers_of = [](std::size_t every) {
    fault_bench bench("loss=0.2", io::fault_direction::received);
    for (std::uint32_t i = 0; i < 500; ++i) {
      bench.link->put(fault_bench::frame_of(i));
      if (i % every == 0) {
        bench.take();
      }
      bench.time.advance_ns(10000);
    }
    bench.take();
    std::vector<std::uint32_t> numbers;
    for (const auto& frame : bench.out) {
      numbers.push_back(io::load_be32(frame.bytes, 20));
    }
    return numbers;
  };
  CHECK(numbers_of(1) == numbers_of(37));
}
