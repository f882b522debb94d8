// SPDX-License-Identifier: Apache-2.0
// ctest: property net
// links: pado_apps
#include "tests/apps/ru_bench.h"
#include "tests/support/shared.h"
#include <bit>
#include <cmath>
#include <map>
#include <set>

using namespace pado;
using io::fault_kind;
using test::ru_bench;

namespace {

using sent_frames = std::vector<test::recording_port::sent_frame>;

/// One unit that sends by the clock; its samples are made once for all cases.
const apps::ru_unit_config& clocked_unit()
{
  static const apps::ru_unit_config unit = [] {
    auto scenario = apps::read_scenario_file(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
    REQUIRE_MESSAGE(scenario, scenario.failure().text());
    scenario.value().link.has_cplane = false;
    return test::unit_of(scenario.value());
  }();
  return unit;
}

struct faulty_run {
  sent_frames sent;
  std::uint64_t injected = 0;
  std::uint64_t made = 0;
};

constexpr std::int64_t run_ns = 200000000; ///< 400 slots, 80 of them uplink: 2240 frames

faulty_run run_with(const std::string& fault, fault_kind kind)
{
  apps::ru_unit_config unit = clocked_unit();
  if (!fault.empty()) {
    const auto parsed = io::parse_fault(fault, unit.faults);
    REQUIRE_MESSAGE(parsed, parsed.failure().text());
  }
  ru_bench bench({unit}, 100);
  bench.run_until(bench.begin_ns + run_ns + 1000000);
  bench.check_laws();
  return {bench.link.sent, bench.emulator->injected(kind), bench.emulator->counters().frames_made.value()};
}

const sent_frames& clean_frames()
{
  static const sent_frames sent = run_with("", fault_kind::loss).sent;
  return sent;
}

/// The bytes of a frame name it: header times, port and sequence differ.
std::map<std::vector<std::byte>, std::size_t> index_of(const sent_frames& frames)
{
  std::map<std::vector<std::byte>, std::size_t> index;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    index[frames[i].bytes] = i;
  }
  return index;
}

/// 4 sigma of a binomial draw.
void check_rate(std::uint64_t count, double rate, std::uint64_t all)
{
  const double expected = rate * static_cast<double>(all);
  CHECK(std::abs(static_cast<double>(count) - expected) <= 4.0 * std::sqrt(expected * (1.0 - rate)) + 1.0);
}

int nof_different_bits(const std::vector<std::byte>& a, const std::vector<std::byte>& b)
{
  int n = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    n += std::popcount(std::to_integer<unsigned>(a[i] ^ b[i]));
  }
  return n;
}

constexpr std::size_t header_bytes = 18; ///< of the link, with its VLAN tag

} // namespace

TEST_CASE("ru faults: without faults nothing is missing")
{
  CHECK(clean_frames().size() == 80U * 28);
  CHECK(index_of(clean_frames()).size() == clean_frames().size());
}

TEST_CASE("ru faults: loss takes as many frames as it says, and no other; their sequence ids are missing")
{
  const auto with = run_with("loss=0.05", fault_kind::loss);
  CHECK(with.sent.size() + with.injected == clean_frames().size());
  check_rate(with.injected, 0.05, with.made);
  const auto index = index_of(clean_frames());
  for (const auto& frame : with.sent) {
    REQUIRE(index.count(frame.bytes) == 1);
    CHECK(clean_frames()[index.at(frame.bytes)].time_ns == frame.time_ns);
  }
}

TEST_CASE("ru faults: loss bursts take frames in a row")
{
  const auto with = run_with("loss_burst=0.005,frames=10", fault_kind::loss_burst);
  CHECK(with.injected >= 50);
  CHECK(with.sent.size() + with.injected == clean_frames().size());
  const auto index = index_of(clean_frames());
  std::size_t expected = 0;
  for (const auto& frame : with.sent) {
    const std::size_t at = index.at(frame.bytes);
    if (at != expected) {
      CHECK((at - expected) % 10 == 0); // bursts may touch
    }
    expected = at + 1;
  }
}

TEST_CASE("ru faults: a duplicate follows its frame at once")
{
  const auto with = run_with("duplicate=0.05,copies=2", fault_kind::duplicate);
  CHECK(with.sent.size() == clean_frames().size() + with.injected);
  check_rate(with.injected / 2, 0.05, with.made);
  std::size_t at = 0;
  for (std::size_t i = 0; i < with.sent.size(); ++i) {
    const bool is_copy = i > 0 && with.sent[i].bytes == with.sent[i - 1].bytes;
    CHECK(with.sent[i].bytes == clean_frames()[is_copy ? at - 1 : at].bytes);
    at += is_copy ? 0 : 1;
  }
}

