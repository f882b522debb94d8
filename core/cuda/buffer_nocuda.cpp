// SPDX-License-Identifier: Apache-2.0
#include "core/buffer.h"

namespace pado {

template <>
void* allocator_of<memory::device>::allocate(std::size_t)
{
  throw std::bad_alloc();
}

template <>
void allocator_of<memory::device>::release(void*) noexcept
{
}

void* pinned_allocator::allocate(std::size_t nof_bytes)
{
  return allocator_of<memory::host>::allocate(nof_bytes);
}

void pinned_allocator::release(void* data) noexcept
{
  allocator_of<memory::host>::release(data);
}

} // namespace pado
