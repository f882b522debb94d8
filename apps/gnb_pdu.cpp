// SPDX-License-Identifier: Apache-2.0
#include "apps/gnb_pdu.h"
#include "apps/gnb_fields.h"
#include "mac/mcs/mcs_table.h"
#include "phy/uci_mux/uci_tables.h"
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

using json = nlohmann::ordered_json;

/// Numbers that the gNB measured, under the names of a schedule, where it printed a number.
json figures_of(const gnb_log_entry& entry, std::initializer_list<std::pair<const char*, const char*>> names)
{
  json out = json::object();
  for (const auto& [name, key] : names) {
    if (const auto text = entry.find(key)) {
      const auto number = measured_number(*text);
      out[name] = number ? json(*number) : json(nullptr);
    }
  }
  return out;
}

/// The place of a value in a table of multiples of 1/unit; -1 when it is none of them.
template <std::size_t Size>
std::int64_t index_of(const std::int32_t (&table)[Size], double unit, std::optional<double> value)
{
  for (std::size_t i = 0; value && i < Size; ++i) {
    if (std::abs(static_cast<double>(table[i]) / unit - *value) < 1e-4) {
      return static_cast<std::int64_t>(i);
    }
  }
  return -1;
}

/// "betas=[20, 1.125, 1.125]" and "alpha=0.5" as FAPI's indices, where they are values of the tables: without
/// them the PUSCH is kept as one that is not decoded.
void add_offsets(const gnb_log_entry& entry, json& fapi)
{
  const std::int64_t alpha =
      index_of(phy::alpha_times_20, 20.0, measured_number(entry.find("alpha").value_or("")));
  std::string_view rest = entry.find("betas").value_or("");
  for (const char* key : {"betaOffsetHarqAck", "betaOffsetCsi1", "betaOffsetCsi2"}) {
    rest.remove_prefix(std::min(rest.size(), rest.find_first_of("0123456789")));
    const std::optional<double> beta = measured_number(rest);
    const std::int64_t index = std::string_view(key) == "betaOffsetHarqAck"
                                   ? index_of(phy::beta_harq_ack_times_40, 40.0, beta)
                                   : index_of(phy::beta_csi_times_40, 40.0, beta);
    if (index >= 0) {
      fapi[key] = index;
    }
    rest.remove_prefix(std::min(rest.size(), rest.find(',')));
  }
  if (alpha >= 0) {
    fapi["alphaScaling"] = alpha;
  }
}

/// What a block was before the soft bits: UCI on this PUSCH.
void add_uci(field_reader& read, json& fapi)
{
  const std::int64_t ack = read.whole_or("oack", 0, 0, 1706);
  const std::int64_t csi1 = read.whole_or("ocsi1", 0, 0, 1706);
  const auto part2 = read.entry().find("part2");
  const bool has_part2 = part2 && *part2 != "entries=[]" && *part2 != "[]" && *part2 != "na";
  if (ack == 0 && csi1 == 0 && !has_part2) {
    return;
  }
  fapi["pduBitmap"] = fapi["pduBitmap"].get<int>() | 2;
  fapi["harqAckBitLength"] = ack;
  fapi["csiPart1BitLength"] = csi1;
  fapi["flagCsiPart2"] = has_part2 ? 65535 : 0;
  add_offsets(read.entry(), fapi);
}

json pusch_fapi(field_reader& read)
{
  const prb_range bwp = read.range("bwp", 0, 2199 + max_nof_prb);
  const prb_range symbols = read.range("symb", 0, nof_symbols_per_slot);
  const bool has_data = read.entry().find("tbs").has_value();
  json fapi;
  fapi["pduBitmap"] = has_data ? 1 : 0;
  fapi["RNTI"] = read.rnti();
  fapi["BWPSize"] = bwp.size();
  fapi["BWPStart"] = bwp.begin;
  fapi["CyclicPrefix"] = read.choice("cp", {"normal", "extended"});
  fapi["targetCodeRate"] = read.code_rate("tcr");
  fapi["qamModOrder"] = read.modulation("mod");
  const auto low_papr = read.entry().find("n_rs_id");
  fapi["TransformPrecoding"] = low_papr ? 0 : 1;
  fapi["dataScramblingId"] = read.whole("n_id", 0, 1023);
  fapi["nrOfLayers"] = read.whole("nof_layers", 1, 4);
  fapi["ulDmrsSymbPos"] = read.symbol_mask("dmrs_mask");
  fapi["dmrsConfigType"] = low_papr ? 0 : read.whole("dmrs_type", 1, 2) - 1;
  fapi["ulDmrsScramblingId"] = low_papr ? read.whole("n_rs_id", 0, 1007) : read.whole("n_scr_id", 0, 65535);
  fapi["SCID"] = low_papr ? 0 : read.choice("n_scid", {"false", "true"});
  fapi["numDmrsCdmGrpsNoData"] = low_papr ? 2 : read.whole("n_cdm_g_wd", 1, 3);
  // A gNB of this family gives the layers of its one UE the ports from 0 on; the log does not name them.
  fapi["dmrsPorts"] = (1 << fapi["nrOfLayers"].get<int>()) - 1;
  if (read.is_range("prb")) {
    const prb_range prbs = read.range("prb", 0, max_nof_prb);
    fapi["resourceAlloc"] = 1;
    fapi["rbStart"] = prbs.begin;
    fapi["rbSize"] = prbs.size();
  } else {
    read.require("prb"); // a list or a bit map: type 0, which is not decoded
    fapi["resourceAlloc"] = 0;
    fapi["rbStart"] = 0;
    fapi["rbSize"] = bwp.size();
  }
  fapi["StartSymbolIndex"] = symbols.begin;
  fapi["NrOfSymbols"] = symbols.size();
  if (has_data) {
    fapi["rvIndex"] = read.whole("rv", 0, 3);
    fapi["harqProcessID"] = read.whole("harq_id", 0, 31);
    fapi["newDataIndicator"] = read.choice("new_data", {"false", "true"});
    fapi["TBSize"] = read.whole("tbs", 1, 200000);
  }
  if (read.entry().find("tbs_lbrm")) {
    fapi["tbSizeLbrmBytes"] = read.whole("tbs_lbrm", 0, 200000);
  }
  add_uci(read, fapi);
  return fapi;
}

