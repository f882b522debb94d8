// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/result.h"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

struct rte_device;
struct rte_mempool;

namespace pado::io {

/// Packet buffers whose bytes lie in page-locked memory of ours, so that a GPU reads them in place. Where
/// DPDK needs physical addresses (hugepages without an IOMMU) they lie in DPDK's memory instead.
class mbuf_pool {
public:
  /// \param nof_frames  buffers
  /// \param room_bytes  of one frame
  static result<std::unique_ptr<mbuf_pool>> create(std::int32_t nof_frames, std::int32_t room_bytes);
  ~mbuf_pool();
  mbuf_pool(const mbuf_pool&) = delete;
  mbuf_pool& operator=(const mbuf_pool&) = delete;

  rte_mempool* get() const noexcept { return pool_; }
  bool is_pinned() const noexcept { return arena_begin_ != nullptr; }
  /// Lets a device reach the memory where a bus needs to know (VFIO). Call once, after it was attached.
  result<nothing> map_for(rte_device* device);
  /// Takes that back, before the device goes.
  void unmap() noexcept;

private:
  mbuf_pool() = default;
  result<nothing> make_arena(std::size_t nof_bytes);

  pinned_buffer<std::byte> arena_;
  std::byte* arena_begin_ = nullptr; ///< whole pages of arena_
  std::size_t arena_bytes_ = 0;
  bool is_registered_ = false;
  rte_device* mapped_for_ = nullptr;
  rte_mempool* pool_ = nullptr;
};

} // namespace pado::io
