// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/slot.h"
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace pado::phy {

inline constexpr int max_channel_rx_ports = 8;
inline constexpr int max_channel_tx_ports = 4;
inline constexpr int max_channel_taps = 32;

/// How a UE's signal reaches the receive ports.
enum class channel_model : std::uint8_t {
  awgn, ///< one tap, |h| = 1; tx port t has column (first_column + t) of the DFT matrix over the rx ports
  fixed_taps, ///< taps of the configuration; every link and tap has a random phase that never changes
  tdla30,     ///< Rayleigh taps of TS 38.104, G.2.1.1, with Jakes spectrum
  tdlb100,
  tdlc300
};

/// Antenna correlation of TS 38.104, Table G.2.3.1.2-1.
enum class mimo_correlation : std::uint8_t { low, medium, high };

/// One path of a fixed channel. Powers are normalised to a sum of 1.
struct channel_tap {
  double delay_s = 0.0;
  float power = 1.0F;
};

/// Propagation from one UE to all receive ports.
struct channel_config {
  channel_model model = channel_model::awgn;
  mimo_correlation correlation = mimo_correlation::low; ///< TDL models only
  std::int32_t nof_rx_ports = 0;                        ///< 1..8
  std::int32_t nof_tx_ports = 1;                        ///< 1..4
  std::int32_t first_column = 0;                        ///< awgn only, 0..7
  std::vector<channel_tap> taps;                        ///< fixed_taps only, 1..32
  double doppler_hz = 0.0;                              ///< maximum Doppler shift, 0..20000
  double cfo_hz = 0.0;                                  ///< of the UE against the receiver, +-100000
  double delay_s = 0.0;                                 ///< of all taps, -1e-5..1e-4; positive: late
  float amplitude = 1.0F;                               ///< of every tx port
  std::uint64_t seed = 0;
  std::int32_t ue = 0; ///< 0..4095: UEs fade independently
};

/// One plane wave of a fading tap.
struct channel_wave {
  double turn_hz; ///< Doppler shift
  double phase;   ///< at time 0, in turns
};

/// A checked channel with everything random in it drawn.
struct channel_plan {
  channel_config config;
  std::vector<double> delays_s; ///< per tap, delay_s included
  /// Waves of tap k of link rx, tx: from ((rx * nof_tx + tx) * nof_taps + k) * nof_waves.
  std::vector<channel_wave> waves;
  std::vector<float> tap_amplitude;
  std::int32_t nof_waves = 0; ///< per tap
  std::array<std::array<float, max_channel_rx_ports>, max_channel_rx_ports> rx_factor =
      {}; ///< Cholesky factors of the
  std::array<std::array<float, max_channel_tx_ports>, max_channel_tx_ports> tx_factor =
      {}; ///< correlation matrices

  std::int32_t nof_taps() const { return static_cast<std::int32_t>(delays_s.size()); }
  std::int32_t nof_gains() const { return config.nof_rx_ports * config.nof_tx_ports * nof_taps(); }
};

/// \errors  a value out of range
result<channel_plan> plan_channel(const channel_config& config);

/// Tap gains at one instant: gains [rx_port][tx_port][tap], with amplitude and correlation, without CFO.
///
/// A Rayleigh tap is a sum of 32 plane waves whose arrival angles and phases are drawn per link and tap. Its
/// mean power is that of the profile, its autocorrelation over draws is exactly J0(2 pi doppler tau). Time
/// may jump: nothing is stored.
///
/// time_s    since slot 0 of the simulation
///
/// \spec     Xiao, Zheng, Beaulieu, "Novel sum-of-sinusoids simulation models for Rayleigh and Rician fading
/// channels",
///           IEEE Trans. Wireless Commun. 5 (12), 2006, equations 3 to 5; correlation: TS 38.104, G.2.3.1
void channel_gains(const channel_plan& plan, double time_s, std::span<cf32> gains);

/// Turn of the UE's signal by its carrier offset since time 0.
cf32 cfo_rotation(double cfo_hz, double time_s);

/// Begin of a slot after the begin of slot 0, which is the first of a subframe.
double slot_start_s(numerology n, std::int64_t slot);

/// Middle of the useful part of a symbol, after the begin of its slot.
double symbol_middle_s(numerology n, std::int64_t slot, int symbol);

} // namespace pado::phy
