// SPDX-License-Identifier: Apache-2.0
// ctest: unit golden
#include "io/compress/codec.h"
#include "tests/support/shared.h"
#include <array>
#include <cmath>
#include <cstdlib>
#include <doctest/doctest.h>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace pado::io; // NOLINT: a test reads better with the short names
using pado::cf32;
using pado::compression;

namespace {

using prb_ints = std::array<std::int32_t, values_per_prb>;
using prb_floats = std::array<cf32, 12>;

std::vector<std::byte> encoded(iq_format format, const prb_ints& iq, modulation_scale scale = {})
{
  std::vector<std::byte> out(prb_bytes(format));
  CHECK(encode_prb(format, iq, out, scale) == out.size());
  return out;
}

prb_floats decoded(iq_format format, const std::vector<std::byte>& bytes, modulation_scale scale = {})
{
  prb_floats out{};
  decode_prb(format, bytes, out, scale);
  return out;
}

float value_at(const prb_floats& prb, std::size_t i)
{
  return i % 2 == 0 ? prb[i / 2].re : prb[i / 2].im;
}

std::vector<std::byte> from_hex(const std::string& hex)
{
  std::vector<std::byte> out;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(hex.substr(at, 2), nullptr, 16)));
  }
  return out;
}

prb_ints random_prb(std::mt19937& random, int bits)
{
  prb_ints iq{};
  std::uniform_int_distribution<std::int32_t> any(-(1 << (bits - 1)), (1 << (bits - 1)) - 1);
  for (auto& value : iq) {
    value = any(random);
  }
  return iq;
}

} // namespace

TEST_CASE("compress: BFP of every width equals the golden vectors, both ways")
{
  const auto path = pado::test::shared_path("spec/fronthaul/bfp_vectors.csv");
  if (!path) {
    MESSAGE("skipped: no spec/fronthaul/bfp_vectors.csv");
    return;
  }
  int nof_rows = 0;
  for (const auto& row : pado::test::read_csv(*path)) {
    REQUIRE(row.size() == 5);
    const iq_format format{compression::bfp, static_cast<std::uint8_t>(std::stoi(row[0]))};
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    prb_ints iq{};
    std::istringstream text(row[3]);
    for (auto& value : iq) {
      text >> value;
    }
    const auto want = from_hex(row[4]);
    REQUIRE(want.size() == prb_bytes(format));
    CHECK(encoded(format, iq) == want);
    const int exponent = std::stoi(row[2]);
    const auto got = decoded(format, want);
    for (std::size_t i = 0; i < iq.size(); ++i) {
      CHECK(value_at(got, i) == static_cast<float>((iq[i] >> exponent) * (1 << exponent)));
    }
    ++nof_rows;
  }
  CHECK(nof_rows == 225);
}

TEST_CASE("compress: BFP with exponent 15 reaches 2^(width + 14) without overflow, for every width")
{
  for (std::uint8_t width = 1; width <= 16; ++width) {
    CAPTURE(static_cast<int>(width));
    const iq_format format{compression::bfp, width};
    std::vector<std::byte> bytes(prb_bytes(format));
    bytes[0] = std::byte{0xAF}; // the reserved nibble does not matter
    bytes[1] = std::byte{0x80}; // I0 is the most negative mantissa
    const auto got = decoded(format, bytes);
    CHECK(got[0].re == -std::ldexp(1.0F, width - 1 + 15));
    CHECK(got[11].im == 0.0F);
  }
}

TEST_CASE("compress: BFP of samples beyond 16 bits uses exponents up to 15")
{
  prb_ints iq{};
  iq[0] = (1 << 23) - 1;
  iq[1] = -(1 << 23);
  const auto bytes = encoded({compression::bfp, 9}, iq);
  CHECK(bytes[0] == std::byte{15});
  const auto got = decoded({compression::bfp, 9}, bytes);
  CHECK(got[0].re == 255.0F * 32768.0F);
  CHECK(got[0].im == -256.0F * 32768.0F);
}

