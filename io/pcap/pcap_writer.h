// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace pado::io {

/// Writes Ethernet frames into a pcap file with nanosecond time stamps.
///
/// \errors create: the file cannot be made. write: time before 1970 or after 2106, frame longer than 262144
///         bytes, disk full as far as known by then.
///         finish: what could not be written (disk full). Without finish() the file may lack its last frames
class pcap_writer {
public:
  /// "-" writes to standard output.
  static result<pcap_writer> create(const std::string& path);

  pcap_writer(pcap_writer&&) noexcept;
  pcap_writer& operator=(pcap_writer&&) noexcept;
  ~pcap_writer();

  result<nothing> write(std::span<const std::byte> frame, std::int64_t time_ns);
  result<nothing> finish();

private:
  struct state;
  explicit pcap_writer(std::unique_ptr<state> opened);
  std::unique_ptr<state> state_;
};

} // namespace pado::io
