// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/uci_mux/uci_demux.h"
#include <cassert>

namespace pado::phy::body {

/// The soft bits of one RE of a UCI stream. `bit` is the first one's place in the code word.
PADO_HD inline void put_uci_re(const uci_demux_task& task,
                               const uci_stream& stream,
                               const std::int8_t* from,
                               const std::uint32_t* words,
                               std::int32_t bit,
                               std::int8_t* to)
{
  for (std::int32_t i = 0; i < task.layout.re_bits; ++i) {
    const std::int32_t in_symbol = i % task.qam_mod_order;
    std::int32_t value = from[i];
    if (stream.nof_bits == 1 && in_symbol == 1) {
      // Sent was the bit before it, scrambled by that bit's c(i), not by its own.
      const std::int32_t own = bit + i;
      const std::uint32_t flip =
          (words[own / 32] >> (own % 32)) ^ (words[(own - 1) / 32] >> ((own - 1) % 32));
      value = (flip & 1U) != 0 ? -value : value;
    }
    const bool is_placeholder = stream.nof_bits <= 2 && in_symbol >= 2;
    to[i] = static_cast<std::int8_t>(is_placeholder ? 0 : value > 127 ? 127 : value);
  }
}

/// Data RE k of a symbol with UCI on it.
PADO_HD inline void demux_re(const uci_demux_task& task,
                             const uci_symbol& symbol,
                             std::int32_t k,
                             const std::int8_t* in,
                             const std::uint32_t* words,
                             std::int8_t* out)
{
  const std::int32_t re_bits = task.layout.re_bits;
  const std::int32_t bit = (symbol.re_begin + k) * re_bits;
  const std::int8_t* from = in + task.llr_begin + bit;
  const uci_re re = content_of(symbol, task.layout.is_punctured != 0, k);
  if (re.ack >= 0) {
    put_uci_re(task, task.ack, from, words, bit, out + task.ack.llr_begin + re.ack * re_bits);
  }
  if (re.csi1 >= 0) {
    put_uci_re(task, task.csi1, from, words, bit, out + task.csi1.llr_begin + re.csi1 * re_bits);
  }
  if (re.csi2 >= 0) {
    std::int8_t* to = out + task.csi2.llr_begin + re.csi2 * re_bits;
    put_uci_re(task, task.csi2, from, words, bit, to);
    for (std::int32_t i = 0; i < re_bits && re.ack >= 0; ++i) {
      to[i] = 0;
    }
  }
  if (re.ulsch >= 0) {
    std::int8_t* to = out + task.ulsch_begin + re.ulsch * re_bits;
    for (std::int32_t i = 0; i < re_bits; ++i) {
      to[i] = re.ack >= 0 ? std::int8_t{0} : from[i];
    }
  }
}

/// Symbol `symbol` of a task.
template <class Block, memory M>
PADO_HD void
uci_demux(const Block& block,
          const uci_demux_task& task,
          std::int32_t symbol,
          const typename phy::uci_demux<M == memory::host ? backend::cpu : backend::cuda>::input& in,
          view<std::int8_t, 1, M> llr)
{
  const uci_symbol& s = task.layout.symbols[symbol];
  const std::int32_t re_bits = task.layout.re_bits;
  if (s.nof_re == 0) {
    return;
  }
  assert(task.llr_begin + (s.re_begin + s.nof_re) * re_bits <= in.llr.extent(0));
  const std::int8_t* from = in.llr.data();
  std::int8_t* to = llr.data();
  if (!s.has_uci()) {
    const std::int8_t* begin = from + task.llr_begin + s.re_begin * re_bits;
    std::int8_t* ulsch = to + task.ulsch_begin + s.ulsch_begin * re_bits;
    block.for_each(s.nof_re * re_bits, [=](int i) { ulsch[i] = begin[i]; });
    return;
  }
  const std::uint32_t* words = in.words.data() + task.words_begin;
  const uci_demux_task* t = &task;
  block.for_each(s.nof_re, [=](int k) { demux_re(*t, t->layout.symbols[symbol], k, from, words, to); });
}

} // namespace pado::phy::body
