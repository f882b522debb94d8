// SPDX-License-Identifier: Apache-2.0
#include "mac/mcs/tbs.h"
#include "mac/mcs/mcs_table.h"
#include "mac/mcs/mcs_table_data.h"
#include <algorithm>
#include <bit>
#include <cassert>
#include <iterator>

namespace pado::mac {
namespace {

// All sizes below are in bits; "scaled" means times 2048, the denominator that makes N_info whole.
constexpr std::int64_t scale = 2048;

int floor_log2(std::int64_t value)
{
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value))) - 1;
}
std::int64_t ceil_div(std::int64_t a, std::int64_t b)
{
  return (a + b - 1) / b;
}

std::int32_t small_tbs(std::int64_t scaled_info)
{
  const std::int64_t info = scaled_info / scale;
  const int n = std::max(3, info > 0 ? floor_log2(info) - 6 : 3);
  const std::int64_t quantised = std::max<std::int64_t>(24, info >> n << n);
  return *std::lower_bound(std::begin(table_data::tbs), std::end(table_data::tbs), quantised);
}

std::int32_t large_tbs(std::int64_t scaled_info, std::int32_t rate_times_2048)
{
  const std::int64_t scaled_rest = scaled_info - 24 * scale;
  const int n = floor_log2(scaled_rest / scale) - 5;
  assert(n >= 0); // above 3824 bits
  const std::int64_t step = scale << n;
  const std::int64_t info = std::max<std::int64_t>(3840, (scaled_rest + step / 2) / step << n);
  std::int64_t nof_cb = 1;
  if (4 * rate_times_2048 <= scale) {
    nof_cb = ceil_div(info + 24, 3816);
  } else if (info > 8424) {
    nof_cb = ceil_div(info + 24, 8424);
  }
  return static_cast<std::int32_t>(8 * nof_cb * ceil_div(info + 24, 8 * nof_cb) - 24);
}

} // namespace

std::int32_t tbs_bits(const tbs_parameters& p)
{
  assert(p.nof_prb >= 1 && p.nof_prb <= max_nof_prb && p.rate_times_2048 > 0);
  assert(p.nof_layers >= 1 && p.nof_layers <= 4 && p.nof_re_per_prb > 0);
  const std::int64_t nof_re = std::int64_t{std::min(156, p.nof_re_per_prb)} * p.nof_prb;
  const std::int64_t scaled_info = nof_re * p.rate_times_2048 * p.qam_mod_order * p.nof_layers;
  return scaled_info <= 3824 * scale ? small_tbs(scaled_info) : large_tbs(scaled_info, p.rate_times_2048);
}

std::int32_t nof_re_per_prb(const pusch_pdu& pdu, std::int32_t overhead_re)
{
  const std::uint32_t symbols = ((1U << pdu.nof_symbols) - 1U) << pdu.start_symbol;
  const int nof_dmrs_symbols = std::popcount(symbols & pdu.dmrs_symbol_mask);
  const int re_per_cdm_group = pdu.dmrs_config_type == 1 ? 6 : 4;
  return nof_subcarriers_per_prb * pdu.nof_symbols -
         nof_dmrs_symbols * re_per_cdm_group * pdu.nof_cdm_groups_no_data - overhead_re;
}

void set_transport_block(pusch_pdu& pdu, std::int32_t overhead_re)
{
  const mcs_entry mcs = mcs_of(pdu.mcs_table, pdu.mcs_index);
  assert(!mcs.is_reserved());
  pdu.qam_mod_order = mcs.qam_mod_order;
  pdu.target_code_rate = mcs.target_code_rate();
  const tbs_parameters parameters{
      nof_re_per_prb(pdu, overhead_re), pdu.rb_size, mcs.qam_mod_order, mcs.rate_times_2048, pdu.nof_layers};
  pdu.tb_size_bytes = static_cast<std::uint32_t>(tbs_bits(parameters) / 8);
}

std::int32_t tbs_lbrm_bits(std::int32_t max_bwp_prb, std::int32_t max_layers, bool has_qam256)
{
  constexpr std::int32_t sizes[] = {32, 66, 107, 135, 162, 217}; // TS 38.212, Table 5.4.2.1-1
  std::int32_t nof_prb = 273;
  for (int i = static_cast<int>(std::size(sizes)) - 1; i >= 0; --i) {
    nof_prb = max_bwp_prb <= sizes[i] ? sizes[i] : nof_prb;
  }
  return tbs_bits({156, nof_prb, has_qam256 ? 8 : 6, 2 * 948, std::min(max_layers, 4)});
}

} // namespace pado::mac
