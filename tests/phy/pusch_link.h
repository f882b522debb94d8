// SPDX-License-Identifier: Apache-2.0
#pragma once

// A PUSCH slot without coding for the tests and benches of channel_estimate and equalise: random bits, any
// channel given as paths, noise; received by dmrs_ls, channel_estimate and equalise. Double precision,
// written from the spec.

#include "core/buffer.h"
#include "phy/channel_estimate/channel_estimate.h"
#include "phy/dmrs_ls/dmrs_ls.h"
#include "phy/equalise/equalise.h"
#include "tests/phy/link_ue.h"
#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

namespace pado::test {

class pusch_link {
public:
  explicit pusch_link(link_config config) : config_(std::move(config)), random_(config_.seed)
  {
    grid_ = buffer<ch16>(static_cast<std::size_t>(config_.nof_rx_ports * 14 * 12 * config_.grid_prb));
    plan_tasks();
    transmit();
    make_stages();
  }

  void receive()
  {
    run_ls();
    run_estimate();
    run_equalise();
  }
  void run_ls()
  {
    ls_stage_->run({view_of(ls_tasks_), word_view(), grid_view(), received_view()}, {ls_view()}, {});
  }
  void run_estimate() { estimate_stage_->run(estimate_input(), {h_view(), info_view()}, {}); }
  void run_equalise() { equalise_stage_->run(equalise_input(), equalise_output(), {}); }

  phy::channel_estimate<backend::cpu>::input estimate_input() const
  {
    return {view_of(tasks), ls_view(), received_view()};
  }
  phy::equalise<backend::cpu>::input equalise_input() const
  {
    return {view_of(tiles), view_of(pdus), info_view(), grid_view(), received_view(), h_view(), word_view()};
  }
  phy::equalise<backend::cpu>::output equalise_output() const
  {
    return {
        view<std::int8_t, 1>(llr_.data(), static_cast<int>(llr_.size())),
        view<phy::equalise_quality, 2>(quality_.data(), static_cast<int>(tiles.size()), phy::max_nof_layers)};
  }

  view<ch16, 3> grid_view() const { return grid_.as(config_.nof_rx_ports, 14, 12 * config_.grid_prb); }
  view<cf32, 2> ls_view() const { return ls_.as(config_.nof_rx_ports, nof_ls_); }
  view<cf32, 2> h_view() const { return h_.as(config_.nof_rx_ports, nof_h_); }
  view<phy::channel_estimate_info, 1> info_view() const { return info_.as(static_cast<int>(tasks.size())); }
  view<const std::uint32_t, 1> word_view() const { return view_of(words); }
  view<const std::uint8_t, 3> received_view() const
  {
    return received.empty()
               ? view<const std::uint8_t, 3>()
               : view<const std::uint8_t, 3>(received.data(), config_.nof_rx_ports, 14, config_.grid_prb);
  }
  const phy::channel_estimate_info& info(int ue) const { return info_[static_cast<std::size_t>(ue)]; }
  const phy::equalise_quality& quality(int tile, int layer) const
  {
    return quality_[static_cast<std::size_t>(4 * tile + layer)];
  }
  const std::int8_t* llr() const { return llr_.data(); }
  int nof_llr() const { return static_cast<int>(llr_.size()); }

  /// The true channel of a UE's layer.
  cd truth(int ue, int port, int layer, int symbol, int k) const
  {
    const prb_range prbs = config_.ues[ue].prbs;
    return truth_[ue][static_cast<std::size_t>(((port * 4 + layer) * 14 + symbol) * 12 * prbs.size() + k -
                                               12 * prbs.begin)];
  }

  /// The estimate that the equaliser uses.
  cd estimate(int ue, int port, int layer, int symbol, int k) const
  {
    const phy::channel_estimate_task& task = tasks[ue];
    const phy::channel_estimate_info& report = info(ue);
    cd sum = 0.0;
    for (int d = 0; d < task.nof_dmrs; ++d) {
      if (report.weight[symbol][d] != 0.0F) {
        const cf32 h = h_view()(port,
                                task.h_begin + (layer * task.nof_dmrs + d) * 12 * task.prbs.size() + k -
                                    12 * task.prbs.begin);
        sum += static_cast<double>(report.weight[symbol][d]) * cd(h.re, h.im);
      }
    }
    return sum * cd(report.rotation[symbol].re, report.rotation[symbol].im);
  }

