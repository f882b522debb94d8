// SPDX-License-Identifier: Apache-2.0
// A stream of frames through slot assembly: the counter law, the masks and the bounds of every slot.
#include "io/assembly/slot_assembler.h"
#include "tests/fuzz/fuzz_check.h"
#include <cstring>
#include <vector>

using namespace pado::io; // NOLINT: a target reads better with the short names
using pado::fuzz::require;

namespace {

slot_assembler make_assembler(bool is_dynamic)
{
  cell_config cell;
  cell.scs.mu = 1;
  cell.nof_prb = 24;
  const std::optional<iq_format> fixed =
      is_dynamic ? std::nullopt : std::optional<iq_format>(iq_format{pado::compression::bfp, 9});
  cell.pusch = {{0, 1}, fixed};
  cell.prach = {{1, 4}, fixed};
  cell.prach_nof_prb = 12;
  cell.uplink_symbols = {0x3FFF, 0x3FFF, 0x3C00, 0, 0x3FFF};
  cell.sfn0_ns = 0;
  cell.window = rx_window{0, 500000, window_origin::symbol_begin, false};
  slot_assembler_config config;
  config.cells.push_back(cell);
  config.udp_port = any_udp_port;
  config.nof_stores = 4;
  return slot_assembler(plan_slot_assembler(config).value());
}

void check(const pado::uplink_slot& slot)
{
  std::vector<std::uint8_t> seen(static_cast<std::size_t>(slot.received.size()));
  for (std::int32_t s = 0; s < slot.sections.extent(0); ++s) {
    const pado::iq_section& section = slot.sections(s);
    const std::size_t size = prb_bytes({section.method, section.width}) * section.nof_prb;
    require(section.bytes_begin + size <= static_cast<std::size_t>(slot.bytes.size()));
    pado::fuzz::touch({slot.bytes.data() + section.bytes_begin, size});
    require(section.prb_begin + section.nof_prb <= slot.received.extent(2));
    const std::ptrdiff_t row =
        (section.port * pado::nof_symbols_per_slot + section.symbol) * slot.received.extent(2);
    for (int prb = 0; prb < section.nof_prb; ++prb) {
      ++seen[static_cast<std::size_t>(row + section.prb_begin + prb)];
    }
  }
  require(std::memcmp(seen.data(), slot.received.data(), seen.size()) == 0);
}

void drain(slot_assembler& assembler)
{
  for (lent<pado::uplink_slot> slot; assembler.pop(slot);) {
    check(slot.slot);
    assembler.release(slot);
  }
  for (lent<prach_slot> slot; assembler.pop(slot);) {
    for (std::int32_t s = 0; s < slot.slot.sections.extent(0); ++s) {
      const prach_section& section = slot.slot.sections(s);
      const std::size_t size = prb_bytes({section.method, section.width}) * section.nof_prb;
      require(section.bytes_begin + size <= static_cast<std::size_t>(slot.slot.bytes.size()));
    }
    assembler.release(slot);
  }
}

} // namespace

/// Input: a flag byte, then records of a length byte, a time byte (50 us a step) and the frame.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  if (size == 0) {
    return 0;
  }
  // Made once: flush() leaves nothing of an input behind but the counters.
  static slot_assembler fixed = make_assembler(false);
  static slot_assembler dynamic = make_assembler(true);
  slot_assembler& assembler = (data[0] & 1) != 0 ? dynamic : fixed;
  const std::uint64_t nof_before = assembler.counters().frames.received.value();
  const bool keeps_slots = (data[0] & 2) != 0;
  std::int64_t now_ns = 1;
  std::uint64_t nof_pushed = 0;
  for (std::size_t at = 1; at + 2 <= size;) {
    const std::size_t length = std::min<std::size_t>(data[at] * 4U, size - at - 2);
    now_ns += data[at + 1] * 50000LL;
    assembler.push({reinterpret_cast<const std::byte*>(data + at + 2), length}, now_ns);
    assembler.advance_time(now_ns);
    ++nof_pushed;
    at += 2 + length;
    if (!keeps_slots) {
      drain(assembler);
    }
  }
  assembler.flush();
  drain(assembler);
  require(assembler.counters().frames.received.value() == nof_before + nof_pushed);
  require(assembler.counters().is_balanced());
  return 0;
}
