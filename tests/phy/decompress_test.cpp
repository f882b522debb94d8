// SPDX-License-Identifier: Apache-2.0
// ctest: unit golden property equivalence
#include "core/block.h"
#include "core/stage.h"
#include "phy/decompress/decompress.h"
#include "phy/decompress/decompress_body.h"
#include "phy/decompress/decompress_linear.h"
#include "phy/simd/simd_level.h"
#include "tests/support/allocation_count.h"
#include "tests/support/shared.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace phy = pado::phy;
using pado::backend;
using pado::buffer;
using pado::ch16;
using pado::compression;
using pado::host_block;
using pado::iq_section;
using pado::view;
using pado::visit;

static_assert(pado::stage<phy::decompress<backend::cpu>, backend::cpu>);
static_assert(pado::stage<phy::decompress<backend::cuda>, backend::cuda>);

namespace {

std::vector<std::byte> as_bytes(const std::vector<unsigned char>& data)
{
  std::vector<std::byte> bytes(data.size());
  std::transform(data.begin(), data.end(), bytes.begin(), [](unsigned char c) { return std::byte{c}; });
  return bytes;
}

/// Appends 24 codes of `width` bits, most significant bit first.
void pack(std::vector<std::byte>& bytes, const std::vector<int>& codes, int width)
{
  std::vector<int> bits;
  for (const int code : codes) {
    for (int bit = width - 1; bit >= 0; --bit) {
      bits.push_back((code >> bit) & 1);
    }
  }
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    int byte = 0;
    for (std::size_t bit = 0; bit < 8; ++bit) {
      byte = 2 * byte + bits.at(i + bit);
    }
    bytes.push_back(static_cast<std::byte>(byte));
  }
}

struct cell {
  int nof_ports, nof_prb;
};

/// Every value of the grid before run(): a PRB that run() forgets is seen.
constexpr ch16 garbage{0x7e00, 0x1234};

buffer<ch16> dirty_grid(const cell& c)
{
  buffer<ch16> grid(static_cast<std::size_t>(c.nof_ports) * 14 * 12 * c.nof_prb);
  std::fill(grid.begin(), grid.end(), garbage);
  return grid;
}

phy::decompress<backend::cpu> make_stage(const cell& c)
{
  return phy::decompress<backend::cpu>(phy::plan_decompress({c.nof_ports, c.nof_prb, 4096}).value());
}

buffer<ch16>
expanded(const cell& c, const std::vector<std::byte>& bytes, const std::vector<iq_section>& sections)
{
  auto stage = make_stage(c);
  auto grid = dirty_grid(c);
  stage.run({view<const std::byte, 1>(bytes.data(), bytes.size()),
             view<const iq_section, 1>(sections.data(), sections.size())},
            {grid.as(c.nof_ports, 14, 12 * c.nof_prb)},
            {});
  return grid;
}

/// The same through the bodies.
buffer<ch16> expanded_by_body(const cell& c,
                              const std::vector<std::byte>& bytes,
                              const std::vector<iq_section>& sections,
                              visit order)
{
  const host_block block(nullptr, 0, order);
  auto grid = dirty_grid(c);
  buffer<std::uint8_t> covered(static_cast<std::size_t>(c.nof_ports) * 14 * c.nof_prb);
  const auto out = grid.as(c.nof_ports, 14, 12 * c.nof_prb);
  const auto marks = covered.as(c.nof_ports, 14, c.nof_prb);
  for (const iq_section& section : sections) {
    phy::body::decompress(block, section, view<const std::byte, 1>(bytes.data(), bytes.size()), marks, out);
  }
  for (int port = 0; port < c.nof_ports; ++port) {
    for (int symbol = 0; symbol < 14; ++symbol) {
      phy::body::clear_uncovered(block, marks[port][symbol], out[port][symbol]);
    }
  }
  CHECK(std::count(covered.begin(), covered.end(), std::uint8_t{0}) ==
        static_cast<std::ptrdiff_t>(covered.size()));
  return grid;
}

bool is_same(const buffer<ch16>& a, const buffer<ch16>& b)
{
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(ch16)) == 0;
}

/// Random bytes in sections of every width of one method, each width in a symbol of its own, 16 ports' worth
/// in 2.
struct random_case {
  cell limits;
  std::vector<std::byte> bytes;
  std::vector<iq_section> sections;
};

