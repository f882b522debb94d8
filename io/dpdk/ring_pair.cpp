// SPDX-License-Identifier: Apache-2.0
#include "io/dpdk/ring_pair.h"
#include "io/dpdk/eal.h"
#include <atomic>
#include <map>
#include <mutex>
#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

namespace pado::io {

namespace {

/// Pairs by name. Ends come and go on control threads.
struct pair_registry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<ring_pair>> pairs;
};

pair_registry& registry()
{
  static pair_registry all;
  return all;
}

/// Names in DPDK are never used twice, so that what is left of a closed pair is in nobody's way.
std::string fresh_name()
{
  static std::atomic<unsigned> number = 0;
  return "pado" + std::to_string(number.fetch_add(1, std::memory_order_relaxed));
}

int socket_of_process()
{
  return static_cast<int>(rte_lcore_to_socket_id(rte_get_main_lcore()));
}

} // namespace

result<std::shared_ptr<ring_pair>> ring_pair::make(const port_config& config)
{
  std::shared_ptr<ring_pair> made(new ring_pair);
  made->max_frame_bytes_ = config.max_frame_bytes;
  constexpr std::int32_t in_caches = 1024; // freed buffers that wait in the caches of the two threads
  for (std::size_t side = 0; side < 2; ++side) {
    auto pool = mbuf_pool::create(config.nof_rx_frames + in_caches, frame_room_bytes(config.max_frame_bytes));
    if (!pool) {
      return pool.failure();
    }
    made->pools_[side] = std::move(pool.value());
    // one thread sends into a ring, and one takes out of it
    made->rings_[side] = rte_ring_create(fresh_name().c_str(),
                                         static_cast<unsigned>(config.nof_rx_frames),
                                         socket_of_process(),
                                         RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
    if (made->rings_[side] == nullptr) {
      return error{"DPDK", "gets no ring: " + std::string(rte_strerror(rte_errno))};
    }
  }
  return made;
}

result<ring_pair::end> ring_pair::open(const std::string& name, const port_config& config)
{
  const std::lock_guard lock(registry().mutex);
  std::weak_ptr<ring_pair>& known = registry().pairs[name];
  end opened;
  opened.pair = known.lock();
  if (opened.pair == nullptr) {
    auto made = make(config);
    if (!made) {
      return made.failure();
    }
    opened.pair = std::move(made.value());
    known = opened.pair;
  }
  ring_pair& pair = *opened.pair;
  if (pair.is_taken_[0] && pair.is_taken_[1]) {
    return dpdk_error(name, "has both ends open already: give another pair another number");
  }
  const std::size_t side = pair.is_taken_[0] ? 1 : 0;
  opened.side = static_cast<int>(side);
  const int id = rte_eth_from_rings(fresh_name().c_str(),
                                    &pair.rings_[side],
                                    1,
                                    &pair.rings_[1 - side],
                                    1,
                                    static_cast<unsigned>(socket_of_process()));
  if (id < 0) {
    return dpdk_error(name, "cannot be made: " + take_dpdk_messages());
  }
  auto device = eth_device::adopt(static_cast<std::uint16_t>(id), name + (side == 0 ? " end a" : " end b"));
  if (!device) {
    return device.failure();
  }
  opened.device = std::move(device.value());
  pair.is_taken_[side] = true;
  return opened;
}

void ring_pair::end::leave()
{
  const std::lock_guard lock(registry().mutex);
  device.reset();
  // Frames that nobody read: who opens this end next begins with an empty ring.
  for (void* frame = nullptr; rte_ring_dequeue(pair->rings_[static_cast<std::size_t>(side)], &frame) == 0;) {
    rte_pktmbuf_free(static_cast<rte_mbuf*>(frame));
  }
  pair->is_taken_[static_cast<std::size_t>(side)] = false;
  pair.reset();
}

ring_pair::~ring_pair()
{
  for (rte_ring* ring : rings_) {
    rte_ring_free(ring);
  }
}

} // namespace pado::io
