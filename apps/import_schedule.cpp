// SPDX-License-Identifier: Apache-2.0
#include "apps/import_schedule.h"
#include "apps/gnb_fields.h"
#include "apps/schedule_json.h"
#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

namespace pado::apps {

using json = nlohmann::ordered_json;

namespace {
constexpr std::size_t max_pdus_per_slot = 1024; // docs/schedule.md
}

/// A PDU with where it stands.
struct import_schedule::pdus {
  struct one {
    json pdu;
    std::string where;
  };
  std::map<slot_key, std::vector<one>> by_slot;
};

import_schedule::import_schedule() : pdus_(std::make_unique<pdus>()) {}
import_schedule::~import_schedule() = default;

import_schedule::slot_key import_schedule::key_of(slot_id slot)
{
  // Messages come nearly in order: the nearest frame with this number.
  std::int64_t sfn = slot.sfn;
  if (last_sfn_) {
    const std::int64_t ahead = (((slot.sfn - *last_sfn_) % nof_sfn) + nof_sfn + nof_sfn / 2) % nof_sfn;
    sfn = *last_sfn_ + ahead - nof_sfn / 2;
  }
  last_sfn_ = sfn;
  return {sfn, slot.slot};
}

void import_schedule::add(const gnb_log_entry& entry, const std::string& where, log_remarks& remarks)
{
  if (entry.kind == "RX_SYMBOL") {
    return add_place(entry, where, remarks);
  }
  if (entry.kind == "RX_PRACH") {
    ++nof_prach_places_;
    return;
  }
  const result<json> pdu = schedule_pdu(entry);
  if (!pdu) {
    remarks.add(entry.kind + ": " + pdu.failure().field + " is missing or not understood",
                where,
                pdu.failure().text());
    return;
  }
  if (const auto dc = entry.find("dc_position")) {
    const auto number = field_reader(entry).whole_or("dc_position", 0, 0, 12 * max_nof_prb);
    dc_position_ = number > 0 ? std::optional(number) : dc_position_;
  }
  add(entry.slot, pdu.value(), where, remarks);
}

void import_schedule::add_place(const gnb_log_entry& entry, const std::string& where, log_remarks& remarks)
{
  const auto place = place_of(entry);
  if (!place) {
    remarks.add("RX_SYMBOL: " + place.failure().field + " is missing or not understood",
                where,
                place.failure().text());
    return;
  }
  constexpr std::int64_t unit = nof_symbols_per_slot * nof_subcarriers_per_prb;
  const std::int64_t size = place.value().size;
  if (size % unit != 0 || size > 8 * unit * max_nof_prb || (slot_size_ != 0 && size != slot_size_)) {
    remarks.add("RX_SYMBOL: a size that is none",
                where,
                "size " + std::to_string(size) +
                    (slot_size_ != 0 ? ", the slots before have " + std::to_string(slot_size_)
                                     : ", must be 14 symbols of whole PRBs"));
    return;
  }
  if (sector_ && *sector_ != place.value().sector) {
    has_two_sectors_ = true;
    return;
  }
  sector_ = place.value().sector;
  slot_size_ = size;
  slot_key key = key_of(entry.slot);
  while (!places_.emplace(key, place.value()).second) {
    // The same slot once more: 10.24 s later, after a pause that hid the wrap.
    key.sfn += nof_sfn;
    last_sfn_ = key.sfn;
  }
}

void import_schedule::add(slot_id slot, const json& pdu, const std::string& where, log_remarks& remarks)
{
  const std::string kind = pdu.value("pdu", "PDU");
  json whole = pdu;
  const bool needs_mcs = kind == "PUSCH" && !pdu["fapi"].contains("mcsIndex");
  if (needs_mcs) { // finish() finds it when all blocks of the UE are known; until then one that the reader
                   // takes
    whole["fapi"]["mcsIndex"] = 0;
    whole["fapi"]["mcsTable"] = 0;
  }
  const json line = {{"sfn", slot.sfn}, {"slot", slot.slot}, {"pdus", json::array({whole})}};
  const auto parsed = parse_slot(nlohmann::json::parse(line.dump()), "");
  if (!parsed) {
    remarks.add(kind + ": not as docs/schedule.md has it", where, parsed.failure().text());
    return;
  }
  if (needs_mcs && whole["fapi"].contains("TBSize") && mcs_tables_of(whole["fapi"]) == 0) {
    remarks.add("PUSCH: a code rate of no MCS table",
                where,
                "qamModOrder " + whole["fapi"]["qamModOrder"].dump() + ", targetCodeRate " +
                    whole["fapi"]["targetCodeRate"].dump());
    return;
  }
  std::vector<pdus::one>& list = pdus_->by_slot[key_of(slot)];
  if (list.size() >= max_pdus_per_slot) {
    remarks.add("more PDUs in a slot than a schedule holds", where, kind);
    return;
  }
  count(whole);
  if (kind == "PUSCH" && !parsed.value().plan.unsupported.empty()) {
    ++ues_[whole["fapi"].value("RNTI", std::uint16_t{0})].nof_unsupported;
  }
  if (needs_mcs) {
    whole["fapi"]["mcsTable"] = -1; // marks it for finish()
  }
  list.push_back({std::move(whole), where});
}

void import_schedule::count(const json& pdu)
{
  const json& fapi = pdu["fapi"];
  const std::string kind = pdu.value("pdu", "");
  nof_prach_ += kind == "PRACH" ? 1 : 0;
  nof_srs_ += kind == "SRS" ? 1 : 0;
  if (kind != "PUSCH" && kind != "PUCCH") {
    return;
  }
  imported_ue& ue = ues_[fapi.value("RNTI", std::uint16_t{0})];
  if (kind == "PUCCH") {
    ++ue.nof_pucch;
    return;
  }
  ++ue.nof_pusch;
  highest_prb_ = std::max(highest_prb_, fapi.value("BWPStart", 0) + fapi.value("BWPSize", 0));
  if (!first_identity_) {
    first_identity_ = fapi.value("dataScramblingId", 0);
  }
  const auto expected = pdu.find("expected");
  if (expected != pdu.end() && expected->is_object()) {
    ue.nof_crc_ok += expected->value("gnb_tb_crc_ok", false) ? 1 : 0;
    ue.nof_payload += expected->contains("payload_hex") ? 1 : 0;
  }
}

void import_schedule::finish(log_remarks& remarks)
{
  std::map<int, unsigned> tables; // of a UE: those that hold all its blocks
  const auto each = [&](const auto& use) {
    for (auto& [key, list] : pdus_->by_slot) {
      for (pdus::one& one : list) {
        json& fapi = one.pdu["fapi"];
        if (fapi.value("mcsTable", 0) < 0) {
          use(one, fapi, fapi.value("RNTI", 0));
        }
      }
    }
  };
  each([&](pdus::one&, json& fapi, int rnti) {
    const unsigned mine = mcs_tables_of(fapi);
    tables.try_emplace(rnti, 7U).first->second &= mine != 0 ? mine : 7U;
  });
  each([&](pdus::one& one, json& fapi, int rnti) {
    const unsigned mine = mcs_tables_of(fapi);
    if (mine == 0) { // UCI alone, which has no block
      fapi["mcsTable"] = 0;
      return;
    }
    const unsigned chosen = (tables[rnti] & mine) != 0 ? tables[rnti] & mine : mine;
    set_mcs(fapi, std::countr_zero(chosen));
    if (tables[rnti] == 0) {
      remarks.add(
          "PUSCH: the blocks of this UE are of several MCS tables", one.where, "mcsTable may be another");
    }
  });
}

std::int64_t import_schedule::nof_slots() const
{
  return static_cast<std::int64_t>(pdus_->by_slot.size());
}

std::string import_schedule::lines(const std::map<slot_key, std::int64_t>& sample_of) const
{
  std::string out;
  for (const auto& [key, list] : pdus_->by_slot) {
    json line;
    line["sfn"] = key.id().sfn;
    line["slot"] = key.slot;
    if (const auto sample = sample_of.find(key); sample != sample_of.end()) {
      line["sample"] = sample->second;
    }
    line["pdus"] = json::array();
    for (const pdus::one& one : list) {
      line["pdus"].push_back(one.pdu);
    }
    out += line.dump() + "\n";
  }
  return out;
}

} // namespace pado::apps
