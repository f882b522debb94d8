// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_plan.h"
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
};

/// One way to read a code word.
struct code_match {
  code_option option;
  std::uint8_t rv = 0;
  rnti_match match;      ///< how sure the RNTI is
  rnti_match code;       ///< how well the code fits, given the RNTI
  bool is_known = false; ///< one of the known UEs: z is that of a single try
};

/// Scores that make a match worth a decoding attempt. docs/blind.md has the rates at which noise and wrong
/// hypotheses reach them.
inline constexpr float least_z_of_all = 5.8F; ///< best of 65536 RNTIs
inline constexpr float least_z_of_one = 4.2F; ///< of one known RNTI

/// Best codes for the code word that `search` has loaded, highest z first: 3, or 12 of an exhaustive search.
/// A code word with long runs of zeros (padding) fits several sizes, so the first is not always right.
/// Options that send the same bits (tables share lines) are one; the name then is that of the first known
/// UE's table, or the first.
std::vector<code_match> find_codes(rnti_search& search, const code_question& question);

} // namespace pado::phy
