// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/blind/scrambling_keys.h"
#include "phy/slot_program/block_tasks.h"
#include <cstdint>
#include <span>
#include <vector>

namespace pado::phy {

/// What decoding with one RNTI gave.
struct trial_outcome {
  bool is_decoded = false; ///< the CRCs hold and the block is not all zeros
  float evidence = 0.0F;   ///< nats, of a decoded block: see code_trial
};

/// What a bit 0 explains of a soft bit, against a fair coin: ln(1 + tanh(L / 2)), nats. Of a bit 1: of -L.
///
/// llr  4 (llr_scale) a unit of L
float bit_evidence(int llr);

/// Decodes a code word for one candidate RNTI and says how much the result is worth.
///
/// A decoded block explains the soft bits L by the code word x (+-1) with the log-likelihood ratio
/// sum ln(1 + x tanh(L / 2)) against bits that are fair coins. Under fair coins, whatever the magnitudes,
/// exp of that sum has mean 1, so it exceeds e^a with probability e^-a at most, and any of the 2^TBS code
/// words exceeds it with 2^TBS e^-a. evidence = a - TBS ln 2: a wrong RNTI, a wrong code or noise, whose
/// signs scrambling makes fair coins, decodes with evidence above e with probability exp(-e) at most. No
/// CRC is needed for that, and a block of 16 CRC bits is as sure as one of 24. It is above zero where the
/// code rate is below the capacity of the soft bits: everywhere a decoder works but near the rate 1.
///
/// An object serves one thread; it keeps its memory from call to call.
class code_trial {
public:
  code_trial();

  /// Takes the soft bits of a code word as rnti_search::load does; they are not copied.
  void load(std::span<const std::int8_t> llr);

  std::int64_t nof_bits() const { return static_cast<std::int64_t>(llr_.size()); }
  /// Mean capacity of a soft bit, 0..1 bit.
  float capacity_per_bit() const;
  /// Whether the soft bits hold enough to decode a block of that size: their capacity.
  bool has_room_for(std::int32_t tb_size_bits) const;

  /// how  as made (nof_coded_bits is that of load())
  trial_outcome run(const ulsch_config& how, std::uint16_t rnti, std::uint16_t data_id);

  /// Soft bits that were decoded so far: what trials cost, some 10 ns each.
  std::int64_t nof_decoded_bits() const { return nof_decoded_bits_; }

private:
  bool decode(const segmentation& cut, std::int32_t qam_mod_order, std::int32_t first, std::int32_t last);
  void descramble(std::int32_t begin, std::int32_t end);
  float evidence_of(const ulsch_config& how);

  rate_dematch<backend::cpu> dematch_;
  ldpc_decode<backend::cpu> decoder_;
  tb_assemble<backend::cpu> assemble_;
  scrambling_keys keys_;
  std::span<const std::int8_t> llr_;
  double capacity_ = 0.0;    ///< nats, of all soft bits
  std::uint32_t c_init_ = 0; ///< of the candidate
  std::int64_t nof_decoded_bits_ = 0;
  std::vector<std::int8_t> descrambled_;
  std::vector<std::int8_t> soft_;
  std::vector<ldpc_decode_status> status_; ///< [block]
  std::vector<std::uint8_t> bytes_;        ///< of all blocks, one after the other with their CRCs
  std::vector<std::uint8_t> payload_;
};

} // namespace pado::phy
