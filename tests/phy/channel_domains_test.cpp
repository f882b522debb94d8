// SPDX-License-Identifier: Apache-2.0
// ctest: property
#include "core/buffer.h"
#include "phy/channel/slot_channel.h"
#include "phy/ofdm/ofdm.h"
#include "phy/ofdm/ofdm_modulate.h"
#include <complex>
#include <doctest/doctest.h>
#include <vector>

using namespace pado;

namespace {

constexpr int nof_prb = 24;
constexpr int nof_subcarriers = 12 * nof_prb;
constexpr phy::carrier_config carrier = {{1}, nof_prb, 384};
constexpr int nof_rx = 2;

/// The same random QPSK slot through both domains.
struct both {
  both()
      : tx(14 * nof_subcarriers), grid_rx(nof_rx * 14 * nof_subcarriers),
        time_rx(nof_rx * 14 * nof_subcarriers)
  {
    for (std::size_t i = 0; i < tx.size(); ++i) {
      const std::uint32_t bits =
          phy::draw_words({5, phy::random_purpose::payload, 0, 0}, static_cast<std::uint32_t>(i)).word[0];
      tx[i] = {(bits & 1U) != 0 ? 0.70710678F : -0.70710678F, (bits & 2U) != 0 ? 0.70710678F : -0.70710678F};
    }
  }

  void run_grid(const phy::channel_plan& plan, std::int64_t slot, float noise_amplitude)
  {
    phy::slot_channel_grid channel;
    channel.add(plan, carrier, slot, {0, nof_prb}, 0);
    phy::channel_grid<backend::cpu>().run(
        {view<const phy::channel_grid_task, 1>(channel.tasks.data(), 1),
         tx.as(1, 14, nof_subcarriers),
         view<const cf32, 1>(channel.gains.data(), channel.gains.size()),
         view<const cf32, 1>(channel.steering.data(), channel.steering.size()),
         {1, phy::random_purpose::noise, 0, 0},
         noise_amplitude},
        {grid_rx.as(nof_rx, 14, nof_subcarriers)},
        {});
  }

  void run_time(const phy::channel_plan& plan, std::int64_t slot, float noise_amplitude)
  {
    phy::ofdm_config config;
    config.scs = carrier.scs;
    config.nof_rx_ports = nof_rx;
    config.nof_prb = nof_prb;
    config.fft_size = carrier.fft_size;
    config.centre_hz = 3500000000;
    const phy::ofdm_plan ofdm_plan = phy::plan_ofdm(config).value();
    const int in_subframe = static_cast<int>(slot % 2);
    const int nof_samples = phy::slot_samples(ofdm_plan, in_subframe);
    const buffer<cf32> samples(static_cast<std::size_t>(nof_samples));
    phy::ofdm_modulator(ofdm_plan).modulate(tx.as(14, nof_subcarriers), in_subframe, samples.as(nof_samples));
    phy::slot_channel_time channel;
    channel.add(plan, carrier, slot, nof_samples, 0);
    const buffer<cf32> out(static_cast<std::size_t>(nof_rx * channel.nof_samples));
    phy::channel_time<backend::cpu>().run(
        {view<const phy::channel_time_task, 1>(channel.tasks.data(), 1),
         samples.as(1, nof_samples),
         view<const phy::channel_time_tap, 1>(channel.taps.data(), channel.taps.size()),
         view<const cf32, 1>(channel.gains.data(), channel.gains.size()),
         {1, phy::random_purpose::noise, 0, 0},
         noise_amplitude},
        {out.as(nof_rx, channel.nof_samples)},
        {});
    const buffer<cf32> cut(static_cast<std::size_t>(nof_rx * nof_samples));
    for (int r = 0; r < nof_rx; ++r) {
      for (int i = 0; i < nof_samples; ++i) {
        cut.as(nof_rx, nof_samples)(r, i) =
            out.as(nof_rx, channel.nof_samples)(r, phy::channel_lead_samples + i);
      }
    }
    const buffer<ch16> halves(time_rx.size());
    phy::ofdm<backend::cpu> ofdm(ofdm_plan);
    ofdm.run({cut.as(nof_rx, nof_samples), in_subframe}, {halves.as(nof_rx, 14, nof_subcarriers)}, {});
    for (std::size_t i = 0; i < halves.size(); ++i) {
      time_rx[i] = to_cf32(halves[i]);
    }
  }

