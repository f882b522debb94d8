// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot.h"
#include "core/slot_plan.h"
#include <array>
#include <cstdint>
#include <vector>

namespace pado {

/// UCI of one kind that a PUSCH carries.
struct uci_report {
  std::vector<std::uint8_t>
      bits;             ///< 0 or 1, in the order of transmission; empty: the PDU has none of this kind
  bool has_crc = false; ///< 12 bits and more
  /// With a CRC: it holds. Without: the UE sent the PUSCH (not dtx) and no other word is more than 1 % as
  /// likely.
  bool is_ok = false;
  float log_ratio = 0.0F; ///< without a CRC: ln of the likelihood over that of the next best word
};

/// The word is accepted when it is this much likelier than the next best: ln 100.
inline constexpr float uci_log_ratio = 4.6F;

/// What the receiver found for one PUSCH PDU. Indications CRC, RX_DATA and UL measurements of FAPI come out
/// of it.
struct pusch_report {
  pusch_pdu pdu;
  std::int32_t plan_index = 0; ///< which PDU of the slot plan it is
  bool tb_crc_ok = false;
  std::vector<std::uint8_t>
      payload; ///< transport block, bit 0 is the MSB of byte 0; the hard bits when the CRC fails
  std::int32_t nof_cb = 0;
  std::int32_t nof_cb_ok = 0;
  float ldpc_iterations_mean = 0.0F;
  std::int32_t ldpc_iterations_max = 0;
  float sinr_db = 0.0F;  ///< after the equaliser, mean over REs of the capacity-equivalent SINR, all layers
  float rsrp_db = 0.0F;  ///< per port and layer, on DM-RS REs scaled to data power, relative to grid units
  float noise_db = 0.0F; ///< per port, relative to grid units
  float ta_us = 0.0F;    ///< delay against the slot grid, positive: late
  float cfo_hz = 0.0F;   ///< measured between DM-RS symbols; 0 with one DM-RS symbol
  float dmrs_coherence = 0.0F; ///< 0..1: part of the DM-RS power that the channel estimate explains
  /// Discontinuous transmission: the CRC fails and the DM-RS are not there, so the UE sent nothing. Not a
  /// decoding error: it says nothing of the channel, and there is nothing to combine.
  bool dtx = false;
  uci_report harq_ack, csi1, csi2;
  bool combined = false; ///< soft bits of an earlier transmission were used
};

/// Stages whose time is measured, in the order they run.
enum class stage_id : std::uint8_t {
  front_end, ///< decompression or OFDM FFT
  sequences,
  dmrs_ls,
  channel_estimate,
  equalise,
  uci, ///< taken out of the code words and decoded
  rate_dematch,
  ldpc_decode,
  tb_assemble,
  total,
  nof_stages
};
inline constexpr std::size_t nof_stages = static_cast<std::size_t>(stage_id::nof_stages);
const char* name_of(stage_id stage);

/// Everything the PHY says about one slot of one cell: the hand-over from phy/ to models/ and mac/.
struct slot_report {
  std::int32_t cell = 0;
  slot_id slot;
  std::vector<pusch_report> pusch;
  std::vector<unsupported_pdu> unsupported;
  std::array<std::int64_t, nof_stages> stage_ns = {}; ///< duration of each stage
  std::int32_t nof_missing_prb = 0;
  bool is_faulted = false; ///< the back end failed; nothing in this report is valid
};

} // namespace pado
