// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include "phy/polar/polar_crc_body.h"
#include "phy/polar/polar_decode.h"
#include "phy/polar/polar_path_body.h"

namespace pado::phy::body {

/// A certain zero: more than any sum of received LLRs, and small enough that float adds it exactly.
inline constexpr float polar_known_zero = 1048576.0F;

/// Undoes the channel interleaver (5.4.1.3): the triangle is filled column by column and read row by row.
template <class Block, memory M>
PADO_HD void polar_deinterleave(const Block& block,
                                const polar_code& code,
                                view<const std::int8_t, 1, M> llr,
                                std::int8_t* received)
{
  const int nof_coded = code.config.nof_coded;
  const int nof_rows = code.nof_rows;
  if (nof_rows == 0) {
    block.for_each(nof_coded, [=](int e) { received[e] = llr(e); });
    return;
  }
  const std::uint16_t* column_begin = code.column_begin.data();
  block.for_each(nof_rows, [=](int column) {
    int place = column;
    for (int row = 0; row < nof_rows - column && place < nof_coded; ++row) {
      received[place] = llr(column_begin[column] + row);
      place += nof_rows - row; // the same column one row below
    }
  });
}

/// Undoes rate matching and the sub-block interleaver (5.4.1.1, 5.4.1.2): one LLR for each bit of the code
/// word.
template <class Block>
PADO_HD void polar_dematch(const Block& block, const polar_code& code, const polar_list& list)
{
  const int size = code.size();
  const int nof_coded = code.config.nof_coded;
  const polar_matching matching = code.matching;
  const polar_code* c = &code;
  const std::int8_t* received = list.received;
  float* channel = list.channel;
  block.for_each(size, [=](int m) {
    int e = m;
    float llr = 0.0F;
    if (matching == polar_matching::puncture) {
      e = m - (size - nof_coded); // negative: never sent
    } else if (matching == polar_matching::shorten && m >= nof_coded) {
      llr = polar_known_zero;
    }
    for (; e < nof_coded; e += size) {
      llr += e >= 0 ? static_cast<float>(received[e]) : 0.0F;
    }
    channel[c->subblock_index(m)] = llr;
  });
}

/// Decodes all bits of all paths: one step a node of the code tree.
template <class Block>
PADO_HD void polar_run_nodes(const Block& block, const polar_code& code, polar_list& list)
{
  for (int i = 0; i < code.nof_nodes; ++i) {
    const polar_node node = code.nodes[i];
    polar_descend(block, list, node);
    switch (node.kind) {
    case polar_node_kind::frozen:
      polar_take_frozen(block, list, node);
      break;
    case polar_node_kind::parity:
      polar_take_parity(block, list, node);
      break;
    case polar_node_kind::repetition:
    case polar_node_kind::information:
      polar_fork_paths(block, list, node);
      break;
    }
    polar_ascend(block, list, node);
  }
}

/// The code words become encoder inputs (the transform is its own inverse), then every path's CRC is checked.
template <class Block>
PADO_HD void
polar_check_paths(const Block& block, const polar_code& code, polar_crc crc, const polar_list& list)
{
  const polar_list s = list;
  const int nof_bits = code.config.nof_bits;
  const std::uint16_t* index_of_bit = code.index_of_bit.data();
  block.for_each(s.nof_paths, [=](int path) {
    std::uint32_t* words = s.codeword(path);
    polar_transform(words, s.log2_size);
    const std::uint32_t remainder = polar_crc_remainder(crc, nof_bits, [=](int i) {
      const int n = index_of_bit[i];
      return words[n >> 5] >> (n & 31);
    });
    s.fork->is_valid[path] = remainder == 0 ? 1 : 0;
  });
}

/// Path whose CRC holds and that contradicts the received values least; without one, the least contradicting.
PADO_HD inline polar_decode_status polar_choose(const polar_list& list, float sum_llr)
{
  int best = 0;
  for (int path = 1; path < list.nof_paths; ++path) {
    const int gain = list.fork->is_valid[path] - list.fork->is_valid[best];
    if (gain > 0 || (gain == 0 && list.path(path).metric < list.path(best).metric)) {
      best = path;
    }
  }
  const bool is_heard = sum_llr > 0.0F;
  return {is_heard ? list.fork->is_valid[best] : 0, best, is_heard ? list.path(best).metric / sum_llr : 1.0F};
}

/// One code block, from LLRs to payload.
template <backend B, class Block>
PADO_HD void polar_decode(const Block& block,
                          const polar_decode_plan& plan,
                          int task_index,
                          const typename phy::polar_decode<B>::input& in,
                          const typename phy::polar_decode<B>::output& out)
{
  const polar_decode_task task = in.tasks(task_index);
  const polar_code& code = in.codes(task.code);
  assert(code.log2_size <= plan.config.max_log2_size && code.config.nof_coded <= plan.config.max_coded);
  polar_list list = polar_make_list(block, plan, code.log2_size);
  const int nof_coded = code.config.nof_coded;
  polar_deinterleave(block, code, in.llr.part(task.llr_begin, task.llr_begin + nof_coded), list.received);
  polar_dematch(block, code, list);
  polar_run_nodes(block, code, list);
  polar_check_paths(block, code, task.crc, list);

  const float* channel = list.channel;
  const float sum_llr = block.template sum<float>(code.size(), [=](int i) {
    const float magnitude = channel[i] < 0.0F ? -channel[i] : channel[i];
    return magnitude < polar_known_zero ? magnitude : 0.0F;
  });
  const polar_decode_status status = polar_choose(list, sum_llr);
  const std::uint32_t* words = list.codeword(status.path);
  const std::uint16_t* index_of_bit = code.index_of_bit.data();
  const auto bits = out.bits;
  const auto statuses = out.status;
  block.for_each(code.config.nof_bits - crc_bits(task.crc), [=](int i) {
    const int n = index_of_bit[i];
    bits(task.bits_begin + i) = static_cast<std::uint8_t>((words[n >> 5] >> (n & 31)) & 1U);
  });
  block.single([=] { statuses(task_index) = status; });
}

} // namespace pado::phy::body
