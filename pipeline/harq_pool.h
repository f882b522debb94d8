// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_plan.h"
#include "phy/slot_program/slot_program.h"
#include <cstdint>
#include <vector>

namespace pado::pipeline {

/// Book-keeping of the soft buffers of one cell: which HARQ process has which part of the HARQ memory.
///
/// Not thread-safe: one thread asks for places in slot order and gives them back in slot order. Memory is
/// counted in code blocks of phy::soft_stride bytes and fixed at construction; when it is full, the process
/// that was used longest ago and is in no slot in flight loses its soft bits; that is counted when its block
/// had not been decoded.
class harq_pool {
public:
  explicit harq_pool(std::int32_t nof_blocks);

  /// Bytes of the memory that places point into.
  std::int64_t memory_bytes() const { return static_cast<std::int64_t>(phy::soft_stride) * nof_blocks_; }

  /// What a PDU of a slot got. Handed back with release().
  struct lease {
    phy::harq_place place;
    std::int32_t entry = -1; ///< -1: no room, the PDU cannot be decoded
  };

  /// Place for a PDU of slot number `slot_number` (any number that grows with every slot).
  ///
  /// Combines when the PDU is a retransmission (new_data false) and its process holds a block of the
  /// same size. Two PDUs of one slot never share a place, also when they claim the same RNTI and process.
  lease acquire(const pusch_pdu& pdu, std::int32_t nof_code_blocks, std::int64_t slot_number);

  /// The slot is done. Soft bits are kept also when the block was decoded: whoever scheduled a capture may
  /// not have decoded it and sends it again, perhaps with a redundancy version that says nothing alone. They
  /// go first when room is needed.
  void release(const lease& leased, bool tb_crc_ok);

  /// The slot is done, and nothing was sent in it: the soft bits are noise, and a retransmission begins anew.
  /// Noise that was added to an earlier transmission stays: its soft bits are small.
  void drop(const lease& leased);

  std::uint64_t nof_evicted() const { return nof_evicted_; }

private:
  struct entry {
    std::uint32_t key = 0; ///< RNTI and HARQ process
    std::int32_t first_block = 0;
    std::int32_t nof_blocks = 0;
    std::uint32_t tb_size_bytes = 0;
    std::int64_t last_slot = -1;
    bool is_used = false;
    bool is_in_flight = false;
    bool is_decoded = false;
  };

  std::int32_t find(const pusch_pdu& pdu, std::int64_t slot_number) const;
  std::int32_t place_for(std::int32_t nof_blocks);
  std::int32_t first_fit(std::int32_t nof_blocks) const;
  bool evict_one();
  void free(entry& e);

  std::int32_t nof_blocks_;
  std::vector<bool> is_taken_; ///< [block]
  std::vector<entry> entries_;
  std::uint64_t nof_evicted_ = 0;
};

} // namespace pado::pipeline
