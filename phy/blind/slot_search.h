// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_plan.h"
#include "phy/blind/code_search.h"
#include "phy/blind/dmrs_ports.h"
#include "phy/blind/soft_bits.h"
#include <functional>
#include <vector>

namespace pado::phy {

/// PRBs that the C-plane asked for, on some symbols of a slot.
struct asked_prbs {
  prb_range prbs;
  std::uint16_t symbol_mask = 0;

  friend bool operator==(asked_prbs, asked_prbs) = default;
};

/// What a search may build on: configured, heard, or learned from slots before.
struct blind_knowledge {
  std::vector<dmrs_identity> identities; ///< DM-RS to look for
  std::vector<std::uint16_t> data_ids;   ///< n_ID of the data, cell identity first
  std::vector<std::uint16_t> dmrs_masks; ///< that known UEs use
  std::vector<known_ue> ues;             ///< proven
  bool is_known_only = false;            ///< no search for new RNTIs
  bool has_rnti_zero = false;            ///< of test vectors: no UE has it
  std::vector<pusch_pdu> grants;         ///< proven, oldest first: tried as they are before any search
  std::vector<asked_prbs> asked = {};    ///< of this slot; empty: nothing is known, anything may be sent
  std::vector<pusch_uci> uci = {};       ///< HARQ-ACK that UEs were seen with
};

/// A PUSCH that was found.
struct blind_finding {
  pusch_pdu pdu;           ///< everything a receiver needs, but the HARQ process
  rnti_match match;        ///< of the parity equations
  rnti_match code;         ///< of the code, given the RNTI
  float dmrs_level = 0.0F; ///< as of dmrs_map
  bool is_known = false;   ///< its UE was known before
  bool is_proven = false;  ///< the CRC of the transport block holds
  float evidence = 0.0F;   ///< of the block, see code_trial; 0: not weighed
};

/// z from which a finding whose CRC does not hold is likely: its RNTI is right.
inline constexpr float least_z_likely = 9.0F;
/// The same of a UE that a CRC has proven elsewhere.
inline constexpr float least_z_known = 5.0F;
/// z that proves a sender beside a CRC of 16 bits.
inline constexpr float least_z_with_crc16 = 7.5F;

/// Whether a finding proves its UE: a CRC of 24 bits, or one of 16 with evidence or a score beside it.
bool proves_ue(const blind_finding& one);

/// Sender, modulation and code of a match, into a PDU.
void apply_code(pusch_pdu& pdu, const code_match& match);
/// What a match makes of a PDU that it was applied to.
blind_finding finding_of(const pusch_pdu& pdu, const code_match& match, float dmrs_level, bool is_proven);

/// Whether a grant comes again: same UE, place, block size and UCI.
bool is_same_grant(const pusch_pdu& a, const pusch_pdu& b);

/// One step of a search, for people who ask why something was not found.
struct blind_step {
  enum class kind : std::uint8_t {
    place,  ///< PRBs on which DM-RS shows; pdus[0] has its layout and ports
    attempt ///< UEs that were supposed there
  };
  kind what = kind::place;
  slot_id slot;
  float level = 0.0F; ///< of the DM-RS
  std::vector<pusch_pdu> pdus;
  std::vector<blind_finding> found; ///< of an attempt: the best match of each PDU that has one
};

/// Takes `other` instead of `best` where it proves more, or as much with better scores: two explanations of
/// the same signal.
void keep_better(std::vector<blind_finding>& best, std::vector<blind_finding> other);

/// What the search asks others.
struct blind_hooks {
  /// MCS and transport block sizes of an allocation, all tables, all modulations.
  std::function<std::vector<code_option>(const pusch_pdu&)> codes;
  /// Decodes the PDUs of a slot: whether the CRC of each holds.
  std::function<std::vector<bool>(view<const ch16, 3>, const slot_plan&)> prove;
  /// Called at every step; may be empty.
  std::function<void(const blind_step&)> explain;
};

/// Finds the PUSCHs of a slot from its samples alone. An object serves one thread; what it finds depends on
/// the arguments of run() alone.
class slot_search {
public:
  static result<slot_program_plan> plan(const slot_limits& limits) { return plan_slot_program(limits); }
  slot_search(const slot_program_plan& plan, blind_hooks hooks);

  /// grid  [port][symbol][subcarrier]  the slot as received
  std::vector<blind_finding> run(view<const ch16, 3> grid, slot_id slot, const blind_knowledge& knowledge);

