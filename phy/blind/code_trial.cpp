// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/code_trial.h"
#include "phy/equalise/equalise.h"
#include "phy/gold/c_init.h"
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
      decoder_(plan_ldpc_decode({blocks_at_once}).value()), assemble_(plan_tb_assemble({1}).value())
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
  const std::int64_t soft_size = 2 * cut.z + cut.nof_coded;
  soft_.assign(static_cast<std::size_t>(soft_size * blocks_at_once), 0);
  std::array<rate_dematch_task, blocks_at_once> dematch = {};
  std::array<ldpc_decode_task, blocks_at_once> decode = {};
  const std::int32_t count = last - first;
  for (std::int32_t i = 0; i < count; ++i) {
    const block_place place = {0, i * soft_size, false};
    dematch[static_cast<std::size_t>(i)] = dematch_task_of(cut, first + i, qam_mod_order, place);
    decode[static_cast<std::size_t>(i)] =
        decode_task_of(cut, max_iterations, place, (first + i) * block_stride(cut));
  }
  const view<std::int8_t, 1> soft(soft_.data(), soft_.size());
  dematch_.run({view<const rate_dematch_task, 1>(dematch.data(), count),
                view<const std::int8_t, 1>(descrambled_.data(), descrambled_.size())},
               {soft},
               {});
  decoder_.run({view<const ldpc_decode_task, 1>(decode.data(), count), soft},
               {view<std::uint8_t, 1>(bytes_.data(), bytes_.size()),
                view<ldpc_decode_status, 1>(status_.data() + first, count)},
               {});
  return std::all_of(status_.begin() + first, status_.begin() + last, [](const ldpc_decode_status& one) {
    return one.crc_ok != 0;
  });
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
  c_init_ = pusch_data_c_init(rnti, data_id);
  descrambled_.resize(llr_.size());
  bytes_.resize(static_cast<std::size_t>(block_stride(cut) * cut.nof_blocks));
  status_.resize(static_cast<std::size_t>(cut.nof_blocks));
  // Most candidates are wrong, and the first block says so.
  std::int32_t first = 0;
  for (std::int32_t last = 1; first < cut.nof_blocks;
       first = last, last = std::min(last + blocks_at_once, cut.nof_blocks)) {
    if (!decode(cut, config.qam_mod_order, first, last)) {
      return {};
    }
  }
  payload_.resize(static_cast<std::size_t>(how.tb_size_bits / 8));
  const tb_assemble_task task = assemble_task_of(cut, how.tb_size_bits / 8);
  tb_assemble_status tb = {};
  assemble_.run(
      {view<const tb_assemble_task, 1>(&task, 1),
       view<const std::uint8_t, 1>(bytes_.data(), bytes_.size()),
       view<const ldpc_decode_status, 1>(status_.data(), status_.size())},
      {view<std::uint8_t, 1>(payload_.data(), payload_.size()), view<tb_assemble_status, 1>(&tb, 1)},
      {});
  if (tb.crc_ok == 0) {
    return {};
  }
  if (std::all_of(payload_.begin(), payload_.end(), [](std::uint8_t byte) { return byte == 0; })) {
    return {};
  }
  return {true, evidence_of(config)};
}

} // namespace pado::phy
