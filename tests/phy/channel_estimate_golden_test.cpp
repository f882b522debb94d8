// SPDX-License-Identifier: Apache-2.0
// ctest: golden
#include "core/buffer.h"
#include "phy/channel_estimate/channel_estimate.h"
#include "tests/support/shared.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace pado;

namespace {

constexpr int nof_ports = 2;
constexpr int nof_layers = 2;
constexpr int nof_prb = 12;

template <class T>
std::vector<T> read(const std::string& name)
{
  const auto bytes =
      test::read_bytes(PADO_SOURCE_DIR "/testvectors/channel_estimate/two_layers_" + name + ".bin");
  std::vector<T> values(bytes.size() / sizeof(T));
  REQUIRE(!values.empty());
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// What make.py put in.
struct truth {
  float noise, rsrp, ta_s, cfo_hz, mmse_error;
};

} // namespace

TEST_CASE("channel_estimate: golden slot of two layers, nearly as near to the channel as MMSE that knows it")
{
  const auto ls = read<cf32>("ls");
  const auto h_true = read<cf32>("h");
  const auto turn = read<cf32>("turn");
  const truth expected = read<truth>("expected")[0];
  phy::channel_estimate_task task = {};
  task.prbs = {0, nof_prb};
  task.nof_layers = nof_layers;
  task.nof_dmrs = 2;
  task.dmrs_symbols[0] = 2;
  task.dmrs_symbols[1] = 11;
  task.second_sign[0] = 1.0F;
  task.second_sign[1] = -1.0F;
  task.peer_task[0] = task.peer_task[1] = 0;
  task.peer_layer[0] = 1;
  task.peer_layer[1] = 0;
  task.slot_in_subframe = 1;
  task.amplitude = std::sqrt(2.0F);
  const int nof_h = nof_layers * 2 * 12 * nof_prb;
  REQUIRE(ls.size() == static_cast<std::size_t>(nof_ports * nof_layers * 2 * 6 * nof_prb));
  REQUIRE(turn.size() == 14);
  buffer<cf32> h(static_cast<std::size_t>(nof_ports * nof_h));
  phy::channel_estimate_info info = {};
  phy::channel_estimate<backend::cpu> stage(phy::plan_channel_estimate({{1}, nof_ports, nof_prb, 1}).value());
  stage.run({view<const phy::channel_estimate_task, 1>(&task, 1),
             view<const cf32, 2>(ls.data(), nof_ports, nof_layers * 2 * 6 * nof_prb)},
            {h.as(nof_ports, nof_h), view<phy::channel_estimate_info, 1>(&info, 1)},
            {});
  double error = 0.0;
  double power = 0.0;
  for (int l = 0; l < 14; ++l) {
    for (int i = 0; i < nof_ports * nof_layers * 12 * nof_prb; ++i) {
      const int row = i / (12 * nof_prb); // port and layer
      cf32 found = {};
      for (int d = 0; d < 2; ++d) {
        found += info.weight[l][d] *
                 h[static_cast<std::size_t>((2 * row + d) * 12 * nof_prb + i % (12 * nof_prb))];
      }
      const cf32 at = turn[static_cast<std::size_t>(l)] * h_true[static_cast<std::size_t>(i)];
      error += static_cast<double>(norm(info.rotation[l] * found - at));
      power += static_cast<double>(norm(at));
    }
  }
  MESSAGE("error " << error / power << ", MMSE that knows the covariance "
                   << expected.mmse_error / expected.rsrp);
  CHECK(error / power < 2.0 * static_cast<double>(expected.mmse_error / expected.rsrp));
  CHECK(info.is_static == 1.0F);
  CHECK(info.rsrp == doctest::Approx(expected.rsrp).epsilon(0.01));
  CHECK(std::abs(info.ta_s - expected.ta_s) < 15e-9F);
  CHECK(std::abs(info.cfo_hz - expected.cfo_hz) < 5.0F);
  // 288 pilots a port less what the filters fit: a standard deviation of 0.3 dB.
  CHECK(std::abs(10.0F * std::log10((info.noise[0] + info.noise[1]) / (2.0F * expected.noise))) < 0.7F);
}