TEST_CASE("ru faults: a reordered frame goes after so many others, or a millisecond later")
{
  const auto with = run_with("reorder=0.02,depth=5", fault_kind::reorder);
  CHECK(with.sent.size() == clean_frames().size());
  check_rate(with.injected, 0.02, with.made);
  const auto index = index_of(clean_frames());
  std::uint64_t nof_behind = 0;
  std::set<std::size_t> later;
  for (std::size_t i = with.sent.size(); i-- > 0;) {
    const std::size_t at = index.at(with.sent[i].bytes);
    // Sent before frames that should have been later: none of them; behind some: it was held.
    const bool is_behind = i > 0 && at < index.at(with.sent[i - 1].bytes);
    nof_behind += is_behind ? 1 : 0;
    if (is_behind) {
      CHECK(i - at <= 5 + 4); // others that are held at the same time go behind, too
      CHECK(with.sent[i].time_ns - clean_frames()[at].time_ns <= 1000000);
    }
  }
  CHECK(nof_behind >= with.injected * 3 / 4); // not those held over the end of a slot or side by side
  CHECK(nof_behind <= with.injected);
}

TEST_CASE("ru faults: bit errors invert exactly so many bits, headers included")
{
  const auto with = run_with("bit_error=0.1,bits=3", fault_kind::bit_error);
  REQUIRE(with.sent.size() == clean_frames().size());
  check_rate(with.injected, 0.1, with.made);
  std::uint64_t nof_damaged = 0;
  int nof_in_header = 0;
  for (std::size_t i = 0; i < with.sent.size(); ++i) {
    const int bits = nof_different_bits(with.sent[i].bytes, clean_frames()[i].bytes);
    CHECK((bits == 0 || bits == 3));
    nof_damaged += bits != 0 ? 1 : 0;
    nof_in_header += std::equal(with.sent[i].bytes.begin(),
                                with.sent[i].bytes.begin() + 34,
                                clean_frames()[i].bytes.begin())
                         ? 0
                         : 1;
  }
  CHECK(nof_damaged == with.injected);
  CHECK(nof_in_header >= 2); // 34 of 1462 bytes: 5 of 224 expected, from the first third of the frame
}

TEST_CASE("ru faults: truncated frames are the begin of theirs")
{
  const auto with = run_with("truncate=0.1", fault_kind::truncate);
  REQUIRE(with.sent.size() == clean_frames().size());
  std::uint64_t nof_short = 0;
  std::set<std::size_t> lengths;
  for (std::size_t i = 0; i < with.sent.size(); ++i) {
    const auto& whole = clean_frames()[i].bytes;
    const auto& got = with.sent[i].bytes;
    CHECK(got.size() >= 14);
    CHECK(std::equal(got.begin(), got.end(), whole.begin()));
    nof_short += got.size() < whole.size() ? 1 : 0;
    lengths.insert(got.size());
  }
  CHECK(nof_short == with.injected);
  check_rate(with.injected, 0.1, with.made);
  CHECK(lengths.size() > 100);
}

TEST_CASE("ru faults: late and early frames move by exactly so much")
{
  for (const bool is_late : {true, false}) {
    const auto with = run_with(is_late ? "late=0.1,us=500" : "early=0.1,us=90",
                               is_late ? fault_kind::late : fault_kind::early);
    REQUIRE(with.sent.size() == clean_frames().size());
    check_rate(with.injected, 0.1, with.made);
    const auto index = index_of(clean_frames());
    std::uint64_t nof_moved = 0;
    for (const auto& frame : with.sent) {
      const std::int64_t moved_ns = frame.time_ns - clean_frames()[index.at(frame.bytes)].time_ns;
      CHECK((moved_ns == 0 || moved_ns == (is_late ? 500000 : -90000)));
      nof_moved += moved_ns != 0 ? 1 : 0;
    }
    CHECK(nof_moved == with.injected);
  }
}

