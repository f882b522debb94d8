// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/uplink_slot.h"

namespace pado::pipeline {

/// An uplink slot that owns its arrays, so that it outlives the buffers of the source. Memory is kept from
/// slot to slot and is pinned in a build with CUDA.
class stored_slot {
public:
  void store(const uplink_slot& from);
  const uplink_slot& slot() const { return slot_; }

private:
  template <class T>
  static T* keep(pinned_buffer<T>& to, const T* from, std::int64_t n);

  uplink_slot slot_;
  pinned_buffer<std::byte> bytes_;
  pinned_buffer<iq_section> sections_;
  pinned_buffer<cf32> samples_;
  pinned_buffer<ch16> grid_;
  pinned_buffer<std::uint8_t> received_;
};

} // namespace pado::pipeline