json pusch_expected(field_reader& read, const json& fapi)
{
  const gnb_log_entry& entry = read.entry();
  json out = json::object();
  if (!fapi.contains("TBSize")) {
    return out;
  }
  const bool is_ok = read.choice("crc", {"KO", "OK"}) == 1;
  out["gnb_tb_crc_ok"] = is_ok;
  // hex_max_size of the gNB limits the dump: part of a block is no payload.
  if (is_ok && static_cast<std::int64_t>(entry.bytes.size()) == fapi["TBSize"].get<std::int64_t>()) {
    std::string hex;
    for (const std::uint8_t byte : entry.bytes) {
      hex += "0123456789abcdef"[byte >> 4U];
      hex += "0123456789abcdef"[byte & 15U];
    }
    out["payload_hex"] = hex;
  }
  return out;
}

/// Texts of what the gNB decoded, as it wrote them.
void add_texts(const gnb_log_entry& entry,
               std::initializer_list<std::pair<const char*, const char*>> names,
               json& to)
{
  for (const auto& [name, key] : names) {
    if (const auto text = entry.find(key)) {
      to[name] = std::string(*text);
    }
  }
}

json pucch_fapi(field_reader& read)
{
  const std::int64_t format = read.whole("format", 0, 4);
  const prb_range bwp = read.range("bwp", 0, 2199 + max_nof_prb);
  const prb_range symbols = read.range("symb", 0, nof_symbols_per_slot);
  json fapi;
  fapi["RNTI"] = read.rnti();
  fapi["BWPSize"] = bwp.size();
  fapi["BWPStart"] = bwp.begin;
  fapi["FormatType"] = format;
  if (read.entry().find("prb1")) {
    fapi["prbStart"] = read.whole("prb1", 0, max_nof_prb - 1);
    fapi["prbSize"] = 1;
  } else {
    const prb_range prbs = read.range("prb", 0, max_nof_prb);
    fapi["prbStart"] = prbs.begin;
    fapi["prbSize"] = prbs.size();
  }
  const auto second = read.entry().find("prb2");
  const bool hops = second && *second != "na";
  fapi["freqHopFlag"] = hops ? 1 : 0;
  fapi["secondHopPRB"] = hops ? read.whole("prb2", 0, max_nof_prb - 1) : 0;
  fapi["StartSymbolIndex"] = symbols.begin;
  fapi["NrOfSymbols"] = symbols.size();
  fapi["hoppingId"] = read.whole_or("n_id", 0, 0, 1023);
  fapi["dataScramblingId"] = read.whole_or("n_id", 0, 0, 1023);
  fapi["DmrsScramblingId"] = read.whole_or("n_id0", 0, 0, 65535);
  fapi["InitialCyclicShift"] = read.whole_or("cs", 0, 0, 11);
  fapi["TimeDomainOccIdx"] = read.whole_or("occ", 0, 0, 6);
  const auto bits = [&](const char* key) {
    const auto text = read.entry().find(key);
    return text ? static_cast<std::int64_t>(text->size()) : 0;
  };
  fapi["SRFlag"] = read.entry().find("sr") ? 1 : 0;
  fapi["BitLenHarq"] = bits("ack");
  fapi["BitLenCsiPart1"] = bits("csi1");
  fapi["BitLenCsiPart2"] = bits("csi2");
  return fapi;
}

json prach_fapi(field_reader& read)
{
  json fapi;
  // The numbers of SCF FAPI 222 for prachFormat.
  fapi["prachFormat"] = read.choice(
      "format", {"0", "1", "2", "3", "A1", "A2", "A3", "B1", "B4", "C0", "C2", "A1/B1", "A2/B2", "A3/B3"});
  fapi["prachRootSequenceIndex"] = read.whole("rsi", 0, 1023);
  fapi["restrictedSetConfig"] = read.choice("set", {"unrestricted", "type_A", "type_B"});
  fapi["prachZeroCorrConf"] = read.whole("zcz", 0, 15);
  return fapi;
}

