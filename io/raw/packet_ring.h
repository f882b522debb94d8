// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "io/port/descriptor.h"
#include "io/port/open_port.h"
#include "io/port/port_name.h"
#include <cstdint>
#include <optional>
#include <span>

namespace pado::io {

enum class packet_filter : std::uint8_t { ecpri, all };

/// A packet socket on one interface and the ring in which the kernel leaves its frames. Move only.
class packet_ring {
public:
  /// \errors what the system said, with what to change
  static result<packet_ring>
  open(const port_name& name, int interface, packet_filter filter, const port_config& config);

  packet_ring(packet_ring&& other) noexcept;
  packet_ring& operator=(packet_ring&&) = delete;
  ~packet_ring();

  struct frame {
    packet bytes; ///< without the VLAN tag; valid until pop()
    std::int64_t arrival_ns = 0;
    std::size_t length = 0; ///< on the wire; more than bytes.size() when cut
    struct vlan_tag {
      std::uint16_t type;
      std::uint16_t control;
    };
    std::optional<vlan_tag> vlan; ///< taken off by the kernel
    bool is_losing = false;       ///< frames were lost since nof_lost() was last called
  };

  /// Whether front() has a frame.
  bool has_frame() const noexcept;
  frame front() const noexcept;
  /// Gives the place of front() back to the kernel.
  void pop() noexcept;

  /// Frames that found the ring full, since the last call.
  std::uint64_t nof_lost() noexcept;

  int socket() const noexcept { return socket_.number(); }
  std::size_t nof_frames() const noexcept { return nof_frames_; }

private:
  explicit packet_ring(descriptor socket) : socket_(std::move(socket)) {}
  result<nothing> map(const port_name& name, const port_config& config);
  std::byte* at_front() const noexcept;

  descriptor socket_;
  std::span<std::byte> memory_;
  std::size_t stride_ = 0;
  std::size_t block_bytes_ = 0;
  std::size_t frames_per_block_ = 0;
  std::size_t nof_frames_ = 0;
  std::size_t front_ = 0;
};

} // namespace pado::io