  /// Mean squared error of a UE's estimates over all symbols in [first, last), ports, layers, relative to the
  /// channel.
  double estimate_error(int ue, int first = 0, int last = 14) const
  {
    double error = 0.0;
    double power = 0.0;
    const link_ue& of = config_.ues[ue];
    for (int symbol = first; symbol < last; ++symbol) {
      for (int port = 0; port < config_.nof_rx_ports; ++port) {
        for (std::size_t layer = 0; layer < of.dmrs_ports.size(); ++layer) {
          for (int k = 12 * of.prbs.begin; k < 12 * of.prbs.end; ++k) {
            const cd h = truth(ue, port, static_cast<int>(layer), symbol, k);
            error += std::norm(estimate(ue, port, static_cast<int>(layer), symbol, k) - h);
            power += std::norm(h);
          }
        }
      }
    }
    return error / power;
  }

  /// Hard-decision bit error rate of a UE.
  double bit_error_rate(int ue) const
  {
    int errors = 0;
    for (std::size_t i = 0; i < bits[ue].size(); ++i) {
      const int llr = llr_[static_cast<std::size_t>(pdus[ue].llr_begin) + i];
      errors += (llr < 0) != (bits[ue][i] != 0) ? 1 : 0;
    }
    return static_cast<double>(errors) / static_cast<double>(bits[ue].size());
  }

  /// Mutual information per bit of a UE's soft bits, from their signs and sizes.
  double information(int ue) const
  {
    double sum = 0.0;
    for (std::size_t i = 0; i < bits[ue].size(); ++i) {
      const double llr = static_cast<double>(llr_[static_cast<std::size_t>(pdus[ue].llr_begin) + i]) /
                         static_cast<double>(phy::llr_scale);
      sum += std::log2(1.0 + std::exp(bits[ue][i] != 0 ? llr : -llr));
    }
    return 1.0 - sum / static_cast<double>(bits[ue].size());
  }

  /// Makes new noise over the same signal.
  void add_noise(unsigned seed)
  {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    std::size_t i = 0;
    for (int port = 0; port < config_.nof_rx_ports; ++port) {
      const double deviation = std::sqrt(0.5 * config_.noise[port]);
      for (int re = 0; re < 14 * 12 * config_.grid_prb; ++re, ++i) {
        const cd value = clean_[i] + cd(deviation * normal(random), deviation * normal(random));
        grid_[i] = to_ch16({static_cast<float>(value.real()), static_cast<float>(value.imag())});
      }
    }
  }

  link_config config_;
  std::vector<phy::channel_estimate_task> tasks;
  std::vector<phy::equalise_pdu> pdus;
  std::vector<phy::equalise_tile> tiles;
  std::vector<std::uint32_t> words;
  std::vector<std::uint8_t> received;
  std::vector<std::vector<std::uint8_t>> bits; ///< [ue], before scrambling

private:
  template <class T>
  static view<const T, 1> view_of(const std::vector<T>& list)
  {
    return view<const T, 1>(list.data(), static_cast<int>(list.size()));
  }

  std::int32_t random_words(int nof_bits)
  {
    const auto begin = static_cast<std::int32_t>(words.size());
    for (int i = 0; i < (nof_bits + 31) / 32; ++i) {
      words.push_back(static_cast<std::uint32_t>(random_()));
    }
    return begin;
  }
  int word_bit(std::int32_t begin, std::int64_t bit) const
  {
    return static_cast<int>(words[static_cast<std::size_t>(begin + bit / 32)] >> (bit % 32)) & 1;
  }

  bool has_dmrs(int symbol) const
  {
    return std::find(config_.dmrs_symbols.begin(), config_.dmrs_symbols.end(), symbol) !=
           config_.dmrs_symbols.end();
  }

  void plan_tasks()
  {
    const auto nof_dmrs = static_cast<int>(config_.dmrs_symbols.size());
    std::vector<std::int32_t> dmrs_words;
    for (int d = 0; d < nof_dmrs; ++d) {
      dmrs_words.push_back(random_words(2 * 6 * config_.grid_prb));
    }
    int llr_begin = 0;
    for (std::size_t u = 0; u < config_.ues.size(); ++u) {
      const link_ue& ue = config_.ues[u];
      plan_estimate(ue, dmrs_words);
      llr_begin += plan_pdu(ue, llr_begin);
    }
    find_peers(tasks);
    llr_ = std::vector<std::int8_t>(static_cast<std::size_t>(llr_begin), std::int8_t{0});
    ls_ = buffer<cf32>(static_cast<std::size_t>(config_.nof_rx_ports * nof_ls_));
    h_ = buffer<cf32>(static_cast<std::size_t>(config_.nof_rx_ports * nof_h_));
    info_ = buffer<phy::channel_estimate_info>(tasks.size());
    tiles = make_tiles(config_.ues, tasks);
    quality_ = std::vector<phy::equalise_quality>(4 * tiles.size());
  }