  double difference_db() const
  {
    double error = 0.0;
    double power = 0.0;
    for (std::size_t i = 0; i < grid_rx.size(); ++i) {
      error += double(norm(time_rx[i] - grid_rx[i]));
      power += double(norm(grid_rx[i]));
    }
    return 10.0 * std::log10(error / power);
  }

  buffer<cf32> tx;
  buffer<cf32> grid_rx;
  buffer<cf32> time_rx;
};

phy::channel_config config_of(phy::channel_model model)
{
  phy::channel_config config;
  config.model = model;
  config.nof_rx_ports = nof_rx;
  config.seed = 3;
  return config;
}

} // namespace

TEST_CASE("channel: without motion and with all paths inside the prefix both domains agree to -60 dB")
{
  both c;
  phy::channel_config config = config_of(phy::channel_model::tdla30);
  config.delay_s = 0.7e-6;
  for (const auto model :
       {phy::channel_model::awgn, phy::channel_model::tdla30, phy::channel_model::tdlb100}) {
    config.model = model;
    const auto plan = phy::plan_channel(config).value();
    c.run_grid(plan, 1, 0.0F);
    c.run_time(plan, 1, 0.0F);
    CHECK(c.difference_db() < -60.0); // the halves of the grid alone: -70 dB
  }
}

TEST_CASE("channel: with a carrier offset both domains differ by the leakage between subcarriers")
{
  both c;
  for (const double cfo_hz : {200.0, 600.0}) {
    CAPTURE(cfo_hz);
    phy::channel_config config = config_of(phy::channel_model::awgn);
    config.cfo_hz = cfo_hz;
    const auto plan = phy::plan_channel(config).value();
    c.run_grid(plan, 37, 0.0F);
    c.run_time(plan, 37, 0.0F);
    // Leakage of an offset e in spacings: (pi e)^2 / 3 of the power.
    const double leakage_db = 10.0 * std::log10(3.2899 * cfo_hz * cfo_hz / 9e8);
    CHECK(std::abs(c.difference_db() - leakage_db) < 0.5);
  }
}

TEST_CASE("channel: with Doppler both domains differ by the leakage of Jakes' spectrum")
{
  both c;
  phy::channel_config config = config_of(phy::channel_model::tdlb100);
  config.doppler_hz = 400.0;
  double mean = 0.0;
  for (int ue = 0; ue < 10; ++ue) {
    config.ue = ue;
    const auto plan = phy::plan_channel(config).value();
    c.run_grid(plan, 4, 0.0F);
    c.run_time(plan, 4, 0.0F);
    mean += std::pow(10.0, 0.1 * c.difference_db()) / 10.0;
  }
  // (pi f / spacing)^2 / 3 averaged over the spectrum: half of it at the maximum shift. Plus what a linear
  // drift adds: none.
  const double leakage_db = 10.0 * std::log10(0.5 * 3.2899 * 400.0 * 400.0 / 9e8);
  CHECK(std::abs(10.0 * std::log10(mean) - leakage_db) < 1.5);
}

TEST_CASE("channel: the SNR per receive port and RE is the one asked for, in both domains")
{
  for (const double snr_db : {0.0, 15.0}) {
    CAPTURE(snr_db);
    both c;
    phy::channel_config config = config_of(phy::channel_model::fixed_taps);
    config.taps = {{0.0, 1.0F}};
    config.amplitude = static_cast<float>(std::pow(10.0, snr_db / 20.0));
    const auto plan = phy::plan_channel(config).value();
    c.run_grid(plan, 0, 1.0F);
    c.run_time(plan, 0, 1.0F);
    for (const buffer<cf32>* rx : {&c.grid_rx, &c.time_rx}) {
      for (int port = 0; port < nof_rx; ++port) {
        // The gain by correlation with what was sent; the rest is noise.
        using cplx = std::complex<double>;
        cplx match = 0.0;
        double power = 0.0;
        const int n = 14 * nof_subcarriers;
        for (int i = 0; i < n; ++i) {
          const cf32 y = (*rx)[static_cast<std::size_t>(port * n + i)];
          match += cplx(y.re, y.im) * std::conj(cplx(c.tx[i].re, c.tx[i].im));
          power += double(norm(y));
        }
        const double signal = std::norm(match / double(n));
        const double noise = power / n - signal;
        CHECK(std::abs(10.0 * std::log10(signal / noise) - snr_db) < 0.2);
      }
    }
  }
}
