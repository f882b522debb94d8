// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/rnti_search.h"
#include "phy/blind/walsh_hadamard.h"
#include "phy/equalise/equalise.h"
#include "phy/gold/c_init.h"
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

/// The first of the largest. Parts are compared eight by eight before one of them is looked into.
std::size_t index_of_largest(std::span<const float> x)
{
  constexpr std::size_t part = 64;
  constexpr std::size_t width = 16;
  std::size_t where = 0;
  float best = -INFINITY;
  for (std::size_t begin = 0; begin + part <= x.size(); begin += part) {
    std::array<float, width> most;
    std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(begin), width, most.begin());
    for (std::size_t i = width; i < part; i += width) {
      for (std::size_t j = 0; j < width; ++j) {
        most[j] = most[j] > x[begin + i + j] ? most[j] : x[begin + i + j];
      }
    }
    if (std::any_of(most.begin(), most.end(), [&](float one) { return one > best; })) {
      const auto from = x.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto at = std::max_element(from, from + static_cast<std::ptrdiff_t>(part));
      where = static_cast<std::size_t>(at - x.begin());
      best = *at;
    }
  }
  return where;
}

} // namespace

rnti_search::rnti_search(const rnti_search_config& config)
    : config_(config), column_soft_(std::size_t{max_base_cols} * 2 * max_lifting_size),
      column_key_(std::size_t{max_base_cols} * 2 * max_lifting_size), product_(max_lifting_size),
      least_(max_lifting_size), key_(max_lifting_size), sums_(nof_rntis)
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

/// Positions that a low rate sends again: two copies of one bit are an equation of two bits.
void rnti_search::add_repetitions(const segmentation& cut, std::int32_t block, std::int32_t qam_mod_order)
{
  const std::int32_t nof_sent = cut.nof_sent(block);
  const std::int32_t row_length = nof_sent / qam_mod_order;
  const std::int32_t begin = cut.sent_begin(block);
  const auto place = [&](std::int32_t j) {
    return static_cast<std::size_t>(begin + (j % row_length) * qam_mod_order + j / row_length);
  };
  for (std::int32_t j = cut.nof_sendable(); j < nof_sent; ++j) {
    const std::size_t copy = place(j);
    const std::size_t first = place(j - cut.nof_sendable());
    const float weight = weight_of(soft_[copy] * soft_[first]);
    weight_.push_back(weight);
    where_.push_back(keys_[copy] ^ keys_[first]);
    squares_ += static_cast<double>(weight * weight);
    magnitudes_ += static_cast<double>(std::abs(weight));
  }
}

