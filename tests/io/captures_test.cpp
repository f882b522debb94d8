// SPDX-License-Identifier: Apache-2.0
// ctest: golden
#include "io/assembly/slot_assembler.h"
#include "io/compress/codec.h"
#include "io/oran/survey.h"
#include "io/pcap/pcap_reader.h"
#include "tests/support/shared.h"
#include <algorithm>
#include <doctest/doctest.h>

using namespace pado::io; // NOLINT: a test reads better with the short names
using pado::compression;
using pado::uplink_slot;

namespace {

/// Runs `take(bytes, time)` on every frame; false when the capture is absent.
template <class Take>
bool for_each_frame(const char* name, Take take)
{
  const auto path = pado::test::shared_path(name);
  if (!path) {
    MESSAGE("skipped: no " << name);
    return false;
  }
  auto reader = pcap_reader::open(*path);
  REQUIRE(reader);
  for (capture_frame frame; reader.value().next(frame);) {
    take(frame.bytes, frame.time_ns);
  }
  CHECK(!reader.value().failure());
  return true;
}

const flow_report* find(const survey_report& report, plane of, direction dir, std::uint16_t eaxc)
{
  for (const flow_report& flow : report.flows) {
    if (flow.key.of == of && flow.key.dir == dir && flow.key.eaxc == eaxc) {
      return &flow;
    }
  }
  return nullptr;
}

std::uint64_t nof_messages(const survey_report& report, plane of, direction dir, std::uint8_t filter_index)
{
  std::uint64_t count = 0;
  for (const flow_report& flow : report.flows) {
    if (flow.key.of == of && flow.key.dir == dir && flow.key.filter_index == filter_index) {
      count += flow.nof_messages;
    }
  }
  return count;
}

} // namespace

TEST_CASE("captures: the survey of a DU and an RU finds what is known of the recording")
{
  survey facts;
  if (!for_each_frame("captures/ocudu_20mhz_2ant.pcap",
                      [&](packet bytes, std::int64_t at) { facts.add(bytes, at); })) {
    return;
  }
  const survey_report report = facts.report();
  CHECK(report.frames.received.value() == 2186);
  CHECK(report.frames.accepted.value() == 2186);
  CHECK(report.frames.is_balanced());
  CHECK(nof_messages(report, plane::control, direction::downlink, 0) == 104);
  CHECK(nof_messages(report, plane::control, direction::uplink, 0) == 38);
  CHECK(nof_messages(report, plane::control, direction::uplink, 3) == 14);
  CHECK(nof_messages(report, plane::user, direction::downlink, 0) == 1356);
  CHECK(nof_messages(report, plane::user, direction::uplink, 0) == 521);
  CHECK(nof_messages(report, plane::user, direction::uplink, 3) == 153);

  REQUIRE(report.cells.size() == 1);
  const cell_report& cell = report.cells[0];
  CHECK(cell.scs.mu == 1);
  CHECK(!cell.scs_is_guess);
  CHECK(cell.nof_prb == 51);
  CHECK(!cell.is_fdd);
  REQUIRE(cell.pattern.size() == 10);
  for (std::size_t slot = 0; slot < 10; ++slot) {
    CAPTURE(slot);
    CHECK(cell.pattern[slot].downlink == (slot < 7 ? 0x3FFF : slot == 7 ? 0x003F : 0));
    CHECK(cell.pattern[slot].uplink == (slot < 8 ? 0 : 0x3FFF));
  }
  for (const flow_report& flow : report.flows) {
    CHECK(flow.key.vlan == 5);
    CHECK(flow.nof_malformed == 0);
    CHECK(flow.nof_duplicates == 0);
    if (flow.key.of == plane::user) {
      REQUIRE(flow.compression);
      CHECK(flow.compression->is_dynamic);
      CHECK(!flow.compression->is_mixed);
      CHECK(flow.compression->format == iq_format{compression::bfp, 9});
      CHECK(flow.compression->nof_fitting == flow.nof_messages);
    }
  }
  for (const std::uint16_t eaxc : {std::uint16_t{4}, std::uint16_t{5}}) {
    const flow_report* prach = find(report, plane::user, direction::uplink, eaxc);
    REQUIRE(prach != nullptr);
    CHECK(prach->key.filter_index == 3);
    CHECK(prach->prbs.end == 12);
    const flow_report* control = find(report, plane::control, direction::uplink, eaxc);
    REQUIRE(control != nullptr);
    CHECK(control->c_types[3] == control->nof_messages);
    CHECK(control->prach_scs_hz == 30000);
  }
  const flow_report* uplink = find(report, plane::user, direction::uplink, 0);
  REQUIRE(uplink != nullptr);
  CHECK(uplink->exponents[15] > 0); // random bytes
  CHECK(uplink->nof_lost == 0);
}