random_case make_random(compression method, int nof_prb, int begin)
{
  std::mt19937 random(static_cast<unsigned>(nof_prb));
  random_case made{{2, nof_prb + begin}, {}, {}};
  for (int width = method == compression::mu_law ? 4 : 1; width <= 16; ++width) {
    iq_section section{static_cast<std::uint32_t>(made.bytes.size()),
                       static_cast<std::uint16_t>(begin),
                       static_cast<std::uint16_t>(nof_prb),
                       static_cast<std::uint8_t>((width - 1) / 14),
                       static_cast<std::uint8_t>((width - 1) % 14),
                       method,
                       static_cast<std::uint8_t>(width)};
    const std::size_t size = static_cast<std::size_t>(phy::body::format_of(section).prb_bytes) * nof_prb;
    for (std::size_t i = 0; i < size; ++i) {
      made.bytes.push_back(static_cast<std::byte>(random()));
    }
    made.sections.push_back(section);
  }
  return made;
}

constexpr compression all_methods[] = {compression::none,
                                       compression::bfp,
                                       compression::block_scaling,
                                       compression::mu_law,
                                       compression::modulation};

} // namespace

TEST_CASE("decompress: golden PRBs of every method and width come out to the bit, and holes come out zero")
{
  const std::string path = PADO_SOURCE_DIR "/testvectors/decompress/all_methods_";
  const auto bytes = as_bytes(pado::test::read_bytes(path + "bytes.bin"));
  const auto raw_sections = pado::test::read_bytes(path + "sections.bin");
  const auto raw_grid = pado::test::read_bytes(path + "grid.bin");
  static_assert(sizeof(iq_section) == 12);
  std::vector<iq_section> sections(raw_sections.size() / sizeof(iq_section));
  REQUIRE(sections.size() > 100);
  std::memcpy(sections.data(), raw_sections.data(), raw_sections.size());
  const cell limits{8, 11};
  buffer<ch16> expected(raw_grid.size() / sizeof(ch16));
  REQUIRE(expected.size() == 8 * 14 * 132);
  std::memcpy(expected.data(), raw_grid.data(), raw_grid.size());
  CHECK(is_same(expanded(limits, bytes, sections), expected));
  CHECK(is_same(expanded_by_body(limits, bytes, sections, visit::forward), expected));
  CHECK(is_same(expanded_by_body(limits, bytes, sections, visit::backward), expected));
}

TEST_CASE("decompress: the reference BFP vectors are met exactly")
{
  const auto path = pado::test::shared_path("spec/fronthaul/bfp_vectors.csv");
  if (!path) {
    MESSAGE("skipped: spec/fronthaul/bfp_vectors.csv is not there");
    return;
  }
  std::vector<bool> has_width(17);
  for (const auto& row : pado::test::read_csv(*path)) {
    const int width = std::stoi(row.at(0));
    const int exponent = std::stoi(row.at(2));
    CAPTURE(width);
    CAPTURE(row.at(1));
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i + 1 < row.at(4).size(); i += 2) {
      bytes.push_back(static_cast<std::byte>(std::stoi(row.at(4).substr(i, 2), nullptr, 16)));
    }
    const auto grid =
        expanded({1, 1}, bytes, {{0, 0, 1, 0, 0, compression::bfp, static_cast<std::uint8_t>(width)}});
    std::istringstream inputs(row.at(3));
    for (int i = 0; i < 24; ++i) {
      int value = 0;
      inputs >> value;
      const float expected = std::ldexp(static_cast<float>(value >> exponent), exponent - 12);
      CHECK((i % 2 == 0 ? grid[i / 2].re : grid[i / 2].im) == pado::float_to_half(expected));
    }
    has_width.at(static_cast<std::size_t>(width)) = true;
  }
  CHECK(std::count(has_width.begin(), has_width.end(), true) == 15); // all but 16
}

