// SPDX-License-Identifier: Apache-2.0
#include "phy/pbch/pbch_payload.h"
#include "phy/gold/gold_sequence.h"
#include "phy/polar/polar_encode.h"
#include <algorithm>
#include <cassert>

namespace pado::phy {
namespace {

/// G(j) of 38.212, Table 7.1.1-1.
constexpr std::array<std::uint8_t, pbch_payload_bits> interleaver = {
    16, 23, 18, 17, 8,  30, 10, 6,  24, 7,  0,  5,  3,  2,  1,  4,
    9,  11, 12, 13, 14, 15, 19, 20, 21, 22, 25, 26, 27, 28, 29, 31};

/// Where payload bit i goes: frame number bits first, then half frame, then the last three, then the rest.
std::array<std::uint8_t, pbch_payload_bits> places()
{
  std::array<std::uint8_t, pbch_payload_bits> place{};
  int sfn = 0;
  int other = 14;
  for (int i = 0; i < pbch_payload_bits; ++i) {
    if ((i >= 1 && i <= 6) || (i >= 24 && i <= 27)) {
      place[i] = interleaver[sfn++];
    } else if (i >= 28) {
      place[i] = interleaver[i - 28 + 10];
    } else {
      place[i] = interleaver[other++];
    }
  }
  return place;
}

constexpr int half_frame_place = interleaver[10];
constexpr int sfn_second_lsb_place = interleaver[8];
constexpr int sfn_third_lsb_place = interleaver[7];
constexpr int nof_scrambled_bits = pbch_payload_bits - 3;

/// Scrambles or descrambles the interleaved payload. The three bits that choose and place the sequence stay.
void scramble(pbch_payload& payload, std::int32_t pci)
{
  const int v = 2 * payload[sfn_third_lsb_place] + payload[sfn_second_lsb_place];
  std::array<std::uint32_t, 1> sequence{};
  gold_bits(static_cast<std::uint32_t>(pci), static_cast<std::uint32_t>(v * nof_scrambled_bits), sequence);
  int next = 0;
  for (int i = 0; i < pbch_payload_bits; ++i) {
    if (i != half_frame_place && i != sfn_second_lsb_place && i != sfn_third_lsb_place) {
      payload[i] ^= static_cast<std::uint8_t>((sequence[0] >> next) & 1U);
      ++next;
    }
  }
}

void write_bits(pbch_payload& bits, int begin, int nof_bits, int value)
{
  for (int i = 0; i < nof_bits; ++i) {
    bits[begin + i] = static_cast<std::uint8_t>((value >> (nof_bits - 1 - i)) & 1);
  }
}

int read_bits(const pbch_payload& bits, int begin, int nof_bits)
{
  int value = 0;
  for (int i = 0; i < nof_bits; ++i) {
    value = 2 * value + bits[begin + i];
  }
  return value;
}

} // namespace

polar_code_config pbch_code_config()
{
  return {pbch_payload_bits + crc_bits(polar_crc::crc24c), pbch_coded_bits, 9, true, false};
}

pbch_payload pack_pbch_payload(const mib& content, std::int32_t pci)
{
  pbch_payload a{};
  // Bit 0 is the choice between MIB (0) and an extension.
  write_bits(a, 1, 6, content.sfn >> 4);
  write_bits(a, 7, 1, content.scs_common_hz == 30000 ? 1 : 0);
  write_bits(a, 8, 4, content.k_ssb & 15);
  write_bits(a, 12, 1, content.dmrs_typea_position == 3 ? 1 : 0);
  write_bits(a, 13, 4, content.coreset_zero);
  write_bits(a, 17, 4, content.search_space_zero);
  write_bits(a, 21, 1, content.is_barred ? 0 : 1);
  write_bits(a, 22, 1, content.is_intra_freq_reselection_allowed ? 0 : 1);
  write_bits(a, 24, 4, content.sfn & 15);
  write_bits(a, 28, 1, content.half_frame);
  write_bits(a, 29, 1, content.k_ssb >> 4);
  pbch_payload payload{};
  const auto place = places();
  for (int i = 0; i < pbch_payload_bits; ++i) {
    payload[place[i]] = a[i];
  }
  scramble(payload, pci);
  return payload;
}

std::optional<mib> unpack_pbch_payload(const pbch_payload& payload, std::int32_t pci, std::int32_t ssb_index)
{
  pbch_payload plain = payload;
  scramble(plain, pci);
  pbch_payload a{};
  const auto place = places();
  for (int i = 0; i < pbch_payload_bits; ++i) {
    a[i] = plain[place[i]];
  }
  if (a[0] != 0 || a[30] != 0 || a[31] != 0) {
    return std::nullopt;
  }
  mib content;
  content.sfn = 16 * read_bits(a, 1, 6) + read_bits(a, 24, 4);
  content.half_frame = a[28];
  content.ssb_index = ssb_index;
  content.scs_common_hz = a[7] != 0 ? 30000 : 15000;
  content.k_ssb = 16 * a[29] + read_bits(a, 8, 4);
  content.dmrs_typea_position = a[12] != 0 ? 3 : 2;
  content.coreset_zero = read_bits(a, 13, 4);
  content.search_space_zero = read_bits(a, 17, 4);
  content.is_barred = a[21] == 0;
  content.is_intra_freq_reselection_allowed = a[22] == 0;
  return content;
}

pbch_coded encode_pbch(const mib& content, std::int32_t pci, std::int32_t nof_candidates)
{
  assert(nof_candidates == 4 || nof_candidates == 8);
  std::array<std::uint8_t, pbch_payload_bits + 24> bits{};
  const pbch_payload payload = pack_pbch_payload(content, pci);
  std::copy(payload.begin(), payload.end(), bits.begin());
  const view<std::uint8_t, 1> block(bits.data(), bits.size());
  attach_crc(block, polar_crc::crc24c);
  const auto code = plan_polar_code(pbch_code_config());
  pbch_coded coded{};
  polar_encode(code.value(), block, view<std::uint8_t, 1>(coded.data(), pbch_coded_bits));
  std::array<std::uint32_t, pbch_coded_bits / 32> sequence{};
  const int v = content.ssb_index % nof_candidates;
  gold_bits(static_cast<std::uint32_t>(pci), static_cast<std::uint32_t>(v * pbch_coded_bits), sequence);
  for (int i = 0; i < pbch_coded_bits; ++i) {
    coded[i] ^= static_cast<std::uint8_t>((sequence[i / 32] >> (i % 32)) & 1U);
  }
  return coded;
}

} // namespace pado::phy
