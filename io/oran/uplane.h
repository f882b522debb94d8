// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/compress/iq_format.h"
#include "io/ecpri/drop_reason.h"
#include "io/ecpri/wire.h"
#include <optional>

namespace pado::io {

inline constexpr std::size_t u_section_bytes = 4;
inline constexpr std::size_t u_comp_header_bytes = 2;

/// What the packet does not say about its sections.
struct u_layout {
  std::optional<iq_format> fixed; ///< static compression; nothing: every section has a udCompHdr
  std::int32_t carrier_prb = 0;   ///< what numPrbu = 0 stands for; 0: as many as the payload holds
  /// Bytes after the last whole section are let pass (Ethernet padding, with ecpri_size::ignored).
  bool has_trailer = false;
};

/// A section of IQ data.
struct u_section {
  std::uint16_t id = 0;
  bool is_every_other = false; ///< rb
  bool is_next_symbol = false; ///< symInc
  std::uint16_t prb_begin = 0;
  std::uint16_t nof_prb = 0;
  iq_format format;
  packet iq; ///< nof_prb * prb_bytes(format) bytes, from the first udCompParam
};

/// Walks over the sections of one U-plane message, from the byte after its application header.
///
///   for (u_section s; reader.next(s);) {...}   then look at failure()
///
/// A message whose sections do not fill the payload to the last byte fails: its compression is not what the
/// layout says. \errors section_length; compression_method. next() returns false and failure() says why
class u_section_reader {
public:
  u_section_reader(packet sections, const u_layout& layout) noexcept : rest_(sections), layout_(layout) {}

  bool next(u_section& out) noexcept;
  drop failure() const noexcept { return failure_; }

private:
  bool fail(drop_reason why) noexcept;

  packet rest_;
  u_layout layout_;
  bool has_any_ = false;
  drop failure_;
};

/// All sections in one go: nothing when every one is readable. Lets a receiver take a message whole or not at
/// all.
drop check_u_sections(packet sections, const u_layout& layout) noexcept;

/// Writes a section header, with a udCompHdr when `has_comp_header`. numPrbu becomes 0 above 255 PRBs, which
/// means all PRBs of the carrier. Returns the bytes written.
std::size_t
write_u_section_header(const u_section& section, bool has_comp_header, std::span<std::byte> out) noexcept;

} // namespace pado::io
