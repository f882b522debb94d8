// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace pado::io {

enum class capture_format : std::uint8_t { pcap, pcapng };

/// What the head of a capture file says.
struct capture_info {
  std::string name; ///< as given; "standard input" for "-"
  capture_format format = capture_format::pcap;
  bool nanoseconds = false;     ///< pcap: the file's own resolution. pcapng says it per interface: false
  std::int64_t file_bytes = -1; ///< -1: not a plain file
};

/// One captured frame. The bytes stay valid until the next call of next().
struct capture_frame {
  std::span<const std::byte> bytes; ///< from the destination MAC address on, as far as captured
  std::int64_t time_ns = 0;         ///< since 1970-01-01, whatever the file's own resolution
  std::uint32_t original_bytes =
      0;                        ///< length on the wire; more than bytes.size() when cut by the snap length
  std::int64_t number = 0;      ///< counts from 1, as every capture tool does
  std::int64_t file_offset = 0; ///< where its record begins; -1: unknown (a pcapng pipe)
};

/// Reads Ethernet frames out of pcap and pcapng, microseconds or nanoseconds, either byte order.
///
///   auto opened = pcap_reader::open("lab.pcap");
///   capture_frame frame;
///   while (reader.next(frame)) { ... }
///   if (reader.failure()) { ... }  // every whole frame before the damage was delivered
///
/// \errors open: not there, empty, not a capture, compressed, link type other than Ethernet.
///         next: the file is cut short or damaged; said once, with byte offset and frame number
class pcap_reader {
public:
  /// "-" reads standard input.
  static result<pcap_reader> open(const std::string& path);

  pcap_reader(pcap_reader&&) noexcept;
  pcap_reader& operator=(pcap_reader&&) noexcept;
  ~pcap_reader();

  /// The next frame; false at the end of the file and after damage.
  bool next(capture_frame& frame);

  /// What ended the reading early, if anything did.
  const std::optional<error>& failure() const;

  const capture_info& info() const;

  /// Bytes of the file consumed so far, for a progress bar; -1 when unknown.
  std::int64_t position() const;

private:
  struct state;
  explicit pcap_reader(std::unique_ptr<state> opened);
  std::unique_ptr<state> state_;
};

} // namespace pado::io
