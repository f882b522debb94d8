// SPDX-License-Identifier: Apache-2.0
// ctest: golden
#include "phy/crc/crc.h"
#include "phy/ldpc/base_graph.h"
#include "phy/ldpc/ldpc_encode.h"
#include "phy/rate_match/encode_ulsch.h"
#include "phy/segmentation/segmentation.h"
#include "tests/support/shared.h"
#include <cstdio>
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

using namespace pado::phy;

namespace {

// TS 38.211, 5.2.1, one bit after the other.
std::vector<std::uint8_t> gold_bits(std::uint32_t c_init, std::size_t n)
{
  std::uint32_t x1 = 1;
  std::uint32_t x2 = c_init;
  std::vector<std::uint8_t> out(n);
  for (std::size_t i = 0; i < 1600 + n; ++i) {
    if (i >= 1600) {
      out[i - 1600] = static_cast<std::uint8_t>((x1 ^ x2) & 1U);
    }
    x1 = (x1 >> 1) | ((((x1 >> 3) ^ x1) & 1U) << 30);
    x2 = (x2 >> 1) | ((((x2 >> 3) ^ (x2 >> 2) ^ (x2 >> 1) ^ x2) & 1U) << 30);
  }
  return out;
}

std::vector<std::uint8_t> packed(const std::vector<std::uint8_t>& bits)
{
  std::vector<std::uint8_t> out((bits.size() + 7) / 8);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    out[i / 8] = static_cast<std::uint8_t>(out[i / 8] | (bits[i] << (7 - i % 8)));
  }
  return out;
}

std::string hex(const std::vector<std::uint8_t>& bits, std::size_t begin, std::size_t n)
{
  std::string out;
  const auto bytes = packed({bits.begin() + static_cast<std::ptrdiff_t>(begin),
                             bits.begin() + static_cast<std::ptrdiff_t>(std::min(begin + n, bits.size()))});
  for (const std::uint8_t byte : bytes) {
    char text[3];
    std::snprintf(text, sizeof text, "%02x", byte);
    out += text;
  }
  return out;
}

} // namespace

TEST_CASE("ldpc: base graphs and lifting sizes are those of the tables")
{
  for (int number = 1; number <= 2; ++number) {
    const auto path = pado::test::shared_path("spec/coding/ldpc_bg" + std::to_string(number) + ".csv");
    if (!path) {
      MESSAGE("skipped: no spec/coding/ldpc_bg1.csv");
      return;
    }
    const base_graph& graph = base_graph_of(number);
    const auto rows = pado::test::read_csv(*path);
    REQUIRE(static_cast<int>(rows.size()) == graph.row_begin[graph.nof_rows]);
    for (const auto& row : rows) {
      const int r = std::stoi(row.at(0));
      int found = 0;
      for (int e = graph.row_begin[r]; e < graph.row_begin[r + 1]; ++e) {
        if (graph.col[e] == std::stoi(row.at(1))) {
          ++found;
          for (std::size_t set = 0; set < 8; ++set) {
            CHECK(graph.shift[set][e] == std::stoi(row.at(2 + set)));
          }
        }
      }
      CHECK(found == 1);
    }
  }
  const auto path = pado::test::shared_path("spec/coding/ldpc_lifting_sizes.csv");
  REQUIRE(path);
  const auto rows = pado::test::read_csv(*path);
  REQUIRE(static_cast<int>(rows.size()) == nof_lifting_sizes);
  for (int i = 0; i < nof_lifting_sizes; ++i) {
    CHECK(lifting_size_of(i).z == std::stoi(rows[static_cast<std::size_t>(i)].at(0)));
    CHECK(lifting_size_of(i).i_ls == std::stoi(rows[static_cast<std::size_t>(i)].at(1)));
  }
}

