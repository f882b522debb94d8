// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/slot.h"
#include "core/view.h"
#include <cstdint>

namespace pado::phy {

/// Limits of one cell, fixed at configuration time.
struct dmrs_ls_config {
  std::int32_t nof_rx_ports = 0; ///< 1..8
  std::int32_t max_prb = 0;      ///< 1..275
  std::int32_t max_tasks = 0;    ///< layers x DM-RS symbols of all PDUs of one slot
};

/// A checked configuration. Plain data, host memory, immutable.
struct dmrs_ls_plan {
  dmrs_ls_config config;
};
result<dmrs_ls_plan> plan_dmrs_ls(const dmrs_ls_config& config);

/// One DM-RS symbol of one layer of one PDU. Plain data: written by the slot program on the host, read by
/// either back end.
struct dmrs_ls_task {
  std::int32_t symbol;      ///< in the slot
  prb_range prbs;           ///< in the carrier grid
  std::int32_t words_begin; ///< sequence bits of this allocation and symbol: pilot p uses bits 2p and 2p + 1
  std::int32_t delta;       ///< first subcarrier of the comb: 0 for CDM group 0, 1 for CDM group 1
  float second_sign;        ///< w_f(1) of the port: +1 on ports 0 and 2, -1 on ports 1 and 3
  float amplitude;          ///< of a pilot relative to a data RE: sqrt(CDM groups without data)
  std::int32_t h_begin;     ///< offset into out.h, per rx port
};

/// Least-squares channel estimate on DM-RS type 1, one layer and one symbol a task.
///
/// Divides every pilot RE by the pilot of the task's port, FD-OCC sign included. Layers of one CDM group
/// share the REs, so each sees the other as a term of alternating sign, which a low-pass filter over
/// frequency removes (phy/channel_estimate): averaging pairs here would leak as soon as the delay turns the
/// phase between two pilots.
///
/// in.tasks     [task]
/// in.words     [word]                      sequence bits made by phy/gold
/// in.grid      [port][symbol][subcarrier]  ch16, linear, the slot as received
/// in.received  [port][symbol][prb]         1 = arrived; size 0: all. Pilots that did not arrive are 0
/// out.h        [port][pilot]               cf32, relative to data REs; task t writes 6 * nof_prb values from
///                                          its h_begin, pilot p of the task lies on subcarrier
///                                          12 * prbs.begin + 2 p + delta
///
/// \spec    TS 38.211, 6.4.1.1.3
/// \errors  none: limits come from the plan, the slot program keeps them, and they are asserted
template <backend B>
class dmrs_ls {
public:
  struct input {
    view<const dmrs_ls_task, 1, memory_of<B>> tasks;
    view<const std::uint32_t, 1, memory_of<B>> words;
    view<const ch16, 3, memory_of<B>> grid;
    view<const std::uint8_t, 3, memory_of<B>> received = {};
  };
  struct output {
    view<cf32, 2, memory_of<B>> h;
  };

  explicit dmrs_ls(const dmrs_ls_plan& plan) : plan_(plan) {}

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  dmrs_ls_plan plan_;
};
template <>
void dmrs_ls<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void dmrs_ls<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
