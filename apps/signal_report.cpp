// SPDX-License-Identifier: Apache-2.0
#include "apps/signal_report.h"
#include "apps/rounded_json.h"
#include "apps/thinned.h"
#include "phy/blind/soft_bits.h"
#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t max_blocks = 6;   ///< of each UE
constexpr std::size_t max_points = 160; ///< of each block
constexpr std::int32_t nof_delays = 121;

/// What is shown of one block.
struct block_signal {
  slot_id slot;
  bool is_ok = false;
  std::uint8_t qam_bits = 0;
  float sinr_db = 0.0F;
  std::int32_t first_subcarrier = 0;
  std::vector<phy::equalised_re> points;
  std::vector<float> channel_db; ///< by subcarrier, first port and layer, first DM-RS symbol
  std::vector<float> delay_db;   ///< by delay, mean over ports and layers, the strongest is 0
};

float decibel(double power)
{
  return static_cast<float>(10.0 * std::log10(std::max(power, 1e-20)));
}

/// Delays that are shown, in seconds: from a quarter of the cyclic prefix early to 1.25 of it late.
double delay_of(std::int32_t i, numerology scs)
{
  const double prefix = 144.0 / 2048.0 / static_cast<double>(scs.scs_hz());
  return prefix * (-0.25 + 1.5 * i / (nof_delays - 1));
}

/// Adds |sum of h over subcarriers, windowed and turned by a delay|^2 for every delay.
void add_profile(const std::vector<cf32>& h, numerology scs, std::vector<double>& profile)
{
  const auto width = static_cast<double>(h.size());
  for (std::int32_t i = 0; i < nof_delays; ++i) {
    const double turn = 2.0 * M_PI * delay_of(i, scs) * static_cast<double>(scs.scs_hz());
    double re = 0.0;
    double im = 0.0;
    for (std::size_t k = 0; k < h.size(); ++k) {
      const double at = static_cast<double>(k);
      const double window = 0.5 - 0.5 * std::cos(2.0 * M_PI * (at + 0.5) / width);
      const double c = window * std::cos(turn * at);
      const double s = window * std::sin(turn * at);
      re += static_cast<double>(h[k].re) * c - static_cast<double>(h[k].im) * s;
      im += static_cast<double>(h[k].re) * s + static_cast<double>(h[k].im) * c;
    }
    profile[static_cast<std::size_t>(i)] += re * re + im * im;
  }
}

} // namespace

struct signal_report::state {
  explicit state(const phy::slot_program_plan& program)
      : scs(program.limits.scs), nof_ports(program.limits.nof_rx_ports), receiver(program)
  {
  }

  bool is_drawable(const slot_report& report, const pusch_report& pusch) const;
  block_signal signal_of(const slot_report& report, const pusch_report& pusch, view<const ch16, 3> grid);

  numerology scs;
  std::int32_t nof_ports;
  phy::soft_bits receiver;
  std::map<std::uint16_t, thinned<block_signal>> ues;
  std::vector<std::int32_t> wanted; ///< indices into the PUSCH of the slot
};

namespace {

/// All PDUs on the PRBs of one, itself first.
std::vector<pusch_pdu> sharing(const slot_report& report, const pusch_report& pusch)
{
  std::vector<pusch_pdu> out = {pusch.pdu};
  for (const pusch_report& other : report.pusch) {
    if (&other != &pusch && overlap(prbs_of(other.pdu), prbs_of(pusch.pdu))) {
      out.push_back(other.pdu);
    }
  }
  return out;
}

} // namespace

/// The linear receiver knows all layers on the PRBs of a block, or its points would not be those that were
/// decided.
bool signal_report::state::is_drawable(const slot_report& report, const pusch_report& pusch) const
{
  std::int32_t nof_layers = 0;
  for (const pusch_pdu& pdu : sharing(report, pusch)) {
    if (prbs_of(pdu) != prbs_of(pusch.pdu)) {
      return false;
    }
    nof_layers += pdu.nof_layers;
  }
  return !pusch.dtx && nof_layers <= phy::max_nof_layers;
}