TEST_CASE("compress: uncompressed samples of every width come back, larger ones saturate")
{
  std::mt19937 random(1);
  for (std::uint8_t width = 1; width <= 16; ++width) {
    CAPTURE(static_cast<int>(width));
    const iq_format format{compression::none, width};
    const prb_ints iq = random_prb(random, width);
    const auto got = decoded(format, encoded(format, iq));
    for (std::size_t i = 0; i < iq.size(); ++i) {
      CHECK(value_at(got, i) == static_cast<float>(iq[i]));
    }
  }
  prb_ints loud{};
  loud.fill(1 << 20);
  CHECK(decoded({compression::none, 8}, encoded({compression::none, 8}, loud))[3].re == 127.0F);
}

TEST_CASE("compress: 16 bits uncompressed are big-endian int16")
{
  prb_ints iq{};
  iq[0] = 0x1234;
  iq[1] = -2;
  const auto bytes = encoded({compression::none, 16}, iq);
  CHECK(bytes[0] == std::byte{0x12});
  CHECK(bytes[1] == std::byte{0x34});
  CHECK(bytes[2] == std::byte{0xFF});
  CHECK(bytes[3] == std::byte{0xFE});
}

TEST_CASE("compress: the error of BFP is below one step and never upwards")
{
  std::mt19937 random(2);
  for (std::uint8_t width = 1; width <= 16; ++width) {
    const iq_format format{compression::bfp, width};
    for (int bits = 1; bits <= 16; ++bits) {
      CAPTURE(static_cast<int>(width));
      CAPTURE(bits);
      const prb_ints iq = random_prb(random, bits);
      const auto bytes = encoded(format, iq);
      const float step = std::ldexp(1.0F, std::to_integer<int>(bytes[0]));
      const auto got = decoded(format, bytes);
      for (std::size_t i = 0; i < iq.size(); ++i) {
        const float error = static_cast<float>(iq[i]) - value_at(got, i);
        CHECK(error >= 0.0F);
        CHECK(error < step);
      }
    }
  }
}

TEST_CASE("compress: block scaling is within one step of its scaler, from silence to full scale")
{
  std::mt19937 random(3);
  for (std::uint8_t width = 2; width <= 16; ++width) {
    const iq_format format{compression::block_scaling, width};
    for (int bits = 1; bits <= 16; ++bits) {
      CAPTURE(static_cast<int>(width));
      CAPTURE(bits);
      const prb_ints iq = random_prb(random, bits);
      const auto bytes = encoded(format, iq);
      const int scaler = std::to_integer<int>(bytes[0]);
      CHECK(scaler >= 1);
      CHECK(scaler <= 128);
      const float step = std::ldexp(static_cast<float>(scaler), 9 - width);
      const auto got = decoded(format, bytes);
      for (std::size_t i = 0; i < iq.size(); ++i) {
        // half a step of rounding; one step where the top code saturates
        CHECK(std::fabs(static_cast<float>(iq[i]) - value_at(got, i)) <= step);
      }
    }
  }
}

TEST_CASE("compress: block scaling expands as value times scaler over 128")
{
  std::vector<std::byte> bytes(prb_bytes({compression::block_scaling, 8}));
  bytes[0] = std::byte{64};
  bytes[1] = std::byte{0x7F}; // 127 * 64/128 * 2^8
  bytes[2] = std::byte{0x80};
  const auto got = decoded({compression::block_scaling, 8}, bytes);
  CHECK(got[0].re == 127.0F * 128.0F);
  CHECK(got[0].im == -128.0F * 128.0F);
}

