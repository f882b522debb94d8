// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/slot_program/slot_program.h"
#include <cstdint>
#include <memory>
#include <span>

namespace pado::python {

/// A slot compiled for the stages, with soft buffers of its PDUs one after the other.
class compiled_slot {
public:
  /// combined  [pdu] whether soft bits of an earlier transmission are added to; empty: none
  /// \errors   ValueError names the PDU that cannot be decoded and why
  compiled_slot(std::shared_ptr<const void> owner,
                const phy::slot_program_plan& plan,
                const slot_plan& slot,
                std::span<const bool> combined);

  const phy::slot_program& program() const { return program_; }
  const void* owner() const { return owner_.get(); }  ///< the stages that it was compiled for
  std::int32_t nof_soft() const { return nof_soft_; } ///< values of all soft buffers
  std::int32_t nof_llrs_of(std::int32_t pdu) const;

private:
  std::shared_ptr<const void> owner_; ///< kept, so that no other object takes its address
  phy::slot_program program_;
  std::int32_t nof_soft_ = 0;
};

} // namespace pado::python
