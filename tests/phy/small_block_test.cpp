// SPDX-License-Identifier: Apache-2.0
// ctest: unit property golden
#include "core/block.h"
#include "core/stage.h"
#include "phy/small_block/small_block_decode_body.h"
#include "tests/support/allocation_count.h"
#include "tests/support/shared.h"
#include <doctest/doctest.h>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace pado;
using namespace pado::phy;

static_assert(stage<small_block_decode<backend::cpu>, backend::cpu>);
static_assert(stage<small_block_decode<backend::cuda>, backend::cuda>);

namespace {

struct decoded {
  std::vector<std::uint8_t> bits;
  float log_ratio = 0.0F;
};

std::vector<std::uint8_t> bits_of(std::int32_t nof_bits, std::uint32_t word)
{
  std::vector<std::uint8_t> bits;
  for (std::int32_t k = 0; k < nof_bits; ++k) {
    bits.push_back(static_cast<std::uint8_t>((word >> k) & 1U));
  }
  return bits;
}

std::vector<small_block_bit> encode(const std::vector<std::uint8_t>& bits, std::int32_t qm, std::int32_t size)
{
  std::vector<small_block_bit> coded(static_cast<std::size_t>(size));
  encode_small_block(view<const std::uint8_t, 1>(bits.data(), bits.size()),
                     qm,
                     view<small_block_bit, 1>(coded.data(), size));
  return coded;
}

/// Soft bits as the demultiplexer hands them on: placeholders that hold nothing are 0, y speaks for c0.
std::vector<std::int8_t> soft_of(const std::vector<small_block_bit>& coded, std::int32_t amplitude)
{
  std::vector<std::int8_t> llr;
  for (std::size_t i = 0; i < coded.size(); ++i) {
    const small_block_bit bit = coded[i] == small_block_bit::repeated ? coded[i - 1] : coded[i];
    llr.push_back(static_cast<std::int8_t>(bit == small_block_bit::set    ? 0
                                           : bit == small_block_bit::zero ? amplitude
                                                                          : -amplitude));
  }
  return llr;
}

decoded decode(std::int32_t nof_bits,
               std::int32_t qm,
               const std::vector<std::int8_t>& llr,
               visit order = visit::forward)
{
  const small_block_decode_task task = {nof_bits, qm, 0, static_cast<std::int32_t>(llr.size()), 0};
  decoded out{std::vector<std::uint8_t>(static_cast<std::size_t>(nof_bits)), 0.0F};
  small_block_decode_status status = {};
  const small_block_decode<backend::cpu>::input in = {view<const small_block_decode_task, 1>(&task, 1),
                                                      view<const std::int8_t, 1>(llr.data(), llr.size())};
  const small_block_decode<backend::cpu>::output to = {
      view<std::uint8_t, 1>(out.bits.data(), out.bits.size()),
      view<small_block_decode_status, 1>(&status, 1)};
  if (order == visit::forward) {
    small_block_decode<backend::cpu> decoder(plan_small_block_decode({1}).value());
    const std::int64_t before = test::allocation_count();
    decoder.run(in, to, {});
    CHECK(test::allocation_count() == before);
  } else {
    std::vector<std::byte> scratch(body::small_block_scratch_bytes);
    body::small_block_decode<host_block, memory::host>(
        host_block(scratch.data(), scratch.size(), order), 0, in, to);
  }
  out.log_ratio = status.log_ratio;
  return out;
}

std::vector<std::vector<std::string>> read_csv(const std::string& path)
{
  std::ifstream file(path);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    std::stringstream from(line);
    std::vector<std::string>& row = rows.emplace_back();
    for (std::string cell; std::getline(from, cell, ',');) {
      row.push_back(cell);
    }
  }
  return rows;
}

} // namespace

