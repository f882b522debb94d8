// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include "core/result.h"
#include <array>
#include <cstdint>

namespace pado::phy {

inline constexpr std::int32_t max_polar_size = 1024;  ///< N
inline constexpr std::int32_t max_polar_coded = 8192; ///< E
inline constexpr std::int32_t max_polar_rows = 128;   ///< of the triangle that interleaves 8192 bits
inline constexpr std::int32_t max_input_interleaved = 164;

/// What fixes a polar code (38.212, 5.3.1 and 5.4.1).
struct polar_code_config {
  std::int32_t nof_bits = 0;           ///< K: payload and CRC, without parity-check bits
  std::int32_t nof_coded = 0;          ///< E: bits after rate matching, up to 8192
  std::int32_t n_max = 10;             ///< 10 uplink, 9 downlink
  bool is_input_interleaved = false;   ///< I_IL: PBCH and PDCCH
  bool is_channel_interleaved = false; ///< I_BIL: UCI
};

/// What the encoder's input holds at one bit index.
enum class polar_bit : std::uint8_t { frozen, information, parity };

/// How N coded bits become E.
enum class polar_matching : std::uint8_t { repeat, puncture, shorten };

/// A part of the code tree that the decoder takes in one step.
enum class polar_node_kind : std::uint8_t {
  frozen,      ///< every bit frozen
  repetition,  ///< every bit frozen but the last, which is information
  information, ///< one information bit
  parity,      ///< one parity-check bit
};

/// Bit indices [begin, begin + 2^log2_size) of the encoder's input.
struct polar_node {
  std::uint16_t begin = 0;
  std::uint8_t log2_size = 0;
  polar_node_kind kind = polar_node_kind::frozen;
};

/// A code, ready for encoder and decoder. Plain data of about 8 kB, the same on host and device.
///
/// One code serves all blocks of equal K and E, so a slot program makes each code once.
struct polar_code {
  polar_code_config config;
  std::int32_t log2_size = 0; ///< n, N = 2^n
  std::int32_t nof_nodes = 0;
  std::int32_t nof_parity = 0; ///< parity-check bits: 0 or 3
  std::int32_t nof_rows = 0;   ///< T of the channel interleaver; 0: none
  polar_matching matching = polar_matching::repeat;
  std::array<std::uint16_t, max_polar_size>
      index_of_bit{};                      ///< where bit i of payload and CRC enters the encoder
  std::array<std::uint8_t, 32> subblock{}; ///< P of the sub-block interleaver
  std::array<std::uint16_t, max_polar_rows>
      column_begin{}; ///< where a column of the triangle begins in the output
  std::array<polar_bit, max_polar_size> bits{};
  std::array<polar_node, max_polar_size> nodes{};

  PADO_HD std::int32_t size() const { return 1 << log2_size; }

  /// J(m) of the sub-block interleaver: y_m = d_J(m).
  PADO_HD std::int32_t subblock_index(std::int32_t m) const
  {
    const std::int32_t log2_part = log2_size - 5;
    return (subblock[m >> log2_part] << log2_part) + (m & ((1 << log2_part) - 1));
  }
};

/// Builds the code. Allocates nothing and takes some microseconds, so a slot program may call it.
/// \spec    TS 38.212, 5.3.1, 5.3.1.1, 5.3.1.2, 5.4.1.1 to 5.4.1.3
/// \errors  K or E out of range, or a code that holds no K bits
result<polar_code> plan_polar_code(const polar_code_config& config);

} // namespace pado::phy
