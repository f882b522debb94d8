// SPDX-License-Identifier: Apache-2.0
// ctest: unit golden
#include "phy/pbch/pbch_payload.h"
#include "phy/ssb/ssb_sequence.h"
#include "phy/ssb/ssb_transmit.h"
#include "tests/support/shared.h"
#include <array>
#include <cmath>
#include <doctest/doctest.h>
#include <map>
#include <string>

using namespace pado;
using namespace pado::phy;

TEST_CASE("ssb_sequence: PSS and SSS are those of the tables")
{
  const auto pss_path = test::shared_path("spec/signals/ssb_pss.csv");
  const auto sss_path = test::shared_path("spec/signals/ssb_sss_mseq.csv");
  if (!pss_path || !sss_path) {
    MESSAGE("skipped: ssb_pss.csv or ssb_sss_mseq.csv not found");
    return;
  }
  const auto pss_rows = test::read_csv(*pss_path);
  REQUIRE(pss_rows.size() == 127);
  for (int nid2 = 0; nid2 < 3; ++nid2) {
    const sync_sequence pss = pss_sequence(nid2);
    for (int n = 0; n < 127; ++n) {
      REQUIRE(pss[n] == std::stof(pss_rows[n][1 + nid2]));
    }
  }
  const auto x = test::read_csv(*sss_path);
  REQUIRE(x.size() == 127);
  for (int pci = 0; pci < nof_pci; ++pci) {
    const int m0 = 15 * (pci / 3 / 112) + 5 * (pci % 3);
    const int m1 = pci / 3 % 112;
    const sync_sequence sss = sss_sequence(pci);
    for (int n = 0; n < 127; ++n) {
      const int sign = (1 - 2 * std::stoi(x[(n + m0) % 127][1])) * (1 - 2 * std::stoi(x[(n + m1) % 127][2]));
      REQUIRE(sss[n] == static_cast<float>(sign));
    }
  }
}

TEST_CASE("ssb_sequence: no two cells' SSS look alike")
{
  const sync_sequence first = sss_sequence(500);
  float most = 0.0F;
  for (int pci = 0; pci < nof_pci; ++pci) {
    const sync_sequence other = sss_sequence(pci);
    float sum = 0.0F;
    for (int n = 0; n < 127; ++n) {
      sum += first[n] * other[n];
    }
    if (pci == 500) {
      CHECK(sum == 127.0F);
    } else {
      most = std::max(most, std::abs(sum));
    }
  }
  CHECK(most <= 17.0F);
}

TEST_CASE("pbch_payload: its interleaver is that of the table")
{
  const auto path = test::shared_path("spec/signals/ssb_pbch_payload_interleaver.csv");
  if (!path) {
    MESSAGE("skipped: ssb_pbch_payload_interleaver.csv not found");
    return;
  }
  // The frame number goes to G(0)..G(9), the half frame to G(10): one bit set in the payload shows its place,
  // and everything else is scrambling, which cell 0 with the same second and third bit does not change.
  const auto rows = test::read_csv(*path);
  const mib none;
  const pbch_payload base = pack_pbch_payload(none, 0);
  const auto changed = [&](const mib& content) {
    const pbch_payload other = pack_pbch_payload(content, 0);
    int place = -1;
    for (int i = 0; i < pbch_payload_bits; ++i) {
      if (other[i] != base[i]) {
        CHECK(place == -1);
        place = i;
      }
    }
    return place;
  };
  const std::map<int, int> order_of_sfn_bit = {
      {512, 0}, {256, 1}, {128, 2}, {64, 3}, {32, 4}, {16, 5}, {8, 6}, {1, 9}};
  for (const auto& [bit, order] : order_of_sfn_bit) {
    mib content;
    content.sfn = bit;
    CHECK(changed(content) == std::stoi(rows[order][1]));
  }
  mib content;
  content.half_frame = 1;
  CHECK(changed(content) == std::stoi(rows[10][1]));
  content = mib{};
  content.k_ssb = 16;
  CHECK(changed(content) == std::stoi(rows[11][1]));
  content = mib{};
  content.k_ssb = 1; // bit 11 of the payload: the sixth of those that are neither time nor index
  CHECK(changed(content) == std::stoi(rows[14 + 5][1]));
}

TEST_CASE("pbch_payload: what is packed is unpacked, for every frame number")
{
  for (int sfn = 0; sfn < 1024; ++sfn) {
    const mib content{sfn,
                      sfn % 2,
                      sfn % 8,
                      sfn % 3 == 0 ? 15000 : 30000,
                      sfn % 32,
                      sfn % 5 == 0 ? 2 : 3,
                      sfn % 16,
                      sfn / 16 % 16,
                      sfn % 7 == 0,
                      sfn % 11 == 0};
    const int pci = sfn * 37 % nof_pci;
    const auto back = unpack_pbch_payload(pack_pbch_payload(content, pci), pci, content.ssb_index);
    REQUIRE(back);
    REQUIRE(*back == content);
  }
}

TEST_CASE("pbch_payload: reserved bits make it unbelievable")
{
  const mib content{77, 1, 2, 30000, 6, 2, 3, 4, false, true};
  pbch_payload payload = pack_pbch_payload(content, 9);
  payload[3] ^= 1U; // G(12), bit 30: reserved in FR1
  CHECK_FALSE(unpack_pbch_payload(payload, 9, 2));
}

TEST_CASE("ssb_transmit: every element has the power and place that the map says")
{
  const auto path = test::shared_path("spec/signals/ssb_re_map.csv");
  std::array<cf32, 960> storage{};
  const view<cf32, 2> grid(storage.data(), 4, 240);
  REQUIRE(map_ssb({501, mib{}, 8, 3.0F}, grid));
  int nof_used = 0;
  for (int symbol = 0; symbol < 4; ++symbol) {
    for (int k = 0; k < 240; ++k) {
      const float power = norm(grid(symbol, k));
      const bool is_sync = symbol % 2 == 0 && k >= 56 && k <= 182;
      const bool is_pbch = symbol % 2 == 1 || (symbol == 2 && (k < 48 || k >= 192));
      const float expected = is_sync && symbol == 0 ? 1.9953F : is_sync || is_pbch ? 1.0F : 0.0F;
      CHECK(std::abs(power - expected) < 2e-3F);
      nof_used += power > 0.0F ? 1 : 0;
    }
  }
  CHECK(nof_used == 127 + 127 + 432 + 144);
  if (!path) {
    MESSAGE("skipped: ssb_re_map.csv not found");
    return;
  }
  for (const auto& row : test::read_csv(*path)) {
    if (row[0] == "ZERO" && row[1] == "0") {
      CHECK(row[2] == "0..55 183..239");
    }
  }
}

TEST_CASE("ssb_transmit: what cannot be sent is refused by name")
{
  std::array<cf32, 960> storage{};
  const view<cf32, 2> grid(storage.data(), 4, 240);
  mib content;
  CHECK(map_ssb({1008, content, 8, 0.0F}, grid).failure().field == "ssb_transmit.pci");
  CHECK(map_ssb({0, content, 64, 0.0F}, grid).failure().field == "ssb_transmit.nof_candidates");
  content.ssb_index = 4;
  CHECK(map_ssb({0, content, 4, 0.0F}, grid).failure().field == "ssb_transmit.content.ssb_index");
}