const parity_checks& rnti_search::checks_of(const segmentation& cut)
{
  constexpr std::size_t max_kept = 512;
  constexpr std::int32_t usual_weight = 5; // of the lightest checks: more than these are never used
  const std::int32_t by_edges = max_edges_ / (usual_weight * cut.z);
  // Sums of few rows are not independent enough: the tails of the score grow heavy on short codes.
  const auto by_rows = 3 * static_cast<std::int32_t>(sent_.count());
  const std::int32_t most =
      std::max(1, std::min({max_equations_ / cut.z / cut.nof_blocks, by_edges / cut.nof_blocks, by_rows}));
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

void rnti_search::set_effort(float share)
{
  max_equations_ = static_cast<std::int32_t>(share * static_cast<float>(config_.max_equations));
  max_edges_ = static_cast<std::int32_t>(share * static_cast<float>(config_.max_edges));
}

/// Calls add(check) for the checks of each block that is used; its bits are on their columns then.
template <class Add>
void rnti_search::add_blocks(const segmentation& cut, std::int32_t qam_mod_order, const Add& add)
{
  const std::int32_t nof_blocks = std::min(cut.nof_blocks, std::max(1, max_equations_ / cut.z));
  // All blocks get their share; of a block the lightest checks come first.
  const std::int32_t budget = max_edges_ / cut.nof_blocks;
  for (std::int32_t block = 0; block < nof_blocks; ++block) {
    place_bits(cut, block, qam_mod_order);
    const parity_checks& checks = checks_of(cut);
    std::int32_t nof_edges = 0;
    for (std::int32_t check = 0; check < checks.size() && nof_edges < budget; ++check) {
      add(checks[check], check == 0);
      nof_edges += static_cast<std::int32_t>(checks[check].size()) * cut.z;
    }
  }
}

result<nothing> rnti_search::prepare(const ulsch_config& how, float share)
{
  ulsch_config config = how;
  config.nof_coded_bits = static_cast<std::int32_t>(soft_.size());
  const result<segmentation> cut = segment_ulsch(config);
  if (!cut) {
    return cut.failure();
  }
  set_effort(share);
  weight_.clear();
  where_.clear();
  squares_ = magnitudes_ = 0.0;
  add_blocks(cut.value(), how.qam_mod_order, [&](std::span<const check_edge> edges, bool) {
    add_check(edges, cut.value().z);
  });
  for (std::int32_t block = 0; block < cut.value().nof_blocks; ++block) {
    add_repetitions(cut.value(), block, how.qam_mod_order);
  }
  return nothing{};
}

void rnti_search::descramble_columns(const segmentation& cut, std::uint32_t c_init)
{
  const auto size = static_cast<std::size_t>(2 * (2 * cut.z + cut.nof_coded));
  for (std::size_t i = 0; i < size; ++i) {
    column_soft_[i] *= sign_of(column_key_[i], c_init);
  }
}

void rnti_search::add_nontrivial(std::span<const check_edge> edges, std::int32_t z, tally& to)
{
  const auto size = static_cast<std::size_t>(z);
  float* const product = product_.data();
  float* const least = least_.data();
  std::fill_n(product, size, 1.0F);
  std::fill_n(least, size, 1.0F);
  for (const check_edge& edge : edges) {
    const float* const soft = column_soft_.data() + std::size_t{edge.column} * 2 * size + edge.shift;
    for (std::size_t i = 0; i < size; ++i) {
      product[i] *= soft[i];
      least[i] = std::min(least[i], soft[i]);
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (least[i] < 0.0F) {
      const float weight = weight_of(product[i]);
      to.sum += static_cast<double>(weight);
      to.squares += static_cast<double>(weight * weight);
      to.magnitudes += static_cast<double>(std::abs(weight));
      ++to.count;
    }
  }
}

result<rnti_match>
rnti_search::code_score(const ulsch_config& how, std::uint16_t rnti, std::uint16_t data_id, float share)
{
  ulsch_config config = how;
  config.nof_coded_bits = static_cast<std::int32_t>(soft_.size());
  const result<segmentation> cut = segment_ulsch(config);
  if (!cut) {
    return cut.failure();
  }
  set_effort(share);
  const std::uint32_t c_init = pusch_data_c_init(rnti, data_id);
  tally all;
  add_blocks(cut.value(), how.qam_mod_order, [&](std::span<const check_edge> edges, bool is_first) {
    if (is_first) {
      descramble_columns(cut.value(), c_init);
    }
    add_nontrivial(edges, cut.value().z, all);
  });
  rnti_match match = {rnti, data_id};
  match.nof_equations = all.count;
  if (all.squares > 0.0) {
    match.z = static_cast<float>(all.sum / std::sqrt(all.squares));
    match.fit = static_cast<float>(all.sum / all.magnitudes);
  }
  return match;
}

void rnti_search::add_up(std::uint16_t data_id)
{
  std::fill(sums_.begin(), sums_.end(), 0.0F);
  for (std::size_t i = 0; i < weight_.size(); ++i) {
    sums_[where_[i] >> 15U] += weight_[i] * sign_of(where_[i], data_id);
  }
}

float rnti_search::agreement(std::uint16_t data_id)
{
  add_up(data_id);
  std::array<float, 16> part = {};
  for (std::size_t i = 0; i < sums_.size(); i += part.size()) {
    for (std::size_t j = 0; j < part.size(); ++j) {
      part[j] += sums_[i + j] * sums_[i + j];
    }
  }
  double energy = 0.0;
  for (const float one : part) {
    energy += static_cast<double>(one);
  }
  const double expected = std::max(squares_, 1e-9);
  return static_cast<float>((energy / expected - 1.0) * std::sqrt(0.5 * nof_rntis));
}

rnti_match rnti_search::best_of_all(std::uint16_t data_id, bool has_rnti_zero)
{
  add_up(data_id);
  walsh_hadamard(sums_);
  ++nof_transforms_;
  rnti_match best;
  best.data_id = data_id;
  best.nof_equations = static_cast<std::int32_t>(weight_.size());
  if (squares_ <= 0.0) {
    return best;
  }
  const float nobody = sums_[0];
  sums_[0] = has_rnti_zero ? nobody : -INFINITY;
  const std::size_t at = index_of_largest(sums_);
  const float first = sums_[at];
  sums_[at] = -INFINITY;
  const float second = sums_[index_of_largest(sums_)];
  sums_[at] = first;
  sums_[0] = nobody;
  best.rnti = static_cast<std::uint16_t>(at);
  const auto unit = static_cast<float>(1.0 / std::sqrt(squares_));
  best.z = first * unit;
  best.second_z = second * unit;
  best.fit = first / static_cast<float>(magnitudes_);
  return best;
}

std::vector<rnti_match> rnti_search::candidates(std::uint16_t data_id, float least_z, std::size_t most) const
{
  const auto root = static_cast<float>(std::sqrt(squares_));
  const float least = least_z * root;
  std::vector<std::uint16_t> rntis;
  for (std::size_t i = 1; i < sums_.size(); ++i) {
    if (sums_[i] >= least) {
      rntis.push_back(static_cast<std::uint16_t>(i));
    }
  }
  const std::size_t count = root > 0.0F ? std::min(most, rntis.size()) : 0;
  std::partial_sort(rntis.begin(),
                    rntis.begin() + static_cast<std::ptrdiff_t>(count),
                    rntis.end(),
                    [&](std::uint16_t a, std::uint16_t b) {
                      return sums_[a] > sums_[b] || (sums_[a] == sums_[b] && a < b);
                    });
  std::vector<rnti_match> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = {rntis[i], data_id, sums_[rntis[i]] / root, 0.0F, 0.0F, nof_equations()};
    out[i].fit = sums_[rntis[i]] / static_cast<float>(magnitudes_);
  }
  return out;
}

rnti_match rnti_search::best_of_all_ids()
{
  rnti_match best;
  for (std::int32_t id = 0; id < nof_data_ids; ++id) {
    const rnti_match match = best_of_all(static_cast<std::uint16_t>(id));
    best = match.z > best.z ? match : best;
  }
  return best;
}

rnti_match rnti_search::of(std::uint16_t rnti, std::uint16_t data_id) const
{
  const std::uint32_t c_init = pusch_data_c_init(rnti, data_id);
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
