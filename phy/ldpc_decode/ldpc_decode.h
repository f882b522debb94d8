// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/result.h"
#include "core/view.h"
#include "phy/crc/crc.h"
#include "phy/ldpc/base_graph.h"
#include "phy/simd/simd_level.h"
#include <cstddef>
#include <cstdint>

namespace pado::phy {

/// When the decoding of a code block ends before max_iterations.
enum class ldpc_stop : std::int32_t {
  crc,  ///< as soon as the CRC holds and no information bit is undecided
  never ///< always max_iterations, one look at the CRC: what a block costs at worst
};

/// Limits of one cell, fixed at configuration time.
struct ldpc_decode_config {
  std::int32_t max_tasks = 0; ///< code blocks of all PDUs of one slot
  ldpc_stop stop = ldpc_stop::crc;
  simd_level simd = simd_level::best;
};

/// What the decoder looks up. Plain data, so that one copy brings it to the device.
struct ldpc_tables {
  static constexpr int max_words = 22 * max_lifting_size / 32;
  base_graph graph[2];                      ///< base graphs 1 and 2
  std::uint8_t row_order[2][max_base_rows]; ///< in which their rows are visited
  std::uint32_t crc_weight[3][max_words];   ///< x^(32 w) modulo CRC24A, CRC24B, CRC16
};

/// A checked configuration and everything derived from it. Plain data, host memory, immutable.
struct ldpc_decode_plan {
  ldpc_decode_config config;
  ldpc_tables tables;
};
result<ldpc_decode_plan> plan_ldpc_decode(const ldpc_decode_config& config);

/// CRC that ends the decoding of a code block early: crc16, crc24a or crc24b.
using block_crc = crc_kind;

/// One code block.
struct ldpc_decode_task {
  std::int32_t base_graph; ///< 1 or 2
  std::int32_t z;          ///< lifting size
  std::int32_t nof_rows;   ///< base-graph rows that received bits reach, 4..46 or 4..42
  std::int32_t nof_bits;   ///< K': information bits with CRC, without fillers; whole bytes
  block_crc crc;
  std::int32_t max_iterations; ///< 1..100
  std::int64_t soft_begin;     ///< as in rate_dematch_task
  std::int32_t bytes_begin;    ///< into out.bytes, K' bits MSB first
};

struct ldpc_decode_status {
  std::int32_t
      crc_ok; ///< 1: the CRC held and every information bit had evidence (an empty input never passes)
  std::int32_t iterations; ///< run, 1..max_iterations
};

/// What one lifted row keeps of its messages between two visits. 12 + 38 bits of use, 12 bytes.
struct ldpc_message {
  std::uint32_t signs;   ///< bit e: the message on edge e of the row is negative
  std::uint32_t weakest; ///< bit e: it has magnitude second, the others first
  std::uint8_t first;
  std::uint8_t second;
  std::uint16_t unused;
};

/// LDPC decoder: rows one after the other (layered), approximate min* on int8.
///
/// A row tells its weakest input what the others say together, and all others what all say together. Messages
/// stay within +-48, so a filler at 127 can never become a row's weakest input: known bits cost no special
/// case. Rows that hold one punctured column come first: they recover it. Arithmetic and order of rows are
/// part of the contract: body, CPU kernels and CUDA give the same bytes. docs/ldpc.md says what each choice
/// is worth.
///
/// in.tasks    [task]
/// in.soft     [value]  int8, positive: bit 0. llr_scale of phy/equalise per unit of log-likelihood ratio
/// out.bytes   [byte]   the hard decisions, also when the CRC fails
/// out.status  [task]
///
/// \spec    TS 38.212, 5.3.2 (the code). Algorithm: Jones, Valles, Smith, Villasenor, "Approximate-min*
///          constraint node updating for LDPC code decoding", MILCOM 2003; layers: Hocevar, "A reduced
///          complexity decoder architecture via layered decoding of LDPC codes", SiPS 2004
/// \errors  none: limits come from the plan, the slot program keeps them, and they are asserted
template <backend B>
class ldpc_decode {
public:
  struct input {
    view<const ldpc_decode_task, 1, memory_of<B>> tasks;
    view<const std::int8_t, 1, memory_of<B>> soft;
  };
  struct output {
    view<std::uint8_t, 1, memory_of<B>> bytes;
    view<ldpc_decode_status, 1, memory_of<B>> status;
  };

  /// Allocates everything run() needs. May throw std::bad_alloc.
  explicit ldpc_decode(const ldpc_decode_plan& plan);

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  ldpc_decode_config config_;
  buffer<ldpc_tables, memory_of<B>> tables_;
  buffer<std::byte, memory_of<B>> work_;
};
template <>
ldpc_decode<backend::cpu>::ldpc_decode(const ldpc_decode_plan& plan);
template <>
ldpc_decode<backend::cuda>::ldpc_decode(const ldpc_decode_plan& plan);
template <>
void ldpc_decode<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void ldpc_decode<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