TEST_CASE("ldpc: the code words of all 102 base graphs and lifting sizes are met bit for bit")
{
  const auto path = pado::test::shared_path("spec/coding/vectors/ldpc_codewords.csv");
  if (!path) {
    MESSAGE("skipped: no spec/coding/vectors/ldpc_codewords.csv");
    return;
  }
  const auto rows = pado::test::read_csv(*path);
  REQUIRE(rows.size() == 102);
  for (const auto& row : rows) {
    const int number = std::stoi(row.at(0));
    const int z = std::stoi(row.at(1));
    CAPTURE(number);
    CAPTURE(z);
    CHECK(lifting_set_index(z) == std::stoi(row.at(2)));
    const auto info =
        packed(gold_bits(static_cast<std::uint32_t>(std::stoul(row.at(5))), std::stoul(row.at(3))));
    std::vector<std::uint8_t> coded(std::stoul(row.at(4)));
    ldpc_encode(number, z, base_graph_of(number).nof_rows, info, coded);
    CHECK(crc_of_bits(crc_kind::crc24a, packed(coded), coded.size()) == std::stoul(row.at(6), nullptr, 16));
    CHECK(hex(coded, std::stoul(row.at(3)), 4 * row.at(7).size()) == row.at(7));
  }
}

TEST_CASE("ldpc: every parity check of every code word holds")
{
  for (int number = 1; number <= 2; ++number) {
    const base_graph& graph = base_graph_of(number);
    for (int index = 0; index < nof_lifting_sizes; ++index) {
      const int z = lifting_size_of(index).z;
      CAPTURE(number);
      CAPTURE(z);
      auto bits =
          gold_bits(static_cast<std::uint32_t>(7 + z), static_cast<std::size_t>(graph.nof_info_cols() * z));
      std::vector<std::uint8_t> coded(static_cast<std::size_t>(graph.nof_cols * z));
      ldpc_encode(number, z, graph.nof_rows, packed(bits), coded);
      REQUIRE(std::equal(bits.begin(), bits.end(), coded.begin()));
      int failures = 0;
      const std::uint16_t* shift = graph.shift[lifting_set_index(z)];
      for (int r = 0; r < graph.nof_rows; ++r) {
        for (int i = 0; i < z; ++i) {
          int parity = 0;
          for (int e = graph.row_begin[r]; e < graph.row_begin[r + 1]; ++e) {
            parity ^= coded[static_cast<std::size_t>(graph.col[e] * z + (i + shift[e]) % z)];
          }
          failures += parity;
        }
      }
      CHECK(failures == 0);
    }
  }
}

TEST_CASE("encode_ulsch: every code word of the vectors is met bit for bit")
{
  const auto path = pado::test::shared_path("spec/coding/vectors/ulsch_encode.csv");
  if (!path) {
    MESSAGE("skipped: no spec/coding/vectors/ulsch_encode.csv");
    return;
  }
  const auto rows = pado::test::read_csv(*path);
  REQUIRE(rows.size() == 60);
  for (const auto& row : rows) {
    const auto at = [&row](std::size_t i) { return static_cast<std::int32_t>(std::stol(row.at(i))); };
    const std::int32_t nof_ref = at(6);
    ulsch_config config;
    config.tb_size_bits = at(0);
    config.target_code_rate = 5 * at(1);
    config.qam_mod_order = at(2);
    config.nof_layers = at(3);
    config.nof_coded_bits = at(4);
    config.rv = at(5);
    config.tb_size_lbrm_bits = (2 * at(9) * nof_ref + 2) / 3;
    CAPTURE(at(7));
    const auto planned = segment_ulsch(config);
    REQUIRE(planned);
    const segmentation& s = planned.value();
    CHECK(s.base_graph == at(8));
    CHECK(s.nof_blocks == at(9));
    CHECK(s.z == at(10));
    CHECK(s.nof_block_bits == at(11));
    CHECK(s.nof_info_bits == at(12));
    if (nof_ref != 0) {
      CHECK(s.nof_circular == std::min(s.nof_coded, nof_ref));
    }
    const auto payload =
        packed(gold_bits(static_cast<std::uint32_t>(at(7)), static_cast<std::size_t>(config.tb_size_bits)));
    const auto word = encode_ulsch(payload, config);
    REQUIRE(word);
    CHECK(static_cast<std::int32_t>(word.value().size()) == at(13));
    CHECK(crc_of_bits(crc_kind::crc24a, packed(word.value()), word.value().size()) ==
          std::stoul(row.at(14), nullptr, 16));
    CHECK(hex(word.value(), 0, 64) == row.at(15));
  }
}

