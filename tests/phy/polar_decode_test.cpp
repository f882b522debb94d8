// SPDX-License-Identifier: Apache-2.0
// ctest: unit property golden
#include "core/block.h"
#include "core/stage.h"
#include "phy/polar/polar_decode_body.h"
#include "phy/polar/uci_polar.h"
#include "tests/support/allocation_count.h"
#include "tests/support/shared.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

using namespace pado;
using namespace pado::phy;

static_assert(stage<polar_decode<backend::cpu>, backend::cpu>);
static_assert(stage<polar_decode<backend::cuda>, backend::cuda>);

namespace {

template <class T, class Container>
view<T, 1> as_view(Container& values)
{
  return view<T, 1>(values.data(), values.size());
}

struct decoded {
  std::vector<std::uint8_t> bits;
  std::vector<polar_decode_status> status;
};

/// All segments of one UCI block as tasks of the CPU stage, or through the body in another order of visits.
class uci_receiver {
public:
  uci_receiver(int nof_bits, int nof_coded, int list_size)
      : layout_(plan_uci_polar(nof_bits, nof_coded).value()), code_(1),
        plan_(plan_polar_decode({list_size, 10, max_polar_coded}).value()), stage_(plan_),
        scratch_(plan_.scratch_bytes)
  {
    code_[0] = plan_polar_code(layout_.code).value();
    for (int segment = 0; segment < layout_.nof_segments; ++segment) {
      tasks_.push_back({0, segment * layout_.code.nof_coded, segment * layout_.segment_bits(), layout_.crc});
    }
  }

  decoded run(const std::vector<std::int8_t>& llr, visit order = visit::forward)
  {
    decoded out{std::vector<std::uint8_t>(layout_.nof_segments * layout_.segment_bits()),
                std::vector<polar_decode_status>(layout_.nof_segments)};
    const polar_decode<backend::cpu>::input in{as_view<const polar_decode_task>(tasks_),
                                               as_view<const polar_code>(code_),
                                               as_view<const std::int8_t>(llr)};
    const polar_decode<backend::cpu>::output to{as_view<std::uint8_t>(out.bits),
                                                as_view<polar_decode_status>(out.status)};
    if (order == visit::forward) {
      const std::int64_t before = test::allocation_count();
      stage_.run(in, to, {});
      CHECK(test::allocation_count() == before);
    } else {
      const host_block block(scratch_.data(), scratch_.size(), order);
      for (std::size_t task = 0; task < tasks_.size(); ++task) {
        body::polar_decode<backend::cpu>(block, plan_, static_cast<int>(task), in, to);
      }
    }
    out.bits.erase(out.bits.begin(), out.bits.begin() + layout_.pad_bits);
    return out;
  }

private:
  uci_polar_layout layout_;
  buffer<polar_code> code_;
  polar_decode_plan plan_;
  polar_decode<backend::cpu> stage_;
  buffer<std::byte> scratch_;
  std::vector<polar_decode_task> tasks_;
};

std::vector<std::uint8_t> bits_of_hex(const std::string& hex, std::size_t nof_bits)
{
  std::vector<std::uint8_t> bits;
  for (std::size_t i = 0; i < nof_bits; ++i) {
    bits.push_back(
        static_cast<std::uint8_t>((std::stoi(hex.substr(i / 4, 1), nullptr, 16) >> (3 - i % 4)) & 1));
  }
  return bits;
}

std::vector<std::uint8_t> random_bits(std::size_t n, std::mt19937& random)
{
  std::vector<std::uint8_t> bits(n);
  for (auto& bit : bits) {
    bit = static_cast<std::uint8_t>(random() & 1U);
  }
  return bits;
}

std::vector<std::uint8_t> encode(std::vector<std::uint8_t> payload, std::size_t nof_coded)
{
  std::vector<std::uint8_t> coded(nof_coded);
  REQUIRE(encode_uci_polar(view<std::uint8_t, 1>(payload.data(), payload.size()),
                           view<std::uint8_t, 1>(coded.data(), coded.size())));
  return coded;
}

std::vector<std::int8_t> clean_llr(const std::vector<std::uint8_t>& coded, int amplitude)
{
  std::vector<std::int8_t> llr;
  for (const auto bit : coded) {
    llr.push_back(static_cast<std::int8_t>(bit != 0 ? -amplitude : amplitude));
  }
  return llr;
}

/// One real dimension per bit: Es/N0 in dB, N0/2 in it.
std::vector<std::int8_t>
noisy_llr(const std::vector<std::uint8_t>& coded, double snr_db, std::mt19937& random)
{
  const double sigma = std::sqrt(0.5 * std::pow(10.0, -snr_db / 10.0));
  std::normal_distribution<double> noise(0.0, sigma);
  std::vector<std::int8_t> llr;
  for (const auto bit : coded) {
    const double value = 16.0 * ((bit != 0 ? -1.0 : 1.0) + noise(random));
    llr.push_back(static_cast<std::int8_t>(std::clamp(std::round(value), -127.0, 127.0)));
  }
  return llr;
}

/// Errors of nof_blocks blocks.
int block_errors(int nof_bits, int nof_coded, int list_size, double snr_db, int nof_blocks)
{
  std::mt19937 random(7);
  uci_receiver receiver(nof_bits, nof_coded, list_size);
  int errors = 0;
  for (int i = 0; i < nof_blocks; ++i) {
    const auto payload = random_bits(nof_bits, random);
    const auto out = receiver.run(noisy_llr(encode(payload, nof_coded), snr_db, random));
    errors += out.bits != payload || out.status[0].crc_ok == 0 ? 1 : 0;
  }
  return errors;
}

/// Successive cancellation as the textbook has it, without list and without shortcuts.
struct plain_decoder {
  const polar_code& code;
  std::vector<std::uint8_t> u{};
  std::uint8_t shift[5] = {};

