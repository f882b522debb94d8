// SPDX-License-Identifier: Apache-2.0
// ctest: golden
#include "core/buffer.h"
#include "phy/ue/dmrs_positions.h"
#include "phy/ue/pusch_transmit.h"
#include "tests/support/shared.h"
#include <array>
#include <complex>
#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace pado;
using nlohmann::json;

namespace {

json read_json(const std::string& path)
{
  std::ifstream file(path);
  return json::parse(file);
}

template <class T>
std::vector<T> read_array(const std::string& path)
{
  const auto bytes = test::read_bytes(path);
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

template <class T>
void take(const json& from, const char* name, T& to)
{
  if (from.contains(name)) {
    to = from.at(name).get<T>();
  }
}

pusch_pdu pdu_of_vector(const json& v)
{
  pusch_pdu pdu;
  take(v, "rnti", pdu.rnti);
  take(v, "bwp_start", pdu.bwp_start);
  take(v, "bwp_size", pdu.bwp_size);
  take(v, "rb_start", pdu.rb_start);
  take(v, "rb_size", pdu.rb_size);
  take(v, "start_symbol", pdu.start_symbol);
  take(v, "nof_symbols", pdu.nof_symbols);
  take(v, "qam_mod_order", pdu.qam_mod_order);
  take(v, "target_code_rate", pdu.target_code_rate);
  take(v, "data_scrambling_id", pdu.data_scrambling_id);
  take(v, "nof_layers", pdu.nof_layers);
  take(v, "dmrs_symbol_mask", pdu.dmrs_symbol_mask);
  take(v, "dmrs_scrambling_id", pdu.dmrs_scrambling_id);
  take(v, "scid", pdu.scid);
  take(v, "nof_cdm_groups_no_data", pdu.nof_cdm_groups_no_data);
  take(v, "dmrs_ports", pdu.dmrs_ports);
  take(v, "rv_index", pdu.rv_index);
  take(v, "tb_size_bytes", pdu.tb_size_bytes);
  take(v, "tb_size_lbrm_bits", pdu.tb_size_lbrm_bits);
  return pdu;
}

/// UL_TTI.request fields with their names and encodings of SCF FAPI 222.
pusch_pdu pdu_of_fapi(const json& v)
{
  pusch_pdu pdu;
  take(v, "RNTI", pdu.rnti);
  take(v, "BWPStart", pdu.bwp_start);
  take(v, "BWPSize", pdu.bwp_size);
  take(v, "rbStart", pdu.rb_start);
  take(v, "rbSize", pdu.rb_size);
  take(v, "StartSymbolIndex", pdu.start_symbol);
  take(v, "NrOfSymbols", pdu.nof_symbols);
  take(v, "qamModOrder", pdu.qam_mod_order);
  take(v, "targetCodeRate", pdu.target_code_rate);
  take(v, "dataScramblingId", pdu.data_scrambling_id);
  take(v, "nrOfLayers", pdu.nof_layers);
  take(v, "ulDmrsSymbPos", pdu.dmrs_symbol_mask);
  take(v, "ulDmrsScramblingId", pdu.dmrs_scrambling_id);
  take(v, "SCID", pdu.scid);
  take(v, "numDmrsCdmGrpsNoData", pdu.nof_cdm_groups_no_data);
  take(v, "dmrsPorts", pdu.dmrs_ports);
  take(v, "rvIndex", pdu.rv_index);
  take(v, "TBSize", pdu.tb_size_bytes);
  pdu.transform_precoding = v.at("TransformPrecoding").get<int>() == 0;
  pdu.dmrs_config_type = static_cast<std::uint8_t>(v.at("dmrsConfigType").get<int>() + 1);
  return pdu;
}

using cplx = std::complex<double>;
cplx wide(cf32 a)
{
  return {double(a.re), double(a.im)};
}

/// Solves A x = b, A Hermitian and of full rank, n <= 4: Gaussian elimination with the diagonal as pivot.
std::array<cplx, 4> solve(std::array<std::array<cplx, 4>, 4> a, std::array<cplx, 4> b, int n)
{
  for (int i = 0; i < n; ++i) {
    for (int row = i + 1; row < n; ++row) {
      const cplx f = a[row][i] / a[i][i];
      for (int col = i; col < n; ++col) {
        a[row][col] -= f * a[i][col];
      }
      b[row] -= f * b[i];
    }
  }
  for (int i = n - 1; i >= 0; --i) {
    for (int col = i + 1; col < n; ++col) {
      b[i] -= a[i][col] * b[col];
    }
    b[i] /= a[i][i];
  }
  return b;
}

/// Residual power per RE, in dB, of one rx port after the best constant gain from each layer is taken away.
double residual_db(const std::vector<view<const cf32, 2>>& layers,
                   view<const ch16, 2> rx,
                   int rx_first,
                   prb_range prbs)
{
  const int n = static_cast<int>(layers.size());
  std::array<std::array<cplx, 4>, 4> gram = {};
  std::array<cplx, 4> match = {};
  double power = 0.0;
  int nof_re = 0;
  for (int symbol = 0; symbol < 14; ++symbol) {
    for (int k = 12 * prbs.begin; k < 12 * prbs.end; ++k) {
      const cplx y = wide(to_cf32(rx(symbol, k - rx_first)));
      power += std::norm(y);
      ++nof_re;
      for (int i = 0; i < n; ++i) {
        const cplx x = std::conj(wide(layers[i](symbol, k)));
        match[i] += x * y;
        for (int j = 0; j < n; ++j) {
          gram[i][j] += x * wide(layers[j](symbol, k));
        }
      }
    }
  }
  const auto h = solve(gram, match, n);
  for (int i = 0; i < n; ++i) {
    power -= std::real(std::conj(h[i]) * match[i]);
    CHECK(std::abs(h[i]) == doctest::Approx(1.0).epsilon(0.01));
  }
  return 10.0 * std::log10(power / nof_re);
}

void check_nv5g(const std::string& name)
{
  const auto folder = test::shared_path("vectors/nv5g/" + name);
  if (!folder) {
    MESSAGE("skipped: no vectors/nv5g/" << name);
    return;
  }
  CAPTURE(name);
  const json c = read_json(*folder + "/case.json");
  const int nof_prb = c["carrier"]["n_rb"];
  const json& slot = c["slots"][0];
  const auto plan = phy::plan_pusch_transmit({{c["carrier"]["mu"]}, nof_prb, 0});
  REQUIRE(plan);
  phy::pusch_transmitter tx(plan.value());
  std::vector<buffer<cf32>> grids;
  std::vector<view<const cf32, 2>> layers;
  prb_range prbs;
  for (std::size_t i = 0; i < slot["pdus"].size(); ++i) {
    const pusch_pdu pdu = pdu_of_fapi(slot["pdus"][i]["fapi"]);
    const auto payload = test::read_bytes(*folder + "/payload_pdu" + std::to_string(i) + ".bin");
    grids.emplace_back(static_cast<std::size_t>(4 * 14 * 12 * nof_prb));
    const auto grid = grids.back().as(4, 14, 12 * nof_prb);
    const auto sent = tx.send(pdu, slot["slot"], payload, grid);
    REQUIRE_MESSAGE(sent, sent.failure().text());
    for (int layer = 0; layer < pdu.nof_layers; ++layer) {
      layers.emplace_back(grid[layer]);
    }
    prbs = {pdu.rb_start, pdu.rb_start + pdu.rb_size};
  }
  json array = c["arrays"][0];
  for (const json& a : c["arrays"]) {
    array = a["name"] == "x_tf" ? a : array;
  }
  const auto samples = read_array<ch16>(*folder + "/x_tf.bin");
  const int nof_ports = array["shape"][0];
  const int rx_first = 12 * array["prb_start"].get<int>();
  const view<const ch16, 3> rx(samples.data(), nof_ports, 14, array["shape"][2].get<int>());
  const double snr_db = c["simulation"]["snr_db"];
  // 14-bit rounding of the vector adds nothing at this level; one PRB has 168 values, so its estimate spreads
  // by 0.4 dB.
  for (int port = 0; port < nof_ports; ++port) {
    CAPTURE(port);
    const double noise_db = residual_db(layers, rx[port], rx_first, prbs);
    CHECK(noise_db == doctest::Approx(-snr_db).epsilon(0.04));
  }
}

} // namespace

TEST_CASE("pusch_transmit: the grid is the one of an independent model of the specification")
{
  for (const char* name : {"qpsk_1prb",
                           "qam16_2layers_rv2",
                           "qam64_mapping_b_1group_rv3",
                           "qam256_4layers",
                           "qam64_ports23_lbrm_rv1",
                           "qpsk_mapping_b_2symbols"}) {
    CAPTURE(name);
    const std::string base = std::string(PADO_SOURCE_DIR "/testvectors/pusch_ue/") + name;
    const json c = read_json(base + ".json");
    const pusch_pdu pdu = pdu_of_vector(c["pdu"]);
    const int nof_prb = pdu.bwp_size;
    phy::pusch_transmitter tx(phy::plan_pusch_transmit({{1}, nof_prb, 0}).value());
    const buffer<cf32> memory(static_cast<std::size_t>(pdu.nof_layers * 14 * 12 * nof_prb));
    const auto grid = memory.as(pdu.nof_layers, 14, 12 * nof_prb);
    const auto sent = tx.send(pdu, c["slot_in_frame"], test::read_bytes(base + ".payload.bin"), grid);
    REQUIRE_MESSAGE(sent, sent.failure().text());
    const auto expected = read_array<cf32>(base + ".grid.bin");
    const view<const cf32, 3> want(expected.data(), pdu.nof_layers, 14, 12 * pdu.rb_size);
    double error = 0.0;
    double power = 0.0;
    double outside = 0.0;
    for (int layer = 0; layer < pdu.nof_layers; ++layer) {
      for (int symbol = 0; symbol < 14; ++symbol) {
        for (int k = 0; k < 12 * nof_prb; ++k) {
          const int at = k - 12 * pdu.rb_start;
          const bool is_inside = at >= 0 && at < 12 * pdu.rb_size;
          const cf32 got = grid(layer, symbol, k);
          error += is_inside ? double(norm(got - want(layer, symbol, at))) : 0.0;
          power += is_inside ? double(norm(want(layer, symbol, at))) : 0.0;
          outside += is_inside ? 0.0 : double(norm(got));
        }
      }
    }
    CHECK(std::sqrt(error / power) < c["tolerance"]["relative_norm"].get<double>());
    CHECK(outside == 0.0);
    const json& d = c["dmrs_layout"];
    const auto mask =
        phy::dmrs_symbol_mask({d["mapping"] == "A" ? phy::mapping_type::a : phy::mapping_type::b,
                               d["mapping"] == "A" ? d["type_a_position"].get<int>() : 2,
                               d["start_symbol"],
                               d["nof_symbols"],
                               d["additional_positions"]});
    REQUIRE(mask);
    CHECK(mask.value() == pdu.dmrs_symbol_mask);
  }
}

TEST_CASE("pusch_transmit: what another transmitter sent is our grid through a constant gain, and noise")
{
  check_nv5g("pusch_7208");
  check_nv5g("pusch_7201");
  check_nv5g("pusch_7204");
  check_nv5g("pusch_7261");
  check_nv5g("pusch_7287");
}

TEST_CASE("pusch_transmit: what cannot be sent is refused by name")
{
  const phy::pusch_transmit_plan plan = phy::plan_pusch_transmit({{1}, 51, 0}).value();
  pusch_pdu good;
  good.bwp_size = 51;
  good.rb_size = 4;
  good.target_code_rate = 3080;
  good.dmrs_symbol_mask = 1 << 2;
  good.tb_size_bytes = 100;
  REQUIRE(phy::check_pusch_pdu(good, plan));
  const auto refused = [&](auto change) {
    pusch_pdu pdu = good;
    change(pdu);
    const auto checked = phy::check_pusch_pdu(pdu, plan);
    return checked ? std::string() : checked.failure().field;
  };
  CHECK(refused([](pusch_pdu& p) { p.bwp_size = 52; }) == "bwp_size");
  CHECK(refused([](pusch_pdu& p) { p.bwp_start = 51; }) == "bwp_start");
  CHECK(refused([](pusch_pdu& p) { p.rb_start = 48; }) == "rb_size");
  CHECK(refused([](pusch_pdu& p) { p.start_symbol = 1; }) == "nof_symbols");
  CHECK(refused([](pusch_pdu& p) { p.nof_layers = 2; }) == "dmrs_ports");
  CHECK(refused([](pusch_pdu& p) { p.dmrs_ports = 1 << 4; }) == "dmrs_ports");
  CHECK(refused([](pusch_pdu& p) { p.nof_layers = 5; }) == "nof_layers");
  CHECK(refused([](pusch_pdu& p) { p.dmrs_config_type = 2; }) == "dmrs_config_type");
  CHECK(refused([](pusch_pdu& p) { p.dmrs_symbol_mask = 0; }) == "dmrs_symbol_mask");
  CHECK(refused([](pusch_pdu& p) { p.nof_symbols = 2; }) == "dmrs_symbol_mask");
  CHECK(refused([](pusch_pdu& p) { p.dmrs_ports = 4, p.nof_cdm_groups_no_data = 1; }) ==
        "nof_cdm_groups_no_data");
  CHECK(refused([](pusch_pdu& p) { p.transform_precoding = true; }) == "transform_precoding");
  CHECK(refused([](pusch_pdu& p) { p.qam_mod_order = 3; }) == "qam_mod_order");
  CHECK(refused([](pusch_pdu& p) { p.rv_index = 4; }) == "rv_index");
  CHECK(refused([](pusch_pdu& p) { p.data_scrambling_id = 1024; }) == "data_scrambling_id");
  CHECK(phy::plan_pusch_transmit({{1}, 276, 0}).failure().field == "pusch_transmit.nof_prb");
  phy::pusch_transmitter tx(plan);
  const buffer<cf32> memory(14 * 12 * 51);
  const std::vector<std::uint8_t> payload(99);
  CHECK(tx.send(good, 0, payload, memory.as(1, 14, 12 * 51)).failure().field == "payload");
}
