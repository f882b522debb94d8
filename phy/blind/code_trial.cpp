// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/code_trial.h"
#include "phy/crc/crc.h"
#include "phy/equalise/equalise.h"
#include "phy/rate_match/encode_ulsch.h"
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>

namespace pado::phy {

namespace {

constexpr std::int32_t max_iterations = 10;
constexpr std::int32_t blocks_at_once = 8;

/// Soft bits of a good block are a little worse than they say (the noise is estimated), never by as much.
constexpr double least_capacity = 0.9;

/// [llr + 128] of one soft bit, in nats.
struct bit_tables {
  std::array<float, 256> evidence; ///< ln(1 + tanh(llr / 2)): of a bit 0
  std::array<float, 256> capacity; ///< ln 2 less the entropy that is left
};

bit_tables make_tables()
{
  bit_tables out = {};
  for (int i = 0; i < 256; ++i) {
    const double llr = (i - 128) / static_cast<double>(llr_scale);
    const double of_zero = std::numbers::ln2 - std::log1p(std::exp(-llr));
    const double of_one = std::numbers::ln2 - std::log1p(std::exp(llr));
    const double zero = 1.0 / (1.0 + std::exp(-llr));
    out.evidence[static_cast<std::size_t>(i)] = static_cast<float>(of_zero);
    out.capacity[static_cast<std::size_t>(i)] = static_cast<float>(zero * of_zero + (1.0 - zero) * of_one);
  }
  return out;
}

const bit_tables& tables()
{
  static const bit_tables made = make_tables();
  return made;
}

} // namespace

float bit_evidence(int llr)
{
  return tables().evidence[static_cast<std::size_t>(std::clamp(llr, -128, 127) + 128)];
}

code_trial::code_trial()
    : dematch_(plan_rate_dematch({blocks_at_once}).value()),
      decoder_(plan_ldpc_decode({blocks_at_once}).value())
{
}

void code_trial::load(std::span<const std::int8_t> llr)
{
  llr_ = llr;
  keys_.reserve(llr.size());
  double sum = 0.0;
  for (const std::int8_t one : llr) {
    sum += static_cast<double>(tables().capacity[static_cast<std::size_t>(one + 128)]);
  }
  capacity_ = sum;
}

float code_trial::capacity_per_bit() const
{
  const double nof_bits = static_cast<double>(std::max<std::size_t>(llr_.size(), 1));
  return static_cast<float>(capacity_ / (std::numbers::ln2 * nof_bits));
}

bool code_trial::has_room_for(std::int32_t tb_size_bits) const
{
  return capacity_ >= least_capacity * std::numbers::ln2 * tb_size_bits;
}

void code_trial::descramble(std::int32_t begin, std::int32_t end)
{
  for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
    const bool is_turned = (std::popcount(keys_[i] & c_init_) & 1) != 0;
    descrambled_[i] = static_cast<std::int8_t>(is_turned ? std::min(-llr_[i], 127) : llr_[i]);
  }
}

/// Descrambles and decodes blocks [first, last) of the code word; false as soon as a CRC fails.
bool code_trial::decode(const segmentation& cut,
                        std::int32_t qam_mod_order,
                        std::int32_t first,
                        std::int32_t last)
{
  descramble(cut.sent_begin(first), cut.sent_begin(last));
  nof_decoded_bits_ += cut.sent_begin(last) - cut.sent_begin(first);
  const std::int32_t stride = 2 * cut.z + cut.nof_coded;
  const std::int32_t block_bytes = cut.nof_block_bits / 8;
  soft_.assign(static_cast<std::size_t>(stride * blocks_at_once), 0);
  std::array<rate_dematch_task, blocks_at_once> dematch = {};
  std::array<ldpc_decode_task, blocks_at_once> decode = {};
  std::array<ldpc_decode_status, blocks_at_once> status = {};
  const std::int32_t count = last - first;
  for (std::int32_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const std::int32_t block = first + i;
    dematch[at] = {cut.sent_begin(block),
                   cut.nof_sent(block),
                   qam_mod_order,
                   cut.z,
                   cut.nof_coded,
                   cut.nof_circular,
                   cut.k0,
                   cut.filler_begin,
                   cut.filler_end,
                   0,
                   std::int64_t{i} * stride};
    decode[at] = {cut.base_graph,
                  cut.z,
                  cut.nof_rows(),
                  cut.nof_block_bits,
                  cut.nof_blocks > 1 ? crc_kind::crc24b : cut.tb_crc,
                  max_iterations,
                  std::int64_t{i} * stride,
                  block * block_bytes};
  }
  const view<std::int8_t, 1> soft(soft_.data(), soft_.size());
  dematch_.run({view<const rate_dematch_task, 1>(dematch.data(), count),
                view<const std::int8_t, 1>(descrambled_.data(), descrambled_.size())},
               {soft},
               {});
  decoder_.run({view<const ldpc_decode_task, 1>(decode.data(), count), soft},
               {view<std::uint8_t, 1>(bytes_.data(), bytes_.size()),
                view<ldpc_decode_status, 1>(status.data(), count)},
               {});
  return std::all_of(
      status.begin(), status.begin() + count, [](const ldpc_decode_status& one) { return one.crc_ok != 0; });
}

float code_trial::evidence_of(const ulsch_config& how)
{
  const result<std::vector<std::uint8_t>> coded = encode_ulsch(payload_, how);
  if (!coded) {
    return 0.0F;
  }
  double sum = 0.0;
  for (std::size_t i = 0; i < descrambled_.size(); ++i) {
    sum += static_cast<double>(bit_evidence(coded.value()[i] != 0 ? -descrambled_[i] : descrambled_[i]));
  }
  return static_cast<float>(sum - std::numbers::ln2 * how.tb_size_bits);
}

trial_outcome code_trial::run(const ulsch_config& how, std::uint16_t rnti, std::uint16_t data_id)
{
  ulsch_config config = how;
  config.nof_coded_bits = static_cast<std::int32_t>(llr_.size());
  const result<segmentation> planned = segment_ulsch(config);
  if (!planned) {
    return {};
  }
  const segmentation& cut = planned.value();
  c_init_ = (std::uint32_t{rnti} << 15U) + data_id;
  descrambled_.resize(llr_.size());
  const auto block_bytes = static_cast<std::size_t>(cut.nof_block_bits / 8);
  bytes_.resize(block_bytes * static_cast<std::size_t>(cut.nof_blocks));
  // Most candidates are wrong, and the first block says so.
  std::int32_t first = 0;
  for (std::int32_t last = 1; first < cut.nof_blocks;
       first = last, last = std::min(last + blocks_at_once, cut.nof_blocks)) {
    if (!decode(cut, config.qam_mod_order, first, last)) {
      return {};
    }
  }
  payload_.clear();
  const auto block_payload = block_bytes - static_cast<std::size_t>(cut.block_crc_bits / 8);
  for (std::size_t block = 0; block < static_cast<std::size_t>(cut.nof_blocks); ++block) {
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(block * block_bytes);
    payload_.insert(payload_.end(), from, from + static_cast<std::ptrdiff_t>(block_payload));
  }
  if (crc_of_bytes(cut.tb_crc, payload_) != 0) {
    return {};
  }
  payload_.resize(static_cast<std::size_t>(how.tb_size_bits / 8));
  if (std::all_of(payload_.begin(), payload_.end(), [](std::uint8_t byte) { return byte == 0; })) {
    return {};
  }
  return {true, evidence_of(config)};
}

} // namespace pado::phy
