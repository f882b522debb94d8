// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend.h"
#include "core/buffer.h"
#include "core/complex.h"
#include "core/result.h"
#include "core/view.h"
#include <cstddef>
#include <cstdint>
#include <span>

namespace pado::phy {

inline constexpr std::int32_t nof_pbch_hypotheses = 8; ///< what the DM-RS may say about time
inline constexpr std::int32_t nof_pbch_pilots = 144;
inline constexpr std::int32_t pbch_pilot_words = 9;       ///< of one hypothesis
inline constexpr std::int32_t pbch_scrambling_words = 27; ///< of one hypothesis
inline constexpr std::int32_t nof_pbch_words =
    nof_pbch_hypotheses * (pbch_pilot_words + pbch_scrambling_words);

/// Pilot and scrambling bits of a cell: [hypothesis][9] of the DM-RS, then [hypothesis][27] of the code word.
/// \param words  nof_pbch_words of them
void make_pbch_words(std::int32_t pci, std::span<std::uint32_t> words);

/// Limits, fixed at configuration time.
struct pbch_demod_config {
  std::int32_t max_tasks = 0; ///< blocks of one run, 1..4096
};

struct pbch_demod_plan {
  pbch_demod_config config;
  std::size_t scratch_bytes = 0;
};
result<pbch_demod_plan> plan_pbch_demod(const pbch_demod_config& config);

/// One SS/PBCH block.
struct pbch_demod_task {
  std::int32_t block; ///< index into in.grid
  std::int32_t pci;
  std::int32_t nof_candidates; ///< L_max: with 4, hypotheses 4..7 mean the second half frame
  std::int32_t words_begin;    ///< of make_pbch_words in in.words
  std::int32_t llr_begin;      ///< into out.llr
};

struct pbch_demod_status {
  std::int32_t time_hypothesis; ///< SSB index of 8 candidates; index + 4 * half frame of 4
  float pilot_metric;   ///< 0..1: share of the pilots' power that fits the hypothesis; noise gives about 1/6
  float phase_step_rad; ///< from one symbol to the next, -pi..pi: what is left of the frequency offset
};

/// From resource elements to descrambled LLRs: finds the hypothesis of the DM-RS, estimates the channel over
/// frequency and the phase from symbol to symbol, weighs, demaps QPSK, descrambles.
///
/// in.tasks    [task]
/// in.grid     [block][symbol 0..3][subcarrier 0..239]  cf32, timing removed: a phase slope below 1 rad over
/// 12 subcarriers in.words    [word] out.llr     [bit]   std::int8_t, positive = bit 0, 864 a task, scaled to
/// an rms of 24 out.status  [task]
///
/// \spec    TS 38.211, 7.3.3, 7.4.1.4
/// \errors  none in run(): limits come from the plan. The constructor may throw std::bad_alloc
template <backend B>
class pbch_demod {
public:
  struct input {
    view<const pbch_demod_task, 1, memory_of<B>> tasks;
    view<const cf32, 3, memory_of<B>> grid;
    view<const std::uint32_t, 1, memory_of<B>> words;
  };
  struct output {
    view<std::int8_t, 1, memory_of<B>> llr;
    view<pbch_demod_status, 1, memory_of<B>> status;
  };

  explicit pbch_demod(const pbch_demod_plan& plan);

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  pbch_demod_plan plan_;
  buffer<std::byte> scratch_; ///< of the host block; empty on CUDA, where it is shared memory
};
template <>
pbch_demod<backend::cpu>::pbch_demod(const pbch_demod_plan& plan);
template <>
pbch_demod<backend::cuda>::pbch_demod(const pbch_demod_plan& plan);
template <>
void pbch_demod<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void pbch_demod<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