  std::vector<std::uint8_t> decode(const std::vector<float>& llr)
  {
    if (llr.size() == 1) {
      return {decide(llr[0])};
    }
    const std::size_t half = llr.size() / 2;
    std::vector<float> next(half);
    for (std::size_t i = 0; i < half; ++i) {
      const float least = std::min(std::abs(llr[i]), std::abs(llr[i + half]));
      next[i] = (llr[i] < 0) != (llr[i + half] < 0) ? -least : least;
    }
    auto left = decode(next);
    for (std::size_t i = 0; i < half; ++i) {
      next[i] = llr[i + half] + (left[i] != 0 ? -llr[i] : llr[i]);
    }
    const auto right = decode(next);
    for (std::size_t i = 0; i < half; ++i) {
      left[i] ^= right[i];
    }
    left.insert(left.end(), right.begin(), right.end());
    return left;
  }

  std::uint8_t decide(float llr)
  {
    const std::size_t n = u.size();
    std::uint8_t bit = 0;
    if (code.bits[n] == polar_bit::parity) {
      bit = shift[n % 5];
    } else if (code.bits[n] == polar_bit::information) {
      bit = llr < 0 ? 1 : 0;
      shift[n % 5] ^= bit;
    }
    u.push_back(bit);
    return bit;
  }
};

} // namespace

TEST_CASE("polar_decode: clean LLRs of the reference vectors give their payload")
{
  const auto path = test::shared_path("spec/coding/vectors/polar_uci.csv");
  if (!path) {
    MESSAGE("skipped: polar_uci.csv not found");
    return;
  }
  int nof_cases = 0;
  for (const auto& row : test::read_csv(*path)) {
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    const std::size_t nof_bits = std::stoul(row[0]);
    const std::size_t nof_coded = std::stoul(row[1]);
    uci_receiver receiver(static_cast<int>(nof_bits), static_cast<int>(nof_coded), 8);
    const auto out = receiver.run(clean_llr(bits_of_hex(row[3], nof_coded), 20));
    CHECK(out.bits == bits_of_hex(row[2], nof_bits));
    for (const auto& status : out.status) {
      CHECK(status.crc_ok == 1);
      CHECK(status.path == 0);
      CHECK(status.penalty == 0.0F);
    }
    ++nof_cases;
  }
  CHECK(nof_cases >= 37);
}

