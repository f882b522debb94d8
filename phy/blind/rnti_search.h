// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "phy/blind/parity_checks.h"
#include "phy/blind/scrambling_keys.h"
#include "phy/segmentation/segmentation.h"
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace pado::phy {

inline constexpr std::int32_t nof_rntis = 65536;
inline constexpr std::int32_t nof_data_ids = 1024;

/// How much of a code word is used.
struct rnti_search_config {
  std::int32_t max_equations = 32768; ///< parity equations of one hypothesis
  std::int32_t max_edges = 500000;    ///< bits in all of them: bounds the time of one hypothesis
  std::int32_t max_weight = 120;      ///< bits of one equation
};

/// What a hypothesis about a code word is worth.
///
/// z is the sum of the equations, each with the sign that the RNTI gives it and weighted with its
/// reliability, over the root of the sum of their squares. For a wrong RNTI, a wrong code or noise it is
/// close to a standard normal variable; the search takes the best of 65536, which on noise lies at 4.4 to
/// 5.3. docs/blind.md has the measured false-alarm rates.
struct rnti_match {
  std::uint16_t rnti = 0;
  std::uint16_t data_id = 0; ///< n_ID
  float z = 0.0F;
  float second_z = 0.0F; ///< of the best other RNTI
  float fit = 0.0F;      ///< -1..1: share of the equations' weight that agrees; near 1 on a clean signal
  std::int32_t nof_equations = 0;
};

/// Finds who sent a code word, by parity checks that hold for one RNTI alone.
///
/// Scrambling is linear over GF(2) in the bits of the RNTI, and a check of the LDPC code sums to zero. So
/// each check over received bits is one noisy linear equation on the RNTI; one Walsh-Hadamard transform sums
/// them up for all 65536 RNTIs. A wrong transport block size or redundancy version puts the bits elsewhere
/// in the code, and no RNTI fits: the same score chooses the code.
///
/// An object serves one thread; it keeps its memory from call to call. Results depend on the arguments alone.
class rnti_search {
public:
  explicit rnti_search(const rnti_search_config& config = {});

  /// Takes the soft bits of a code word: scrambled, but with the part of the sequence that is the same for
  /// every c_init taken out (descrambled with c_init = 0).
  ///
  /// llr  [bit]  log-likelihood ratios, positive = bit 0; 0 where nothing is known
  void load(std::span<const float> llr);
  /// The same as the equaliser writes them: llr_scale a unit.
  void load(std::span<const std::int8_t> llr);

  /// Makes the parity equations of a code word that was made as `how` says (nof_coded_bits is that of
  /// load()). The lightest come first; `share` of the configured number are made.
  /// \errors what segment_ulsch refuses
  result<nothing> prepare(const ulsch_config& how, float share = 1.0F);

  std::int32_t nof_equations() const { return static_cast<std::int32_t>(weight_.size()); }
  /// How much more equations with the same RNTI bits agree than chance has it, in standard deviations: says
  /// for next to nothing whether any RNTI can fit. Good for signals above their noise and many equations:
  /// about nof_equations / 360 * fit^2.
  float agreement(std::uint16_t data_id);
  /// Best of all RNTIs for the equations prepared; RNTI 0 is nobody's.
  rnti_match best_of_all(std::uint16_t data_id, bool has_rnti_zero = false);
  /// RNTIs of the last best_of_all() whose z is `least_z` at least, highest first, `most` of them at most.
  std::vector<rnti_match> candidates(std::uint16_t data_id, float least_z, std::size_t most) const;
  /// Best RNTI and n_ID, a transform each.
  rnti_match best_of_all_ids();
  /// Score of one RNTI alone: no transform, so a known UE costs less than an unknown one.
  rnti_match of(std::uint16_t rnti, std::uint16_t data_id) const;

  /// How well a code fits once the RNTI is taken as known: the equations that hold at least one bit 1 after
  /// descrambling. Padding makes long runs of zeros, and zeros satisfy the checks of every code; these
  /// equations do not hold by themselves. For a wrong code z is standard normal or a little below.
  /// Leaves what prepare() made as it is. \errors what segment_ulsch refuses
  result<rnti_match>
  code_score(const ulsch_config& how, std::uint16_t rnti, std::uint16_t data_id, float share = 1.0F);

  /// Transforms made so far: what a search costs.
  std::int64_t nof_transforms() const { return nof_transforms_; }

  /// [rnti] Sums of the last best_of_all(), and the sum of the squared weights: they add up over slots in
  /// which the same UE is supposed to send.
  std::span<const float> sums() const { return sums_; }
  double sum_of_squares() const { return squares_; }

private:
  /// What the checks of a block depend on.
  struct check_key {
    std::int32_t base_graph;
    std::int32_t z;
    std::int32_t max_checks;
    std::uint64_t sent_low;
    std::uint64_t sent_high;

    friend auto operator<=>(const check_key&, const check_key&) = default;
  };

  /// Weights of the equations of one kind.
  struct tally {
    double sum = 0.0;
    double squares = 0.0;
    double magnitudes = 0.0;
    std::int32_t count = 0;
  };

  void set_effort(float share);
  void add_up(std::uint16_t data_id);
  template <class Add>
  void add_blocks(const segmentation& cut, std::int32_t qam_mod_order, const Add& add);
  void descramble_columns(const segmentation& cut, std::uint32_t c_init);
  void add_nontrivial(std::span<const check_edge> edges, std::int32_t z, tally& to);
  const parity_checks& checks_of(const segmentation& cut);
  template <class Put>
  void place_run(std::int32_t z, std::int32_t d, std::int32_t count, const Put& put);
  void place_bits(const segmentation& cut, std::int32_t block, std::int32_t qam_mod_order);
  void add_repetitions(const segmentation& cut, std::int32_t block, std::int32_t qam_mod_order);
  void add_check(std::span<const check_edge> edges, std::int32_t z);

  rnti_search_config config_;
  scrambling_keys keys_;
  std::vector<float> soft_; ///< [bit] tanh(llr / 2): the mean of the bit's sign
  // A code block on its base columns, each column twice in a row, so that any rotation is contiguous.
  std::vector<float> column_soft_;        ///< [column][2 z]
  std::vector<std::uint32_t> column_key_; ///< [column][2 z]
  std::bitset<max_base_cols> sent_;
  std::map<check_key, parity_checks> checks_; ///< made so far: slots of a cell repeat their sizes
  std::vector<float> product_;                ///< [row of the check]
  std::vector<float> least_;                  ///< [row of the check]
  std::vector<std::uint32_t> key_;            ///< [row of the check]
  std::vector<float> weight_;                 ///< [equation]
  std::vector<std::uint32_t> where_;          ///< [equation]
  std::vector<float> sums_;                   ///< [rnti]
  std::int32_t max_equations_ = 0;            ///< of the hypothesis at hand
  std::int32_t max_edges_ = 0;
  double squares_ = 0.0;
  double magnitudes_ = 0.0;
  std::int64_t nof_transforms_ = 0;
};

} // namespace pado::phy
