// SPDX-License-Identifier: Apache-2.0
#include "io/dpdk/mbuf_pool.h"
#include "io/dpdk/eal.h"
#include <atomic>
#include <new>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_memory.h>

namespace pado::io {

namespace {
constexpr std::size_t page_bytes = 4096;
constexpr unsigned cache_frames = 256;

std::size_t whole_pages(std::size_t nof_bytes)
{
  return (nof_bytes + page_bytes - 1) / page_bytes * page_bytes;
}
} // namespace

result<nothing> mbuf_pool::make_arena(std::size_t nof_bytes)
{
  arena_bytes_ = whole_pages(nof_bytes);
  try {
    arena_ = pinned_buffer<std::byte>(arena_bytes_ + page_bytes);
  } catch (const std::bad_alloc&) {
    return error{"DPDK",
                 "gets no " + std::to_string(nof_bytes >> 20) +
                     " MB of page-locked memory: use fewer or shorter frames"};
  }
  const std::size_t unaligned = reinterpret_cast<std::uintptr_t>(arena_.data()) % page_bytes;
  arena_begin_ = arena_.data() + (unaligned == 0 ? 0 : page_bytes - unaligned);
  if (rte_extmem_register(arena_begin_, arena_bytes_, nullptr, 0, page_bytes) != 0) {
    return error{"DPDK", "does not take our memory: " + take_dpdk_messages()};
  }
  is_registered_ = true;
  return nothing{};
}

result<std::unique_ptr<mbuf_pool>> mbuf_pool::create(std::int32_t nof_frames, std::int32_t room_bytes)
{
  static std::atomic<unsigned> number = 0;
  const std::string name = "pado_pool_" + std::to_string(number.fetch_add(1, std::memory_order_relaxed));
  std::unique_ptr<mbuf_pool> made(new mbuf_pool);
  const auto nof = static_cast<unsigned>(nof_frames);
  const auto element = static_cast<std::uint16_t>(room_bytes + RTE_PKTMBUF_HEADROOM);
  if (rte_eal_iova_mode() == RTE_IOVA_VA) {
    if (auto arena = made->make_arena(std::size_t{nof} * element); !arena) {
      return arena.failure();
    }
    rte_pktmbuf_extmem memory{};
    memory.buf_ptr = made->arena_begin_;
    memory.buf_iova = reinterpret_cast<std::uintptr_t>(made->arena_begin_);
    memory.buf_len = made->arena_bytes_;
    memory.elt_size = element;
    made->pool_ = rte_pktmbuf_pool_create_extbuf(
        name.c_str(), nof, cache_frames, 0, element, SOCKET_ID_ANY, &memory, 1);
  } else {
    made->pool_ = rte_pktmbuf_pool_create(name.c_str(), nof, cache_frames, 0, element, SOCKET_ID_ANY);
  }
  if (made->pool_ == nullptr) {
    return error{"DPDK",
                 "has no room for " + std::to_string(nof_frames) + " frames (" + rte_strerror(rte_errno) +
                     "): use fewer, or add -- --no-huge --no-shconf -m 2048"};
  }
  return made;
}

result<nothing> mbuf_pool::map_for(rte_device* device)
{
  if (!is_pinned() || device == nullptr) {
    return nothing{};
  }
  const auto iova = reinterpret_cast<std::uintptr_t>(arena_begin_);
  if (rte_dev_dma_map(device, arena_begin_, iova, arena_bytes_) == 0) {
    mapped_for_ = device;
  } else if (rte_errno != ENOTSUP) { // software devices and drivers that map on the way need no map
    return error{"DPDK", "cannot map our memory for the device: " + take_dpdk_messages()};
  }
  return nothing{};
}

void mbuf_pool::unmap() noexcept
{
  if (mapped_for_ != nullptr) {
    rte_dev_dma_unmap(
        mapped_for_, arena_begin_, reinterpret_cast<std::uintptr_t>(arena_begin_), arena_bytes_);
    mapped_for_ = nullptr;
  }
}

mbuf_pool::~mbuf_pool()
{
  unmap();
  rte_mempool_free(pool_);
  if (is_registered_) {
    rte_extmem_unregister(arena_begin_, arena_bytes_);
  }
}

} // namespace pado::io