TEST_CASE("polar_decode: golden code words of UCI give their payload, in every clone")
{
  const auto bytes = [](const char* name) {
    return test::read_bytes(std::string(PADO_SOURCE_DIR "/testvectors/polar_decode/uci_") + name + ".bin");
  };
  const auto sizes = bytes("sizes");
  const auto payload = bytes("payload");
  const auto coded = bytes("coded");
  REQUIRE(sizes.size() == 80);
  std::size_t payload_at = 0;
  std::size_t coded_at = 0;
  for (std::size_t i = 0; i < sizes.size(); i += 8) {
    std::int32_t size[2];
    std::memcpy(size, sizes.data() + i, sizeof size);
    CAPTURE(size[0]);
    CAPTURE(size[1]);
    const auto nof_bits = static_cast<std::size_t>(size[0]);
    const auto nof_coded = static_cast<std::size_t>(size[1]);
    REQUIRE(payload_at + nof_bits <= payload.size());
    REQUIRE(coded_at + nof_coded <= coded.size());
    const std::vector<std::uint8_t> word(&coded[coded_at], &coded[coded_at] + nof_coded);
    uci_receiver receiver(size[0], size[1], 8);
    const auto out = receiver.run(clean_llr(word, 20));
    CHECK(out.bits == std::vector<std::uint8_t>(&payload[payload_at], &payload[payload_at] + nof_bits));
    for (const auto& status : out.status) {
      CHECK(status.crc_ok == 1);
      CHECK(status.penalty == 0.0F);
    }
    payload_at += nof_bits;
    coded_at += nof_coded;
  }
  CHECK(payload_at == payload.size());
  CHECK(coded_at == coded.size());
}

TEST_CASE("polar_decode: every size class decodes clean, with each list size")
{
  std::mt19937 random(3);
  for (const int list_size : {1, 2, 4, 8}) {
    for (const auto& size : {std::pair{12, 21},
                             {12, 24},
                             {14, 300},
                             {19, 31},
                             {20, 33},
                             {40, 70},
                             {200, 260},
                             {359, 2000},
                             {400, 1100}}) {
      const int nof_bits = size.first;
      const int nof_coded = size.second;
      CAPTURE(list_size);
      CAPTURE(nof_bits);
      CAPTURE(nof_coded);
      const auto payload = random_bits(nof_bits, random);
      uci_receiver receiver(nof_bits, nof_coded, list_size);
      const auto out = receiver.run(clean_llr(encode(payload, nof_coded), 1));
      CHECK(out.bits == payload);
      CHECK(out.status[0].crc_ok == 1);
    }
  }
}

TEST_CASE("polar_decode: with a list of one it is successive cancellation, shortcuts or not")
{
  std::mt19937 random(11);
  for (const auto& size : {std::pair{13, 64}, {18, 250}, {30, 50}, {60, 200}, {300, 700}}) {
    const int nof_bits = size.first;
    const int nof_coded = size.second;
    CAPTURE(nof_bits);
    const auto layout = plan_uci_polar(nof_bits, nof_coded).value();
    const auto code = plan_polar_code(layout.code).value();
    uci_receiver receiver(nof_bits, nof_coded, 1);
    for (int trial = 0; trial < 10; ++trial) {
      // Weak enough that many decisions are wrong: the two must agree on the wrong ones too.
      const auto llr = noisy_llr(encode(random_bits(nof_bits, random), nof_coded), -6.0, random);
      std::vector<std::int8_t> received(nof_coded);
      body::polar_deinterleave(
          host_block(), code, view<const std::int8_t, 1>(llr.data(), nof_coded), received.data());
      std::vector<float> channel(code.size());
      body::polar_list list{};
      list.received = received.data();
      list.channel = channel.data();
      body::polar_dematch(host_block(), code, list);
      plain_decoder plain{code};
      plain.decode(channel);
      const auto out = receiver.run(llr);
      for (int i = 0; i < layout.segment_bits(); ++i) {
        REQUIRE(out.bits[i] == plain.u[code.index_of_bit[i]]);
      }
    }
  }
}

