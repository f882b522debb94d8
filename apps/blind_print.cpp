// SPDX-License-Identifier: Apache-2.0
#include "apps/blind_print.h"
#include "apps/blind_explain.h"
#include "apps/terminal.h"
#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace pado::apps {

namespace {

/// What one line of the table says.
struct ue_summary {
  std::uint16_t rnti = 0;
  std::size_t nof_pusch = 0;
  std::int64_t nof_proven = 0;
  std::int32_t first_prb = 0; ///< of all allocations together
  std::int32_t end_prb = 0;
  std::int32_t least_prb = 0; ///< size of the smallest and largest one
  std::int32_t most_prb = 0;
  std::set<std::pair<int, int>> mcs; ///< table, index
  std::int32_t nof_layers = 0;
  std::set<int> dmrs_masks;
  pusch_pdu first;
  double sinr_db = 0.0; ///< medians
  double ta_us = 0.0;
  double cfo_hz = 0.0;
  float best_z = 0.0F;
  slot_id first_slot;
  slot_id last_slot;
};

double median(std::vector<double> values)
{
  if (values.empty()) {
    return 0.0;
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

ue_summary summarise(const blind_result& found, const found_ue& ue)
{
  ue_summary s;
  s.rnti = ue.rnti;
  s.nof_pusch = ue.pusch.size();
  s.nof_proven = ue.nof_proven;
  std::vector<double> sinr;
  std::vector<double> ta;
  std::vector<double> cfo;
  for (const std::size_t index : ue.pusch) {
    const found_pusch& one = found.pusch[index];
    const pusch_pdu& pdu = one.finding.pdu;
    const bool is_first = index == ue.pusch.front();
    const std::int32_t end = pdu.rb_start + pdu.rb_size;
    s.first_prb = is_first ? pdu.rb_start : std::min<std::int32_t>(s.first_prb, pdu.rb_start);
    s.end_prb = std::max(s.end_prb, end);
    s.least_prb = is_first ? pdu.rb_size : std::min<std::int32_t>(s.least_prb, pdu.rb_size);
    s.most_prb = std::max<std::int32_t>(s.most_prb, pdu.rb_size);
    s.nof_layers = std::max<std::int32_t>(s.nof_layers, pdu.nof_layers);
    s.best_z = std::max(s.best_z, one.finding.match.z);
    s.dmrs_masks.insert(pdu.dmrs_symbol_mask);
    s.first = is_first ? pdu : s.first;
    s.first_slot = is_first ? one.slot : s.first_slot;
    s.last_slot = one.slot;
    if (one.finding.is_proven) {
      s.mcs.insert({pdu.mcs_table, pdu.mcs_index});
      sinr.push_back(static_cast<double>(one.report.sinr_db));
      ta.push_back(static_cast<double>(one.report.ta_us));
      cfo.push_back(static_cast<double>(one.report.cfo_hz));
    }
  }
  s.sinr_db = median(std::move(sinr));
  s.ta_us = median(std::move(ta));
  s.cfo_hz = median(std::move(cfo));
  return s;
}

std::string range_text(std::int32_t low, std::int32_t high)
{
  return low == high ? fmt::format("{}", low) : fmt::format("{}-{}", low, high);
}

std::string mcs_text(const ue_summary& s)
{
  static constexpr const char* names[] = {"64qam", "256qam", "64qam_low_se", "", ""};
  if (s.mcs.empty()) {
    return "?";
  }
  int low = 31;
  int high = 0;
  for (const auto& [table, index] : s.mcs) {
    low = std::min(low, index);
    high = std::max(high, index);
  }
  return fmt::format("{} {}", range_text(low, high), names[s.mcs.begin()->first]);
}

std::string dmrs_text(const ue_summary& s)
{
  std::string symbols;
  for (const int mask : s.dmrs_masks) {
    symbols += (symbols.empty() ? "" : " ") + bits_text(static_cast<std::uint32_t>(mask));
  }
  return fmt::format("sym {} port {} id {}.{}",
                     symbols,
                     bits_text(s.first.dmrs_ports),
                     s.first.dmrs_scrambling_id,
                     s.first.scid);
}

} // namespace

std::string blind_text(const blind_result& found)
{
  using align = text_table::align;
  text_table table({{"UE", align::left},
                    {"slots", align::right},
                    {"proven", align::right},
                    {"PRB", align::right},
                    {"of", align::right},
                    {"MCS", align::left},
                    {"layers", align::right},
                    {"DM-RS", align::left},
                    {"SINR dB", align::right},
                    {"TA us", align::right},
                    {"CFO Hz", align::right},
                    {"z", align::right},
                    {"first", align::right},
                    {"last", align::right}});
  for (const auto& [rnti, ue] : found.ues) {
    const ue_summary s = summarise(found, ue);
    table.add_row({fmt::format("0x{:04x}", rnti),
                   grouped(static_cast<std::int64_t>(s.nof_pusch)),
                   grouped(s.nof_proven),
                   range_text(s.least_prb, s.most_prb),
                   range_text(s.first_prb, s.end_prb - 1),
                   mcs_text(s),
                   std::to_string(s.nof_layers),
                   dmrs_text(s),
                   fmt::format("{:.1f}", s.sinr_db),
                   fmt::format("{:.2f}", s.ta_us),
                   fmt::format("{:.0f}", s.cfo_hz),
                   fmt::format("{:.1f}", static_cast<double>(s.best_z)),
                   fmt::format("{}.{}", s.first_slot.sfn, s.first_slot.slot),
                   fmt::format("{}.{}", s.last_slot.sfn, s.last_slot.slot)});
  }
  std::string out = "\nFound without a schedule\n";
  out += found.ues.empty() ? "  nothing that a CRC or its score supports\n" : table.text();
  out += fmt::format(
      "\n  {} slots, {} with a signal; {} PUSCH, {} with a good CRC; {} places with DM-RS and no "
      "block that decodes\n",
      grouped(found.nof_slots),
      grouped(found.nof_loud_slots),
      grouped(static_cast<std::int64_t>(found.pusch.size())),
      grouped(std::count_if(
          found.pusch.begin(), found.pusch.end(), [](const found_pusch& p) { return p.finding.is_proven; })),
      grouped(found.nof_unexplained));
  return out;
}

std::string blind_json(const blind_result& found)
{
  std::string out;
  for (const auto& [rnti, ue] : found.ues) {
    const ue_summary s = summarise(found, ue);
    nlohmann::ordered_json line = {{"ue", rnti},
                                   {"pusch", s.nof_pusch},
                                   {"proven", s.nof_proven},
                                   {"first_prb", s.first_prb},
                                   {"last_prb", s.end_prb - 1},
                                   {"least_nof_prb", s.least_prb},
                                   {"most_nof_prb", s.most_prb},
                                   {"layers", s.nof_layers},
                                   {"dmrs_masks", s.dmrs_masks},
                                   {"dmrs_ports", s.first.dmrs_ports},
                                   {"dmrs_scrambling_id", s.first.dmrs_scrambling_id},
                                   {"scid", s.first.scid},
                                   {"data_scrambling_id", s.first.data_scrambling_id},
                                   {"sinr_db", s.sinr_db},
                                   {"ta_us", s.ta_us},
                                   {"cfo_hz", s.cfo_hz},
                                   {"z", s.best_z},
                                   {"first_sfn", s.first_slot.sfn},
                                   {"first_slot", s.first_slot.slot},
                                   {"last_sfn", s.last_slot.sfn},
                                   {"last_slot", s.last_slot.slot}};
    line["mcs"] = nlohmann::ordered_json::array();
    for (const auto& [mcs_table, index] : s.mcs) {
      line["mcs"].push_back({{"table", mcs_table}, {"index", index}});
    }
    out += line.dump() + "\n";
  }
  const nlohmann::ordered_json summary = {{"summary", "blind"},
                                          {"slots", found.nof_slots},
                                          {"loud_slots", found.nof_loud_slots},
                                          {"pusch", found.pusch.size()},
                                          {"ues", found.ues.size()},
                                          {"unexplained", found.nof_unexplained}};
  return out + summary.dump() + "\n";
}

} // namespace pado::apps