  /// Grants of slots before that the last slot seemed to repeat, and which did not decode.
  const std::vector<pusch_pdu>& failed_grants() const { return failed_grants_; }
  /// The last slot as the search read it; valid as long as its grid.
  const slot_spectrum& spectrum() const { return spectrum_; }

  /// DM-RS that showed in the last slot without a PUSCH that was proven there.
  std::int32_t nof_unexplained() const { return nof_unexplained_; }

private:
  /// A DM-RS port of one identity on some PRBs.
  struct stream {
    dmrs_identity identity;
    std::int32_t port = 0;
    float level = 0.0F;
  };
  /// Streams that lie on the same PRBs and symbols.
  struct cluster {
    std::uint16_t dmrs_mask = 0;
    prb_range prbs;
    std::vector<stream> streams;
    dmrs_run strongest;
    dmrs_identity identity; ///< of the strongest
  };
  struct frame {
    time_layout time;
    std::int32_t nof_cdm_groups_no_data = 2;
    bool is_ambiguous = false; ///< the other number of CDM groups is as likely
  };
  struct kept_evidence {
    dmrs_identity identity;
    std::uint16_t dmrs_mask = 0;
    std::int32_t comb = 0;
    prb_range prbs;
    dmrs_map::evidence value;
  };
  enum class effort { shallow, deep };

  static constexpr float least_level = 16.0F; ///< of another identity on PRBs where one is known to be

  std::vector<blind_finding> check_grants(std::vector<prb_range>& taken);
  std::vector<pusch_pdu> grants_at(const pusch_pdu& newest);
  void keep_grants(const std::vector<pusch_pdu>& pdus,
                   const std::vector<bool>& holds,
                   prb_range place,
                   std::vector<blind_finding>& found,
                   std::vector<prb_range>& taken);
  dmrs_map::evidence
  evidence_of(const identity_map& one, std::uint16_t dmrs_mask, std::int32_t comb, prb_range prbs);
  const dmrs_map& map_of(dmrs_identity identity) const;
  cluster cluster_of(const dmrs_run& run, prb_range prbs);
  std::vector<frame> find_frames(const cluster& c) const;
  void take_not_asked(std::vector<bool>& taken) const;
  std::vector<blind_finding> explain(const dmrs_run& run, std::vector<prb_range>& taken);
  void report_place(const dmrs_run& run) const;
  std::vector<blind_finding> attempt(const dmrs_run& run, prb_range prbs, effort how);
  std::vector<blind_finding> try_cluster(const cluster& c);
  std::vector<blind_finding> try_groups(const cluster& c, prb_range prbs, const frame& f);
  std::vector<blind_finding>
  try_all_sizes(std::vector<pusch_pdu> pdus, const std::vector<blind_finding>& first, float level);
  std::vector<blind_finding> try_partition(const std::vector<pusch_pdu>& pdus, float level);
  std::vector<blind_finding>
  prove(std::vector<pusch_pdu> pdus, std::vector<std::vector<code_match>> codes, float level);
  void try_harq_ack(const std::vector<pusch_pdu>& pdus,
                    std::size_t at,
                    const std::vector<code_match>& codes,
                    blind_finding& best);
  std::vector<std::uint8_t> plausible_modulations(std::span<const equalised_re> res) const;
  void search_codes(const std::vector<pusch_pdu>& pdus,
                    std::span<const known_ue> certain,
                    const std::vector<bool>& is_open,
                    std::vector<std::vector<code_match>>& best);

  slot_program_plan plan_;
  blind_hooks hooks_;
  soft_bits receiver_;
  rnti_search search_;
  code_trial trial_;
  slot_spectrum spectrum_;
  std::vector<identity_map> maps_;
  std::vector<kept_evidence> evidence_; ///< of places that were asked for without a map
  std::vector<pusch_pdu> failed_grants_;
  view<const ch16, 3> grid_;
  slot_id slot_;
  const blind_knowledge* known_ = nullptr;
  bool is_deep_ = false;          ///< every redundancy version, all equations
  std::int64_t trials_until_ = 0; ///< code_trial::nof_decoded_bits() from which on lists are short
  float level_ = 0.0F;            ///< of the DM-RS of the hypothesis at hand
  std::int32_t nof_unexplained_ = 0;
};

} // namespace pado::phy
