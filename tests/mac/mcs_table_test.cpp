// SPDX-License-Identifier: Apache-2.0
#include "mac/mcs/mcs_table.h"
#include "mac/mcs/tbs.h"
#include "tests/support/shared.h"
#include <doctest/doctest.h>
#include <string>

using namespace pado::mac;

namespace {

constexpr const char* table_names[] = {"5.1.3.1-1", "5.1.3.1-2", "5.1.3.1-3", "6.1.4.1-1", "6.1.4.1-2"};

} // namespace

TEST_CASE("mcs: every line of every table is the one of TS 38.214")
{
  const auto path = pado::test::shared_path("spec/coding/mcs_tables.csv");
  if (!path) {
    MESSAGE("skipped: no spec/coding/mcs_tables.csv");
    return;
  }
  int compared = 0;
  for (const auto& row : pado::test::read_csv(*path)) {
    for (int table = 0; table < nof_mcs_tables; ++table) {
      if (row.at(0) != table_names[table]) {
        continue;
      }
      CAPTURE(row.at(0));
      CAPTURE(row.at(1));
      const mcs_entry entry = mcs_of(table, std::stoi(row.at(1)));
      const bool has_q = row.at(2) == "q"; // pi/2-BPSK configured or not: we are without, q = 2
      CHECK(entry.qam_mod_order == (has_q ? 2 : std::stoi(row.at(2))));
      const int rate = row.at(4).empty() ? 0 : std::stoi(row.at(4));
      CHECK(entry.rate_times_2048 == (has_q ? rate / 2 : rate));
      if (!entry.is_reserved()) {
        CHECK(entry.spectral_efficiency() == doctest::Approx(std::stod(row.at(5))).epsilon(1e-3));
        CHECK(entry.target_code_rate() == 5 * entry.rate_times_2048);
      }
      ++compared;
    }
  }
  CHECK(compared == 5 * 32);
}

TEST_CASE("mcs: the lines that carry a rate come first")
{
  const int expected[] = {29, 28, 29, 28, 28};
  for (int table = 0; table < nof_mcs_tables; ++table) {
    CAPTURE(table);
    CHECK(nof_mcs(table) == expected[table]);
    for (int mcs = 0; mcs < 32; ++mcs) {
      CHECK(mcs_of(table, mcs).is_reserved() == (mcs >= expected[table]));
    }
  }
}

TEST_CASE("tbs: every vector is met exactly, the unrounded N_info among them")
{
  const auto path = pado::test::shared_path("spec/coding/vectors/tbs.csv");
  if (!path) {
    MESSAGE("skipped: no spec/coding/vectors/tbs.csv");
    return;
  }
  const auto rows = pado::test::read_csv(*path);
  REQUIRE(rows.size() == 480);
  for (const auto& row : rows) {
    const tbs_parameters p{
        std::stoi(row[0]), std::stoi(row[1]), std::stoi(row[2]), std::stoi(row[3]), std::stoi(row[4])};
    CAPTURE(p.nof_re_per_prb);
    CAPTURE(p.nof_prb);
    CAPTURE(p.rate_times_2048);
    CHECK(tbs_bits(p) == std::stoi(row[5]));
  }
}

TEST_CASE("tbs: hand-checked sizes of a clone without the tables beside it")
{
  CHECK(tbs_bits({54, 37, 4, 980, 1}) == 3840); // N_info is 3824.3: flooring it first gives 3824
  CHECK(tbs_bits({96, 4, 2, 240, 3}) == 272);
  CHECK(tbs_bits({150, 273, 2, 240, 1}) == 9480);
  CHECK(tbs_bits({1, 1, 2, 240, 1}) == 24);
}

TEST_CASE("tbs: the limited buffer of 273 PRB, 256QAM and 4 layers is 1277992 bits")
{
  CHECK(tbs_lbrm_bits(273, 4, true) == 1277992);
  CHECK(tbs_lbrm_bits(218, 4, true) == 1277992);
  CHECK(tbs_lbrm_bits(217, 4, true) < 1277992);
  CHECK(tbs_lbrm_bits(33, 1, false) == tbs_lbrm_bits(66, 1, false));
  CHECK(tbs_lbrm_bits(32, 1, false) < tbs_lbrm_bits(33, 1, false));
}

TEST_CASE("tbs: a grant counts the DM-RS symbols inside its symbols only")
{
  pado::pusch_pdu pdu;
  pdu.nof_symbols = 12;
  pdu.dmrs_symbol_mask = 0x2004; // symbols 2 and 13; 13 lies outside
  CHECK(nof_re_per_prb(pdu, 0) == 12 * 12 - 12);
  pdu.nof_cdm_groups_no_data = 1;
  CHECK(nof_re_per_prb(pdu, 6) == 12 * 12 - 6 - 6);
  pdu.dmrs_config_type = 2;
  CHECK(nof_re_per_prb(pdu, 0) == 12 * 12 - 4);
  pdu.dmrs_config_type = 1;
  pdu.nof_cdm_groups_no_data = 2;
  pdu.rb_size = 51;
  pdu.mcs_index = 16;
  set_transport_block(pdu, 0);
  CHECK(pdu.qam_mod_order == 4);
  CHECK(pdu.target_code_rate == 6580);
  CHECK(static_cast<int>(8 * pdu.tb_size_bytes) == tbs_bits({132, 51, 4, 1316, 1}));
}
