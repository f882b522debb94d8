// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/result.h"
#include "core/slot_plan.h"
#include "phy/channel_estimate/channel_estimate.h"
#include "phy/dmrs_ls/dmrs_ls.h"
#include "phy/equalise/equalise.h"
#include "phy/gold/gold.h"
#include "phy/ldpc_decode/ldpc_decode.h"
#include "phy/polar/polar_decode.h"
#include "phy/rate_dematch/rate_dematch.h"
#include "phy/small_block/small_block_decode.h"
#include "phy/tb_assemble/tb_assemble.h"
#include "phy/uci_mux/uci_demux.h"
#include <cstdint>
#include <span>
#include <vector>

namespace pado::phy {

/// What one cell may ask for in one slot. Everything a slot needs is sized from this, once.
struct slot_limits {
  numerology scs;
  std::int32_t nof_rx_ports = 0;         ///< 1..8
  std::int32_t nof_prb = 0;              ///< 1..275, width of the grid
  std::int32_t grid_start_crb = 0;       ///< CRB of the grid's first PRB, 0..2199
  std::int32_t max_pdus = 64;            ///< PUSCH PDUs of one slot, 1..256
  std::int32_t max_ldpc_iterations = 10; ///< 1..100
};

/// Sizes that follow from the limits: arenas in elements, task arrays in tasks.
struct slot_sizes {
  std::int32_t words = 0;       ///< sequence bits, 32 a word
  std::int32_t pilots = 0;      ///< least-squares values, per port
  std::int32_t estimates = 0;   ///< channel estimates, per port
  std::int32_t llrs = 0;        ///< code words
  std::int32_t demuxed = 0;     ///< behind the code words: UL-SCH and UCI of PDUs that carry UCI
  std::int32_t uci_bits = 0;    ///< decoded UCI
  std::int32_t block_bytes = 0; ///< decoded code blocks
  std::int32_t payload_bytes = 0;
  std::int32_t gold_tasks = 0;
  std::int32_t dmrs_ls_tasks = 0;
  std::int32_t tiles = 0;
  std::int32_t small_blocks = 0; ///< UCI of up to 11 bits
  std::int32_t polar_blocks = 0; ///< UCI of more
  std::int32_t blocks = 0;       ///< code blocks
};

struct slot_program_plan {
  slot_limits limits;
  slot_sizes sizes;
};
result<slot_program_plan> plan_slot_program(const slot_limits& limits);

/// A fixed-capacity array of tasks in the program's memory.
template <class T>
class task_list {
public:
  task_list() = default;
  task_list(T* data, std::int32_t capacity) : data_(data), capacity_(capacity) {}

  void clear() { size_ = 0; }
  bool has_room(std::int32_t n) const { return size_ + n <= capacity_; }
  T& push(const T& task)
  {
    assert(size_ < capacity_);
    return data_[size_++] = task;
  }
  std::int32_t size() const { return size_; }
  T& operator[](std::int32_t i) const
  {
    assert(i >= 0 && i < size_);
    return data_[i];
  }
  view<const T, 1> all() const { return view<const T, 1>(data_, size_); }

private:
  T* data_ = nullptr;
  std::int32_t capacity_ = 0;
  std::int32_t size_ = 0;
};

/// Where the soft bits of one PDU live between its transmissions.
struct harq_place {
  std::int64_t soft_begin = -1; ///< into the cell's HARQ memory; negative: there was no room
  bool is_combined = false;     ///< true: soft bits of an earlier transmission lie there
};

/// Decoded UCI of one kind of one PDU.
struct uci_part {
  std::int32_t nof_bits = 0;   ///< 0: none of this kind
  std::int32_t bits_begin = 0; ///< in the arena of UCI bits
  std::int32_t first_task = 0; ///< in polar when nof_polar > 0, else in small_blocks
  std::int32_t nof_polar = 0;  ///< polar blocks: 1 or 2, 0 for a small block
};

/// Where the UCI of one PDU is found.
struct uci_parts {
  std::int32_t pdu = 0; ///< decoded PDU
  uci_part harq_ack, csi1, csi2;
};

/// Soft buffers of one PDU are this far apart, whatever its lifting size: 68 blocks of 384.
inline constexpr std::int32_t soft_stride = 68 * 384;

/// A PDU that the program left out, and why.
struct refused_pdu {
  std::int32_t pdu = 0; ///< index in the plan
  const char* why = "";
};

/// One slot compiled: for each stage an array of plain tasks with offsets into arenas. Both back ends run the
/// same.
///
/// All arrays lie in one block; nothing is allocated after construction. phy/slot_program/pack_tasks.h makes
/// of them what a device gets.
class slot_program {
public:
  explicit slot_program(const slot_program_plan& plan);

  task_list<gold_task> gold;
  task_list<dmrs_ls_task> dmrs_ls;
  task_list<channel_estimate_task> estimates; ///< one a decoded PDU
  task_list<equalise_pdu> pdus;               ///< one a decoded PDU
  task_list<equalise_tile> tiles;
  task_list<uci_demux_task> uci; ///< one a decoded PDU with UCI
  task_list<small_block_decode_task> small_blocks;
  task_list<polar_decode_task> polar;
  task_list<polar_code> polar_codes;
  task_list<rate_dematch_task> rate_dematch;
  task_list<ldpc_decode_task> blocks;
  task_list<tb_assemble_task> tbs;    ///< one a decoded PDU
  task_list<std::int32_t> plan_index; ///< decoded PDU -> index in the plan
  task_list<uci_parts> uci_places;    ///< one a decoded PDU with UCI, in the order of the PDUs
  std::vector<refused_pdu> refused;   ///< capacity max_pdus

  std::int32_t nof_rx_ports = 0; ///< of the cell
  std::int32_t nof_words = 0;
  std::int32_t nof_pilots = 0;
  std::int32_t nof_estimates = 0;
  std::int32_t nof_llrs = 0;    ///< code words
  std::int32_t nof_demuxed = 0; ///< behind slot_sizes::llrs
  std::int32_t nof_uci_bits = 0;
  std::int32_t nof_block_bytes = 0;
  std::int32_t nof_payload_bytes = 0;

  void clear();
  /// Of all task arrays at the limits of the cell.
  std::size_t capacity_bytes() const { return memory_.size(); }

private:
  buffer<std::byte> memory_;
};

/// Code blocks that a PDU takes in HARQ memory, or the reason why this receiver refuses it.
result<std::int32_t> nof_code_blocks(const slot_program_plan& plan, const pusch_pdu& pdu);

/// Compiles the PUSCH PDUs of a slot. A pure function of its arguments; PDUs that break a limit are refused
/// by name, all others are compiled.
///
/// slot    number of the slot in the frame; gives the DM-RS sequences
/// places  [pdu of the plan]  HARQ memory of each PDU
void compile_slot(const slot_program_plan& plan,
                  const slot_plan& slot,
                  std::span<const harq_place> places,
                  slot_program& out);

} // namespace pado::phy
