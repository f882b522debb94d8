// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// Slots made and received by somebody else (nv5g): our channel estimates, noise, offset and soft bits against
// theirs.
#include "phy/slot_program/slot_program.h"
#include "tests/support/shared.h"
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <memory>

using namespace pado;

namespace {

struct vector_pdu {
  pusch_pdu pdu;
  const char* h_array; ///< nullptr: none
  int h_layers;        ///< layers that the array holds
  int h_layer;         ///< this PDU's
  const char* llr_array;
  float noise_db; ///< what the independent receiver of the vectors found
};

struct vector_slot {
  const char* folder;
  prb_range window;
  std::vector<vector_pdu> pdus;
  float cfo_hz;
};

pusch_pdu make_pdu(int rb_start, int rb_size, int qam_mod_order, int rate, int tb_bytes)
{
  pusch_pdu pdu;
  pdu.bwp_size = 273;
  pdu.rb_start = static_cast<std::uint16_t>(rb_start);
  pdu.rb_size = static_cast<std::uint16_t>(rb_size);
  pdu.qam_mod_order = static_cast<std::uint8_t>(qam_mod_order);
  pdu.target_code_rate = static_cast<std::uint16_t>(rate);
  pdu.mcs_table = 1;
  pdu.dmrs_symbol_mask = 4;
  pdu.tb_size_bytes = static_cast<std::uint32_t>(tb_bytes);
  return pdu;
}

/// The FAPI fields of the cases, from their case.json.
std::vector<vector_slot> all_slots()
{
  std::vector<vector_slot> slots;
  slots.push_back(
      {"pusch_7208", {0, 12}, {{make_pdu(1, 1, 2, 1930, 7), "ref_h", 1, 0, "ref_llr_pdu0", -40.0F}}, 0.0F});
  slots.push_back({"pusch_7201",
                   {0, 273},
                   {{make_pdu(0, 273, 2, 1930, 2017), "ref_h", 1, 0, "ref_llr_pdu0", -40.0F}},
                   0.0F});
  slots.push_back({"pusch_7204",
                   {0, 273},
                   {{make_pdu(0, 273, 8, 9480, 39973), "ref_h", 1, 0, "ref_llr_pdu0", -40.0F}},
                   0.0F});
  pusch_pdu first = make_pdu(49, 60, 4, 6580, 3009);
  first.dmrs_ports = 8;
  pusch_pdu second = make_pdu(49, 60, 4, 6580, 3009);
  second.rnti = 1;
  slots.push_back(
      {"pusch_7261",
       {44, 116},
       {{first, "ref_h", 2, 0, "ref_llr_pdu0", -40.0F}, {second, "ref_h", 2, 1, "ref_llr_pdu1", -40.0F}},
       0.0F});
  pusch_pdu turning = make_pdu(0, 8, 6, 9100, 768);
  turning.rnti = 20000;
  turning.mcs_table = 0;
  turning.data_scrambling_id = turning.dmrs_scrambling_id = 41;
  turning.dmrs_symbol_mask = 2052;
  // 30 dB, and the leakage of the carrier offset on top: the independent receiver found -29.2.
  slots.push_back({"pusch_7401", {0, 16}, {{turning, "ref_h", 1, 0, "ref_llr_pdu0", -29.2F}}, 500.0F});
  pusch_pdu scid = make_pdu(0, 2, 2, 1930, 14);
  scid.scid = 1;
  slots.push_back({"pusch_7287", {0, 12}, {{scid, nullptr, 1, 0, nullptr, -40.0F}}, 0.0F});
  pusch_pdu beside = make_pdu(153, 10, 8, 7540, 269);
  beside.nof_symbols = 4;
  slots.push_back({"pusch_7363", {48, 168}, {{beside, "ref_h_group1", 1, 0, "ref_llr_pdu1", -40.0F}}, 0.0F});
  return slots;
}

template <class T>
std::vector<T> read_array(const std::string& folder, const std::string& name)
{
  const auto path = test::shared_path("vectors/nv5g/" + folder + "/" + name + ".bin");
  const std::vector<unsigned char> bytes = path ? test::read_bytes(*path) : std::vector<unsigned char>();
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

/// A slot through sequences, least squares, channel estimate and equaliser.
struct received_slot {
  phy::slot_program_plan plan;
  phy::slot_program program;
  buffer<ch16> grid;
  buffer<cf32> h;
  buffer<phy::channel_estimate_info> info;
  buffer<std::int8_t> llr;

  explicit received_slot(const vector_slot& from)
      : plan(phy::plan_slot_program({{1}, 4, 273, 0}).value()), program(plan),
        grid(static_cast<std::size_t>(4 * 14 * 12 * 273)), info(8)
  {
    const std::vector<ch16> window = read_array<ch16>(from.folder, "x_tf");
    const int width = 12 * from.window.size();
    for (int row = 0; row < 4 * 14; ++row) {
      std::memcpy(&grid[static_cast<std::size_t>(row * 12 * 273 + 12 * from.window.begin)],
                  &window[static_cast<std::size_t>(row * width)],
                  static_cast<std::size_t>(width) * sizeof(ch16));
    }
    slot_plan slot;
    std::vector<phy::harq_place> places;
    for (const vector_pdu& pdu : from.pdus) {
      slot.pusch.push_back(pdu.pdu);
      places.push_back({0, false});
    }
    phy::compile_slot(plan, slot, places, program);
    for (const phy::refused_pdu& refused : program.refused) {
      FAIL(refused.why);
    }
    run();
  }

  void run()
  {
    buffer<std::uint32_t> words(static_cast<std::size_t>(program.nof_words));
    phy::gold<backend::cpu> sequences(phy::plan_gold({program.gold.size(), program.nof_words}).value());
    sequences.run({program.gold.all()}, {words.as(program.nof_words)}, {});
    buffer<cf32> ls(static_cast<std::size_t>(4 * program.nof_pilots));
    phy::dmrs_ls<backend::cpu> squares(phy::plan_dmrs_ls({4, 273, program.dmrs_ls.size()}).value());
    squares.run({program.dmrs_ls.all(), words.as(program.nof_words), grid.as(4, 14, 12 * 273)},
                {ls.as(4, program.nof_pilots)},
                {});
    h = buffer<cf32>(static_cast<std::size_t>(4 * program.nof_estimates));
    phy::channel_estimate<backend::cpu> estimate(phy::plan_channel_estimate({{1}, 4, 273, 8}).value());
    estimate.run({program.estimates.all(), ls.as(4, program.nof_pilots)},
                 {h.as(4, program.nof_estimates), info.as(program.estimates.size())},
                 {});
    llr = buffer<std::int8_t>(static_cast<std::size_t>(program.nof_llrs));
    buffer<phy::equalise_quality> quality(static_cast<std::size_t>(4 * program.tiles.size()));
    phy::equalise<backend::cpu> equalise(phy::plan_equalise({4, 273, 4096, 8}).value());
    equalise.run({program.tiles.all(),
                  program.pdus.all(),
                  info.as(program.estimates.size()),
                  grid.as(4, 14, 12 * 273),
                  {},
                  h.as(4, program.nof_estimates),
                  words.as(program.nof_words)},
                 {llr.as(program.nof_llrs), quality.as(program.tiles.size(), 4)},
                 {});
  }
};

/// Relative error norm of our estimate at the DM-RS symbols against [dmrs][port][layer][subcarrier].
double
h_difference(const received_slot& slot, int index, const vector_pdu& pdu, const std::vector<cf32>& reference)
{
  const phy::channel_estimate_task& task = slot.program.estimates[index];
  const int width = 12 * task.prbs.size();
  double error = 0.0;
  double power = 0.0;
  REQUIRE(static_cast<int>(reference.size()) == task.nof_dmrs * 4 * pdu.h_layers * width);
  for (int d = 0; d < task.nof_dmrs; ++d) {
    for (int port = 0; port < 4; ++port) {
      for (int k = 0; k < width; ++k) {
        // The reference turns nothing out: at a DM-RS symbol that is our estimate with its rotation.
        const phy::channel_estimate_info& info = slot.info[static_cast<std::size_t>(index)];
        const int symbol = task.dmrs_symbols[d];
        cf32 h = {};
        for (int e = 0; e < task.nof_dmrs; ++e) {
          if (info.weight[symbol][e] != 0.0F) {
            h += info.weight[symbol][e] * slot.h[static_cast<std::size_t>(port * slot.program.nof_estimates +
                                                                          task.h_begin + e * width + k)];
          }
        }
        const cf32 other =
            reference[static_cast<std::size_t>(((d * 4 + port) * pdu.h_layers + pdu.h_layer) * width + k)];
        error += static_cast<double>(norm(h * info.rotation[symbol] - other));
        power += static_cast<double>(norm(other));
      }
    }
  }
  return std::sqrt(error / power);
}

} // namespace

TEST_CASE(
    "channel_estimate, equalise: slots of an independent transmitter come out as its receiver found them")
{
  if (!test::shared_path("vectors/nv5g/pusch_7208/x_tf.bin")) {
    MESSAGE("skipped: shared/vectors/nv5g is not there");
    return;
  }
  for (const vector_slot& from : all_slots()) {
    CAPTURE(from.folder);
    const auto slot = std::make_unique<received_slot>(from);
    for (std::size_t i = 0; i < from.pdus.size(); ++i) {
      CAPTURE(i);
      const vector_pdu& pdu = from.pdus[i];
      const phy::channel_estimate_info& info = slot->info[i];
      double noise = 0.0;
      for (int port = 0; port < 4; ++port) {
        noise += 0.25 * static_cast<double>(info.noise[port]);
      }
      CAPTURE(10.0 * std::log10(noise));
      CHECK(std::abs(10.0 * std::log10(noise) - static_cast<double>(pdu.noise_db)) <
            (pdu.pdu.rb_size <= 2 ? 2.0 : 1.0));
      CHECK(std::abs(info.cfo_hz - from.cfo_hz) < 5.0F);
      CHECK(std::abs(info.ta_s) < 0.01e-6F);
      CHECK(std::abs(info.rsrp - 1.0F) < 0.03F);
      CHECK(info.coherence > 0.999F);
      if (pdu.h_array != nullptr) {
        const double difference =
            h_difference(*slot, static_cast<int>(i), pdu, read_array<cf32>(from.folder, pdu.h_array));
        MESSAGE(std::string(from.folder),
                " h differs by ",
                100.0 * difference,
                " %, noise ",
                10.0 * std::log10(noise),
                " dB, offset ",
                info.cfo_hz,
                " Hz");
        // Both are estimates: 1 % at 40 dB (shared/vectors/nv5g/README.md), and the noise of 7401 is 10 dB
        // higher.
        CHECK(difference < (from.cfo_hz != 0.0F ? 0.02 : 0.01));
      }
      if (pdu.llr_array != nullptr) {
        const std::vector<float> reference = read_array<float>(from.folder, pdu.llr_array);
        const std::int8_t* llr = slot->llr.data() + slot->program.pdus[static_cast<int>(i)].llr_begin;
        int opposite = 0;
        for (std::size_t bit = 0; bit < reference.size(); ++bit) {
          opposite += reference[bit] * static_cast<float>(llr[bit]) < 0.0F ? 1 : 0;
        }
        CHECK(!reference.empty());
        CHECK(opposite == 0);
      }
    }
  }
}
