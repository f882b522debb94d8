// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/ecpri/link_writer.h"
#include "io/oran/cplane.h"

namespace pado::io {

/// Writes one C-plane message of type 0, 1 or 3 in a frame.
///
/// header.nof_sections is taken from `sections`; a section's extensions are written as they are. nof_prb
/// above 255 and 0 are written as 0, all PRBs of the carrier. Returns the bytes of the frame; 0 when `out` is
/// too small, the type is another one, or there are more than 255 sections.
std::size_t write_c_frame(const link_settings& link,
                          const stream_ids& ids,
                          const c_header& header,
                          std::span<const c_section> sections,
                          std::span<std::byte> out) noexcept;

/// What a DU writes into a type 3 section for PRACH: freqOffset in half PRACH subcarriers of the lowest
/// subcarrier of PRB `rb_begin`, for a carrier of nof_prb PRBs. Example: 273 PRB, 30 kHz short format, PRB 0:
/// -3276.
constexpr std::int32_t
prach_freq_offset(std::int32_t nof_prb, std::int32_t scs_hz, std::int32_t prach_scs_hz, std::int32_t rb_begin)
{
  const std::int64_t ratio_millis = 1000LL * scs_hz / prach_scs_hz;
  return static_cast<std::int32_t>((-12LL * nof_prb + 24LL * rb_begin) * ratio_millis / 1000);
}

} // namespace pado::io