  void plan_estimate(const link_ue& ue, const std::vector<std::int32_t>& dmrs_words)
  {
    const auto nof_dmrs = static_cast<int>(config_.dmrs_symbols.size());
    const int nof_prb = ue.prbs.size();
    phy::channel_estimate_task task = {};
    task.prbs = ue.prbs;
    task.nof_layers = static_cast<int>(ue.dmrs_ports.size());
    task.nof_dmrs = nof_dmrs;
    task.slot_in_subframe = config_.slot_in_subframe;
    task.amplitude = std::sqrt(static_cast<float>(config_.nof_cdm_groups_no_data));
    task.ls_begin = nof_ls_;
    task.h_begin = nof_h_;
    for (int d = 0; d < nof_dmrs; ++d) {
      task.dmrs_symbols[d] = config_.dmrs_symbols[d];
    }
    for (int layer = 0; layer < task.nof_layers; ++layer) {
      task.delta[layer] = ue.dmrs_ports[layer] / 2;
      task.second_sign[layer] = ue.dmrs_ports[layer] % 2 == 0 ? 1.0F : -1.0F;
      for (int d = 0; d < nof_dmrs; ++d) {
        // Pilot p of PRB n uses bits from 12 n on; the runs begin at the carrier's first PRB, so shift by
        // whole words is not possible: each task gets its own copy from its first bit on.
        phy::dmrs_ls_task ls = {config_.dmrs_symbols[d],
                                ue.prbs,
                                copy_words(dmrs_words[d], 12 * ue.prbs.begin, 12 * nof_prb),
                                task.delta[layer],
                                task.second_sign[layer],
                                task.amplitude,
                                nof_ls_};
        ls_tasks_.push_back(ls);
        nof_ls_ += 6 * nof_prb;
        nof_h_ += 12 * nof_prb;
      }
    }
    tasks.push_back(task);
  }

  std::int32_t copy_words(std::int32_t begin, int first_bit, int nof_bits)
  {
    std::vector<std::uint32_t> copy(static_cast<std::size_t>((nof_bits + 31) / 32), 0U);
    for (int i = 0; i < nof_bits; ++i) {
      copy[i / 32] |= static_cast<std::uint32_t>(word_bit(begin, first_bit + i)) << (i % 32);
    }
    const auto at = static_cast<std::int32_t>(words.size());
    words.insert(words.end(), copy.begin(), copy.end());
    return at;
  }

  int plan_pdu(const link_ue& ue, int llr_begin)
  {
    phy::equalise_pdu pdu = {};
    pdu.qam_mod_order = ue.qam_mod_order;
    pdu.nof_layers = static_cast<int>(ue.dmrs_ports.size());
    pdu.prbs = ue.prbs;
    pdu.data_res_on_dmrs = config_.nof_cdm_groups_no_data == 1 ? 6 : 0;
    int nof_re = 0;
    for (int l = 0; l < 14; ++l) {
      const int per_prb = has_dmrs(l) ? pdu.data_res_on_dmrs : 12;
      pdu.dmrs_mask |= has_dmrs(l) ? 1U << l : 0U;
      pdu.re_offset[l] = per_prb == 0 ? -1 : nof_re;
      nof_re += per_prb * ue.prbs.size();
    }
    const int nof_bits = nof_re * pdu.nof_layers * pdu.qam_mod_order;
    pdu.llr_begin = llr_begin;
    pdu.words_begin = random_words(nof_bits);
    std::vector<std::uint8_t> data(static_cast<std::size_t>(nof_bits));
    for (std::uint8_t& bit : data) {
      bit = static_cast<std::uint8_t>(random_() & 1U);
    }
    bits.push_back(data);
    pdus.push_back(pdu);
    return nof_bits;
  }

