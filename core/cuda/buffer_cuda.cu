// SPDX-License-Identifier: Apache-2.0
#include "core/buffer.h"
#include <cuda_runtime.h>

namespace pado {

template <>
void* allocator_of<memory::device>::allocate(std::size_t nof_bytes)
{
  void* data = nullptr;
  if (cudaMalloc(&data, nof_bytes) != cudaSuccess || cudaMemset(data, 0, nof_bytes) != cudaSuccess) {
    throw std::bad_alloc();
  }
  return data;
}

template <>
void allocator_of<memory::device>::release(void* data) noexcept
{
  cudaFree(data);
}

namespace {
/// A build with CUDA also runs on machines without a device; there is nothing to pin memory for.
bool has_device()
{
  int nof_devices = 0;
  return cudaGetDeviceCount(&nof_devices) == cudaSuccess && nof_devices > 0;
}
} // namespace

void* pinned_allocator::allocate(std::size_t nof_bytes)
{
  if (!has_device()) {
    return allocator_of<memory::host>::allocate(nof_bytes);
  }
  void* data = nullptr;
  if (cudaHostAlloc(&data, nof_bytes, cudaHostAllocDefault) != cudaSuccess) {
    throw std::bad_alloc();
  }
  std::memset(data, 0, nof_bytes);
  return data;
}

void pinned_allocator::release(void* data) noexcept
{
  if (has_device()) {
    cudaFreeHost(data);
  } else {
    allocator_of<memory::host>::release(data);
  }
}

} // namespace pado
