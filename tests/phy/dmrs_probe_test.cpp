// SPDX-License-Identifier: Apache-2.0
// ctest: property
#include "core/buffer.h"
#include "phy/dmrs_probe/dmrs_probe.h"
#include "phy/ue/pusch_transmit.h"
#include <doctest/doctest.h>
#include <initializer_list>
#include <random>
#include <vector>

using namespace pado;

namespace {

constexpr std::int32_t nof_prb = 12;

pusch_pdu small_pusch()
{
  pusch_pdu pdu;
  pdu.rnti = 17;
  pdu.bwp_size = nof_prb;
  pdu.rb_start = 2;
  pdu.rb_size = 8;
  pdu.target_code_rate = 3080;
  pdu.tb_size_bytes = 84;
  pdu.dmrs_symbol_mask = 1U << 2U | 1U << 11U;
  pdu.dmrs_scrambling_id = 41;
  return pdu;
}

/// A slot as received: the PUSCH, delayed, and noise at 3 dB on one port; or noise alone.
buffer<ch16> received(const pusch_pdu& pdu, std::int32_t slot, bool is_sent, std::uint32_t seed)
{
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0F, 0.5F);
  const std::int32_t width = 12 * nof_prb;
  buffer<cf32> sent(static_cast<std::size_t>(14 * width));
  phy::pusch_transmitter transmitter(phy::plan_pusch_transmit({numerology{1}, nof_prb, 0}).value());
  const std::vector<std::uint8_t> payload(pdu.tb_size_bytes, 0x5a);
  REQUIRE(transmitter.send(pdu, slot, payload, sent.as(1, 14, width)));
  buffer<ch16> grid(sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const cf32 turn = polar(-0.1F * static_cast<float>(i % static_cast<std::size_t>(width)));
    const float re = normal(random);
    grid[i] = to_ch16((is_sent ? 1.0F : 0.0F) * (turn * sent[i]) + cf32{re, normal(random)});
  }
  return grid;
}

phy::dmrs_finding probe(const buffer<ch16>& grid, const pusch_pdu& pdu, std::int32_t slot)
{
  return phy::probe_dmrs(grid.as(1, 14, 12 * nof_prb), pdu, {0, slot}, numerology{1}, 0);
}

} // namespace

TEST_CASE("dmrs_probe: a wrong slot, symbol, port, n_SCID or identity is found and named")
{
  const pusch_pdu truth = small_pusch();
  const buffer<ch16> grid = received(truth, 7, true, 1);
  CHECK_FALSE(probe(grid, truth, 7).better);
  CHECK(phy::explain(probe(grid, truth, 7), truth).find("as scheduled") != std::string::npos);

  const auto slot = probe(grid, truth, 9);
  REQUIRE(slot.better);
  CHECK(slot.better->hypothesis.slot == 7);
  CHECK(phy::explain(slot, truth).find("--slot-offset -2") != std::string::npos);

  pusch_pdu wrong = truth;
  wrong.dmrs_symbol_mask = 1U << 3U | 1U << 12U;
  const auto symbol = probe(grid, wrong, 7);
  REQUIRE(symbol.better);
  CHECK(symbol.better->hypothesis.symbol == 2);

  wrong = truth;
  wrong.dmrs_ports = 4;
  const auto port = probe(grid, wrong, 7);
  REQUIRE(port.better);
  CHECK(port.better->hypothesis.port == 0);

  wrong = truth;
  wrong.dmrs_scrambling_id = 40000;
  wrong.scid = 1;
  const auto identity = probe(grid, wrong, 7);
  REQUIRE(identity.better);
  CHECK(identity.better->hypothesis.scrambling_id == 41);
  CHECK(identity.better->hypothesis.scid == 0);
}

TEST_CASE("dmrs_probe: in noise it claims nothing")
{
  for (std::uint32_t seed = 0; seed < 4; ++seed) {
    CAPTURE(seed);
    const pusch_pdu pdu = small_pusch();
    const auto finding = probe(received(pdu, 7, false, seed), pdu, 7);
    CHECK_FALSE(finding.better);
    CHECK(finding.given.coherence < finding.chance_level);
    CHECK(phy::explain(finding, pdu).find("no DM-RS") != std::string::npos);
  }
}
