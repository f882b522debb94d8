// SPDX-License-Identifier: Apache-2.0
#include "phy/slot_program/slot_program.h"
#include "core/limits.h"
#include "phy/slot_program/tiles.h"
#include <algorithm>

namespace pado::phy {

namespace {

constexpr int max_qam_mod_order = 8;
constexpr int nof_uci_streams = 3; // HARQ-ACK, CSI part 1, CSI part 2
constexpr int max_uci_bits = 1707; // of a stream, with the bit that makes two equal segments
constexpr int max_uci_segments = 2;
// Smallest payload of one code block when a block is segmented: base graph 2 (TS 38.212, 5.2.2).
constexpr int min_segmented_bits = 3840 - 24;

slot_sizes sizes_of(const slot_limits& limits)
{
  const std::int64_t subcarriers = nof_subcarriers_per_prb * limits.nof_prb;
  const std::int64_t layer_pdus = static_cast<std::int64_t>(limits.max_pdus) * max_nof_layers;
  slot_sizes sizes;
  sizes.llrs =
      static_cast<std::int32_t>(subcarriers * nof_symbols_per_slot * max_nof_layers * max_qam_mod_order);
  // UL-SCH and UCI of a code word have as many bits as it, and HARQ-ACK that punctures at most as many more.
  sizes.demuxed = 2 * sizes.llrs;
  sizes.small_blocks = limits.max_pdus * nof_uci_streams;
  sizes.polar_blocks = sizes.small_blocks * max_uci_segments;
  sizes.uci_bits = sizes.small_blocks * max_uci_bits;
  sizes.pilots = static_cast<std::int32_t>(subcarriers / 2 * max_nof_layers * max_nof_dmrs_symbols);
  sizes.estimates = static_cast<std::int32_t>(subcarriers * max_nof_layers * max_nof_dmrs_symbols);
  sizes.gold_tasks = limits.max_pdus * (1 + max_nof_dmrs_symbols);
  // Scrambling bits of every soft bit and the DM-RS bits of every pilot, each run rounded up to a word.
  sizes.words = sizes.llrs / 32 + sizes.pilots * 2 / 32 + sizes.gold_tasks;
  sizes.dmrs_ls_tasks = static_cast<std::int32_t>(layer_pdus * max_nof_dmrs_symbols);
  sizes.tiles = max_nof_tiles(limits);
  // A transport block never has more bits than the slot carries soft bits; each PDU adds one short block.
  sizes.blocks = sizes.llrs / min_segmented_bits + limits.max_pdus;
  sizes.payload_bytes = sizes.llrs / 8 + 8 * limits.max_pdus;
  sizes.block_bytes = sizes.blocks * 8448 / 8;
  return sizes;
}

/// Hands out 64-byte aligned parts of one block; with no block it only counts.
class carver {
public:
  explicit carver(std::byte* memory) : memory_(memory) {}

  template <class T>
  task_list<T> list(std::int32_t capacity)
  {
    T* data = memory_ == nullptr ? nullptr : reinterpret_cast<T*>(memory_ + used_);
    used_ += (static_cast<std::size_t>(capacity) * sizeof(T) + 63) / 64 * 64;
    return task_list<T>(data, capacity);
  }
  std::size_t used() const { return used_; }

private:
  std::byte* memory_;
  std::size_t used_ = 0;
};

void carve(slot_program& program, const slot_program_plan& plan, carver& memory)
{
  const slot_sizes& sizes = plan.sizes;
  program.gold = memory.list<gold_task>(sizes.gold_tasks);
  program.dmrs_ls = memory.list<dmrs_ls_task>(sizes.dmrs_ls_tasks);
  program.estimates = memory.list<channel_estimate_task>(plan.limits.max_pdus);
  program.pdus = memory.list<equalise_pdu>(plan.limits.max_pdus);
  program.tiles = memory.list<equalise_tile>(sizes.tiles);
  program.uci = memory.list<uci_demux_task>(plan.limits.max_pdus);
  program.small_blocks = memory.list<small_block_decode_task>(sizes.small_blocks);
  program.polar = memory.list<polar_decode_task>(sizes.polar_blocks);
  program.polar_codes = memory.list<polar_code>(sizes.small_blocks); // one for both segments
  program.uci_places = memory.list<uci_parts>(plan.limits.max_pdus);
  program.rate_dematch = memory.list<rate_dematch_task>(sizes.blocks);
  program.blocks = memory.list<ldpc_decode_task>(sizes.blocks);
  program.tbs = memory.list<tb_assemble_task>(plan.limits.max_pdus);
  program.plan_index = memory.list<std::int32_t>(plan.limits.max_pdus);
}

} // namespace

result<slot_program_plan> plan_slot_program(const slot_limits& limits)
{
  if (auto bad = check_range("cell.numerology", limits.scs.mu, 0, 2)) {
    return *bad;
  }
  if (auto bad = check_range("cell.nof_rx_ports", limits.nof_rx_ports, 1, max_nof_rx_ports)) {
    return *bad;
  }
  if (auto bad = check_range("cell.nof_prb", limits.nof_prb, 1, max_nof_prb)) {
    return *bad;
  }
  if (auto bad = check_range("cell.grid_start_crb", limits.grid_start_crb, 0, 2199)) {
    return *bad;
  }
  if (auto bad = check_range("cell.max_pdus", limits.max_pdus, 1, 256)) {
    return *bad;
  }
  if (auto bad = check_range("cell.max_ldpc_iterations", limits.max_ldpc_iterations, 1, 100)) {
    return *bad;
  }
  return slot_program_plan{limits, sizes_of(limits)};
}

slot_program::slot_program(const slot_program_plan& plan) : nof_rx_ports(plan.limits.nof_rx_ports)
{
  carver count(nullptr);
  carve(*this, plan, count);
  memory_ = buffer<std::byte>(count.used());
  carver memory(memory_.data());
  carve(*this, plan, memory);
  refused.reserve(static_cast<std::size_t>(plan.limits.max_pdus));
}

void slot_program::clear()
{
  gold.clear();
  dmrs_ls.clear();
  estimates.clear();
  pdus.clear();
  tiles.clear();
  uci.clear();
  small_blocks.clear();
  polar.clear();
  polar_codes.clear();
  uci_places.clear();
  rate_dematch.clear();
  blocks.clear();
  tbs.clear();
  plan_index.clear();
  refused.clear();
  nof_words = nof_pilots = nof_estimates = nof_llrs = nof_demuxed = nof_uci_bits = nof_block_bytes =
      nof_payload_bytes = 0;
}

} // namespace pado::phy
