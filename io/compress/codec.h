// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "io/compress/iq_format.h"
#include <span>

namespace pado::io {

inline constexpr std::size_t values_per_prb = 24; ///< I0 Q0 I1 Q1 .. I11 Q11

/// Scale of modulation compression, from C-plane extensions 4 and 5: the packet itself does not carry it.
struct modulation_scale {
  float scaler = 1.0F;
  bool is_shifted = false; ///< csf: the constellation is moved by half a step
};

/// Writes one PRB of integer samples; returns prb_bytes(format).
///
/// none            saturates to `width` bits
/// bfp             m = max(max v, -min v - 1), exponent = max(0, bits(m) - (width - 1)), at most 15; v >>
/// exponent block scaling   scaler = ceil(max |v| / 256) of 128; samples beyond 16 bits saturate mu-law
/// Experimental: the sources disagree about one magnitude bit; here all width - 1 of them are used modulation
/// samples are multiples of 1/32768 of `scale` \errors none: the format is_supported and `out` holds
/// prb_bytes(format), asserted
std::size_t encode_prb(iq_format format,
                       std::span<const std::int32_t, values_per_prb> iq,
                       std::span<std::byte> out,
                       modulation_scale scale = {}) noexcept;

/// Writes whole PRBs of complex samples, quantised to int16 after `gain` (to nearest even, saturated).
/// `re` has 12 values a PRB. Returns the bytes written.
std::size_t encode_prbs(iq_format format,
                        std::span<const cf32> re,
                        float gain,
                        std::span<std::byte> out,
                        modulation_scale scale = {}) noexcept;

/// Reads one PRB: the scalar reference of every decompression in the project.
///
/// Results are in units of the integer sample (32768 = full scale of 16 bits) and exact in float for none,
/// bfp with exponents 0..15, block scaling and mu-law.
///
/// none            sign-extended value
/// bfp             value * 2^exponent; the reserved nibble of udCompParam is ignored
/// block scaling   value * scaler / 128 * 2^(16 - width)
/// mu-law          lower edge of the step (experimental)
/// modulation      (value / 2^(width - 1) + csf (1 + j) / 2^width) * scaler * sqrt 2 * 32768
/// \errors none: the format is_supported and `in` holds prb_bytes(format), asserted
void decode_prb(iq_format format,
                std::span<const std::byte> in,
                std::span<cf32, nof_subcarriers_per_prb> out,
                modulation_scale scale = {}) noexcept;

/// The exponent that encode_prb sends for BFP.
int bfp_exponent(std::span<const std::int32_t, values_per_prb> iq, int width) noexcept;

} // namespace pado::io
