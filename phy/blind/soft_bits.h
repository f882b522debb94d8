// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/slot_plan.h"
#include "phy/blind/constellation.h"
#include "phy/slot_program/slot_program.h"
#include <memory>
#include <span>
#include <vector>

namespace pado::phy {

/// The receiver's own stages up to the soft bits, for allocations whose RNTI and code are not known.
///
/// Descrambles with c_init = 0: that takes out the part of the sequence that is the same for everybody, as
/// rnti_search wants it. An object serves one thread.
class soft_bits {
public:
  static result<slot_program_plan> plan(const slot_limits& limits);
  /// Allocates everything. May throw std::bad_alloc.
  explicit soft_bits(const slot_program_plan& plan);
  ~soft_bits();
  soft_bits(soft_bits&&) noexcept;

  /// Equalises the PDUs of a slot together. Of a PDU the allocation, DM-RS, layers and modulation are read.
  /// False when the receiver refuses one of them.
  bool run(view<const ch16, 3> grid, slot_id slot, std::span<const pusch_pdu> pdus);

  /// [bit] of the code word of a PDU of the last run().
  std::span<const std::int8_t> of(std::size_t pdu) const;

  /// Some equalised data REs of each PDU of the last run(), which all lie on the same PRBs and have 4 layers
  /// together at most.
  std::vector<std::vector<equalised_re>> constellations(view<const ch16, 3> grid) const;

  /// Estimated channel of a PDU of the last run() on subcarrier k of its allocation, carrier offset included.
  cf32
  channel(std::size_t pdu, std::int32_t layer, std::int32_t port, std::int32_t symbol, std::int32_t k) const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace pado::phy