TEST_CASE("compress: mu-law is odd, monotonous and within the step of its segment")
{
  for (std::uint8_t width = 4; width <= 16; ++width) {
    CAPTURE(static_cast<int>(width));
    const iq_format format{compression::mu_law, width};
    float before = -1.0F;
    for (std::int32_t value = 0; value <= 32767; value += 97) {
      prb_ints iq{};
      iq[0] = value;
      iq[1] = -value;
      iq[2] = 32767; // keeps the block shift at 0
      const auto got = decoded(format, encoded(format, iq));
      CHECK(got[0].re == -got[0].im);
      CHECK(got[0].re >= before);
      before = got[0].re;
      const int segment = value < 8192 ? 0 : value < 16384 ? 1 : 2;
      const float error = static_cast<float>(value) - got[0].re;
      CHECK(error >= 0.0F);
      CHECK(error < std::max(1.0F, std::ldexp(1.0F, 15 - width + segment)));
    }
  }
}

TEST_CASE("compress: mu-law shifts a quiet block up and uses all magnitude bits of a loud one")
{
  prb_ints quiet{};
  quiet[0] = 100;
  const auto bytes = encoded({compression::mu_law, 9}, quiet);
  CHECK((bytes[0] & std::byte{0xF}) == std::byte{7});
  CHECK(decoded({compression::mu_law, 9}, bytes)[0].re == 100.0F);
  prb_ints loud{};
  loud[0] = 32767;
  CHECK(encoded({compression::mu_law, 9}, loud)[1] == std::byte{0x7F});
}

TEST_CASE("compress: modulation compression returns a QAM constellation exactly")
{
  // 16QAM: two bits an axis, points at +-1 +-3 of sqrt(10), shifted by half a step
  const float unit = 32768.0F / std::sqrt(10.0F);
  prb_ints iq{};
  for (std::size_t i = 0; i < iq.size(); ++i) {
    iq[i] = static_cast<std::int32_t>(std::lrint(unit * static_cast<float>(static_cast<int>(i % 4) * 2 - 3)));
  }
  const modulation_scale scale{4.0F / (std::sqrt(10.0F) * std::sqrt(2.0F)), true};
  const iq_format format{compression::modulation, 2};
  const auto bytes = encoded(format, iq, scale);
  CHECK(bytes.size() == 6);
  const auto got = decoded(format, bytes, scale);
  for (std::size_t i = 0; i < iq.size(); ++i) {
    CHECK(std::fabs(value_at(got, i) - static_cast<float>(iq[i])) < 1.0F);
  }
}

TEST_CASE("compress: complex samples are rounded, saturated, and NaN becomes zero")
{
  std::array<cf32, 12> re{};
  re[0] = {0.5F, -0.5F};
  re[1] = {2.0F, -2.0F};
  re[2] = {NAN, 1.6F / 32768.0F};
  std::vector<std::byte> bytes(48);
  CHECK(encode_prbs({compression::none, 16}, re, 32768.0F, bytes) == 48);
  const auto got = decoded({compression::none, 16}, bytes);
  CHECK(got[0].re == 16384.0F);
  CHECK(got[0].im == -16384.0F);
  CHECK(got[1].re == 32767.0F);
  CHECK(got[1].im == -32768.0F);
  CHECK(got[2].re == 0.0F);
  CHECK(got[2].im == 2.0F);
}

TEST_CASE("compress: bytes of a PRB are those of the size table")
{
  const auto path = pado::test::shared_path("spec/fronthaul/sizes.csv");
  if (!path) {
    MESSAGE("skipped: no spec/fronthaul/sizes.csv");
    return;
  }
  for (const auto& row : pado::test::read_csv(*path)) {
    const auto width = static_cast<std::uint8_t>(std::stoi(row[1]));
    CHECK(prb_bytes({row[0] == "bfp" ? compression::bfp : compression::none, width}) ==
          static_cast<std::size_t>(std::stoi(row[2])));
  }
}

TEST_CASE("compress: udCompHdr keeps width 16 as 0 and refuses selective methods")
{
  CHECK(from_comp_header(0x91) == iq_format{compression::bfp, 9});
  CHECK(from_comp_header(0x00) == iq_format{compression::none, 16});
  CHECK(to_comp_header({compression::none, 16}) == 0);
  CHECK(!is_supported(from_comp_header(0x95)));
  CHECK(!is_supported(from_comp_header(0x96)));
  CHECK(is_supported(from_comp_header(0x94)));
}
