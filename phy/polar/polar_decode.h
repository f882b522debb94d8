// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend.h"
#include "core/buffer.h"
#include "core/result.h"
#include "core/view.h"
#include "phy/polar/polar_code.h"
#include "phy/polar/polar_encode.h"
#include <cstddef>
#include <cstdint>

namespace pado::phy {

/// Limits, fixed at configuration time.
struct polar_decode_config {
  std::int32_t list_size = 8;               ///< 1, 2, 4 or 8 paths
  std::int32_t max_log2_size = 10;          ///< 5..10: 9 is enough for PBCH and PDCCH
  std::int32_t max_coded = max_polar_coded; ///< E of the longest block
};

/// A checked configuration and where the decoder's arrays lie in the block's scratch.
struct polar_decode_plan {
  polar_decode_config config;
  std::size_t scratch_bytes = 0;
  std::size_t channel = 0;   ///< float [N]
  std::size_t alpha = 0;     ///< float [layer][path][2^layer]
  std::size_t codewords = 0; ///< std::uint32_t [2][path][N / 32]
  std::size_t paths = 0;     ///< polar_path [2][path]
  std::size_t fork = 0;      ///< polar_fork
  std::size_t received = 0;  ///< std::int8_t [E], the channel interleaver undone
};
result<polar_decode_plan> plan_polar_decode(const polar_decode_config& config);

/// One code block.
struct polar_decode_task {
  std::int32_t code;       ///< index into in.codes
  std::int32_t llr_begin;  ///< E values from here in in.llr
  std::int32_t bits_begin; ///< K - L values from here in out.bits
  polar_crc crc;
};

struct polar_decode_status {
  std::int32_t crc_ok; ///< 1: the CRC holds, and at least one LLR was not zero
  std::int32_t path;   ///< place of the chosen path in the list, 0 is the likeliest
  float penalty; ///< sum of |LLR| that contradict the decoded code word, over the sum of all |LLR|: 0 is
                 ///< certain
};

/// Successive cancellation list decoder with rate dematching and CRC-aided choice.
///
/// LLRs are exact integers in float inside; f is min-sum, so a subtree of frozen bits and one with a single
/// information bit at its end are taken in one step without changing any result. Among the paths by
/// likelihood the first whose CRC holds is the answer; if none holds, the likeliest path is written and
/// crc_ok is 0.
///
/// in.tasks    [task]
/// in.codes    [code]
/// in.llr      [bit]   std::int8_t, positive = bit 0, any scale
/// out.bits    [bit]   std::uint8_t 0 or 1, payload without CRC
/// out.status  [task]
///
/// \spec    TS 38.212, 5.3.1, 5.4.1; Tal and Vardy, List decoding of polar codes, 2015; Balatsoukas-Stimming
/// et al.,
///          LLR-based SCL decoding of polar codes, 2015, equations 10 and 13; Hashemi et al., Fast simplified
///          SCL, 2017
/// \errors  none in run(): limits come from the plan and are asserted. The constructor may throw
/// std::bad_alloc
template <backend B>
class polar_decode {
public:
  struct input {
    view<const polar_decode_task, 1, memory_of<B>> tasks;
    view<const polar_code, 1, memory_of<B>> codes;
    view<const std::int8_t, 1, memory_of<B>> llr;
  };
  struct output {
    view<std::uint8_t, 1, memory_of<B>> bits;
    view<polar_decode_status, 1, memory_of<B>> status;
  };

  explicit polar_decode(const polar_decode_plan& plan);

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  polar_decode_plan plan_;
  buffer<std::byte> scratch_; ///< of the host block; empty on CUDA, where it is shared memory
};
template <>
polar_decode<backend::cpu>::polar_decode(const polar_decode_plan& plan);
template <>
polar_decode<backend::cuda>::polar_decode(const polar_decode_plan& plan);
template <>
void polar_decode<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void polar_decode<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