TEST_CASE("small_block: every word of every size comes back, with every modulation, forward and backward")
{
  for (std::int32_t nof_bits = 1; nof_bits <= max_small_block_bits; ++nof_bits) {
    for (const std::int32_t qm : {2, 4, 6, 8}) {
      CAPTURE(nof_bits);
      CAPTURE(qm);
      const std::uint32_t step = nof_bits > 6 ? 37 : 1;
      for (std::uint32_t word = 0; word < 1U << nof_bits; word += step) {
        const auto bits = bits_of(nof_bits, word);
        // As many coded bits as carry each coded bit once, and a few more.
        const std::int32_t size = nof_bits > 2 ? 36 : 3 * qm + qm;
        const auto llr = soft_of(encode(bits, qm, size), 20);
        const decoded found = decode(nof_bits, qm, llr);
        const decoded backward = decode(nof_bits, qm, llr, visit::backward);
        CHECK(found.bits == bits);
        CHECK(found.log_ratio > 4.0F);
        CHECK(backward.bits == found.bits);
        CHECK(backward.log_ratio == found.log_ratio);
      }
    }
  }
}

TEST_CASE("small_block: the log ratio of one bit is that of its summed soft bits")
{
  // Two symbols of 16QAM: c0 y x x, and y speaks for c0. llr_scale units are a log-likelihood ratio of 1.
  const std::vector<std::int8_t> llr = {-12, -8, 0, 0, -10, 6, 0, 0};
  const decoded found = decode(1, 4, llr);
  CHECK(found.bits == std::vector<std::uint8_t>{1});
  CHECK(found.log_ratio == doctest::Approx((12.0F + 8.0F + 10.0F - 6.0F) / llr_scale));
}

TEST_CASE("small_block: seven wrong bits of 32 are corrected with 6 bits, and noise decides nothing")
{
  std::mt19937 random(5);
  for (int round = 0; round < 50; ++round) {
    const auto bits = bits_of(6, random() & 63U);
    auto llr = soft_of(encode(bits, 2, 32), 8);
    for (int flip = 0; flip < 7; ++flip) {
      std::int8_t& value = llr[static_cast<std::size_t>((flip * 9 + round) % 32)];
      value = static_cast<std::int8_t>(-value);
    }
    CHECK(decode(6, 2, llr).bits == bits);
  }
  const decoded nothing = decode(11, 2, std::vector<std::int8_t>(32, 0));
  CHECK(nothing.log_ratio == 0.0F);
}

TEST_CASE("small_block: the basis and the patterns are those of the tables")
{
  const auto basis = test::shared_path("spec/coding/small_block_basis.csv");
  const auto patterns = test::shared_path("spec/coding/small_block_1_2_bits.csv");
  if (!basis || !patterns) {
    MESSAGE("skipped: no shared folder");
    return;
  }
  const auto rows = read_csv(*basis);
  REQUIRE(rows.size() == 33);
  for (std::size_t i = 0; i < 32; ++i) {
    for (std::size_t k = 0; k < 11; ++k) {
      CHECK(((small_block_basis[k] >> i) & 1U) == static_cast<unsigned>(std::stoi(rows[i + 1][k + 1])));
    }
  }
  for (std::size_t r = 1; r < read_csv(*patterns).size(); ++r) {
    const auto row = read_csv(*patterns)[r];
    const std::int32_t nof_bits = std::stoi(row[1]);
    const std::int32_t qm = std::stoi(row[2]);
    if (qm == 1) {
      continue; // pi/2-BPSK is not sent
    }
    for (std::uint32_t word = 0; word < 1U << nof_bits; ++word) {
      const auto coded = encode(bits_of(nof_bits, word), qm, std::stoi(row[3]));
      std::stringstream names(row[4]);
      std::size_t i = 0;
      for (std::string name; names >> name; ++i) {
        const std::uint32_t c0 = word & 1U;
        const std::uint32_t c1 = word >> 1U;
        const small_block_bit expected = name == "x" ? small_block_bit::set
                                         : name == "y"
                                             ? small_block_bit::repeated
                                             : static_cast<small_block_bit>(name == "c0"   ? c0
                                                                            : name == "c1" ? c1
                                                                                           : c0 ^ c1);
        CHECK(coded[i] == expected);
      }
      CHECK(i == coded.size());
    }
  }
}

TEST_CASE("small_block: a plan is refused by name")
{
  CHECK(plan_small_block_decode({0}).failure().field == "small_block_decode.max_tasks");
  CHECK(plan_small_block_decode({65536}).failure().field == "small_block_decode.max_tasks");
}