block_signal signal_report::state::signal_of(const slot_report& report,
                                             const pusch_report& pusch,
                                             view<const ch16, 3> grid)
{
  block_signal out;
  const pusch_pdu& pdu = pusch.pdu;
  out.slot = report.slot;
  out.is_ok = pusch.tb_crc_ok;
  out.qam_bits = pdu.qam_mod_order;
  out.sinr_db = pusch.sinr_db;
  out.first_subcarrier = nof_subcarriers_per_prb * pdu.rb_start;
  if (!receiver.run(grid, report.slot, sharing(report, pusch))) {
    return out;
  }
  const std::vector<phy::equalised_re> all = receiver.constellations(grid)[0];
  const std::size_t step = std::max<std::size_t>(1, (all.size() + max_points - 1) / max_points);
  for (std::size_t i = 0; i < all.size(); i += step) {
    out.points.push_back(all[i]);
  }
  const std::int32_t symbol = std::countr_zero(static_cast<unsigned>(pdu.dmrs_symbol_mask));
  std::vector<double> profile(nof_delays);
  for (std::int32_t port = 0; port < nof_ports; ++port) {
    for (std::int32_t layer = 0; layer < pdu.nof_layers; ++layer) {
      std::vector<cf32> h;
      for (std::int32_t k = 0; k < nof_subcarriers_per_prb * pdu.rb_size; ++k) {
        h.push_back(receiver.channel(0, layer, port, symbol, k));
      }
      add_profile(h, scs, profile);
      for (std::size_t k = 0; k < h.size() && port == 0 && layer == 0; ++k) {
        out.channel_db.push_back(decibel(static_cast<double>(norm(h[k]))));
      }
    }
  }
  const double strongest = std::max(*std::max_element(profile.begin(), profile.end()), 1e-20);
  for (const double power : profile) {
    out.delay_db.push_back(decibel(power / strongest));
  }
  return out;
}

signal_report::signal_report(const pipeline::slot_pipeline_plan& plan)
    : state_(std::make_unique<state>(plan.program))
{
}
signal_report::~signal_report() = default;

bool signal_report::wants(const slot_report& report)
{
  state& s = *state_;
  s.wanted.clear();
  for (std::size_t i = 0; i < report.pusch.size(); ++i) {
    const pusch_report& pusch = report.pusch[i];
    if (s.is_drawable(report, pusch) && s.ues.try_emplace(pusch.pdu.rnti, max_blocks).first->second.wants()) {
      s.wanted.push_back(static_cast<std::int32_t>(i));
    }
  }
  return !s.wanted.empty();
}

void signal_report::see(const slot_report& report, view<const ch16, 3> grid)
{
  state& s = *state_;
  for (const std::int32_t i : s.wanted) {
    const pusch_report& pusch = report.pusch[static_cast<std::size_t>(i)];
    s.ues.at(pusch.pdu.rnti).put(s.signal_of(report, pusch, grid));
  }
}

namespace {

json block_json(const block_signal& block)
{
  json i = json::array();
  json q = json::array();
  for (const phy::equalised_re& point : block.points) {
    i.push_back(rounded(static_cast<double>(point.value.re), 1e3));
    q.push_back(rounded(static_cast<double>(point.value.im), 1e3));
  }
  return {{"slot", text_of(block.slot)},
          {"tb_crc_ok", block.is_ok ? 1 : 0},
          {"sinr_db", rounded(static_cast<double>(block.sinr_db), 1e2)},
          {"i", i},
          {"q", q}};
}

/// Every value, or every few: a chart has no room for 3276.
json channel_json(const block_signal& block)
{
  constexpr std::size_t most = 400;
  const std::size_t step = (block.channel_db.size() + most - 1) / most;
  json prb = json::array();
  json db = json::array();
  for (std::size_t k = 0; k < block.channel_db.size(); k += step) {
    const auto at = static_cast<double>(static_cast<std::size_t>(block.first_subcarrier) + k);
    prb.push_back(rounded(at / nof_subcarriers_per_prb, 1e2));
    db.push_back(rounded(static_cast<double>(block.channel_db[k]), 1e2));
  }
  return {{"prb", prb}, {"db", db}};
}

json delay_json(const block_signal& block, numerology scs)
{
  json us = json::array();
  json db = json::array();
  for (std::size_t i = 0; i < block.delay_db.size(); ++i) {
    us.push_back(rounded(1e6 * delay_of(static_cast<std::int32_t>(i), scs), 1e3));
    db.push_back(rounded(static_cast<double>(block.delay_db[i]), 1e2));
  }
  return {{"us", us}, {"db", db}};
}

} // namespace

json signal_report::as_json() const
{
  json out = json::object();
  for (const auto& [rnti, blocks] : state_->ues) {
    if (blocks.kept().empty()) {
      continue;
    }
    // One constellation a chart: the modulation of the last block.
    const block_signal& last = blocks.kept().back();
    json list = json::array();
    for (const block_signal& block : blocks.kept()) {
      if (block.qam_bits == last.qam_bits) {
        list.push_back(block_json(block));
      }
    }
    out[std::to_string(rnti)] = {{"qam_bits", last.qam_bits},
                                 {"blocks", list},
                                 {"channel", channel_json(last)},
                                 {"delay", delay_json(last, state_->scs)}};
  }
  return out;
}

} // namespace pado::apps
