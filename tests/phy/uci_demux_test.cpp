// SPDX-License-Identifier: Apache-2.0
// ctest: unit property golden
#include "core/block.h"
#include "core/stage.h"
#include "phy/gold/gold_sequence.h"
#include "phy/uci_mux/uci_demux_body.h"
#include "phy/uci_mux/uci_multiplex.h"
#include "tests/support/allocation_count.h"
#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace pado;
using namespace pado::phy;
using nlohmann::json;

static_assert(stage<uci_demux<backend::cpu>, backend::cpu>);
static_assert(stage<uci_demux<backend::cuda>, backend::cuda>);

namespace {

using bit_list = std::vector<std::uint8_t>;

json golden()
{
  std::ifstream file(PADO_SOURCE_DIR "/testvectors/uci_mux/uci_mux.json");
  return json::parse(file).at("cases");
}

bit_list from_hex(const std::string& hex, std::size_t nof_bits)
{
  bit_list bits;
  for (std::size_t i = 0; i < nof_bits; ++i) {
    bits.push_back(
        static_cast<std::uint8_t>((std::stoi(hex.substr(i / 4, 1), nullptr, 16) >> (3 - i % 4)) & 1));
  }
  return bits;
}

/// One case of the golden file.
struct mux_case {
  uci_layout_config config;
  bit_list ack, csi1, csi2, ulsch, scrambled;
  std::vector<std::uint32_t> words; ///< scrambling bits
  uci_layout layout;

  explicit mux_case(const json& c)
  {
    config.nof_prb = c.at("nof_prb");
    config.start_symbol = c.at("start_symbol");
    config.nof_symbols = c.at("nof_symbols");
    for (const int symbol : c.at("dmrs_symbols")) {
      config.dmrs_mask |= 1U << symbol;
    }
    config.data_res_on_dmrs = 12 - 6 * c.at("nof_cdm_groups_no_data").get<int>();
    config.nof_layers = c.at("nof_layers");
    config.qam_mod_order = c.at("qam_mod_order");
    config.nof_info_bits = c.at("nof_info_bits");
    ack = c.at("harq_ack").get<bit_list>();
    csi1 = c.at("csi1").get<bit_list>();
    csi2 = c.at("csi2").get<bit_list>();
    config.uci = {static_cast<std::uint16_t>(ack.size()),
                  static_cast<std::uint16_t>(csi1.size()),
                  static_cast<std::uint16_t>(csi2.size()),
                  c.at("alpha_scaling"),
                  c.at("beta_offset_harq_ack"),
                  c.at("beta_offset_csi1"),
                  c.at("beta_offset_csi2")};
    const auto g = c.at("g").get<std::vector<std::size_t>>();
    ulsch = from_hex(c.at("ulsch_hex"), g[3]);
    const auto planned = plan_uci_layout(config);
    REQUIRE_MESSAGE(planned, planned.failure().text());
    layout = planned.value();
    std::size_t nof_bits = 0;
    for (const uci_symbol& symbol : layout.symbols) {
      nof_bits += static_cast<std::size_t>(symbol.nof_re * layout.re_bits);
    }
    scrambled = from_hex(c.at("scrambled_hex"), nof_bits);
    words.resize((nof_bits + 31) / 32);
    gold_bits(c.at("c_init"), 0, words);
  }

  std::uint32_t scrambling(std::size_t bit) const { return (words[bit / 32] >> (bit % 32)) & 1U; }
};

/// The streams of a case after demultiplexing clean soft bits.
struct demuxed {
  std::vector<std::int8_t> ulsch, ack, csi1, csi2;

