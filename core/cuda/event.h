// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cuda_runtime.h>
#include <new>

namespace pado {

/// A point in a stream whose time is taken.
class device_event {
public:
  device_event()
  {
    if (cudaEventCreate(&event_) != cudaSuccess) {
      throw std::bad_alloc();
    }
  }
  ~device_event() { cudaEventDestroy(event_); }
  device_event(const device_event&) = delete;
  device_event& operator=(const device_event&) = delete;

  void record(cudaStream_t stream) noexcept { cudaEventRecord(event_, stream); }

  /// Nanoseconds from an earlier event to this one. Both must have happened.
  std::int64_t ns_since(const device_event& begin) const noexcept
  {
    float ms = 0.0F;
    cudaEventElapsedTime(&ms, begin.event_, event_);
    return static_cast<std::int64_t>(static_cast<double>(ms) * 1e6);
  }

private:
  cudaEvent_t event_ = nullptr;
};

} // namespace pado
