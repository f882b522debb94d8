// SPDX-License-Identifier: Apache-2.0
#include "pipeline/stored_slot.h"
#include <algorithm>

namespace pado::pipeline {

template <class T>
T* stored_slot::keep(pinned_buffer<T>& to, const T* from, std::int64_t n)
{
  if (to.size() < static_cast<std::size_t>(n)) {
    to = pinned_buffer<T>(static_cast<std::size_t>(n));
  }
  std::copy_n(from, n, to.data());
  return to.data();
}

void stored_slot::store(const uplink_slot& from)
{
  slot_ = from;
  if (from.bytes.size() > 0) {
    slot_.bytes =
        view<const std::byte, 1>(keep(bytes_, from.bytes.data(), from.bytes.size()), from.bytes.extent(0));
  }
  if (from.sections.size() > 0) {
    slot_.sections = view<const iq_section, 1>(keep(sections_, from.sections.data(), from.sections.size()),
                                               from.sections.extent(0));
  }
  if (from.grid.size() > 0) {
    slot_.grid = view<const ch16, 3>(keep(grid_, from.grid.data(), from.grid.size()),
                                     from.grid.extent(0),
                                     from.grid.extent(1),
                                     from.grid.extent(2));
  }
  if (from.received.size() > 0) {
    slot_.received = view<const std::uint8_t, 3>(keep(received_, from.received.data(), from.received.size()),
                                                 from.received.extent(0),
                                                 from.received.extent(1),
                                                 from.received.extent(2));
  }
  if (from.samples.size() > 0) {
    // A slot of a longer recording: the ports lie far apart, so they are brought together.
    const std::int32_t n = from.samples.extent(1);
    if (samples_.size() < static_cast<std::size_t>(from.samples.size())) {
      samples_ = pinned_buffer<cf32>(static_cast<std::size_t>(from.samples.size()));
    }
    for (std::int32_t port = 0; port < from.samples.extent(0); ++port) {
      std::copy_n(&from.samples(port, 0), n, samples_.data() + static_cast<std::ptrdiff_t>(port) * n);
    }
    slot_.samples = view<const cf32, 2>(samples_.data(), from.samples.extent(0), n);
  }
}

} // namespace pado::pipeline