  cd sent(int u, int layer, int symbol, int k) const
  {
    const link_ue& ue = config_.ues[u];
    const phy::channel_estimate_task& task = tasks[u];
    const phy::equalise_pdu& pdu = pdus[u];
    const int in_pdu = k - 12 * ue.prbs.begin;
    const bool on_dmrs = has_dmrs(symbol);
    if (on_dmrs && k % 2 == task.delta[layer]) {
      const auto d = static_cast<std::size_t>(
          std::find(config_.dmrs_symbols.begin(), config_.dmrs_symbols.end(), symbol) -
          config_.dmrs_symbols.begin());
      const std::int32_t begin =
          ls_tasks_[task_first_ls(u) + layer * config_.dmrs_symbols.size() + d].words_begin;
      const int p = in_pdu / 2;
      const cd pilot =
          cd(1.0 - 2.0 * word_bit(begin, 2 * p), 1.0 - 2.0 * word_bit(begin, 2 * p + 1)) / std::sqrt(2.0);
      const double sign = p % 2 == 0 ? 1.0 : static_cast<double>(task.second_sign[layer]);
      return static_cast<double>(task.amplitude) * sign * pilot;
    }
    if (pdu.re_offset[symbol] < 0 || (on_dmrs && k % 2 == 0)) {
      return 0.0;
    }
    const std::int64_t re = pdu.re_offset[symbol] + (on_dmrs ? in_pdu / 2 : in_pdu);
    const std::int64_t bit = (re * pdu.nof_layers + layer) * pdu.qam_mod_order;
    int scrambled[8];
    for (int i = 0; i < pdu.qam_mod_order; ++i) {
      scrambled[i] = bits[u][static_cast<std::size_t>(bit + i)] ^ word_bit(pdu.words_begin, bit + i);
    }
    return qam(scrambled, pdu.qam_mod_order);
  }
  std::size_t task_first_ls(int u) const
  {
    std::size_t first = 0;
    for (int i = 0; i < u; ++i) {
      first += static_cast<std::size_t>(tasks[i].nof_layers * tasks[i].nof_dmrs);
    }
    return first;
  }

  void transmit()
  {
    for (const link_ue& ue : config_.ues) {
      truth_.push_back(make_truth(config_, ue));
    }
    clean_.assign(grid_.size(), 0.0);
    const auto grid = grid_view();
    for (std::size_t u = 0; u < config_.ues.size(); ++u) {
      const link_ue& ue = config_.ues[u];
      for (int symbol = 0; symbol < 14; ++symbol) {
        for (int k = 12 * ue.prbs.begin; k < 12 * ue.prbs.end; ++k) {
          for (std::size_t layer = 0; layer < ue.dmrs_ports.size(); ++layer) {
            const cd x = sent(static_cast<int>(u), static_cast<int>(layer), symbol, k);
            for (int port = 0; port < config_.nof_rx_ports; ++port) {
              clean_[static_cast<std::size_t>(&grid(port, symbol, k) - grid.data())] +=
                  truth(static_cast<int>(u), port, static_cast<int>(layer), symbol, k) * x;
            }
          }
        }
      }
    }
    add_noise(config_.seed + 1000);
  }

  /// One stage for all links of a subcarrier spacing: making its filters takes longer than a link.
  static phy::channel_estimate<backend::cpu>& shared_estimate_stage(int mu)
  {
    static std::unique_ptr<phy::channel_estimate<backend::cpu>> stages[5];
    if (!stages[mu]) {
      stages[mu] = std::make_unique<phy::channel_estimate<backend::cpu>>(
          phy::plan_channel_estimate({{mu}, 8, 275, 8}).value());
    }
    return *stages[mu];
  }

  void make_stages()
  {
    int max_prb = 1;
    for (const link_ue& ue : config_.ues) {
      max_prb = std::max(max_prb, ue.prbs.size());
    }
    const auto nof_ues = static_cast<int>(tasks.size());
    ls_stage_ = std::make_unique<phy::dmrs_ls<backend::cpu>>(
        phy::plan_dmrs_ls({config_.nof_rx_ports, max_prb, static_cast<int>(ls_tasks_.size())}).value());
    estimate_stage_ = &shared_estimate_stage(config_.mu);
    equalise_stage_ = std::make_unique<phy::equalise<backend::cpu>>(
        phy::plan_equalise({config_.nof_rx_ports, max_prb, static_cast<int>(tiles.size()), nof_ues}).value());
  }

  std::mt19937 random_;
  buffer<ch16> grid_;
  std::vector<cd> clean_;
  std::vector<std::vector<cd>> truth_; ///< [ue][port, layer, symbol, subcarrier of the UE]
  std::vector<phy::dmrs_ls_task> ls_tasks_;
  int nof_ls_ = 0;
  int nof_h_ = 0;
  buffer<cf32> ls_;
  buffer<cf32> h_;
  buffer<phy::channel_estimate_info> info_;
  mutable std::vector<std::int8_t> llr_;
  mutable std::vector<phy::equalise_quality> quality_;
  std::unique_ptr<phy::dmrs_ls<backend::cpu>> ls_stage_;
  phy::channel_estimate<backend::cpu>* estimate_stage_ = nullptr;
  std::unique_ptr<phy::equalise<backend::cpu>> equalise_stage_;
};

} // namespace pado::test
