// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/rnti_search.h"
#include "phy/blind/walsh_hadamard.h"
#include "phy/equalise/equalise.h"
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace pado::phy {

namespace {

/// 1 - tanh beyond this is below what a float holds beside 1.
constexpr float most_certain = 0.9999F;

/// Sign that bits of c_init with ones at `key` and value `id` give: parity of key & id.
float sign_of(std::uint32_t key, std::uint32_t c_init)
{
  return (std::popcount(key & c_init) & 1) != 0 ? -1.0F : 1.0F;
}

/// atanh(p) / p as a polynomial in p^2, within 3 % below 0.9 and bounded above: weights need no more.
float weight_of(float p)
{
  const float q = p * p;
  return p * (1.0F + q * (0.3333F + q * (0.2F + q * (0.1F + q * q * q * q * q * q * 1.8F))));
}

} // namespace

rnti_search::rnti_search(const rnti_search_config& config)
    : config_(config), column_soft_(std::size_t{max_base_cols} * 2 * max_lifting_size),
      column_key_(std::size_t{max_base_cols} * 2 * max_lifting_size), product_(max_lifting_size),
      key_(max_lifting_size), sums_(nof_rntis)
{
}

void rnti_search::load(std::span<const float> llr)
{
  soft_.resize(llr.size());
  for (std::size_t i = 0; i < llr.size(); ++i) {
    soft_[i] = std::clamp(std::tanh(0.5F * llr[i]), -most_certain, most_certain);
  }
  keys_.reserve(llr.size());
}

void rnti_search::load(std::span<const std::int8_t> llr)
{
  std::array<float, 256> table;
  for (int i = 0; i < 256; ++i) {
    const float value = static_cast<float>(i - 128) / llr_scale;
    table[static_cast<std::size_t>(i)] = std::clamp(std::tanh(0.5F * value), -most_certain, most_certain);
  }
  soft_.resize(llr.size());
  for (std::size_t i = 0; i < llr.size(); ++i) {
    soft_[i] = table[static_cast<std::size_t>(llr[i] + 128)];
  }
  keys_.reserve(llr.size());
}

void rnti_search::place_bits(const segmentation& cut, std::int32_t block, std::int32_t qam_mod_order)
{
  const std::int32_t z = cut.z;
  const std::int32_t nof_columns = 2 + cut.nof_coded / z;
  std::fill_n(column_soft_.begin(), static_cast<std::ptrdiff_t>(nof_columns) * 2 * z, 0.0F);
  std::fill_n(column_key_.begin(), static_cast<std::ptrdiff_t>(nof_columns) * 2 * z, 0U);
  sent_.reset();
  const auto put = [&](std::int32_t d_index, float soft, std::uint32_t key) {
    const std::int32_t column = 2 + d_index / z;
    const auto at = static_cast<std::size_t>(column * 2 * z + d_index % z);
    column_soft_[at] = column_soft_[at + static_cast<std::size_t>(z)] = soft;
    column_key_[at] = column_key_[at + static_cast<std::size_t>(z)] = key;
    sent_.set(static_cast<std::size_t>(column));
  };
  for (std::int32_t d = cut.filler_begin; d < cut.filler_end; ++d) {
    put(d, 1.0F, 0); // known zeros, not scrambled
  }
  // First copies only: a repeated position has another key, so its soft values cannot be added.
  const std::int32_t nof_sent = cut.nof_sent(block);
  const std::int32_t count = std::min(nof_sent, cut.nof_sendable());
  const std::int32_t row_length = nof_sent / qam_mod_order;
  const std::int32_t begin = cut.sent_begin(block);
  std::int32_t d = cut.k0;
  for (std::int32_t j = 0; j < count; ++j) {
    if (d >= cut.filler_begin && d < cut.filler_end) {
      d = cut.filler_end;
    }
    d = d >= cut.nof_circular ? 0 : d;
    if (d >= cut.filler_begin && d < cut.filler_end) {
      d = cut.filler_end;
    }
    // Bit j of the selection is in row j / row_length of the interleaver, which is read by columns.
    const auto i = static_cast<std::size_t>(begin + (j % row_length) * qam_mod_order + j / row_length);
    put(d, soft_[i], keys_[i]);
    ++d;
  }
}

void rnti_search::add_check(std::span<const check_edge> edges, std::int32_t z)
{
  const auto size = static_cast<std::size_t>(z);
  float* const product = product_.data();
  std::uint32_t* const key = key_.data();
  std::fill_n(product, size, 1.0F);
  std::fill_n(key, size, 0U);
  for (const check_edge& edge : edges) {
    const std::size_t at = std::size_t{edge.column} * 2 * size + edge.shift;
    const float* const soft = column_soft_.data() + at;
    const std::uint32_t* const column_key = column_key_.data() + at;
    for (std::size_t i = 0; i < size; ++i) {
      product[i] *= soft[i];
      key[i] ^= column_key[i];
    }
  }
  const std::size_t first = weight_.size();
  weight_.resize(first + size);
  where_.resize(first + size);
  float squares = 0.0F;
  float magnitudes = 0.0F;
  for (std::size_t i = 0; i < size; ++i) {
    const float weight = weight_of(product[i]);
    weight_[first + i] = weight;
    where_[first + i] = key[i];
    squares += weight * weight;
    magnitudes += std::abs(weight);
  }
  squares_ += static_cast<double>(squares);
  magnitudes_ += static_cast<double>(magnitudes);
}

const parity_checks& rnti_search::checks_of(const segmentation& cut)
{
  constexpr std::size_t max_kept = 512;
  constexpr std::int32_t usual_weight = 5; // of the lightest checks: more than these are never used
  const std::int32_t by_edges = config_.max_edges / (usual_weight * cut.z);
  const std::int32_t most = std::max(1, std::min(config_.max_equations / cut.z, by_edges) / cut.nof_blocks);
  const std::bitset<max_base_cols> low = sent_ & std::bitset<max_base_cols>(~std::uint64_t{0});
  const check_key key = {cut.base_graph, cut.z, most, low.to_ullong(), (sent_ >> 64U).to_ullong()};
  const auto kept = checks_.find(key);
  if (kept != checks_.end()) {
    return kept->second;
  }
  if (checks_.size() >= max_kept) {
    checks_.clear();
  }
  return checks_
      .emplace(key,
               make_parity_checks(
                   base_graph_of(cut.base_graph), {cut.z, cut.i_ls}, sent_, most, config_.max_weight))
      .first->second;
}

void rnti_search::add_block(const segmentation& cut, std::int32_t block, std::int32_t qam_mod_order)
{
  place_bits(cut, block, qam_mod_order);
  const parity_checks& checks = checks_of(cut);
  // All blocks get their share; of a block the lightest checks come first.
  const std::int32_t budget = config_.max_edges / cut.nof_blocks;
  std::int32_t nof_edges = 0;
  for (std::int32_t check = 0; check < checks.size() && nof_edges < budget; ++check) {
    add_check(checks[check], cut.z);
    nof_edges += static_cast<std::int32_t>(checks[check].size()) * cut.z;
  }
}

std::optional<error> rnti_search::make_equations(const ulsch_config& how)
{
  ulsch_config config = how;
  config.nof_coded_bits = static_cast<std::int32_t>(soft_.size());
  const result<segmentation> cut = segment_ulsch(config);
  if (!cut) {
    return cut.failure();
  }
  weight_.clear();
  where_.clear();
  squares_ = magnitudes_ = 0.0;
  const std::int32_t max_blocks = std::max(1, config_.max_equations / cut.value().z);
  for (std::int32_t block = 0; block < std::min(cut.value().nof_blocks, max_blocks); ++block) {
    add_block(cut.value(), block, how.qam_mod_order);
  }
  return std::nullopt;
}

rnti_match rnti_search::transform(std::uint16_t data_id)
{
  std::fill(sums_.begin(), sums_.end(), 0.0F);
  for (std::size_t i = 0; i < weight_.size(); ++i) {
    sums_[where_[i] >> 15U] += weight_[i] * sign_of(where_[i], data_id);
  }
  walsh_hadamard(sums_);
  rnti_match best;
  best.data_id = data_id;
  best.nof_equations = static_cast<std::int32_t>(weight_.size());
  if (squares_ <= 0.0) {
    return best;
  }
  // RNTI 0 is nobody's, and where the equations with key 0 land is the same for all RNTIs.
  float first = -INFINITY;
  float second = -INFINITY;
  for (std::size_t rnti = 1; rnti < sums_.size(); ++rnti) {
    if (sums_[rnti] > first) {
      second = first;
      first = sums_[rnti];
      best.rnti = static_cast<std::uint16_t>(rnti);
    } else if (sums_[rnti] > second) {
      second = sums_[rnti];
    }
  }
  const auto unit = static_cast<float>(1.0 / std::sqrt(squares_));
  best.z = first * unit;
  best.second_z = second * unit;
  best.fit = first / static_cast<float>(magnitudes_);
  return best;
}

result<rnti_match> rnti_search::search(const ulsch_config& how, std::uint16_t data_id)
{
  if (auto bad = make_equations(how)) {
    return *bad;
  }
  return transform(data_id);
}

result<rnti_match> rnti_search::search_all_ids(const ulsch_config& how)
{
  if (auto bad = make_equations(how)) {
    return *bad;
  }
  rnti_match best;
  for (std::int32_t id = 0; id < nof_data_ids; ++id) {
    const rnti_match match = transform(static_cast<std::uint16_t>(id));
    best = match.z > best.z ? match : best;
  }
  return best;
}

result<rnti_match> rnti_search::check(const ulsch_config& how, std::uint16_t data_id, std::uint16_t rnti)
{
  if (auto bad = make_equations(how)) {
    return *bad;
  }
  const std::uint32_t c_init = (std::uint32_t{rnti} << 15U) + data_id;
  double sum = 0.0;
  for (std::size_t i = 0; i < weight_.size(); ++i) {
    sum += static_cast<double>(weight_[i] * sign_of(where_[i], c_init));
  }
  rnti_match match = {rnti, data_id};
  match.nof_equations = static_cast<std::int32_t>(weight_.size());
  if (squares_ > 0.0) {
    match.z = static_cast<float>(sum / std::sqrt(squares_));
    match.fit = static_cast<float>(sum / magnitudes_);
  }
  return match;
}

} // namespace pado::phy