  friend bool operator==(const demuxed&, const demuxed&) = default;
};

demuxed demultiplex(const mux_case& c, visit order)
{
  // What the equaliser leaves: every bit descrambled as if it were a bit of its own. A gap between the
  // regions.
  constexpr int amplitude = 30;
  constexpr std::int8_t untouched = 99;
  const auto size = static_cast<std::int32_t>(c.scrambled.size());
  std::vector<std::int8_t> llr(static_cast<std::size_t>(4 * size), untouched);
  for (std::size_t i = 0; i < c.scrambled.size(); ++i) {
    llr[i] = static_cast<std::int8_t>((c.scrambled[i] ^ c.scrambling(i)) != 0 ? -amplitude : amplitude);
  }
  uci_demux_task task = {c.layout, c.config.qam_mod_order, 0, 0, size, {}, {}, {}};
  std::int32_t end = size + c.layout.ulsch_bits();
  const auto place = [&](std::size_t nof_bits, std::int32_t nof_res) {
    const uci_stream stream = {static_cast<std::int32_t>(nof_bits), end};
    end += nof_res * c.layout.re_bits;
    return stream;
  };
  task.ack = place(c.ack.size(), c.layout.ack_res);
  task.csi1 = place(c.csi1.size(), c.layout.csi1_res);
  task.csi2 = place(c.csi2.size(), c.layout.csi2_res);
  const view<std::int8_t, 1> all(llr.data(), llr.size());
  const uci_demux<backend::cpu>::input in = {view<const uci_demux_task, 1>(&task, 1),
                                             all,
                                             view<const std::uint32_t, 1>(c.words.data(), c.words.size())};
  if (order == visit::forward) {
    uci_demux<backend::cpu> stage(plan_uci_demux({1}).value());
    const std::int64_t before = test::allocation_count();
    stage.run(in, {all}, {});
    CHECK(test::allocation_count() == before);
  } else {
    for (std::int32_t symbol = nof_symbols_per_slot - 1; symbol >= 0; --symbol) {
      body::uci_demux<host_block, memory::host>(host_block(nullptr, 0, order), task, symbol, in, all);
    }
  }
  for (std::size_t i = static_cast<std::size_t>(end); i < llr.size(); ++i) {
    CHECK(llr[i] == untouched);
  }
  const auto part = [&](std::int32_t begin, std::int32_t nof_res) {
    return std::vector<std::int8_t>(llr.begin() + begin, llr.begin() + begin + nof_res * c.layout.re_bits);
  };
  return {part(size, c.layout.ulsch_res),
          part(task.ack.llr_begin, c.layout.ack_res),
          part(task.csi1.llr_begin, c.layout.csi1_res),
          part(task.csi2.llr_begin, c.layout.csi2_res)};
}

/// Hard bits of the streams of one and two bits, as they must be: c0 and its repetition, c0 c1 c2.
void check_small(const bit_list& bits, const std::vector<std::int8_t>& llr, int qm)
{
  for (std::size_t i = 0; i < llr.size() && bits.size() <= 2 && !bits.empty(); ++i) {
    const int in_symbol = static_cast<int>(i) % qm;
    const std::size_t n = (i / static_cast<std::size_t>(qm) * 2 + static_cast<std::size_t>(in_symbol)) % 3;
    const int code = bits.size() == 1 ? bits[0] : n == 2 ? bits[0] ^ bits[1] : bits[n];
    CHECK(llr[i] == (in_symbol >= 2 ? 0 : code != 0 ? -30 : 30));
  }
}

} // namespace

TEST_CASE("uci_mux: code words with UCI are those of the numpy reference, placeholders included")
{
  for (const json& entry : golden()) {
    const mux_case c(entry);
    const auto g = entry.at("g").get<std::vector<std::int32_t>>();
    CHECK(c.layout.ack_res * c.layout.re_bits == g[0]);
    CHECK(c.layout.csi1_res * c.layout.re_bits == g[1]);
    CHECK(c.layout.csi2_res * c.layout.re_bits == g[2]);
    CHECK(c.layout.ulsch_bits() == g[3]);
    std::vector<std::uint32_t> code(c.words.size());
    REQUIRE(multiplex_uci(c.layout, c.config.qam_mod_order, c.ulsch, {c.ack, c.csi1, c.csi2}, c.words, code));
    for (std::size_t i = 0; i < c.scrambled.size(); ++i) {
      CHECK(((code[i / 32] >> (i % 32)) & 1U) == (c.scrambled[i] ^ c.scrambling(i)));
    }
  }
}

TEST_CASE("uci_demux: every stream of the reference's code words comes back, forward and backward")
{
  for (const json& entry : golden()) {
    const mux_case c(entry);
    const demuxed found = demultiplex(c, visit::forward);
    CHECK(found == demultiplex(c, visit::backward));
    std::size_t nof_erased = 0;
    for (std::size_t i = 0; i < c.ulsch.size(); ++i) {
      nof_erased += found.ulsch[i] == 0 ? 1 : 0;
      CHECK((found.ulsch[i] == 0 || (found.ulsch[i] < 0) == (c.ulsch[i] != 0)));
    }
    const std::size_t nof_ack = found.ack.size();
    std::size_t nof_csi2_erased = 0;
    for (const std::int8_t value : found.csi2) {
      nof_csi2_erased += value == 0 && c.csi2.size() > 2 ? 1 : 0;
    }
    const bool is_punctured = !c.ack.empty() && c.ack.size() <= 2;
    if (!is_punctured || c.csi2.empty()) {
      CHECK(nof_erased == (is_punctured ? nof_ack : 0));
      CHECK(nof_csi2_erased == 0);
    }
    check_small(c.ack, found.ack, c.config.qam_mod_order);
    check_small(c.csi1, found.csi1, c.config.qam_mod_order);
  }
}

TEST_CASE("uci_demux: a plan is refused by name")
{
  CHECK(plan_uci_demux({0}).failure().field == "uci_demux.max_tasks");
  CHECK(plan_uci_demux({65536}).failure().field == "uci_demux.max_tasks");
}
