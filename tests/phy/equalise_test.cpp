// SPDX-License-Identifier: Apache-2.0
// ctest: unit property equivalence golden
#include "core/stage.h"
#include "phy/equalise/equalise_run.h"
#include "tests/phy/pusch_link.h"
#include "tests/support/allocation_count.h"
#include "tests/support/shared.h"
#include <cstring>
#include <doctest/doctest.h>

using namespace pado;
using namespace pado::test;

static_assert(stage<phy::equalise<backend::cpu>, backend::cpu>);
static_assert(stage<phy::equalise<backend::cuda>, backend::cuda>);

namespace {

/// Soft bit by its definition: the nearest points of either kind, in double precision.
double max_log(cd x, double sinr, int qam_mod_order, int bit)
{
  double nearest[2] = {1e30, 1e30};
  for (int point = 0; point < (1 << qam_mod_order); ++point) {
    int bits[8];
    for (int i = 0; i < qam_mod_order; ++i) {
      bits[i] = (point >> i) & 1;
    }
    nearest[bits[bit]] = std::min(nearest[bits[bit]], std::norm(x - qam(bits, qam_mod_order)));
  }
  return sinr * (nearest[1] - nearest[0]);
}

template <int Qm>
void check_demap(double sinr)
{
  std::mt19937 random(7);
  std::uniform_real_distribution<double> where(-1.6, 1.6);
  for (int trial = 0; trial < 60; ++trial) {
    const cd x(where(random), where(random));
    const phy::lanes_c<8> lanes = {phy::splat<8>(static_cast<float>(x.real())),
                                   phy::splat<8>(static_cast<float>(x.imag()))};
    const auto soft = phy::body::demap<8, Qm>(lanes, phy::splat<8>(static_cast<float>(sinr)));
    for (int bit = 0; bit < Qm; ++bit) {
      const auto word = bit < 4 ? soft.low[3] : soft.high[3];
      const int value = static_cast<std::int8_t>(word >> (8 * (bit % 4)));
      const double exact =
          std::clamp(static_cast<double>(phy::llr_scale) * max_log(x, sinr, Qm, bit), -127.0, 127.0);
      REQUIRE(std::abs(value - exact) < 0.51);
    }
  }
}

} // namespace

TEST_CASE("equalise: soft bits are the max-log soft bits of the constellation")
{
  for (const double sinr : {0.3, 3.0, 30.0, 500.0}) {
    CAPTURE(sinr);
    check_demap<2>(sinr);
    check_demap<4>(sinr);
    check_demap<6>(sinr);
    check_demap<8>(sinr);
  }
}

TEST_CASE("equalise: without noise every bit comes back, whatever layers, ports, modulation and size")
{
  const std::vector<std::vector<int>> layers = {{0}, {0, 1}, {0, 2, 1}, {0, 1, 2, 3}};
  for (const auto& dmrs_ports : layers) {
    for (const int nof_rx_ports : {1, 2, 3, 4, 8}) {
      if (static_cast<int>(dmrs_ports.size()) > nof_rx_ports) {
        continue;
      }
      for (const int qam_mod_order : {2, 4, 6, 8}) {
        for (const int nof_prb : {1, 3}) {
          CAPTURE(dmrs_ports.size());
          CAPTURE(nof_rx_ports);
          CAPTURE(qam_mod_order);
          CAPTURE(nof_prb);
          pusch_link link(basic(
              nof_rx_ports, 50.0, flat_ue({2, 2 + nof_prb}, dmrs_ports, qam_mod_order, nof_rx_ports, 6)));
          link.receive();
          CHECK(link.bit_error_rate(0) == (dmrs_ports.size() == 4 && nof_rx_ports == 4
                                               ? doctest::Approx(0.0).epsilon(0.01)
                                               : doctest::Approx(0.0)));
        }
      }
    }
  }
}

