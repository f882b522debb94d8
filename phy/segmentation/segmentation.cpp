// SPDX-License-Identifier: Apache-2.0
#include "phy/segmentation/segmentation.h"
#include "core/limits.h"
#include "phy/ldpc/base_graph.h"
#include <algorithm>
#include <string>

namespace pado::phy {

namespace {

constexpr std::int32_t max_tb_size_bits = 1277992; // 273 PRB, 256QAM, 4 layers

// TS 38.212, 6.2.2. R <= 0.67 and R <= 0.25 on 10240 R: 6860.8 and 2560.
std::int32_t base_graph_number(std::int32_t tb_size, std::int32_t rate)
{
  return tb_size <= 292 || (tb_size <= 3824 && rate <= 6860) || rate <= 2560 ? 2 : 1;
}

// TS 38.212, 5.2.2: the columns that the lifting size is chosen for.
std::int32_t nof_filled_columns(std::int32_t base_graph, std::int32_t nof_bits)
{
  if (base_graph == 1) {
    return 22;
  }
  return nof_bits > 640 ? 10 : nof_bits > 560 ? 9 : nof_bits > 192 ? 8 : 6;
}

// TS 38.212, Table 5.4.2.1-2.
constexpr std::int32_t k0_numerator[2][4] = {{0, 17, 33, 56}, {0, 13, 25, 43}};

std::optional<error> check(const ulsch_config& c)
{
  if (auto bad = check_range("segmentation.tb_size_bits", c.tb_size_bits, 8, max_tb_size_bits)) {
    return bad;
  }
  if (c.tb_size_bits % 8 != 0) {
    return error{"segmentation.tb_size_bits",
                 "is " + std::to_string(c.tb_size_bits) + ", must be whole bytes"};
  }
  if (auto bad = check_range("segmentation.target_code_rate", c.target_code_rate, 1, 10239)) {
    return bad;
  }
  if (auto bad = check_range("segmentation.rv", c.rv, 0, 3)) {
    return bad;
  }
  if (auto bad = check_range("segmentation.nof_layers", c.nof_layers, 1, 4)) {
    return bad;
  }
  const std::int32_t q = c.qam_mod_order;
  if (q != 1 && q != 2 && q != 4 && q != 6 && q != 8) {
    return error{"segmentation.qam_mod_order", "is " + std::to_string(q) + ", must be 1, 2, 4, 6 or 8"};
  }
  if (auto bad = check_range("segmentation.nof_coded_bits", c.nof_coded_bits, 1, 1 << 24)) {
    return bad;
  }
  if (c.nof_coded_bits % (c.nof_layers * q) != 0) {
    return error{"segmentation.nof_coded_bits",
                 "is " + std::to_string(c.nof_coded_bits) +
                     ", must be a multiple of layers x modulation order"};
  }
  return check_range("segmentation.tb_size_lbrm_bits", c.tb_size_lbrm_bits, 0, max_tb_size_bits);
}

void cut(const ulsch_config& c, segmentation& s)
{
  s.tb_crc = c.tb_size_bits > max_crc16_tb_bits ? crc_kind::crc24a : crc_kind::crc16;
  s.base_graph = base_graph_number(c.tb_size_bits, c.target_code_rate);
  const std::int32_t nof_bits = c.tb_size_bits + s.tb_crc_bits();
  const std::int32_t max_block = s.base_graph == 1 ? 8448 : 3840;
  s.nof_blocks = nof_bits <= max_block ? 1 : (nof_bits + max_block - 25) / (max_block - 24);
  s.block_crc_bits = s.nof_blocks > 1 ? 24 : 0;
  s.nof_block_bits = nof_bits / s.nof_blocks + s.block_crc_bits;
  const std::int32_t columns = nof_filled_columns(s.base_graph, nof_bits);
  int index = 0;
  while (columns * lifting_size_of(index).z < s.nof_block_bits) {
    ++index;
  }
  s.z = lifting_size_of(index).z;
  s.i_ls = lifting_size_of(index).i_ls;
  s.nof_info_bits = (s.base_graph == 1 ? 22 : 10) * s.z;
  s.nof_coded = (s.base_graph == 1 ? 66 : 50) * s.z;
  s.filler_begin = s.nof_block_bits - 2 * s.z;
  s.filler_end = s.nof_info_bits - 2 * s.z;
}

void match(const ulsch_config& c, segmentation& s)
{
  s.nof_circular = s.nof_coded;
  if (c.tb_size_lbrm_bits > 0) {
    const std::int64_t nof_ref = 3 * std::int64_t{c.tb_size_lbrm_bits} / (2 * s.nof_blocks);
    s.nof_circular = static_cast<std::int32_t>(std::min<std::int64_t>(s.nof_coded, nof_ref));
  }
  const std::int64_t numerator = k0_numerator[s.base_graph - 1][c.rv];
  s.k0 = static_cast<std::int32_t>(numerator * s.nof_circular / s.nof_coded) * s.z;
  const std::int32_t unit = c.nof_layers * c.qam_mod_order;
  const std::int32_t nof_units = c.nof_coded_bits / unit;
  s.short_e = unit * (nof_units / s.nof_blocks);
  s.long_e = unit * ((nof_units + s.nof_blocks - 1) / s.nof_blocks);
  s.nof_short_blocks = s.nof_blocks - nof_units % s.nof_blocks;
}

} // namespace

std::int32_t segmentation::nof_sendable() const
{
  return nof_circular - (std::min(filler_end, nof_circular) - std::min(filler_begin, nof_circular));
}

std::int32_t segmentation::nof_rows() const
{
  const std::int32_t e = nof_short_blocks < nof_blocks ? long_e : short_e;
  // Positions from k0 to the end of the circular buffer that can be sent.
  const std::int32_t begin = std::clamp(k0, filler_begin, filler_end);
  const std::int32_t end = std::min(filler_end, nof_circular);
  const std::int32_t fillers_ahead = std::max(0, end - std::min(begin, end));
  const std::int32_t last = e >= nof_circular - k0 - fillers_ahead
                                ? nof_circular - 1
                                : k0 + e - 1 + (k0 + e - 1 >= filler_begin ? fillers_ahead : 0);
  const std::int32_t column = 2 + last / z;
  return std::max(4, column - nof_info_bits / z + 1);
}

result<segmentation> segment_ulsch(const ulsch_config& config)
{
  if (auto bad = check(config)) {
    return *bad;
  }
  segmentation s{};
  cut(config, s);
  if ((config.tb_size_bits + s.tb_crc_bits()) % (8 * s.nof_blocks) != 0) {
    return error{"segmentation.tb_size_bits",
                 "is " + std::to_string(config.tb_size_bits) + ", which " + std::to_string(s.nof_blocks) +
                     " code blocks do not share evenly: no transport block has this size"};
  }
  match(config, s);
  if (s.short_e == 0) {
    return error{"segmentation.nof_coded_bits",
                 "is " + std::to_string(config.nof_coded_bits) + ", too few for " +
                     std::to_string(s.nof_blocks) + " code blocks"};
  }
  if (s.nof_sendable() <= 0 || s.k0 >= s.nof_circular) {
    return error{"segmentation.tb_size_lbrm_bits",
                 "is " + std::to_string(config.tb_size_lbrm_bits) +
                     ": the soft buffer holds no bit of the block"};
  }
  return s;
}

} // namespace pado::phy
