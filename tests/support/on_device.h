// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "pipeline/slot_pipeline.h"
#include <cstdlib>
#include <cuda_runtime.h>
#include <doctest/doctest.h>
#include <vector>

namespace pado::test {

/// Without a device a GPU test says so, and fails where PADO_REQUIRE_GPU is set, as scripts/gpu-check does.
inline bool has_device()
{
  const auto missing = pipeline::check_backend(backend::cuda);
  if (!missing) {
    return true;
  }
  MESSAGE("skipped: ", missing->text());
  CHECK(std::getenv("PADO_REQUIRE_GPU") == nullptr);
  return false;
}

/// An array on the device, filled from the host or with a byte that no stage leaves by accident.
template <class T>
class on_device {
public:
  explicit on_device(std::size_t size) : memory_(size)
  {
    REQUIRE(cudaMemset(memory_.data(), 0x55, size * sizeof(T)) == cudaSuccess);
  }
  on_device(const T* from, std::size_t size) : memory_(size)
  {
    REQUIRE((size == 0 ||
             cudaMemcpy(memory_.data(), from, size * sizeof(T), cudaMemcpyHostToDevice) == cudaSuccess));
  }
  explicit on_device(const std::vector<T>& from) : on_device(from.data(), from.size()) {}
  explicit on_device(const buffer<T>& from) : on_device(from.data(), from.size()) {}
  explicit on_device(view<const T, 1> from) : on_device(from.data(), static_cast<std::size_t>(from.extent(0)))
  {
  }

  template <class... Extents>
  auto as(Extents... extents) const
  {
    return memory_.as(extents...);
  }
  view<T, 1, memory::device> all() const { return memory_.as(static_cast<std::int32_t>(memory_.size())); }

  /// Waits for the device; an error of a kernel shows here.
  std::vector<T> fetch() const
  {
    std::vector<T> out(memory_.size());
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    REQUIRE((out.empty() ||
             cudaMemcpy(out.data(), memory_.data(), out.size() * sizeof(T), cudaMemcpyDeviceToHost) ==
                 cudaSuccess));
    return out;
  }

private:
  buffer<T, memory::device> memory_;
};

} // namespace pado::test