TEST_CASE(
    "decompress: slots that an independent generator packed expand to within a step below its own samples")
{
  const auto folder = pado::test::shared_path("vectors/nv5g");
  if (!folder) {
    MESSAGE("skipped: vectors/nv5g is not there");
    return;
  }
  struct vector_case {
    std::string name;
    int nof_prb; // case.json: shape of x_tf_bfp9, 4 ports x 14 symbols
  };
  for (const vector_case& v :
       {vector_case{"pusch_7208", 12}, vector_case{"pusch_7201", 273}, vector_case{"pusch_7204", 273}}) {
    CAPTURE(v.name);
    const auto bytes = as_bytes(pado::test::read_bytes(*folder + "/" + v.name + "/x_tf_bfp9.bin"));
    const auto raw = pado::test::read_bytes(*folder + "/" + v.name + "/x_tf.bin");
    const std::size_t nof_re = static_cast<std::size_t>(4) * 14 * 12 * v.nof_prb;
    REQUIRE(raw.size() == nof_re * sizeof(ch16));
    std::vector<iq_section> sections;
    for (int row = 0; row < 4 * 14; ++row) {
      sections.push_back({static_cast<std::uint32_t>(row * v.nof_prb * 28),
                          0,
                          static_cast<std::uint16_t>(v.nof_prb),
                          static_cast<std::uint8_t>(row / 14),
                          static_cast<std::uint8_t>(row % 14),
                          compression::bfp,
                          9});
    }
    const auto grid = expanded({4, v.nof_prb}, bytes, sections);
    const float their_scale =
        4096.0F * 65504.0F / 8388608.0F; // README of nv5g: mantissa 2^exponent 65504 / 2^23
    int nof_wrong = 0;
    for (std::size_t i = 0; i < nof_re; ++i) {
      ch16 theirs;
      std::memcpy(&theirs, raw.data() + sizeof(ch16) * i, sizeof(theirs));
      const float step = std::ldexp(65504.0F, std::to_integer<int>(bytes[i / 12 * 28]) - 23);
      const pado::cf32 difference = to_cf32(theirs) - their_scale * to_cf32(grid[i]);
      for (const float d : {difference.re, difference.im}) {
        nof_wrong += d >= 0.0F && d < step ? 0 : 1;
      }
    }
    CHECK(nof_wrong == 0);
  }
}

TEST_CASE("decompress: what was packed with an exponent comes back less than a step below, at every width")
{
  std::mt19937 random(3);
  for (int width = 1; width <= 16; ++width) {
    for (int exponent = 0; exponent <= 16 - width; ++exponent) {
      CAPTURE(width);
      CAPTURE(exponent);
      std::vector<int> values(24);
      for (int& value : values) {
        const int top = 1 << (width - 1 + exponent);
        value = static_cast<int>(random() % (2U * top)) - top;
      }
      std::vector<int> codes = values;
      for (int& code : codes) {
        code >>= exponent;
      }
      std::vector<std::byte> bytes{
          static_cast<std::byte>(0xa0 | exponent)}; // the reserved nibble is of no account
      pack(bytes, codes, width);
      const auto grid =
          expanded({1, 1}, bytes, {{0, 0, 1, 0, 0, compression::bfp, static_cast<std::uint8_t>(width)}});
      for (int i = 0; i < 24; ++i) {
        const float value = 4096.0F * pado::half_to_float(i % 2 == 0 ? grid[i / 2].re : grid[i / 2].im);
        const float rounding = std::fabs(value) / 2048.0F; // a half has 11 bits
        CHECK(value <= static_cast<float>(values[i]) + rounding);
        CHECK(value > static_cast<float>(values[i] - (1 << exponent)) - rounding);
      }
    }
  }
}

TEST_CASE("decompress: values beyond the largest half are saturated, never infinite")
{
  std::vector<std::byte> bytes{std::byte{15}};
  std::vector<int> codes(24, 0x7fff);
  codes[1] = -0x8000;
  codes[2] = 1;
  pack(bytes, codes, 16);
  const auto grid = expanded({1, 1}, bytes, {{0, 0, 1, 0, 0, compression::bfp, 16}});
  CHECK(pado::half_to_float(grid[0].re) == 65504.0F);
  CHECK(pado::half_to_float(grid[0].im) == -65504.0F);
  CHECK(pado::half_to_float(grid[1].re) == 8.0F);
}