TEST_CASE("polar_decode: the order in which a block visits its work does not matter")
{
  std::mt19937 random(5);
  for (const auto& size : {std::pair{12, 40}, {19, 260}, {60, 200}, {400, 1100}, {1012, 1087}}) {
    const int nof_bits = size.first;
    const int nof_coded = size.second;
    CAPTURE(nof_bits);
    uci_receiver receiver(nof_bits, nof_coded, 8);
    const auto llr = noisy_llr(encode(random_bits(nof_bits, random), nof_coded), 0.0, random);
    const auto forward = receiver.run(llr);
    const auto backward = receiver.run(llr, visit::backward);
    CHECK(forward.bits == backward.bits);
    for (std::size_t i = 0; i < forward.status.size(); ++i) {
      CHECK(forward.status[i].crc_ok == backward.status[i].crc_ok);
      CHECK(forward.status[i].path == backward.status[i].path);
      CHECK(forward.status[i].penalty == backward.status[i].penalty);
    }
  }
}

TEST_CASE("polar_decode: the scale of the LLRs does not matter")
{
  std::mt19937 random(9);
  uci_receiver receiver(30, 100, 8);
  const auto payload = random_bits(30, random);
  auto llr = noisy_llr(encode(payload, 100), 1.0, random);
  for (auto& value : llr) {
    value = static_cast<std::int8_t>(value / 4);
  }
  const auto small = receiver.run(llr);
  for (auto& value : llr) {
    value = static_cast<std::int8_t>(value * 3);
  }
  const auto large = receiver.run(llr);
  CHECK(small.bits == large.bits);
  CHECK(std::abs(small.status[0].penalty - large.status[0].penalty) < 1e-5F);
}

TEST_CASE("polar_decode: silence is not a decoded block of zeros")
{
  uci_receiver receiver(20, 100, 8);
  const auto out = receiver.run(std::vector<std::int8_t>(100, 0));
  CHECK(out.status[0].crc_ok == 0);
  CHECK(out.status[0].penalty == 1.0F);
}

TEST_CASE("polar_decode: noise alone passes an 11-bit CRC about list size times 2^-11")
{
  std::mt19937 random(13);
  uci_receiver receiver(20, 64, 8);
  std::uniform_int_distribution<int> any(-20, 20);
  int passed = 0;
  constexpr int nof_blocks = 2000;
  for (int i = 0; i < nof_blocks; ++i) {
    std::vector<std::int8_t> llr(64);
    for (auto& value : llr) {
      value = static_cast<std::int8_t>(any(random));
    }
    passed += receiver.run(llr).status[0].crc_ok;
  }
  // 2000 * 8 / 2048 = 7.8 expected when the paths are independent.
  MESSAGE("false alarms in ", nof_blocks, ": ", passed);
  CHECK(passed <= 24);
}

TEST_CASE("polar_decode: noisy blocks are decoded, and a longer list errs less")
{
  const int long_list = block_errors(40, 128, 8, -2.5, 300);
  const int single = block_errors(40, 128, 1, -2.5, 300);
  MESSAGE("A 40, E 128, Es/N0 -2.5 dB, 300 blocks: ", long_list, " errors with 8 paths, ", single, " with 1");
  CHECK(long_list <= 12);
  CHECK(single > 3 * long_list);
}

TEST_CASE("polar_decode: limits that make no sense are refused by name")
{
  CHECK(plan_polar_decode({0, 10, 8192}).failure().field == "polar_decode.list_size");
  CHECK(plan_polar_decode({3, 10, 8192}).failure().field == "polar_decode.list_size");
  CHECK(plan_polar_decode({16, 10, 8192}).failure().field == "polar_decode.list_size");
  CHECK(plan_polar_decode({8, 4, 8192}).failure().field == "polar_decode.max_log2_size");
  CHECK(plan_polar_decode({8, 10, 8193}).failure().field == "polar_decode.max_coded");
  CHECK(plan_polar_decode({8, 10, max_polar_coded}).value().scratch_bytes <= 48 * 1024);
}
