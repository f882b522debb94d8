// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/soft_bits.h"
#include <algorithm>
#include <cmath>

namespace pado::phy {

namespace {

template <class Plan>
Plan checked(result<Plan> plan)
{
  assert(plan && "follows from limits that plan_slot_program has checked");
  return std::move(plan).value();
}

} // namespace

struct soft_bits::state {
  explicit state(const slot_program_plan& p)
      : plan(p), program(p), gold_stage(checked(plan_gold({p.sizes.gold_tasks, p.sizes.words}))),
        dmrs_stage(checked(plan_dmrs_ls({p.limits.nof_rx_ports, p.limits.nof_prb, p.sizes.dmrs_ls_tasks}))),
        estimate_stage(checked(plan_channel_estimate(
            {p.limits.scs, p.limits.nof_rx_ports, p.limits.nof_prb, p.limits.max_pdus}))),
        equalise_stage(checked(
            plan_equalise({p.limits.nof_rx_ports, p.limits.nof_prb, p.sizes.tiles, p.limits.max_pdus}))),
        words(static_cast<std::size_t>(p.sizes.words)),
        ls(static_cast<std::size_t>(p.limits.nof_rx_ports) * static_cast<std::size_t>(p.sizes.pilots)),
        h(static_cast<std::size_t>(p.limits.nof_rx_ports) * static_cast<std::size_t>(p.sizes.estimates)),
        info(static_cast<std::size_t>(p.limits.max_pdus)), llr(static_cast<std::size_t>(p.sizes.llrs)),
        quality(static_cast<std::size_t>(p.sizes.tiles) * max_nof_layers)
  {
  }

  slot_program_plan plan;
  slot_program program;
  gold<backend::cpu> gold_stage;
  dmrs_ls<backend::cpu> dmrs_stage;
  channel_estimate<backend::cpu> estimate_stage;
  equalise<backend::cpu> equalise_stage;
  buffer<std::uint32_t> words;
  buffer<cf32> ls;
  buffer<cf32> h;
  buffer<channel_estimate_info> info;
  buffer<std::int8_t> llr;
  buffer<equalise_quality> quality;
};

result<slot_program_plan> soft_bits::plan(const slot_limits& limits)
{
  return plan_slot_program(limits);
}

soft_bits::soft_bits(const slot_program_plan& plan) : state_(std::make_unique<state>(plan)) {}
soft_bits::~soft_bits() = default;
soft_bits::soft_bits(soft_bits&&) noexcept = default;

bool soft_bits::run(view<const ch16, 3> grid, slot_id slot, std::span<const pusch_pdu> pdus)
{
  state& s = *state_;
  slot_plan plan;
  plan.slot = slot;
  for (pusch_pdu pdu : pdus) {
    // A transport block that every allocation can carry: the code plays no part before rate dematching.
    pdu.rnti = 0;
    pdu.data_scrambling_id = 0;
    pdu.tb_size_bytes = 3;
    pdu.target_code_rate = 1200;
    pdu.rv_index = 0;
    pdu.uci = {};
    plan.pusch.push_back(pdu);
  }
  const std::vector<harq_place> places(pdus.size(), harq_place{0, false});
  compile_slot(s.plan, plan, places, s.program);
  if (!s.program.refused.empty() || s.program.pdus.size() != static_cast<std::int32_t>(pdus.size())) {
    return false;
  }
  const slot_sizes& sizes = s.plan.sizes;
  const auto words = s.words.as(sizes.words);
  const auto ls = s.ls.as(s.plan.limits.nof_rx_ports, sizes.pilots);
  const auto h = s.h.as(s.plan.limits.nof_rx_ports, sizes.estimates);
  const auto info = s.info.as(s.program.estimates.size());
  const auto quality = s.quality.as(s.program.tiles.size(), max_nof_layers);
  s.gold_stage.run({s.program.gold.all()}, {words}, {});
  s.dmrs_stage.run({s.program.dmrs_ls.all(), words, grid}, {ls}, {});
  s.estimate_stage.run({s.program.estimates.all(), ls}, {h, info}, {});
  s.equalise_stage.run(
      {s.program.tiles.all(), s.program.pdus.all(), info, grid, view<const std::uint8_t, 3>(), h, words},
      {s.llr.as(sizes.llrs), quality},
      {});
  return true;
}

std::span<const std::int8_t> soft_bits::of(std::size_t pdu) const
{
  const slot_program& program = state_->program;
  const auto at = static_cast<std::int32_t>(pdu);
  const std::int32_t begin = program.pdus[at].llr_begin;
  const std::int32_t end = at + 1 < program.pdus.size() ? program.pdus[at + 1].llr_begin : program.nof_llrs;
  return {state_->llr.data() + begin, static_cast<std::size_t>(end - begin)};
}

namespace {

using channel_row = std::array<cf32, max_nof_layers>; ///< of one port, all layers of all PDUs

/// Solves the few equations of a linear receiver: a is replaced by its inverse. Positive definite.
void invert(std::array<channel_row, max_nof_layers>& a, std::size_t n)
{
  std::array<channel_row, max_nof_layers> inverse = {};
  for (std::size_t i = 0; i < n; ++i) {
    inverse[i][i] = {1.0F, 0.0F};
  }
  for (std::size_t pivot = 0; pivot < n; ++pivot) {
    const cf32 unit = (1.0F / std::max(norm(a[pivot][pivot]), 1e-20F)) * conj(a[pivot][pivot]);
    for (std::size_t j = 0; j < n; ++j) {
      a[pivot][j] = a[pivot][j] * unit;
      inverse[pivot][j] = inverse[pivot][j] * unit;
    }
    for (std::size_t i = 0; i < n; ++i) {
      const cf32 factor = a[i][pivot];
      for (std::size_t j = 0; j < n && i != pivot; ++j) {
        a[i][j] = a[i][j] - factor * a[pivot][j];
        inverse[i][j] = inverse[i][j] - factor * inverse[pivot][j];
      }
    }
  }
  a = inverse;
}

/// One RE through a linear receiver that knows all layers: values of each and their SINR.
class re_receiver {
public:
  explicit re_receiver(std::size_t nof_layers) : nof_layers_(nof_layers) {}