TEST_CASE(
    "decompress: the tuned kernels and the stage give what the body gives, for 1 to 273 PRBs of random bytes")
{
  for (const compression method : all_methods) {
    for (const int nof_prb : {1, 2, 3, 20, 273}) {
      CAPTURE(static_cast<int>(method));
      CAPTURE(nof_prb);
      const random_case r = make_random(method, nof_prb, 2);
      const auto expected = expanded_by_body(r.limits, r.bytes, r.sections, visit::backward);
      CHECK(is_same(expanded(r.limits, r.bytes, r.sections), expected));
#if defined(__x86_64__)
      for (const iq_section& section : r.sections) {
        CAPTURE(static_cast<int>(section.width));
        if (method == compression::mu_law) {
          continue;
        }
        // The section alone and to the last byte, so that a read beyond it is caught by the address
        // sanitizer.
        const std::vector<std::byte> own(r.bytes.begin() + section.bytes_begin,
                                         r.bytes.begin() + section.bytes_begin +
                                             phy::body::format_of(section).prb_bytes * nof_prb);
        iq_section at_zero = section;
        at_zero.bytes_begin = 0;
        const auto prbs = phy::linear_prbs_of(at_zero, view<const std::byte, 1>(own.data(), own.size()));
        const std::pair<phy::simd_level, phy::linear_kernel> kernels[] = {
            {phy::simd_level::avx2, phy::decompress_linear_avx2},
            {phy::simd_level::avx512, phy::decompress_linear_avx512},
            {phy::simd_level::avx512fp16, phy::decompress_linear_avx512fp16}};
        for (const auto& [level, kernel] : kernels) {
          if (!phy::is_available(level)) {
            MESSAGE("skipped: no AVX-512 VBMI or FP16 on this processor");
            continue;
          }
          if (level == phy::simd_level::avx512fp16 && method == compression::block_scaling) {
            continue; // never given to it
          }
          std::vector<ch16> row(static_cast<std::size_t>(12) * nof_prb + 1, garbage);
          kernel(prbs, row.data());
          const auto* of_body = &expected.as(2, 14, 12 * (nof_prb + 2))(section.port, section.symbol, 24);
          CHECK(std::memcmp(row.data(), of_body, 12 * sizeof(ch16) * nof_prb) == 0);
          CHECK(row.back().im == garbage.im);
        }
      }
#endif
    }
  }
}

TEST_CASE("decompress: each run clears what it does not cover, and allocates nothing")
{
  const cell limits{2, 273};
  auto stage = make_stage(limits);
  auto grid = dirty_grid(limits);
  const std::vector<std::byte> bytes(28 * 273, std::byte{0x11});
  std::vector<iq_section> sections;
  for (int row = 0; row < 28; ++row) {
    sections.push_back({0,
                        0,
                        273,
                        static_cast<std::uint8_t>(row / 14),
                        static_cast<std::uint8_t>(row % 14),
                        compression::bfp,
                        9});
  }
  const auto out = grid.as(2, 14, 12 * 273);
  const auto is_zero = [&](int port, int symbol, int k) {
    return out(port, symbol, k).re == 0 && out(port, symbol, k).im == 0;
  };
  const view<const std::byte, 1> memory(bytes.data(), bytes.size());
  const auto before = pado::test::allocation_count();
  stage.run({memory, view<const iq_section, 1>(sections.data(), sections.size())}, {out}, {});
  CHECK(pado::test::allocation_count() == before);
  CHECK(std::none_of(grid.begin(), grid.end(), [](ch16 re) { return re.re == 0 || re.im == garbage.im; }));
  sections[5].nof_prb = 100; // a hole behind it
  sections[6].prb_begin = 1; // and one before
  sections[6].nof_prb = 272;
  sections.pop_back(); // and a whole symbol
  stage.run({memory, view<const iq_section, 1>(sections.data(), sections.size())}, {out}, {});
  CHECK(pado::test::allocation_count() == before);
  int nof_zero = 0;
  for (const ch16 re : grid) {
    nof_zero += re.re == 0 && re.im == 0 ? 1 : 0;
  }
  CHECK(nof_zero == 12 * (173 + 1 + 273));
  CHECK((is_zero(0, 5, 1200) && is_zero(0, 5, 3275) && !is_zero(0, 5, 1199)));
  CHECK((is_zero(0, 6, 0) && is_zero(0, 6, 11) && !is_zero(0, 6, 12)));
  CHECK((is_zero(1, 13, 0) && is_zero(1, 13, 3275)));
  stage.run({memory, view<const iq_section, 1>(sections.data(), 0)}, {out}, {});
  CHECK(std::all_of(grid.begin(), grid.end(), [](ch16 re) { return re.re == 0 && re.im == 0; }));
}

TEST_CASE("decompress: a plan out of limits is refused by name")
{
  CHECK(phy::plan_decompress({0, 273, 1}).failure().field == "decompress.nof_rx_ports");
  CHECK(phy::plan_decompress({9, 273, 1}).failure().text() ==
        "decompress.nof_rx_ports is 9, must be in 1..8");
  CHECK(phy::plan_decompress({1, 0, 1}).failure().field == "decompress.nof_prb");
  CHECK(phy::plan_decompress({1, 276, 1}).failure().field == "decompress.nof_prb");
  CHECK(phy::plan_decompress({1, 1, 0}).failure().field == "decompress.max_sections");
  CHECK(phy::plan_decompress({1, 1, 65536}).failure().field == "decompress.max_sections");
}
