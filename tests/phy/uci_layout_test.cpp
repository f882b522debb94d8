// SPDX-License-Identifier: Apache-2.0
// ctest: unit golden property
#include "phy/uci_mux/uci_layout.h"
#include "tests/support/shared.h"
#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace pado;
using pado::phy::uci_layout;
using pado::phy::uci_layout_config;

namespace {

using row = std::map<std::string, std::string>;

std::vector<row> read_csv(const std::string& path)
{
  std::ifstream file(path);
  const auto cells = [&](std::vector<std::string>& out) {
    std::string line;
    out.clear();
    if (!std::getline(file, line)) {
      return false;
    }
    std::stringstream from(line);
    for (std::string cell; std::getline(from, cell, ',');) {
      out.push_back(cell);
    }
    return true;
  };
  std::vector<std::string> head;
  std::vector<std::string> values;
  std::vector<row> rows;
  cells(head);
  while (cells(values)) {
    row& one = rows.emplace_back();
    for (std::size_t i = 0; i < head.size() && i < values.size(); ++i) {
      one[head[i]] = values[i];
    }
  }
  return rows;
}

std::int32_t number(const row& of, const char* key)
{
  return std::atoi(of.at(key).c_str());
}

uci_layout_config config_of(const row& r)
{
  uci_layout_config c;
  c.nof_prb = number(r, "n_prb");
  c.nof_symbols = number(r, "n_symb");
  std::stringstream symbols(r.at("dmrs_symbols"));
  for (int symbol = 0; symbols >> symbol;) {
    c.dmrs_mask |= 1U << symbol;
  }
  c.data_res_on_dmrs = number(r, "n_cdm_groups_no_data") == 1 ? 6 : 0;
  c.nof_layers = number(r, "layers");
  c.qam_mod_order = number(r, "Qm");
  c.target_code_rate = 10 * number(r, "R_times_1024");
  c.nof_info_bits = number(r, "C") * number(r, "K_r");
  c.uci.harq_ack_bits = static_cast<std::uint16_t>(number(r, "O_ack"));
  c.uci.csi1_bits = static_cast<std::uint16_t>(number(r, "O_csi1"));
  c.uci.csi2_bits = static_cast<std::uint16_t>(number(r, "O_csi2"));
  c.uci.beta_offset_harq_ack = static_cast<std::uint8_t>(number(r, "beta_ack_idx"));
  c.uci.beta_offset_csi1 = static_cast<std::uint8_t>(number(r, "beta_csi1_idx"));
  c.uci.beta_offset_csi2 = static_cast<std::uint8_t>(number(r, "beta_csi2_idx"));
  c.uci.alpha_scaling = static_cast<std::uint8_t>(number(r, "alpha_idx"));
  return c;
}

/// Ids of all bits in the order of the code word: stream << 28 plus index; HARQ-ACK on top of what it
/// punctures; 0 where nothing is sent.
std::vector<std::uint32_t> bit_ids(const uci_layout& layout, bool has_ulsch)
{
  std::vector<std::uint32_t> ids;
  for (const phy::uci_symbol& symbol : layout.symbols) {
    for (std::int32_t k = 0; k < symbol.nof_re; ++k) {
      const phy::uci_re re = phy::content_of(symbol, layout.is_punctured != 0, k);
      const std::int32_t index = re.ack >= 0    ? re.ack
                                 : re.csi1 >= 0 ? re.csi1
                                 : re.csi2 >= 0 ? re.csi2
                                                : re.ulsch;
      const std::uint32_t stream = re.ack >= 0 ? 1 : re.csi1 >= 0 ? 2 : re.csi2 >= 0 ? 3 : has_ulsch ? 4 : 0;
      for (std::int32_t bit = 0; bit < layout.re_bits; ++bit) {
        ids.push_back(
            stream == 0 ? 0 : (stream << 28U) + static_cast<std::uint32_t>(index * layout.re_bits + bit));
      }
    }
  }
  return ids;
}

std::string fnv1a64(const std::vector<std::uint32_t>& ids)
{
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const std::uint32_t id : ids) {
    for (int shift = 0; shift < 32; shift += 8) {
      hash = (hash ^ ((id >> shift) & 0xFFU)) * 0x100000001b3ULL;
    }
  }
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

} // namespace

TEST_CASE("uci_layout: sizes and the place of every bit are those of 120 configurations of another program")
{
  const auto path = test::shared_path("spec/coding/vectors/uci_on_pusch.csv");
  if (!path) {
    MESSAGE("skipped: no shared folder");
    return;
  }
  const std::vector<row> rows = read_csv(*path);
  REQUIRE(rows.size() == 120);
  for (const row& r : rows) {
    CAPTURE(r.at("fnv1a64_of_ids"));
    const auto planned = phy::plan_uci_layout(config_of(r));
    REQUIRE_MESSAGE(planned, planned.failure().text());
    const uci_layout& layout = planned.value();
    CHECK(layout.ack_res * layout.re_bits == number(r, "G_ack"));
    CHECK(layout.reserved_res * layout.re_bits == number(r, "G_ack_rvd"));
    CHECK(layout.csi1_res * layout.re_bits == number(r, "G_csi1"));
    CHECK(layout.csi2_res * layout.re_bits == number(r, "G_csi2"));
    const bool has_ulsch = number(r, "has_ulsch") != 0;
    if (has_ulsch) {
      CHECK(layout.ulsch_bits() == number(r, "G_ulsch"));
    }
    const auto ids = bit_ids(layout, has_ulsch);
    CHECK(static_cast<std::int32_t>(ids.size()) == number(r, "total_bits"));
    CHECK(fnv1a64(ids) == r.at("fnv1a64_of_ids"));
  }
}

TEST_CASE("uci_layout: what is out of range or has no room is refused by name")
{
  uci_layout_config good;
  good.nof_prb = 1;
  good.nof_symbols = 14;
  good.dmrs_mask = 4;
  good.nof_info_bits = 400;
  good.uci.harq_ack_bits = 2;
  good.uci.alpha_scaling = 3;
  REQUIRE(phy::plan_uci_layout(good));
  const auto field_of = [&](auto change) {
    uci_layout_config bad = good;
    change(bad);
    const auto planned = phy::plan_uci_layout(bad);
    return planned ? std::string("planned") : planned.failure().text();
  };
  CHECK(field_of([](uci_layout_config& c) { c.nof_prb = 0; }) == "uci.nof_prb is 0, must be in 1..275");
  CHECK(field_of([](uci_layout_config& c) { c.nof_symbols = 15; }) ==
        "uci.nof_symbols is 15, must be in 1..14");
  CHECK(field_of([](uci_layout_config& c) { c.uci.beta_offset_harq_ack = 21; }) ==
        "uci.beta_offset_harq_ack is 21, must be in 0..20");
  CHECK(field_of([](uci_layout_config& c) { c.uci.beta_offset_csi1 = 19; }) ==
        "uci.beta_offset_csi1 is 19, must be in 0..18");
  CHECK(field_of([](uci_layout_config& c) { c.uci.alpha_scaling = 4; }) ==
        "uci.alpha_scaling is 4, must be in 0..3");
  CHECK(field_of([](uci_layout_config& c) { c.uci.csi1_bits = 1707; }) ==
        "uci.csi1_bits is 1707, must be in 0..1706");
  // DM-RS on the last symbol alone: HARQ-ACK has no symbol behind it.
  CHECK(field_of([](uci_layout_config& c) { c.dmrs_mask = 1U << 13U; }) ==
        "uci gets no resource element of the PUSCH");
}
