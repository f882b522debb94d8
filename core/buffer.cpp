// SPDX-License-Identifier: Apache-2.0
#include "core/buffer.h"
#include <algorithm>
#include <cstdlib>

namespace pado {

namespace {
constexpr std::size_t alignment_bytes = 64; // one cache line, one AVX-512 register
}

template <>
void* allocator_of<memory::host>::allocate(std::size_t nof_bytes)
{
  const std::size_t rounded = (nof_bytes + alignment_bytes - 1) / alignment_bytes * alignment_bytes;
  void* data = ::operator new (rounded, std::align_val_t{alignment_bytes});
  std::memset(data, 0, rounded);
  return data;
}

template <>
void allocator_of<memory::host>::release(void* data) noexcept
{
  ::operator delete (data, std::align_val_t{alignment_bytes});
}

} // namespace pado
