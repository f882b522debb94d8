// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_plan.h"
#include "phy/blind/code_trial.h"
#include "phy/blind/rnti_search.h"
#include <cstdint>
#include <span>
#include <vector>

namespace pado::phy {

/// A line of an MCS table and the transport block size that an allocation gives it.
struct code_option {
  std::uint8_t mcs_table = 0;
  std::uint8_t mcs_index = 0;
  std::uint8_t qam_mod_order = 2;
  std::uint16_t target_code_rate = 0; ///< as in pusch_pdu
  std::int32_t tb_size_bits = 0;
};

/// A UE that a CRC has proven.
struct known_ue {
  std::uint16_t rnti = 0;
  std::uint16_t data_id = 0;
  std::uint8_t mcs_table = 0;
};

/// What is looked for in one code word.
struct code_question {
  std::span<const code_option> options; ///< of the modulation supposed
  std::span<const known_ue> known;      ///< tried first, by a check each
  std::span<const std::uint16_t> data_ids;
  std::int32_t nof_layers = 1;
  bool has_rnti_zero = false; ///< of test vectors: no UE has it
  bool has_every_rv = true;   ///< false: rv 0 alone
  bool is_known_only = false;
  bool is_quick = false;      ///< a quarter of the equations alone
  bool is_exhaustive = false; ///< every option, for when the first that fits does not decode
  bool has_long_list = false; ///< also RNTIs far below the best are decoded with: see trial_list
};

/// One way to read a code word.
struct code_match {
  code_option option;
  std::uint8_t rv = 0;
  rnti_match match;      ///< how sure the RNTI is
  rnti_match code;       ///< how well the code fits, given the RNTI
  bool is_known = false; ///< one of the known UEs: z is that of a single try
  /// Of the block, which code_trial has decoded; 0: has not.
  float evidence = 0.0F;
};

/// Evidence from which a block is proven. 65536 RNTIs and 2000 codes and allocations a slot are 1.3 10^13
/// tries in 10^5 slots: at exp(-35) each, noise makes one false block in a hundred such searches at most.
inline constexpr float least_evidence = 35.0F;

/// Scores that make a match worth a decoding attempt. docs/blind.md has the rates at which noise and wrong
/// hypotheses reach them.
inline constexpr float least_z_of_all = 5.8F; ///< best of 65536 RNTIs
inline constexpr float least_z_of_one = 4.2F; ///< of one known RNTI

/// RNTIs that are decoded with, although others have a higher score. Codes close to the capacity of short
/// code words give the right RNTI a z of 2 to 5, while the best of the wrong ones reaches 5.5.
struct trial_list {
  float least_z = 4.2F;
  std::int64_t max_bits = 400000; ///< soft bits of all trials of one hypothesis together: bounds the time
};
inline constexpr trial_list short_list = {4.2F, 400000};
inline constexpr trial_list long_list = {2.0F, 4000000};

/// Proven before not, then by the fit of the code.
bool is_better(const code_match& a, const code_match& b);

/// Best codes for a code word: one that decodes with the evidence of a proof alone, else highest z first, 3
/// of them, or 12 of an exhaustive search. A code word with long runs of zeros (padding) fits several sizes,
/// so the first is not always right. Options that send the same bits (tables share lines) are one; the name
/// then is that of the first known UE's table, or the first.
///
/// llr  [bit]  as rnti_search::load takes them
std::vector<code_match> find_codes(rnti_search& search,
                                   code_trial& trial,
                                   std::span<const std::int8_t> llr,
                                   const code_question& question);

} // namespace pado::phy
