// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/view.h"
#include "phy/uci_mux/uci_layout.h"
#include <cstdint>

namespace pado::phy {

/// Limits of one cell, fixed at configuration time.
struct uci_demux_config {
  std::int32_t max_tasks = 0; ///< PUSCH with UCI in one slot
};

/// A checked configuration. Plain data, host memory, immutable.
struct uci_demux_plan {
  uci_demux_config config;
};
result<uci_demux_plan> plan_uci_demux(const uci_demux_config& config);

/// One stream of UCI.
struct uci_stream {
  std::int32_t nof_bits;  ///< payload; 1 and 2 bits are sent with placeholders
  std::int32_t llr_begin; ///< its coded bits go here in out.llr
};

/// One PUSCH with UCI. Plain data: written by the slot program on the host, read by either back end.
struct uci_demux_task {
  uci_layout layout;
  std::int32_t qam_mod_order;
  std::int32_t llr_begin;   ///< the code word in in.llr
  std::int32_t words_begin; ///< its scrambling bits in in.words
  std::int32_t ulsch_begin; ///< UL-SCH goes here in out.llr
  uci_stream ack, csi1, csi2;
};

/// Takes the streams of a PUSCH's code word apart: every soft bit of UL-SCH, HARQ-ACK and CSI goes to its
/// place in its own stream.
///
/// UL-SCH and CSI part 2 under HARQ-ACK that punctures become 0. Of streams of 1 or 2 bits the placeholders
/// become 0, but the one that repeats the bit before it (1 bit), whose soft bit is turned so that it speaks
/// for that bit: the descrambler took it for a bit of its own.
///
/// in.tasks  [task]
/// in.llr    [bit]   int8, code words without scrambling
/// in.words  [word]  scrambling bits, 32 a word
/// out.llr   [bit]   int8; no part of it that a task writes lies in a code word of in.llr
///
/// \spec    TS 38.212, 6.2.7 and 5.3.3, TS 38.211, 6.3.1.1, reversed
/// \errors  none: limits come from the plan, the slot program keeps them, and they are asserted
template <backend B>
class uci_demux {
public:
  struct input {
    view<const uci_demux_task, 1, memory_of<B>> tasks;
    view<const std::int8_t, 1, memory_of<B>> llr;
    view<const std::uint32_t, 1, memory_of<B>> words;
  };
  struct output {
    view<std::int8_t, 1, memory_of<B>> llr;
  };

  explicit uci_demux(const uci_demux_plan& plan) : plan_(plan) {}

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  uci_demux_plan plan_;
};
template <>
void uci_demux<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void uci_demux<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
