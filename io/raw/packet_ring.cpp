// SPDX-License-Identifier: Apache-2.0
#include "io/raw/packet_ring.h"
#include "core/errno_text.h"
#include "io/ecpri/link.h"
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <utility>

namespace pado::io {

namespace {

constexpr std::size_t block_size = std::size_t{64} << 10; // sixteen pages in one piece: found on any machine
constexpr std::size_t tag_room = 16;                      // aligned, before the frame

/// Room for the kernel's header, the address and the frame.
std::size_t stride_for(std::int32_t max_frame_bytes) noexcept
{
  const std::size_t head = TPACKET_ALIGN(TPACKET2_HDRLEN + 16) + tag_room;
  return TPACKET_ALIGN(head + static_cast<std::size_t>(max_frame_bytes));
}

constexpr sock_filter load(std::uint16_t size, std::uint32_t at)
{
  return {static_cast<std::uint16_t>(BPF_LD | BPF_ABS | size), 0, 0, at};
}
constexpr sock_filter jump_if_equal(std::uint32_t value, std::uint8_t then, std::uint8_t otherwise)
{
  return {BPF_JMP | BPF_JEQ | BPF_K, then, otherwise, value};
}
constexpr sock_filter give(std::uint32_t nof_bytes)
{
  return {BPF_RET | BPF_K, 0, 0, nof_bytes};
}
constexpr std::uint32_t packet_type = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE);
constexpr std::uint32_t everything = 0x40000;

/// The kernel has taken the outer VLAN tag off when it asks.
constexpr std::array<sock_filter, 9> ecpri_program = {load(BPF_W, packet_type),
                                                      jump_if_equal(PACKET_OUTGOING, 6, 0),
                                                      load(BPF_H, 12),
                                                      jump_if_equal(ethertype_ecpri, 3, 0),
                                                      jump_if_equal(ETH_P_8021Q, 0, 3),
                                                      load(BPF_H, 16),
                                                      jump_if_equal(ethertype_ecpri, 0, 1),
                                                      give(everything),
                                                      give(0)};
constexpr std::array<sock_filter, 4> all_program = {
    load(BPF_W, packet_type), jump_if_equal(PACKET_OUTGOING, 1, 0), give(everything), give(0)};

bool attach(int socket, std::span<const sock_filter> program) noexcept
{
  // The system only reads; its structure has no const.
  const sock_fprog filter = {static_cast<unsigned short>(program.size()),
                             const_cast<sock_filter*>(program.data())}; // NOLINT
  return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

template <class T>
bool set_option(int socket, int option, const T& value) noexcept
{
  return setsockopt(socket, SOL_PACKET, option, &value, sizeof value) == 0;
}

error no_socket(const port_name& name, int failure)
{
  if (failure != EPERM && failure != EACCES) {
    return name.wrong(std::string("got no packet socket: ") + errno_text(failure));
  }
  std::error_code ignored;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", ignored).string();
  return name.wrong("needs the capability CAP_NET_RAW: run with sudo, or once: sudo setcap cap_net_raw+ep " +
                    (program.empty() ? "PROGRAM" : program));
}

/// The header before a frame in the ring, copied: the memory has no types.
tpacket2_hdr header_at(const std::byte* place) noexcept
{
  tpacket2_hdr header = {};
  std::memcpy(&header, place, sizeof header);
  return header;
}

std::uint32_t& status_at(std::byte* place) noexcept
{
  static_assert(offsetof(tpacket2_hdr, tp_status) == 0);
  return *static_cast<std::uint32_t*>(static_cast<void*>(place));
}

} // namespace

packet_ring::packet_ring(packet_ring&& other) noexcept
    : socket_(std::move(other.socket_)), memory_(std::exchange(other.memory_, std::span<std::byte>{})),
      stride_(other.stride_), block_bytes_(other.block_bytes_), frames_per_block_(other.frames_per_block_),
      nof_frames_(other.nof_frames_), front_(other.front_)
{
}

packet_ring::~packet_ring()
{
  if (!memory_.empty()) {
    munmap(memory_.data(), memory_.size());
  }
}

result<packet_ring>
packet_ring::open(const port_name& name, int interface, packet_filter filter, const port_config& config)
{
  // Protocol 0: nothing comes before the filter and the ring are there.
  descriptor made(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (made.number() < 0) {
    return no_socket(name, errno);
  }
  packet_ring ring(std::move(made));
  const auto program = filter == packet_filter::ecpri ? std::span<const sock_filter>(ecpri_program)
                                                      : std::span<const sock_filter>(all_program);
  if (!attach(ring.socket(), program)) {
    return name.wrong(std::string("got no packet filter: ") + errno_text(errno));
  }
  if (auto mapped = ring.map(name, config); !mapped) {
    return mapped.failure();
  }
  sockaddr_ll at = {};
  at.sll_family = AF_PACKET;
  at.sll_protocol = htons(ETH_P_ALL);
  at.sll_ifindex = interface;
  if (bind(ring.socket(), static_cast<sockaddr*>(static_cast<void*>(&at)), sizeof at) != 0 &&
      errno != ENETDOWN) {
    return name.wrong(std::string("cannot use the interface: ") + errno_text(errno));
  }
  return ring;
}

result<nothing> packet_ring::map(const port_name& name, const port_config& config)
{
  stride_ = stride_for(config.max_frame_bytes);
  block_bytes_ = block_size;
  frames_per_block_ = block_bytes_ / stride_;
  const auto wanted = static_cast<std::size_t>(config.nof_rx_frames);
  const std::size_t nof_blocks = (wanted + frames_per_block_ - 1) / frames_per_block_;
  nof_frames_ = nof_blocks * frames_per_block_;
  tpacket_req request = {};
  request.tp_block_size = static_cast<unsigned>(block_bytes_);
  request.tp_block_nr = static_cast<unsigned>(nof_blocks);
  request.tp_frame_size = static_cast<unsigned>(stride_);
  request.tp_frame_nr = static_cast<unsigned>(nof_frames_);
  const std::size_t nof_bytes = nof_blocks * block_bytes_;
  const bool is_made = set_option(socket(), PACKET_VERSION, int{TPACKET_V2}) &&
                       set_option(socket(), PACKET_RESERVE, static_cast<unsigned>(tag_room)) &&
                       set_option(socket(), PACKET_RX_RING, request);
  void* memory = is_made ? mmap(nullptr, nof_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, socket(), 0)
                         : MAP_FAILED; // NOLINT
  if (memory == MAP_FAILED) {          // NOLINT: the macro casts an integer to a pointer
    return name.wrong("got no ring of " + std::to_string(nof_frames_) + " frames (" +
                      std::to_string(nof_bytes >> 20) + " MiB): " + errno_text(errno) +
                      ". Use fewer or shorter frames");
  }
  memory_ = {static_cast<std::byte*>(memory), nof_bytes};
  return nothing{};
}

std::byte* packet_ring::at_front() const noexcept
{
  return memory_.data() + front_ / frames_per_block_ * block_bytes_ + front_ % frames_per_block_ * stride_;
}

bool packet_ring::has_frame() const noexcept
{
  // Pairs with the kernel's barrier between writing a frame and its status.
  return (std::atomic_ref(status_at(at_front())).load(std::memory_order_acquire) & TP_STATUS_USER) != 0;
}

packet_ring::frame packet_ring::front() const noexcept
{
  const std::byte* place = at_front();
  const tpacket2_hdr header = header_at(place);
  frame out;
  // The kernel keeps to the place; the lengths are held to it all the same.
  const std::size_t begin = std::min<std::size_t>(header.tp_mac, stride_);
  out.bytes = {place + begin, std::min<std::size_t>(header.tp_snaplen, stride_ - begin)};
  out.length = header.tp_len;
  out.arrival_ns = std::int64_t{header.tp_sec} * 1000000000 + header.tp_nsec;
  if ((header.tp_status & TP_STATUS_VLAN_VALID) != 0) {
    const bool has_type = (header.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
    out.vlan = {has_type ? header.tp_vlan_tpid : std::uint16_t{ETH_P_8021Q}, header.tp_vlan_tci};
  }
  out.is_losing = (header.tp_status & TP_STATUS_LOSING) != 0;
  return out;
}

void packet_ring::pop() noexcept
{
  // Pairs with the kernel's barrier before it writes the place again.
  std::atomic_ref(status_at(at_front())).store(TP_STATUS_KERNEL, std::memory_order_release);
  front_ = front_ + 1 == nof_frames_ ? 0 : front_ + 1;
}

std::uint64_t packet_ring::nof_lost() noexcept
{
  tpacket_stats since = {};
  socklen_t size = sizeof since;
  // Reading sets the kernel's counts to 0.
  return getsockopt(socket(), SOL_PACKET, PACKET_STATISTICS, &since, &size) == 0 ? since.tp_drops : 0;
}

} // namespace pado::io