  void add(const channel_row& h, cf32 y, float noise)
  {
    const float inverse = 1.0F / std::max(noise, 1e-12F);
    for (std::size_t i = 0; i < nof_layers_; ++i) {
      matched_[i] += inverse * (conj(h[i]) * y);
      for (std::size_t j = 0; j < nof_layers_; ++j) {
        gram_[i][j] += inverse * (conj(h[i]) * h[j]);
      }
    }
  }

  std::array<equalised_re, max_nof_layers> solve()
  {
    for (std::size_t i = 0; i < nof_layers_; ++i) {
      gram_[i][i].re += 1.0F;
    }
    invert(gram_, nof_layers_);
    std::array<equalised_re, max_nof_layers> out;
    for (std::size_t i = 0; i < nof_layers_; ++i) {
      cf32 x;
      for (std::size_t j = 0; j < nof_layers_; ++j) {
        x += gram_[i][j] * matched_[j];
      }
      const float error = std::clamp(gram_[i][i].re, 1e-4F, 0.9999F);
      out[i] = {(1.0F / (1.0F - error)) * x, (1.0F - error) / error};
    }
    return out;
  }

private:
  std::size_t nof_layers_;
  std::array<cf32, max_nof_layers> matched_ = {};
  std::array<channel_row, max_nof_layers> gram_ = {};
};

} // namespace

cf32 soft_bits::channel(
    std::size_t pdu, std::int32_t layer, std::int32_t port, std::int32_t symbol, std::int32_t k) const
{
  const state& s = *state_;
  const channel_estimate_task& task = s.program.estimates[static_cast<std::int32_t>(pdu)];
  const channel_estimate_info& info = s.info[pdu];
  const std::int32_t width = nof_subcarriers_per_prb * task.prbs.size();
  cf32 gain;
  for (std::int32_t d = 0; d < (info.is_static > 0.5F ? 1 : task.nof_dmrs); ++d) {
    const std::size_t at = static_cast<std::size_t>(port) * static_cast<std::size_t>(s.plan.sizes.estimates) +
                           static_cast<std::size_t>(task.h_begin + (layer * task.nof_dmrs + d) * width + k);
    gain += info.weight[symbol][d] * s.h[at];
  }
  return info.rotation[symbol] * gain;
}

std::vector<std::vector<equalised_re>> soft_bits::constellations(view<const ch16, 3> grid) const
{
  constexpr std::int32_t wanted = 600;
  const state& s = *state_;
  const auto nof_pdus = static_cast<std::size_t>(s.program.pdus.size());
  std::vector<std::vector<equalised_re>> out(nof_pdus);
  std::vector<std::pair<std::size_t, std::int32_t>> layers; // PDU, layer
  for (std::size_t pdu = 0; pdu < nof_pdus; ++pdu) {
    for (std::int32_t layer = 0; layer < s.program.pdus[static_cast<std::int32_t>(pdu)].nof_layers; ++layer) {
      layers.push_back({pdu, layer});
    }
  }
  const equalise_pdu& place = s.program.pdus[0];
  if (layers.size() > max_nof_layers) {
    return out;
  }
  const std::int32_t width = nof_subcarriers_per_prb * place.prbs.size();
  const std::int32_t stride = std::max(1, width * 12 / wanted) | 1;
  std::int32_t next = 0;
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    if (place.re_offset[symbol] < 0 || ((place.dmrs_mask >> symbol) & 1U) != 0) {
      continue;
    }
    for (; next < width; next += stride) {
      re_receiver re(layers.size());
      for (std::int32_t port = 0; port < s.program.nof_rx_ports; ++port) {
        channel_row h = {};
        for (std::size_t i = 0; i < layers.size(); ++i) {
          h[i] = channel(layers[i].first, layers[i].second, port, symbol, next);
        }
        re.add(h,
               to_cf32(grid(port, symbol, nof_subcarriers_per_prb * place.prbs.begin + next)),
               s.info[0].noise[port]);
      }
      const std::array<equalised_re, max_nof_layers> values = re.solve();
      for (std::size_t i = 0; i < layers.size(); ++i) {
        out[layers[i].first].push_back(values[i]);
      }
    }
    next -= width;
  }
  return out;
}

} // namespace pado::phy