TEST_CASE("ru faults: wrong sequence, VLAN and addresses change that field alone")
{
  struct field {
    const char* fault;
    fault_kind kind;
    std::set<std::size_t> bytes;
  };
  const field fields[] = {{"wrong_sequence=0.1", fault_kind::wrong_sequence, {header_bytes + 6}},
                          {"wrong_vlan=0.1", fault_kind::wrong_vlan, {14, 15}},
                          {"wrong_mac=0.1", fault_kind::wrong_mac, {4, 10}}};
  for (const field& one : fields) {
    CAPTURE(std::string(one.fault));
    const auto with = run_with(one.fault, one.kind);
    REQUIRE(with.sent.size() == clean_frames().size());
    check_rate(with.injected, 0.1, with.made);
    std::uint64_t nof_changed = 0;
    for (std::size_t i = 0; i < with.sent.size(); ++i) {
      bool is_changed = false;
      for (std::size_t at = 0; at < with.sent[i].bytes.size(); ++at) {
        if (with.sent[i].bytes[at] != clean_frames()[i].bytes[at]) {
          is_changed = true;
          CHECK(one.bytes.count(at) == 1);
        }
      }
      nof_changed += is_changed ? 1 : 0;
    }
    CHECK(nof_changed == with.injected);
  }
}

TEST_CASE("ru faults: silence takes all frames of so many slots")
{
  const auto with = run_with("silence=0.02,slots=10", fault_kind::silence);
  CHECK(with.sent.size() + with.injected == clean_frames().size());
  CHECK(with.injected > 0);
  CHECK(with.injected % 28 == 0); // whole slots
  // 10 slots hold two uplink slots.
  const auto index = index_of(clean_frames());
  std::vector<bool> is_there(clean_frames().size() / 28);
  for (const auto& frame : with.sent) {
    is_there[index.at(frame.bytes) / 28] = true;
  }
  int longest = 0;
  int length = 0;
  for (const bool there : is_there) {
    length = there ? 0 : length + 1;
    longest = std::max(longest, length);
  }
  CHECK(longest >= 2);
}

TEST_CASE("ru faults: in a burst all frames of the slot come at its end")
{
  const auto with = run_with("slot_burst=0.3", fault_kind::slot_burst);
  REQUIRE(with.sent.size() == clean_frames().size());
  CHECK(with.injected % 28 == 0);
  check_rate(with.injected / 28, 0.3, 80);
  std::uint64_t nof_slots = 0;
  for (std::size_t i = 0; i < with.sent.size(); i += 28) {
    const bool is_burst = with.sent[i].time_ns == with.sent[i + 27].time_ns;
    nof_slots += is_burst ? 1 : 0;
    CHECK(with.sent[i + 27].time_ns == clean_frames()[i + 27].time_ns);
    CHECK(with.sent[i].bytes == clean_frames()[i].bytes);
    CHECK((is_burst || with.sent[i].time_ns == clean_frames()[i].time_ns));
  }
  CHECK(nof_slots == with.injected / 28);
}

TEST_CASE("ru faults: a clock that is ahead or runs fast sends early")
{
  const auto ahead = run_with("clock_offset_us=20", fault_kind::loss);
  REQUIRE(ahead.sent.size() == clean_frames().size());
  for (std::size_t i = 0; i < ahead.sent.size(); ++i) {
    CHECK(ahead.sent[i].bytes == clean_frames()[i].bytes);
    CHECK(ahead.sent[i].time_ns == clean_frames()[i].time_ns - 20000);
  }
  const auto fast = run_with("clock_drift_ppb=100000", fault_kind::loss);
  REQUIRE(fast.sent.size() == clean_frames().size());
  const std::int64_t begin_ns = clean_frames().front().time_ns;
  for (std::size_t i = 0; i < fast.sent.size(); ++i) {
    const auto since = static_cast<double>(clean_frames()[i].time_ns - begin_ns + 2000000);
    const std::int64_t early_ns = clean_frames()[i].time_ns - fast.sent[i].time_ns;
    CHECK(std::abs(static_cast<double>(early_ns) - 1e-4 * since) < 200.0);
  }
}

