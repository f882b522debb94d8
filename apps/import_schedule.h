// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/gnb_log.h"
#include "apps/gnb_pdu.h"
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pado::apps {

/// What one UE was granted, as an import counts it.
struct imported_ue {
  std::int64_t nof_pusch = 0;
  std::int64_t nof_unsupported = 0; ///< of these, PUSCHs that replay does not decode
  std::int64_t nof_crc_ok = 0;      ///< of all, blocks that the gNB decoded
  std::int64_t nof_payload = 0;     ///< of these, blocks whose bytes are there
  std::int64_t nof_pucch = 0;
};

/// A schedule that grows out of messages in the order of a log, over the wrap of SFN, and the places of the
/// slots in the gNB's file of symbols.
class import_schedule {
public:
  /// One slot of the schedule or of the file.
  struct slot_key {
    std::int64_t sfn = 0; ///< not wrapped
    std::int32_t slot = 0;

    friend auto operator<=>(const slot_key&, const slot_key&) = default;
    slot_id id() const { return {static_cast<std::int32_t>(((sfn % nof_sfn) + nof_sfn) % nof_sfn), slot}; }
  };

  import_schedule();
  ~import_schedule();

  /// A message of a log. What it lacks is put into remarks, with its place.
  void add(const gnb_log_entry& entry, const std::string& where, log_remarks& remarks);
  /// A PDU of a schedule: pdu, fapi and what else is known. What replay would refuse is put into remarks.
  void add(slot_id slot, const nlohmann::ordered_json& pdu, const std::string& where, log_remarks& remarks);

  /// Once, when all is there: the MCS that the log does not name. Of a UE the first table that holds all its
  /// blocks.
  void finish(log_remarks& remarks);

  /// Places of the slots in the file of symbols, from RX_SYMBOL lines.
  const std::map<slot_key, symbol_place>& places() const { return places_; }
  /// Size of the first of them; those of another size were not understood.
  std::int64_t slot_size() const { return slot_size_; }
  /// The file holds slots of several cells, and the other messages do not say whose they are.
  bool has_two_sectors() const { return has_two_sectors_; }
  std::int64_t nof_prach_places() const { return nof_prach_places_; }
  const std::map<std::uint16_t, imported_ue>& ues() const { return ues_; }
  std::int64_t nof_prach() const { return nof_prach_; }
  std::int64_t nof_srs() const { return nof_srs_; }
  std::int32_t highest_prb() const { return highest_prb_; } ///< end of the widest bandwidth part
  /// The first scrambling identity of the log, most often the cell's.
  std::optional<std::int32_t> first_identity() const { return first_identity_; }
  std::optional<std::int64_t> dc_position() const { return dc_position_; }

  /// Lines of slots.jsonl, in order. sample_of gives the place in the capture that is written.
  std::string lines(const std::map<slot_key, std::int64_t>& sample_of) const;
  std::int64_t nof_slots() const;

private:
  slot_key key_of(slot_id slot);
  void add_place(const gnb_log_entry& entry, const std::string& where, log_remarks& remarks);
  void count(const nlohmann::ordered_json& pdu);

  struct pdus; ///< keeps JSON out of this header
  std::unique_ptr<pdus> pdus_;
  std::map<slot_key, symbol_place> places_;
  std::int64_t slot_size_ = 0;
  std::optional<std::int64_t> sector_;
  bool has_two_sectors_ = false;
  std::int64_t nof_prach_places_ = 0;
  std::map<std::uint16_t, imported_ue> ues_;
  std::int64_t nof_prach_ = 0;
  std::int64_t nof_srs_ = 0;
  std::int32_t highest_prb_ = 0;
  std::optional<std::int32_t> first_identity_;
  std::optional<std::int64_t> dc_position_;
  std::optional<std::int64_t> last_sfn_;
};

} // namespace pado::apps
