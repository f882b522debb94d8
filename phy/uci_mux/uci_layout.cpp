// SPDX-License-Identifier: Apache-2.0
#include "phy/uci_mux/uci_layout.h"
#include "core/limits.h"
#include "phy/uci_mux/uci_tables.h"
#include <algorithm>
#include <iterator>

namespace pado::phy {

namespace {

constexpr std::int32_t max_uci_bits = 1706;

std::int64_t ceil_div(std::int64_t a, std::int64_t b)
{
  return (a + b - 1) / b;
}

std::int32_t nof_crc_bits(std::int32_t nof_bits)
{
  return nof_bits <= 11 ? 0 : nof_bits <= 19 ? 6 : 11;
}

std::optional<error> check(const uci_layout_config& c)
{
  const pusch_uci& uci = c.uci;
  const struct {
    const char* field;
    std::int64_t value, low, high;
  } ranges[] = {
      {"uci.nof_prb", c.nof_prb, 1, max_nof_prb},
      {"uci.start_symbol", c.start_symbol, 0, nof_symbols_per_slot - 1},
      {"uci.nof_symbols", c.nof_symbols, 1, nof_symbols_per_slot - c.start_symbol},
      {"uci.data_res_on_dmrs", c.data_res_on_dmrs, 0, 6},
      {"uci.nof_layers", c.nof_layers, 1, 4},
      {"uci.qam_mod_order", c.qam_mod_order, 2, 8},
      {"uci.target_code_rate", c.target_code_rate, c.nof_info_bits > 0 ? 0 : 1, 10240},
      {"uci.nof_info_bits", c.nof_info_bits, 0, 1 << 24},
      {"uci.harq_ack_bits", uci.harq_ack_bits, 0, max_uci_bits},
      {"uci.csi1_bits", uci.csi1_bits, 0, max_uci_bits},
      {"uci.csi2_bits", uci.csi2_bits, 0, max_uci_bits},
      {"uci.alpha_scaling", uci.alpha_scaling, 0, std::ssize(alpha_times_20) - 1},
      {"uci.beta_offset_harq_ack", uci.beta_offset_harq_ack, 0, std::ssize(beta_harq_ack_times_40) - 1},
      {"uci.beta_offset_csi1", uci.beta_offset_csi1, 0, std::ssize(beta_csi_times_40) - 1},
      {"uci.beta_offset_csi2", uci.beta_offset_csi2, 0, std::ssize(beta_csi_times_40) - 1},
  };
  for (const auto& r : ranges) {
    if (auto bad = check_range(r.field, r.value, r.low, r.high)) {
      return bad;
    }
  }
  return std::nullopt;
}

/// The symbols that UCI starts on.
struct start_symbols {
  std::int32_t ack;  ///< the first without DM-RS behind the first run of DM-RS symbols
  std::int32_t csi;  ///< the first without DM-RS
  std::int64_t all;  ///< REs that can carry UCI
  std::int64_t rest; ///< those from `ack` on
};

class uci_planner {
public:
  uci_planner(const uci_layout_config& config, uci_layout& out) : c_(config), out_(out) {}

  bool plan()
  {
    lay_symbols();
    const start_symbols start = find_starts();
    count_res(start);
    const bool is_placed = (out_.is_punctured == 0 || place_reserved(start.ack)) && place_ack(start.ack) &&
                           place_csi1(start.csi) && place_csi2(start.csi);
    for (uci_symbol& symbol : out_.symbols) {
      symbol.ulsch_begin = out_.ulsch_res;
      out_.ulsch_res += free_for_csi2(symbol) - symbol.csi2.count;
    }
    return is_placed && (out_.ulsch_res > 0 || c_.nof_info_bits == 0);
  }

private:
  bool has_dmrs(std::int32_t symbol) const { return ((c_.dmrs_mask >> symbol) & 1U) != 0; }
  bool takes_uci(std::int32_t symbol) const { return out_.symbols[symbol].nof_re > 0 && !has_dmrs(symbol); }

  void lay_symbols()
  {
    out_ = {};
    out_.re_bits = c_.nof_layers * c_.qam_mod_order;
    out_.is_punctured = c_.uci.harq_ack_bits <= 2 ? 1 : 0;
    std::int32_t nof_res = 0;
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      const bool is_inside = symbol >= c_.start_symbol && symbol < c_.start_symbol + c_.nof_symbols;
      const std::int32_t per_prb = has_dmrs(symbol) ? c_.data_res_on_dmrs : nof_subcarriers_per_prb;
      out_.symbols[symbol].re_begin = nof_res;
      out_.symbols[symbol].nof_re = is_inside ? per_prb * c_.nof_prb : 0;
      nof_res += out_.symbols[symbol].nof_re;
    }
  }

  start_symbols find_starts() const
  {
    const std::int32_t end = c_.start_symbol + c_.nof_symbols;
    start_symbols start = {c_.start_symbol, c_.start_symbol, 0, 0};
    while (start.ack < end && !has_dmrs(start.ack)) {
      ++start.ack;
    }
    while (start.ack < end && has_dmrs(start.ack)) {
      ++start.ack;
    }
    while (start.csi < end && has_dmrs(start.csi)) {
      ++start.csi;
    }
    for (std::int32_t symbol = c_.start_symbol; symbol < end; ++symbol) {
      start.all += takes_uci(symbol) ? out_.symbols[symbol].nof_re : 0;
      start.rest += takes_uci(symbol) && symbol >= start.ack ? out_.symbols[symbol].nof_re : 0;
    }
    return start;
  }

