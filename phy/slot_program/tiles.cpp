// SPDX-License-Identifier: Apache-2.0
#include "phy/slot_program/tiles.h"
#include <algorithm>
#include <array>

namespace pado::phy {

namespace {

struct symbol_range {
  std::int32_t begin = nof_symbols_per_slot;
  std::int32_t end = 0;
};

symbol_range symbols_of(const equalise_pdu& pdu)
{
  symbol_range range;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    if (pdu.re_offset[symbol] >= 0) {
      range.begin = std::min(range.begin, symbol);
      range.end = symbol + 1;
    }
  }
  return range;
}

/// Marks the places where a run of PRBs or symbols must be cut.
template <std::size_t N>
class cuts {
public:
  void mark(std::int32_t at) { is_cut_[static_cast<std::size_t>(at)] = true; }
  /// The first cut after `from`, or `end`.
  std::int32_t next(std::int32_t from, std::int32_t end) const
  {
    std::int32_t at = from + 1;
    while (at < end && !is_cut_[static_cast<std::size_t>(at)]) {
      ++at;
    }
    return at;
  }

private:
  std::array<bool, N + 1> is_cut_ = {};
};

bool covers(prb_range whole, prb_range part)
{
  return whole.begin <= part.begin && part.end <= whole.end;
}

bool add_layers(equalise_tile& tile, const slot_program& program, std::int32_t pdu)
{
  const channel_estimate_task& estimate = program.estimates[pdu];
  const std::int32_t width = nof_subcarriers_per_prb * estimate.prbs.size();
  for (std::int32_t layer = 0; layer < estimate.nof_layers; ++layer) {
    if (tile.nof_layers == max_nof_layers) {
      return false;
    }
    tile.layers[tile.nof_layers++] = {pdu,
                                      layer,
                                      estimate.h_begin + layer * estimate.nof_dmrs * width +
                                          nof_subcarriers_per_prb * (tile.prbs.begin - estimate.prbs.begin),
                                      width};
  }
  return true;
}

/// All tiles of a run of PRBs that no allocation edge cuts.
bool tiles_of_run(slot_program& program, prb_range run)
{
  cuts<nof_symbols_per_slot> edges;
  for (std::int32_t pdu = 0; pdu < program.pdus.size(); ++pdu) {
    if (covers(program.pdus[pdu].prbs, run)) {
      const symbol_range range = symbols_of(program.pdus[pdu]);
      edges.mark(range.begin);
      edges.mark(range.end);
    }
  }
  for (std::int32_t begin = 0; begin < nof_symbols_per_slot;) {
    const std::int32_t end = edges.next(begin, nof_symbols_per_slot);
    equalise_tile tile = {run, begin, end, 0, {}};
    for (std::int32_t pdu = 0; pdu < program.pdus.size(); ++pdu) {
      const symbol_range range = symbols_of(program.pdus[pdu]);
      const bool is_here = covers(program.pdus[pdu].prbs, run) && range.begin <= begin && end <= range.end;
      if (is_here && !add_layers(tile, program, pdu)) {
        return false;
      }
    }
    if (tile.nof_layers > 0) {
      if (!program.tiles.has_room(1)) {
        return false;
      }
      program.tiles.push(tile);
    }
    begin = end;
  }
  return true;
}

} // namespace

std::int32_t max_nof_tiles(const slot_limits& limits)
{
  const std::int32_t runs = std::min(limits.nof_prb, 2 * limits.max_pdus + limits.nof_prb / tile_prbs + 1);
  return runs * nof_symbols_per_slot;
}

bool make_tiles(const slot_program_plan& plan, slot_program& program)
{
  cuts<max_nof_prb> edges;
  for (std::int32_t pdu = 0; pdu < program.pdus.size(); ++pdu) {
    edges.mark(program.pdus[pdu].prbs.begin);
    edges.mark(program.pdus[pdu].prbs.end);
  }
  for (std::int32_t begin = 0; begin < plan.limits.nof_prb;) {
    const std::int32_t end = std::min(edges.next(begin, plan.limits.nof_prb), begin + tile_prbs);
    if (!tiles_of_run(program, {begin, end})) {
      return false;
    }
    begin = end;
  }
  return true;
}

} // namespace pado::phy