TEST_CASE("segmentation: rows reach exactly the last bit that is sent")
{
  // By walking the circular buffer, TS 38.212, 5.4.2.1.
  std::mt19937 engine(5);
  const auto draw = [&engine](int low, int high) {
    return low + static_cast<int>(engine() % static_cast<unsigned>(high - low + 1));
  };
  int tried = 0;
  while (tried < 300) {
    ulsch_config config;
    config.tb_size_bits = 8 * draw(3, 478);
    config.target_code_rate = draw(300, 9400);
    config.rv = draw(0, 3);
    config.nof_coded_bits = 2 * draw(20, 9000);
    config.tb_size_lbrm_bits = draw(0, 2) == 0 ? draw(config.tb_size_bits, 3 * config.tb_size_bits) : 0;
    const auto planned = segment_ulsch(config);
    if (!planned) {
      continue;
    }
    ++tried;
    const segmentation& s = planned.value();
    int last = 0;
    int position = s.k0;
    for (int n = 0; n < s.nof_sent(0); ++position) {
      const int d = position % s.nof_circular;
      if (d < s.filler_begin || d >= s.filler_end) {
        last = std::max(last, d);
        ++n;
      }
    }
    CAPTURE(config.tb_size_bits);
    CAPTURE(config.nof_coded_bits);
    CAPTURE(config.rv);
    CHECK(s.nof_rows() == std::max(4, 2 + last / s.z - s.nof_info_bits / s.z + 1));
  }
}

TEST_CASE("segmentation: the thresholds of the base graph are met on integers")
{
  const auto graph_of = [](std::int32_t size, std::int32_t rate) {
    ulsch_config config;
    config.tb_size_bits = size;
    config.target_code_rate = rate;
    config.nof_coded_bits = 100000;
    return segment_ulsch(config).value().base_graph;
  };
  CHECK(graph_of(288, 9480) == 2);
  CHECK(graph_of(304, 9480) == 1);
  CHECK(graph_of(3824, 6860) == 2);
  CHECK(graph_of(3824, 6865) == 1); // 686.5 / 1024
  CHECK(graph_of(3840, 6825) == 1); // 682.5 / 1024
  CHECK(graph_of(3848, 2560) == 2);
  CHECK(graph_of(3848, 2561) == 1);
}

TEST_CASE("segmentation: what no grant can ask for is refused by name")
{
  const ulsch_config good{3824, 6580, 0, 12000, 1, 2, 0};
  REQUIRE(segment_ulsch(good));
  const auto field = [&good](auto change) {
    ulsch_config config = good;
    change(config);
    const auto planned = segment_ulsch(config);
    return planned ? std::string("accepted") : planned.failure().field;
  };
  CHECK(field([](ulsch_config& c) { c.tb_size_bits = 0; }) == "segmentation.tb_size_bits");
  CHECK(field([](ulsch_config& c) { c.tb_size_bits = 3828; }) == "segmentation.tb_size_bits");
  CHECK(field([](ulsch_config& c) { c.tb_size_bits = 8464; }) == "segmentation.tb_size_bits");
  CHECK(field([](ulsch_config& c) { c.tb_size_bits = 1277992 + 8; }) == "segmentation.tb_size_bits");
  CHECK(field([](ulsch_config& c) { c.target_code_rate = 0; }) == "segmentation.target_code_rate");
  CHECK(field([](ulsch_config& c) { c.rv = 4; }) == "segmentation.rv");
  CHECK(field([](ulsch_config& c) { c.nof_coded_bits = 0; }) == "segmentation.nof_coded_bits");
  CHECK(field([](ulsch_config& c) { c.nof_coded_bits = 12001; }) == "segmentation.nof_coded_bits");
  CHECK(field([](ulsch_config& c) { c.nof_layers = 5; }) == "segmentation.nof_layers");
  CHECK(field([](ulsch_config& c) { c.qam_mod_order = 3; }) == "segmentation.qam_mod_order");
  CHECK(field([](ulsch_config& c) { c.tb_size_lbrm_bits = -1; }) == "segmentation.tb_size_lbrm_bits");
  CHECK(field([](ulsch_config& c) {
          c.tb_size_bits = 1277992;
          c.nof_coded_bits = 100;
        }) == "segmentation.nof_coded_bits");
  const auto wrong = encode_ulsch(std::vector<std::uint8_t>(10), good);
  REQUIRE(!wrong);
  CHECK(wrong.failure().field == "encode_ulsch.payload");
}