TEST_CASE("captures: the survey of recorded noise finds static BFP 9 and exponents 0 to 7")
{
  survey facts;
  if (!for_each_frame("captures/n78_grid_ul_bfp9.pcap",
                      [&](packet bytes, std::int64_t at) { facts.add(bytes, at); })) {
    return;
  }
  const survey_report report = facts.report();
  REQUIRE(report.flows.size() == 1);
  const flow_report& flow = report.flows[0];
  CHECK(flow.nof_messages == 266);
  CHECK(flow.key.vlan == 3);
  CHECK(flow.key.eaxc == 0);
  REQUIRE(flow.compression);
  CHECK(!flow.compression->is_dynamic);
  CHECK(!flow.compression->is_guess);
  CHECK(flow.compression->format == iq_format{compression::bfp, 9});
  CHECK(flow.prbs == pado::prb_range{0, 106});
  std::uint64_t all = 0;
  for (std::size_t exponent = 0; exponent < 16; ++exponent) {
    all += flow.exponents[exponent];
    CHECK((flow.exponents[exponent] > 0) == (exponent <= 7));
  }
  CHECK(all == 266 * 106);
  CHECK(flow.exponents[0] > all * 94 / 100);
  CHECK(flow.nof_power_re == 338352); // every sample
  REQUIRE(report.cells.size() == 1);
  CHECK(report.cells[0].scs.mu == 1);
  CHECK(report.cells[0].nof_prb == 106);
}

TEST_CASE("captures: recorded noise is assembled to 19 complete slots")
{
  cell_config cell;
  cell.scs.mu = 1;
  cell.nof_prb = 106;
  cell.vlan = 3;
  cell.pusch = {{0}, iq_format{compression::bfp, 9}};
  slot_assembler_config config;
  config.cells = {cell};
  slot_assembler assembler(plan_slot_assembler(config).value());
  int nof_slots = 0;
  std::int64_t nof_samples = 0;
  const bool is_there = for_each_frame("captures/n78_grid_ul_bfp9.pcap", [&](packet bytes, std::int64_t at) {
    assembler.push(bytes, at);
    for (lent<uplink_slot> slot; assembler.pop(slot);) {
      CHECK(slot.slot.nof_missing_prb == 0);
      CHECK(slot.slot.last_ns >= slot.slot.first_ns);
      ++nof_slots;
      for (std::int32_t s = 0; s < slot.slot.sections.extent(0); ++s) {
        nof_samples += 12 * slot.slot.sections(s).nof_prb;
      }
      assembler.release(slot);
    }
  });
  if (is_there) {
    CHECK(nof_slots == 19);
    CHECK(nof_samples == 338352);
    CHECK(assembler.counters().frames.nof_dropped() == 0);
    CHECK(assembler.counters().is_balanced());
  }
}

TEST_CASE("captures: of a DU and an RU the uplink is assembled, the rest is counted by what it is")
{
  cell_config cell;
  cell.scs.mu = 1;
  cell.nof_prb = 51;
  cell.vlan = 5;
  cell.pusch = {{0, 1}, std::nullopt};
  cell.prach = {{4, 5}, std::nullopt};
  cell.uplink_symbols = {0, 0, 0, 0, 0, 0, 0, 0, 0x3FFF, 0x3FFF};
  slot_assembler_config config;
  config.cells = {cell};
  slot_assembler assembler(plan_slot_assembler(config).value());
  std::uint64_t nof_slots = 0;
  std::int32_t nof_prach_sections = 0;
  const auto drain = [&] {
    for (lent<uplink_slot> slot; assembler.pop(slot);) {
      ++nof_slots;
      assembler.release(slot);
    }
    for (lent<prach_slot> slot; assembler.pop(slot);) {
      CHECK(slot.slot.sections.extent(0) <= 24); // 2 ports, B4 has 12 repetitions
      nof_prach_sections += slot.slot.sections.extent(0);
      assembler.release(slot);
    }
  };
  const bool is_there = for_each_frame("captures/ocudu_20mhz_2ant.pcap", [&](packet bytes, std::int64_t at) {
    assembler.push(bytes, at);
    drain();
  });
  if (!is_there) {
    return;
  }
  assembler.flush();
  drain();
  const assembler_counters& counters = assembler.counters();
  CHECK(counters.is_balanced());
  CHECK(counters.frames.received.value() == 2186);
  CHECK(counters.frames.nof_dropped(drop_reason::downlink) == 1356);
  CHECK(counters.frames.nof_dropped() == 1356);
  CHECK(counters.c_types[1].value() == 104 + 38);
  CHECK(counters.c_types[3].value() == 14);
  CHECK(counters.sections.accepted.value() == 521 + 153);
  CHECK(nof_prach_sections == 153);
  CHECK(counters.prach_sections.value() == 153);
  CHECK(nof_slots == counters.slots_complete.value() + counters.slots_incomplete.value());
  CHECK(counters.slots_incomplete.value() <= 2); // the first and the last one are cut
  CHECK(counters.slots_complete.value() * 28 <= 521);
  for (const auto& flow : assembler.flows()) {
    CHECK(flow.user.lost.value() == 0);
  }
}
