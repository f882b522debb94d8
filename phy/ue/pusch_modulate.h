// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/slot.h"
#include "core/view.h"
#include "phy/channel_estimate/channel_estimate.h"
#include <cstdint>

namespace pado::phy {

/// Limits of the transmitters of one cell, fixed at configuration time.
struct pusch_modulate_config {
  std::int32_t nof_tx_ports = 0; ///< 1..32, of all UEs that share the grid
  std::int32_t nof_prb = 0;      ///< 1..275, width of the grid
  std::int32_t max_tasks = 0;    ///< symbols of all PDUs of one slot
};

struct pusch_modulate_plan {
  pusch_modulate_config config;
};
result<pusch_modulate_plan> plan_pusch_modulate(const pusch_modulate_config& config);

/// One symbol of one PUSCH PDU.
struct pusch_modulate_task {
  std::int32_t symbol; ///< in the slot
  prb_range prbs;      ///< in the carrier grid
  std::int32_t nof_layers;
  std::int32_t tx_port; ///< of layer 0; layer i goes out on tx_port + i
  std::int32_t qam_mod_order;
  std::int32_t code_words_begin;       ///< code word in in.code, bit 0 first
  std::int32_t scrambling_words_begin; ///< its scrambling bits in in.sequence
  std::int32_t first_bit;              ///< of the code word on this symbol
  std::int32_t data_res_per_prb;       ///< 12 without DM-RS; on a DM-RS symbol 0 or 6 (the odd subcarriers)
  std::int32_t
      dmrs_words_begin; ///< DM-RS bits of this allocation and symbol in in.sequence; -1 without DM-RS
  float dmrs_amplitude; ///< of a pilot relative to a data RE
  std::int32_t delta[max_nof_layers]; ///< first subcarrier of each layer's comb, as in dmrs_ls_task
  float second_sign[max_nof_layers];  ///< w_f(1) of each layer's port, as in dmrs_ls_task
};

/// Code-word bits and DM-RS into the resource grid: scrambling, modulation, layer mapping, RE mapping.
///
/// Precoding is the identity: every layer has a tx port to itself and a mean power of 1 on data REs.
/// All 12 nof_prb REs of a task are written on its tx ports, with 0 where neither data nor DM-RS lie.
///
/// in.tasks     [task]
/// in.code      [word]                         code words, 32 bits a word, first bit least significant
/// in.sequence  [word]                         bits made by phy/gold
/// out.grid     [tx_port][symbol][subcarrier]  cf32
///
/// \spec    TS 38.211, 6.3.1.1 to 6.3.1.7 (without 6.3.1.4), 6.4.1.1.3; TS 38.214, Table 6.2.2-1
/// \errors  none: limits come from the plan and are asserted
template <backend B>
class pusch_modulate {
public:
  struct input {
    view<const pusch_modulate_task, 1, memory_of<B>> tasks;
    view<const std::uint32_t, 1, memory_of<B>> code;
    view<const std::uint32_t, 1, memory_of<B>> sequence;
  };
  struct output {
    view<cf32, 3, memory_of<B>> grid;
  };

  explicit pusch_modulate(const pusch_modulate_plan& plan) : plan_(plan) {}
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  pusch_modulate_plan plan_;
};
template <>
void pusch_modulate<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void pusch_modulate<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