TEST_CASE("equalise: two UEs come out as by the definitions of MMSE and max-log in NumPy")
{
  const auto read = [](const char* name, auto& values) {
    const auto bytes =
        read_bytes(std::string(PADO_SOURCE_DIR "/testvectors/equalise/two_ues_") + name + ".bin");
    values.resize(bytes.size() / sizeof(values[0]));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    REQUIRE(!values.empty());
  };
  std::vector<ch16> grid;
  std::vector<cf32> h;
  std::vector<float> noise;
  std::vector<cf32> turn;
  std::vector<std::uint32_t> words;
  std::vector<float> expected;
  std::vector<float> capacity;
  read("grid", grid);
  read("h", h);
  read("noise", noise);
  read("turn", turn);
  read("words", words);
  read("llr", expected);
  read("capacity", capacity);
  std::vector<phy::channel_estimate_info> info(2);
  for (int l = 0; l < 14; ++l) {
    for (phy::channel_estimate_info& one : info) {
      one.is_static = 1.0F;
      std::copy(noise.begin(), noise.end(), one.noise);
      one.weight[l][0] = 1.0F;
      one.rotation[l] = {1.0F, 0.0F};
    }
    info[1].rotation[l] = turn[static_cast<std::size_t>(l)];
  }
  std::vector<phy::equalise_pdu> pdus = {{6, 2, {0, 2}, 4, 0, {}, 0, 0},
                                         {4, 1, {0, 2}, 4, 0, {}, 3 * 24 * 12, 40}};
  for (phy::equalise_pdu& pdu : pdus) {
    std::fill(std::begin(pdu.re_offset), std::end(pdu.re_offset), -1);
    pdu.re_offset[0] = 0;
    pdu.re_offset[1] = 24;
    pdu.re_offset[3] = 48;
  }
  // As the receiver does: the layers of a PDU side by side.
  const phy::equalise_tile tile = {{0, 2}, 0, 14, 3, {{0, 0, 0, 0}, {0, 1, 24, 0}, {1, 0, 48, 0}}};
  std::vector<std::int8_t> llr(expected.size());
  std::vector<phy::equalise_quality> quality(4);
  phy::equalise<backend::cpu> stage(phy::plan_equalise({3, 2, 1, 2}).value());
  stage.run({view<const phy::equalise_tile, 1>(&tile, 1),
             view<const phy::equalise_pdu, 1>(pdus.data(), 2),
             view<const phy::channel_estimate_info, 1>(info.data(), 2),
             view<const ch16, 3>(grid.data(), 3, 14, 24),
             {},
             view<const cf32, 2>(h.data(), 3, 72),
             view<const std::uint32_t, 1>(words.data(), 64)},
            {view<std::int8_t, 1>(llr.data(), static_cast<int>(llr.size())),
             view<phy::equalise_quality, 2>(quality.data(), 1, 4)},
            {});
  for (std::size_t i = 0; i < llr.size(); ++i) {
    CAPTURE(i);
    REQUIRE(std::abs(static_cast<float>(llr[i]) - expected[i]) < 0.6F);
  }
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(quality[i].sum_log2 == doctest::Approx(capacity[i]).epsilon(1e-3));
    CHECK(quality[i].nof_re == 72);
  }
}

TEST_CASE("equalise: data on DM-RS symbols is taken from the odd subcarriers")
{
  for (const std::vector<int>& dmrs_ports : {std::vector<int>{0}, std::vector<int>{0, 1}}) {
    link_config config = basic(4, 40.0, flat_ue({1, 12}, dmrs_ports, 6, 4, 6));
    config.nof_cdm_groups_no_data = 1;
    pusch_link link(config);
    link.receive();
    CHECK(link.bit_error_rate(0) == 0.0);
    CHECK(link.quality(0, 0).nof_re == doctest::Approx(11 * (12 * 12 + 2 * 6)));
  }
}

TEST_CASE("equalise: the quality is the SINR of the matched filter for one layer")
{
  for (const double snr_db : {-3.0, 10.0, 25.0}) {
    pusch_link link(basic(4, snr_db, flat_ue({0, 60}, {0}, 2, 4, 6)));
    link.receive();
    const double sinr =
        std::exp2(static_cast<double>(link.quality(0, 0).sum_log2 / link.quality(0, 0).nof_re)) - 1.0;
    CHECK(10.0 * std::log10(sinr) == doctest::Approx(snr_db + 10.0 * std::log10(4.0)).epsilon(0.05));
    CHECK(link.quality(0, 0).nof_re == 60 * 12 * 12);
  }
}

TEST_CASE("equalise: soft bits are as sure as they are right")
{
  // Mean of exp(-LLR of the sent bit) is 1 for true LLRs; max-log and saturation move it little at this SNR.
  pusch_link link(basic(2, 0.0, flat_ue({0, 100}, {0}, 2, 2, 6)));
  link.receive();
  double sum = 0.0;
  const auto count = static_cast<double>(link.bits[0].size());
  for (std::size_t i = 0; i < link.bits[0].size(); ++i) {
    const double llr = link.llr()[i] / static_cast<double>(phy::llr_scale);
    sum += std::exp(link.bits[0][i] != 0 ? llr : -llr) / count;
  }
  CHECK(sum == doctest::Approx(1.0).epsilon(0.1));
}