TEST_CASE("ru faults: C-plane that is ignored is not answered")
{
  auto scenario = apps::read_scenario_file(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml").value();
  auto unit = test::unit_of(scenario);
  REQUIRE(io::parse_fault("ignore_cplane=0.2", unit.faults));
  ru_bench bench({unit}, 100);
  const auto wanted = test::generated(unit, bench, 1, 400);
  bench.run_until(bench.begin_ns + 210000000, wanted.cplane);
  bench.check_laws();
  const std::uint64_t ignored = bench.emulator->injected(fault_kind::ignore_cplane);
  CHECK(bench.nof_dropped(apps::cplane_drop::ignored) == ignored);
  check_rate(ignored, 0.2, wanted.cplane.size());
  CHECK(bench.link.sent.size() == wanted.uplane.size() - 14 * ignored);
}

TEST_CASE("ru faults: what hits a frame depends on the seed and not on when the thread comes")
{
  const auto run = [](std::uint64_t seed, std::int64_t step_ns) {
    apps::ru_unit_config unit = clocked_unit();
    for (const char* fault : {"loss=0.05",
                              "duplicate=0.05",
                              "reorder=0.05",
                              "bit_error=0.05",
                              "late=0.05,us=300",
                              "early=0.05,us=50",
                              "truncate=0.05",
                              "wrong_sequence=0.05"}) {
      REQUIRE(io::parse_fault(fault, unit.faults));
    }
    unit.faults.seed = seed;
    ru_bench bench({unit}, 100);
    for (std::int64_t t = 0; t <= 50000000; t += step_ns) {
      bench.time.set_ns(bench.begin_ns + t);
      bench.emulator->step(bench.time.now_ns());
    }
    bench.check_laws();
    std::vector<std::vector<std::byte>> bytes;
    for (const auto& frame : bench.link.sent) {
      bytes.push_back(frame.bytes);
    }
    return bytes;
  };
  const auto fine = run(5, 10000);
  CHECK(fine == run(5, 2500000));
  CHECK(fine != run(6, 10000));
}

TEST_CASE("faults: text is read, and what is wrong in it is named")
{
  io::fault_config config;
  REQUIRE(io::parse_fault("late=0.25,us=700", config));
  CHECK(config[fault_kind::late].rate == 0.25);
  CHECK(config[fault_kind::late].amount == 700);
  REQUIRE(io::parse_fault("reorder=1", config));
  CHECK(config[fault_kind::reorder].amount == 4);
  REQUIRE(io::parse_fault("clock_offset_us=-20", config));
  CHECK(config.clock_offset_ns == -20000);
  const auto refusal = [&](const char* text) {
    const auto parsed = io::parse_fault(text, config);
    REQUIRE(!parsed);
    return parsed.failure().text();
  };
  CHECK(refusal("lost=0.1").find("must be one of loss, loss_burst") != std::string::npos);
  CHECK(refusal("loss=1.5") == "fault loss is 1.500000, must be in 0..1");
  CHECK(refusal("loss=x").find("must be a rate in 0..1") != std::string::npos);
  CHECK(refusal("loss").find("must be a rate in 0..1") != std::string::npos);
  CHECK(refusal("late=0.1,ms=1").find("but 'us', as in late=0.01,us=500") != std::string::npos);
  CHECK(refusal("late=0.1,us=").find("must be a whole number") != std::string::npos);
  CHECK(refusal("late=0.1,us=0") == "fault late us is 0, must be in 1..100000");
  CHECK(refusal("loss=0.1,n=2").find("only a rate") != std::string::npos);
  CHECK(refusal("clock_drift_ppb=1e3").find("must be in -1000000..1000000") != std::string::npos);
}

TEST_CASE("faults: the block of a scenario is read, and its lines are named")
{
  const auto text = test::read_bytes(PADO_SOURCE_DIR "/testvectors/scenarios/small_20mhz.yaml");
  const std::string base(text.begin(), text.end());
  const auto good = apps::parse_scenario_file(
      base + "faults:\n  seed: 7\n  loss: 0.01\n  late: 0.1,us=300\n  clock_offset_us: 15\n", "s.yaml");
  REQUIRE_MESSAGE(good, good.failure().text());
  CHECK(good.value().faults.seed == 7);
  CHECK(good.value().faults[fault_kind::loss].rate == 0.01);
  CHECK(good.value().faults[fault_kind::late].amount == 300);
  CHECK(good.value().faults.clock_offset_ns == 15000);
  const auto bad = apps::parse_scenario_file(base + "faults:\n  loss: 2\n", "s.yaml");
  REQUIRE(!bad);
  CHECK(bad.failure().text().find("faults.loss is 2.0") != std::string::npos);
  const auto unknown = apps::parse_scenario_file(base + "faults:\n  los: 0.1\n", "s.yaml");
  REQUIRE(!unknown);
  CHECK(unknown.failure().text().find("Did you mean 'loss'") != std::string::npos);
}