  /// The REs that a number of bits asks for: in proportion to its share of the code word, or by the code rate
  /// where there is no UL-SCH.
  std::int64_t wanted(std::int32_t nof_bits, std::int32_t nof_crc, std::int32_t beta, std::int64_t all) const
  {
    const std::int64_t bits = std::int64_t{nof_bits + nof_crc} * beta;
    return c_.nof_info_bits > 0
               ? ceil_div(bits * all, std::int64_t{40} * c_.nof_info_bits)
               : ceil_div(bits * 10240, std::int64_t{40} * c_.target_code_rate * c_.qam_mod_order);
  }

  /// Q' of each stream, 38.212, 6.3.2.4.1 and 6.3.2.4.2.
  void count_res(const start_symbols& start)
  {
    const pusch_uci& uci = c_.uci;
    const std::int64_t alpha = alpha_times_20[uci.alpha_scaling];
    const std::int32_t beta_ack = beta_harq_ack_times_40[uci.beta_offset_harq_ack];
    const std::int64_t most_ack = ceil_div(alpha * start.rest, 20);
    const std::int32_t ack_bits = uci.harq_ack_bits;
    const auto res = [](std::int64_t n) { return static_cast<std::int32_t>(std::max<std::int64_t>(n, 0)); };
    if (ack_bits > 0) {
      out_.ack_res = res(std::min(wanted(ack_bits, nof_crc_bits(ack_bits), beta_ack, start.all), most_ack));
    }
    if (out_.is_punctured != 0) {
      out_.reserved_res = res(std::min(wanted(2, 0, beta_ack, start.all), most_ack));
    }
    const std::int32_t kept = out_.is_punctured != 0 ? out_.reserved_res : out_.ack_res;
    const std::int64_t most = c_.nof_info_bits > 0 ? ceil_div(alpha * start.all, 20) : start.all;
    if (uci.csi1_bits > 0) {
      const std::int32_t beta = beta_csi_times_40[uci.beta_offset_csi1];
      const std::int64_t asked = wanted(uci.csi1_bits, nof_crc_bits(uci.csi1_bits), beta, start.all);
      const bool takes_all = c_.nof_info_bits == 0 && uci.csi2_bits == 0;
      out_.csi1_res = res(takes_all ? most - kept : std::min(asked, most - kept));
    }
    if (uci.csi2_bits > 0) {
      const std::int32_t beta = beta_csi_times_40[uci.beta_offset_csi2];
      const std::int64_t asked = wanted(uci.csi2_bits, nof_crc_bits(uci.csi2_bits), beta, start.all);
      const std::int64_t left = most - (out_.is_punctured != 0 ? 0 : out_.ack_res) - out_.csi1_res;
      out_.csi2_res = res(c_.nof_info_bits == 0 ? left : std::min(asked, left));
    }
  }

  /// One symbol's part of a stream on a list of REs.
  static re_comb take(std::int32_t listed, std::int32_t rest)
  {
    if (listed <= 0 || rest <= 0) {
      return {};
    }
    return rest >= listed ? re_comb{listed, 1} : re_comb{rest, listed / rest};
  }

  /// Spreads a stream over the symbols from `first` on; false when they do not hold it.
  template <class Listed>
  bool place(std::int32_t first, std::int32_t nof_res, re_comb uci_symbol::*comb, const Listed& listed)
  {
    std::int32_t placed = 0;
    for (std::int32_t symbol = first; symbol < c_.start_symbol + c_.nof_symbols && placed < nof_res;
         ++symbol) {
      if (takes_uci(symbol)) {
        re_comb& to = out_.symbols[symbol].*comb;
        to = take(listed(out_.symbols[symbol]), nof_res - placed);
        to.begin = placed;
        placed += to.count;
      }
    }
    return placed == nof_res;
  }

  std::int32_t free_for_csi1(const uci_symbol& s) const
  {
    return s.nof_re - (out_.is_punctured != 0 ? s.reserved.count : s.ack.count);
  }
  std::int32_t free_for_csi2(const uci_symbol& s) const
  {
    return s.nof_re - (out_.is_punctured != 0 ? 0 : s.ack.count) - s.csi1.count;
  }

  bool place_reserved(std::int32_t first)
  {
    return place(
        first, out_.reserved_res, &uci_symbol::reserved, [](const uci_symbol& s) { return s.nof_re; });
  }
  bool place_ack(std::int32_t first)
  {
    const bool is_punctured = out_.is_punctured != 0;
    return place(first, out_.ack_res, &uci_symbol::ack, [=](const uci_symbol& s) {
      return is_punctured ? s.reserved.count : s.nof_re;
    });
  }
  bool place_csi1(std::int32_t first)
  {
    return place(
        first, out_.csi1_res, &uci_symbol::csi1, [this](const uci_symbol& s) { return free_for_csi1(s); });
  }
  bool place_csi2(std::int32_t first)
  {
    return place(
        first, out_.csi2_res, &uci_symbol::csi2, [this](const uci_symbol& s) { return free_for_csi2(s); });
  }

  const uci_layout_config& c_;
  uci_layout& out_;
};

} // namespace

result<uci_layout> plan_uci_layout(const uci_layout_config& config)
{
  if (auto bad = check(config)) {
    return *bad;
  }
  uci_layout out;
  if (!uci_planner(config, out).plan()) {
    return error{"uci", "does not fit the PUSCH"};
  }
  const bool is_starved = (config.uci.harq_ack_bits > 0 && out.ack_res == 0) ||
                          (config.uci.csi1_bits > 0 && out.csi1_res == 0) ||
                          (config.uci.csi2_bits > 0 && out.csi2_res == 0);
  if (is_starved) {
    return error{"uci", "gets no resource element of the PUSCH"};
  }
  return out;
}

} // namespace pado::phy