TEST_CASE("equalise: two UEs on the same PRBs are told apart on the PRBs they share")
{
  link_config config = basic(4, 35.0, flat_ue({0, 30}, {0}, 4, 4, 1, 5e-7, 150.0));
  config.grid_prb = 40;
  config.ues.push_back(flat_ue({10, 40}, {3}, 6, 4, 2, -5e-7, -100.0));
  pusch_link link(config);
  link.receive();
  CHECK(link.tiles.size() == 3);
  CHECK(link.bit_error_rate(0) == 0.0);
  CHECK(link.bit_error_rate(1) < 1e-3);
}

TEST_CASE("equalise: a missing port is left out, and with none left the soft bits are zero")
{
  link_config config = basic(2, 30.0, flat_ue({0, 10}, {0}, 4, 2, 6));
  pusch_link link(config);
  link.received.assign(2 * 14 * 10, 1);
  for (const int port : {0, 1}) {
    link.received[(port * 14 + 5) * 10 + 3] = 0; // symbol 5, PRB 3: on neither port
  }
  link.received[(0 * 14 + 6) * 10 + 4] = 0; // symbol 6, PRB 4: on port 1 only
  link.receive();
  const auto grid = link.grid_view();
  const phy::equalise_pdu& pdu = link.pdus[0];
  const std::vector<std::int8_t> before(link.llr(), link.llr() + link.nof_llr());
  for (int k = 0; k < 120; ++k) {
    for (int bit = 0; bit < 4; ++bit) {
      const int llr = before[static_cast<std::size_t>((pdu.re_offset[5] + k) * 4 + bit)];
      CHECK((llr == 0) == (k / 12 == 3));
    }
  }
  CHECK(link.bit_error_rate(0) < 0.01);
  // What a missing PRB holds must not matter.
  for (int k = 48; k < 60; ++k) {
    grid(0, 6, k) = to_ch16({30.0F, -20.0F});
  }
  link.run_equalise();
  CHECK(std::equal(before.begin(), before.end(), link.llr()));
}

TEST_CASE("equalise: backward order and the run-time choice give what the body gives")
{
  for (const double doppler_hz : {0.0, 250.0}) {
    pusch_link link(basic(4, 12.0, fading_ue({0, 13}, {0, 1}, 6, 4, 3, 100e-9, doppler_hz)));
    link.receive();
    for (const visit order : {visit::forward, visit::backward}) {
      std::vector<std::int8_t> llr(static_cast<std::size_t>(link.nof_llr()));
      std::vector<phy::equalise_quality> quality(4);
      phy::run_equalise(host_block(nullptr, 0, order),
                        link.equalise_input(),
                        {view<std::int8_t, 1>(llr.data(), link.nof_llr()),
                         view<phy::equalise_quality, 2>(quality.data(), 1, 4)});
      int different = 0;
      for (int i = 0; i < link.nof_llr(); ++i) {
        REQUIRE(std::abs(llr[static_cast<std::size_t>(i)] - link.llr()[i]) <=
                1); // rounding of a fused multiply-add
        different += llr[static_cast<std::size_t>(i)] != link.llr()[i] ? 1 : 0;
      }
      CHECK(different < link.nof_llr() / 1000);
      CHECK(quality[1].sum_log2 == doctest::Approx(link.quality(0, 1).sum_log2).epsilon(1e-4));
    }
  }
}

TEST_CASE("equalise: run() does not allocate")
{
  pusch_link link(basic(2, 15.0, flat_ue({0, 10}, {0}, 4, 2, 3)));
  link.receive();
  const std::int64_t before = allocation_count();
  link.run_equalise();
  CHECK(allocation_count() == before);
}

TEST_CASE("equalise: the plan names what it refuses")
{
  const phy::equalise_config good = {4, 273, 16, 8};
  CHECK(phy::plan_equalise(good));
  auto bad = good;
  bad.nof_rx_ports = 0;
  CHECK(phy::plan_equalise(bad).failure().text() == "equalise.nof_rx_ports is 0, must be in 1..8");
  bad = good;
  bad.max_prb = 0;
  CHECK(phy::plan_equalise(bad).failure().text() == "equalise.max_prb is 0, must be in 1..275");
  bad = good;
  bad.max_tiles = 0;
  CHECK(phy::plan_equalise(bad).failure().text() == "equalise.max_tiles is 0, must be in 1..65535");
  bad = good;
  bad.max_pdus = 2000;
  CHECK(phy::plan_equalise(bad).failure().text() == "equalise.max_pdus is 2000, must be in 1..1024");
}