/// "[{idx=0 ta=0.00us ...} {idx=...}]"
json preambles_of(field_reader& read)
{
  constexpr const char* list = "detected_preambles";
  json out = json::array();
  std::string_view rest = read.entry().find(list).value_or("");
  for (std::size_t at = rest.find("idx="); at != std::string_view::npos; at = rest.find("idx=")) {
    rest.remove_prefix(at);
    const auto value = [&](std::string_view key) {
      const std::string_view one = rest.substr(0, rest.find('}'));
      const std::size_t begin = one.find(key);
      return begin == std::string_view::npos ? std::nullopt : measured_number(one.substr(begin + key.size()));
    };
    json preamble;
    const auto index = value("idx=");
    if (index && *index >= 0.0 && *index <= 63.0 && *index == std::floor(*index)) {
      preamble["index"] = static_cast<int>(*index);
    } else {
      read.wrong(list, "has an idx that is not one of the preambles 0..63");
    }
    for (const auto& [name, key] : {std::pair("ta_us", "ta="),
                                    std::pair("metric", "detection_metric="),
                                    std::pair("power_db", "power_dB=")}) {
      if (const auto number = value(key)) {
        preamble[name] = *number;
      }
    }
    out.push_back(preamble);
    rest.remove_prefix(4);
  }
  return out;
}

} // namespace

result<json> schedule_pdu(const gnb_log_entry& entry)
{
  field_reader read(entry);
  json pdu;
  pdu["pdu"] = entry.kind;
  json expected = json::object();
  if (entry.kind == "PUSCH") {
    pdu["fapi"] = pusch_fapi(read);
    expected = pusch_expected(read, pdu["fapi"]);
    add_texts(
        entry, {{"gnb_harq_ack", "ack"}, {"gnb_csi_part1", "csi1"}, {"gnb_csi_part2", "csi2"}}, expected);
    pdu["gnb_figures"] = figures_of(entry,
                                    {{"sinr_db", "sinr"},
                                     {"rsrp_db", "rsrp"},
                                     {"epre_db", "epre"},
                                     {"t_align_us", "t_align"},
                                     {"cfo_hz", "cfo"},
                                     {"ldpc_iterations", "iter"},
                                     {"code_blocks", "nof_cb"}});
  } else if (entry.kind == "PUCCH") {
    pdu["fapi"] = pucch_fapi(read);
    add_texts(
        entry,
        {{"gnb_harq_ack", "ack"}, {"gnb_sr", "sr"}, {"gnb_csi_part1", "csi1"}, {"gnb_status", "status"}},
        expected);
    pdu["gnb_figures"] = figures_of(entry,
                                    {{"metric", "metric"},
                                     {"epre_db", "epre"},
                                     {"sinr_db", "sinr"},
                                     {"t_align_us", "t_align"},
                                     {"cfo_hz", "cfo"}});
  } else {
    pdu["fapi"] = prach_fapi(read);
    expected["gnb_preambles"] = preambles_of(read);
    pdu["gnb_figures"] = figures_of(entry, {{"rssi_db", "rssi"}});
  }
  if (read.failure()) {
    return *read.failure();
  }
  pdu["expected"] = expected;
  return pdu;
}

unsigned mcs_tables_of(const json& fapi)
{
  const int qam = fapi.value("qamModOrder", 0);
  const int rate = fapi.value("targetCodeRate", 0);
  unsigned tables = 0;
  for (int table = 0; table < 3; ++table) { // those without transform precoding
    for (int mcs = 0; mcs < mac::nof_mcs(table); ++mcs) {
      const mac::mcs_entry entry = mac::mcs_of(table, mcs);
      tables |= entry.qam_mod_order == qam && entry.target_code_rate() == rate ? 1U << table : 0U;
    }
  }
  return tables;
}

void set_mcs(json& fapi, int table)
{
  for (int mcs = 0; mcs < mac::nof_mcs(table); ++mcs) {
    const mac::mcs_entry entry = mac::mcs_of(table, mcs);
    if (entry.qam_mod_order == fapi.value("qamModOrder", 0) &&
        entry.target_code_rate() == fapi.value("targetCodeRate", 0)) {
      fapi["mcsIndex"] = mcs;
      fapi["mcsTable"] = table;
      return;
    }
  }
}

result<symbol_place> place_of(const gnb_log_entry& entry)
{
  field_reader read(entry);
  constexpr std::int64_t most = std::int64_t{1} << 52U;
  symbol_place place;
  place.sector = read.whole("sector", 0, 65535);
  place.offset = read.whole("offset", 0, most);
  place.size = read.whole("size", 1, most);
  return read.failure() ? result<symbol_place>(*read.failure()) : place;
}

} // namespace pado::apps
