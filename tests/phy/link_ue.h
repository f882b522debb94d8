// SPDX-License-Identifier: Apache-2.0
#pragma once

// UEs and channels of pusch_link.h: allocations, paths, constellations. Double precision, written from the
// spec.

#include "phy/channel_estimate/channel_estimate.h"
#include "phy/equalise/equalise.h"
#include <algorithm>
#include <cmath>
#include <complex>
#include <random>
#include <utility>
#include <vector>

namespace pado::test {

using cd = std::complex<double>;

/// One path of one layer to one port. The gain is at the start of the slot.
struct link_path {
  double delay_s = 0.0;
  double doppler_hz = 0.0;
  cd gain = 1.0;
};

/// One UE: its allocation and its channel.
struct link_ue {
  prb_range prbs;
  std::vector<int> dmrs_ports; ///< 0..3, one a layer
  int qam_mod_order = 2;
  std::vector<std::vector<std::vector<link_path>>> paths; ///< [port][layer][path]
};

struct link_config {
  int mu = 1;
  int slot_in_subframe = 0;
  int nof_rx_ports = 1;
  int grid_prb = 273;
  std::vector<int> dmrs_symbols = {2, 11};
  int nof_cdm_groups_no_data = 2;
  std::vector<double> noise = std::vector<double>(8, 0.0); ///< per port and RE
  unsigned seed = 1;
  std::vector<link_ue> ues;
};

/// One UE on the whole of its grid, the same noise on every port.
inline link_config basic(int nof_rx_ports, double snr_db, link_ue ue)
{
  link_config config;
  config.nof_rx_ports = nof_rx_ports;
  config.grid_prb = ue.prbs.end;
  std::fill(config.noise.begin(), config.noise.end(), std::pow(10.0, -0.1 * snr_db));
  config.ues.push_back(std::move(ue));
  return config;
}

inline double db(double linear)
{
  return 10.0 * std::log10(linear);
}

/// Time of symbol l after the start of the slot, TS 38.211, 5.3.1.
inline double link_time_s(int mu, int slot_in_subframe, int l)
{
  double samples = 0.0;
  for (int i = 0; i <= l; ++i) {
    const bool is_long = (14 * slot_in_subframe + i) % (7 << mu) == 0;
    samples += 144.0 / (1 << mu) + (is_long ? 16.0 : 0.0) + (i < l ? 2048.0 / (1 << mu) : 0.0);
  }
  return samples / 30.72e6;
}

inline double pam(const int* bits, int nof_bits)
{
  // Innermost bit first: d = (1 - 2 b0) (4 - (1 - 2 b1) (2 - (1 - 2 b2))), for any number of folds.
  double value = 1.0 - 2.0 * bits[nof_bits - 1];
  for (int i = nof_bits - 2; i >= 0; --i) {
    value = (1.0 - 2.0 * bits[i]) * (std::ldexp(1.0, nof_bits - 1 - i) - value);
  }
  return value;
}
inline cd qam(const int* bits, int qam_mod_order)
{
  int re[4];
  int im[4];
  for (int i = 0; i < qam_mod_order / 2; ++i) {
    re[i] = bits[2 * i];
    im[i] = bits[2 * i + 1];
  }
  const double norm = qam_mod_order == 2   ? 2.0
                      : qam_mod_order == 4 ? 10.0
                      : qam_mod_order == 6 ? 42.0
                                           : 170.0;
  return cd(pam(re, qam_mod_order / 2), pam(im, qam_mod_order / 2)) / std::sqrt(norm);
}

/// Channels of a UE, each path turned from subcarrier to subcarrier.
inline std::vector<cd> make_truth(const link_config& config, const link_ue& ue)
{
  const int width = 12 * ue.prbs.size();
  std::vector<cd> h(static_cast<std::size_t>(config.nof_rx_ports * 4 * 14 * width), cd(0.0));
  for (int row = 0; row < config.nof_rx_ports * 4 * 14; ++row) {
    const auto port = static_cast<std::size_t>(row / 56);
    const auto layer = static_cast<std::size_t>(row / 14 % 4);
    if (layer >= ue.dmrs_ports.size()) {
      continue;
    }
    const double time = link_time_s(config.mu, config.slot_in_subframe, row % 14);
    for (const link_path& path : ue.paths[port][layer]) {
      const double step = -2.0 * M_PI * path.delay_s * (15000 << config.mu);
      cd value = path.gain * std::polar(1.0, 2.0 * M_PI * path.doppler_hz * time + step * 12 * ue.prbs.begin);
      const double c = std::cos(step);
      const double s = std::sin(step);
      for (int k = 0; k < width; ++k) {
        h[static_cast<std::size_t>(row * width + k)] += value;
        value = cd(value.real() * c - value.imag() * s, value.real() * s + value.imag() * c);
      }
    }
  }
  return h;
}

/// A UE whose layers reach each port by one path of unit power and random phase.
inline link_ue flat_ue(prb_range prbs,
                       std::vector<int> dmrs_ports,
                       int qam_mod_order,
                       int nof_rx_ports,
                       unsigned seed,
                       double delay_s = 0.0,
                       double cfo_hz = 0.0)
{
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> angle(0.0, 2.0 * M_PI);
  link_ue ue;
  ue.prbs = prbs;
  ue.dmrs_ports = std::move(dmrs_ports);
  ue.qam_mod_order = qam_mod_order;
  ue.paths.resize(static_cast<std::size_t>(nof_rx_ports));
  for (auto& port : ue.paths) {
    for (std::size_t layer = 0; layer < ue.dmrs_ports.size(); ++layer) {
      port.push_back({{delay_s, cfo_hz, std::polar(1.0, angle(random))}});
    }
  }
  return ue;
}

/// A UE with Rayleigh fading: exponential power over delay, one path each half spread up to 8 of it, each of
/// 4 waves with Doppler shifts of Jakes' spectrum.
inline link_ue fading_ue(prb_range prbs,
                         std::vector<int> dmrs_ports,
                         int qam_mod_order,
                         int nof_rx_ports,
                         unsigned seed,
                         double spread_s,
                         double doppler_hz,
                         double delay_s = 0.0,
                         double cfo_hz = 0.0)
{
  link_ue ue = flat_ue(prbs, std::move(dmrs_ports), qam_mod_order, nof_rx_ports, seed);
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> angle(0.0, 2.0 * M_PI);
  for (auto& port : ue.paths) {
    for (auto& layer : port) {
      layer.clear();
      double total = 0.0;
      for (int tap = 0; tap < 16; ++tap) {
        total += std::exp(-0.5 * tap);
      }
      for (int tap = 0; tap < 16; ++tap) {
        for (int wave = 0; wave < 4; ++wave) {
          const double deviation = std::sqrt(std::exp(-0.5 * tap) / total / 8.0);
          layer.push_back({delay_s + 0.5 * tap * spread_s,
                           cfo_hz + doppler_hz * std::cos(angle(random)),
                           cd(deviation * normal(random), deviation * normal(random))});
        }
      }
    }
  }
  return ue;
}

/// Layers that share REs by FD-OCC.
inline void find_peers(std::vector<phy::channel_estimate_task>& tasks)
{
  for (std::size_t a = 0; a < tasks.size(); ++a) {
    for (int i = 0; i < tasks[a].nof_layers; ++i) {
      tasks[a].peer_task[i] = tasks[a].peer_layer[i] = -1;
      for (std::size_t b = 0; b < tasks.size(); ++b) {
        const bool overlaps =
            tasks[b].prbs.begin < tasks[a].prbs.end && tasks[a].prbs.begin < tasks[b].prbs.end;
        for (int j = 0; overlaps && j < tasks[b].nof_layers; ++j) {
          if (tasks[a].delta[i] == tasks[b].delta[j] && tasks[a].second_sign[i] != tasks[b].second_sign[j]) {
            tasks[a].peer_task[i] = static_cast<std::int32_t>(b);
            tasks[a].peer_layer[i] = j;
          }
        }
      }
    }
  }
}

/// Tiles between all allocation edges, so that one set of layers is on each.
inline std::vector<phy::equalise_tile> make_tiles(const std::vector<link_ue>& ues,
                                                  const std::vector<phy::channel_estimate_task>& tasks)
{
  std::vector<phy::equalise_tile> tiles;
  std::vector<int> edges;
  for (const link_ue& ue : ues) {
    edges.push_back(ue.prbs.begin);
    edges.push_back(ue.prbs.end);
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  for (std::size_t e = 0; e + 1 < edges.size(); ++e) {
    phy::equalise_tile tile = {{edges[e], edges[e + 1]}, 0, 14, 0, {}};
    for (std::size_t u = 0; u < ues.size(); ++u) {
      const phy::channel_estimate_task& task = tasks[u];
      if (task.prbs.begin <= edges[e] && edges[e + 1] <= task.prbs.end) {
        for (int layer = 0; layer < task.nof_layers; ++layer) {
          const int stride = 12 * task.prbs.size();
          tile.layers[tile.nof_layers++] = {static_cast<int>(u),
                                            layer,
                                            task.h_begin + layer * task.nof_dmrs * stride +
                                                12 * (edges[e] - task.prbs.begin),
                                            stride};
        }
      }
    }
    if (tile.nof_layers > 0) {
      tiles.push_back(tile);
    }
  }
  return tiles;
}

} // namespace pado::test
