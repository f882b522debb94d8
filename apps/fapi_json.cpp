// SPDX-License-Identifier: Apache-2.0
#include "apps/fapi_json.h"
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pado::apps {

using nlohmann::json;

namespace {

constexpr std::uint32_t max_tb_bytes =
    200000; // the largest of TS 38.214, 5.1.3.2 has 159 749 bytes at 4 layers

std::string range_text(std::int64_t lowest, std::int64_t highest)
{
  return std::to_string(lowest) + ".." + std::to_string(highest);
}

/// Reads whole numbers one after the other and keeps the first error, so that a PDU reads as a list of keys.
class number_reader {
public:
  explicit number_reader(const json_object& object) : object_(object) {}

  template <class Number>
  void operator()(const char* key, Number& to, std::int64_t lowest, std::int64_t highest)
  {
    take(object_.whole(key, lowest, highest), to);
  }
  template <class Number>
  void optional(const char* key, Number& to, std::int64_t lowest, std::int64_t highest)
  {
    take(object_.whole_or(key, lowest, highest, static_cast<std::int64_t>(to)), to);
  }
  const std::optional<error>& failure() const { return failure_; }

private:
  template <class Number>
  void take(const result<std::int64_t>& got, Number& to)
  {
    if (!got && !failure_) {
      failure_ = got.failure();
    } else if (got) {
      to = static_cast<Number>(got.value());
    }
  }

  const json_object& object_;
  std::optional<error> failure_;
};

/// Fields of a PUSCH that are in no pusch_pdu: they decide whether it is supported.
struct pusch_modes {
  std::int32_t bitmap = 1;
  std::int32_t cyclic_prefix = 0;
  std::int32_t transform_precoding_off = 1;
  std::int32_t dmrs_type = 0;
  std::int32_t resource_alloc = 1;
  std::int32_t vrb_mapping = 0;
  std::int32_t hopping = 0;
  std::int32_t shift_7p5 = 0;
  std::int32_t nof_cb = 0;
  std::uint32_t lbrm_bytes = 0;
  std::int32_t csi2_flag = 0;
  bool lacks_beta = false; ///< UCI without what its size follows from
};

void read_pusch(number_reader& read, pusch_pdu& pdu, pusch_modes& modes)
{
  read("pduBitmap", modes.bitmap, 0, 65535);
  read("RNTI", pdu.rnti, 0, 65535);
  read("BWPSize", pdu.bwp_size, 1, max_nof_prb);
  read("BWPStart", pdu.bwp_start, 0, 2199 + max_nof_prb);
  read.optional("CyclicPrefix", modes.cyclic_prefix, 0, 1);
  read("targetCodeRate", pdu.target_code_rate, 1, 10240);
  read("qamModOrder", pdu.qam_mod_order, 1, 8);
  read("mcsIndex", pdu.mcs_index, 0, 31);
  read("mcsTable", pdu.mcs_table, 0, 4);
  read("TransformPrecoding", modes.transform_precoding_off, 0, 1);
  read("dataScramblingId", pdu.data_scrambling_id, 0, 65535);
  read("nrOfLayers", pdu.nof_layers, 1, 4);
  read("ulDmrsSymbPos", pdu.dmrs_symbol_mask, 1, (1 << nof_symbols_per_slot) - 1);
  read("dmrsConfigType", modes.dmrs_type, 0, 1);
  read("ulDmrsScramblingId", pdu.dmrs_scrambling_id, 0, 65535);
  read("SCID", pdu.scid, 0, 1);
  read("numDmrsCdmGrpsNoData", pdu.nof_cdm_groups_no_data, 1, 3);
  read("dmrsPorts", pdu.dmrs_ports, 1, (1 << 12) - 1);
  read.optional("resourceAlloc", modes.resource_alloc, 0, 1);
  read("rbStart", pdu.rb_start, 0, max_nof_prb - 1);
  read("rbSize", pdu.rb_size, 1, max_nof_prb);
  read.optional("VRBtoPRBMapping", modes.vrb_mapping, 0, 1);
  read.optional("FrequencyHopping", modes.hopping, 0, 1);
  read.optional("uplinkFrequencyShift7p5khz", modes.shift_7p5, 0, 1);
  read("StartSymbolIndex", pdu.start_symbol, 0, nof_symbols_per_slot - 1);
  read("NrOfSymbols", pdu.nof_symbols, 1, nof_symbols_per_slot);
  read.optional("numCb", modes.nof_cb, 0, 65535);
  read.optional("tbSizeLbrmBytes", modes.lbrm_bytes, 0, max_tb_bytes);
}

void read_pusch_data(number_reader& read, pusch_pdu& pdu)
{
  std::int32_t new_data = 1;
  read("rvIndex", pdu.rv_index, 0, 3);
  read("harqProcessID", pdu.harq_process_id, 0, 31);
  read("newDataIndicator", new_data, 0, 1);
  read("TBSize", pdu.tb_size_bytes, 1, max_tb_bytes);
  pdu.new_data = new_data != 0;
}

/// FAPI's puschUci. CSI part 2 has its length here, which FAPI leaves to a table of its own.
void read_pusch_uci(number_reader& read, const json_object& fapi, pusch_pdu& pdu, pusch_modes& modes)
{
  constexpr std::int64_t most_bits = 1706;
  pusch_uci& uci = pdu.uci;
  read.optional("harqAckBitLength", uci.harq_ack_bits, 0, most_bits);
  read.optional("csiPart1BitLength", uci.csi1_bits, 0, most_bits);
  read.optional("csiPart2BitLength", uci.csi2_bits, 0, most_bits);
  read.optional("flagCsiPart2", modes.csi2_flag, 0, 65535);
  for (const auto& [key, nof_bits] : {std::pair("betaOffsetHarqAck", uci.harq_ack_bits),
                                      std::pair("betaOffsetCsi1", uci.csi1_bits),
                                      std::pair("betaOffsetCsi2", uci.csi2_bits)}) {
    modes.lacks_beta = modes.lacks_beta || (nof_bits > 0 && fapi.find(key) == nullptr);
  }
  read.optional("alphaScaling", uci.alpha_scaling, 0, 3);
  read.optional("betaOffsetHarqAck", uci.beta_offset_harq_ack, 0, 20);
  read.optional("betaOffsetCsi1", uci.beta_offset_csi1, 0, 18);
  read.optional("betaOffsetCsi2", uci.beta_offset_csi2, 0, 18);
  modes.lacks_beta = modes.lacks_beta || (uci.is_present() && fapi.find("alphaScaling") == nullptr);
}

/// Why this PUSCH is not decoded; empty when it is. The first reason that applies.
std::string why_unsupported(const pusch_pdu& pdu, const pusch_modes& modes)
{
  const std::uint32_t mask = pdu.dmrs_symbol_mask;
  const std::pair<bool, const char*> reasons[] = {
      {(modes.bitmap & 1) == 0, "no UL-SCH data"},
      {modes.csi2_flag != 0 && pdu.uci.csi2_bits == 0, "CSI part 2 of unknown length"},
      {modes.lacks_beta, "UCI on PUSCH without alphaScaling or beta offsets"},
      {(modes.bitmap & 4) != 0, "PT-RS"},
      {modes.transform_precoding_off == 0 || (modes.bitmap & 8) != 0, "transform precoding"},
      {(modes.bitmap & ~15) != 0, "pduBitmap bits above 3"},
      {modes.cyclic_prefix != 0, "extended cyclic prefix"},
      {modes.resource_alloc == 0, "resource allocation type 0"},
      {modes.vrb_mapping != 0, "interleaved VRB mapping"},
      {modes.hopping != 0, "frequency hopping"},
      {modes.shift_7p5 != 0, "7.5 kHz shift"},
      {modes.dmrs_type != 0, "DM-RS type 2"},
      {(mask & (mask >> 1U)) != 0, "double-symbol DM-RS"},
      {(pdu.dmrs_ports & ~0xFU) != 0, "DM-RS ports above 3"},
      {modes.nof_cb != 0, "code block group retransmission"},
      {pdu.qam_mod_order == 1, "pi/2-BPSK"},
  };
  for (const auto& [applies, why] : reasons) {
    if (applies) {
      return why;
    }
  }
  return "";
}

/// Values that are each possible and not together.
std::optional<error> contradiction(const pusch_pdu& pdu, const json_object& fapi)
{
  const int end_symbol = pdu.start_symbol + pdu.nof_symbols;
  if (pdu.rb_start + pdu.rb_size > pdu.bwp_size) {
    return fapi.wrong("rbSize",
                      "is " + std::to_string(pdu.rb_size) + ", must be at most " +
                          std::to_string(pdu.bwp_size - pdu.rb_start) + " (BWPSize - rbStart)");
  }
  if (end_symbol > nof_symbols_per_slot) {
    return fapi.wrong("NrOfSymbols",
                      "is " + std::to_string(pdu.nof_symbols) + ", must be at most " +
                          std::to_string(nof_symbols_per_slot - pdu.start_symbol) +
                          " (14 - StartSymbolIndex)");
  }
  const std::uint32_t allocated = ((1U << end_symbol) - 1) & ~((1U << pdu.start_symbol) - 1);
  if ((pdu.dmrs_symbol_mask & ~allocated) != 0) {
    return fapi.wrong("ulDmrsSymbPos",
                      "is " + std::to_string(pdu.dmrs_symbol_mask) + ", must have only bits " +
                          range_text(pdu.start_symbol, end_symbol - 1) + " (the symbols of the PDU)");
  }
  if (std::popcount(pdu.dmrs_ports) != pdu.nof_layers) {
    return fapi.wrong("dmrsPorts",
                      "is " + std::to_string(pdu.dmrs_ports) + ", must have " +
                          std::to_string(pdu.nof_layers) + " bits set (nrOfLayers)");
  }
  if (pdu.nof_cdm_groups_no_data > 2 || (pdu.nof_cdm_groups_no_data == 1 && (pdu.dmrs_ports & 0xCU) != 0)) {
    return fapi.wrong("numDmrsCdmGrpsNoData",
                      "is " + std::to_string(pdu.nof_cdm_groups_no_data) +
                          ", must be 2, or 1 when dmrsPorts has only bits 0 and 1");
  }
  if (pdu.qam_mod_order != 1 && pdu.qam_mod_order % 2 != 0) {
    return fapi.wrong("qamModOrder", "is " + std::to_string(pdu.qam_mod_order) + ", must be 1, 2, 4, 6 or 8");
  }
  return std::nullopt;
}

} // namespace

std::string shown(const json& value)
{
  const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return text.size() <= 40 ? text : text.substr(0, 37) + "...";
}

const json* json_object::find(const char* key) const
{
  if (!object_.is_object()) {
    return nullptr;
  }
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

result<std::int64_t> json_object::whole(const char* key, std::int64_t lowest, std::int64_t highest) const
{
  const json* value = find(key);
  if (value == nullptr) {
    return wrong(key, "is missing, must be in " + range_text(lowest, highest));
  }
  std::int64_t number = 0;
  bool is_whole = value->is_number_integer();
  if (value->is_number_unsigned()) {
    const auto big = value->get<std::uint64_t>();
    is_whole = big <= static_cast<std::uint64_t>(INT64_MAX);
    number = is_whole ? static_cast<std::int64_t>(big) : 0;
  } else if (is_whole) {
    number = value->get<std::int64_t>();
  } else if (value->is_number_float()) {
    // 11520000.0 is how some writers put a whole number.
    const double real = value->get<double>();
    is_whole = real == std::floor(real) && std::abs(real) < 9.0e15;
    number = is_whole ? static_cast<std::int64_t>(real) : 0;
  }
  if (!is_whole || number < lowest || number > highest) {
    return wrong(key, "is " + shown(*value) + ", must be in " + range_text(lowest, highest));
  }
  return number;
}

result<std::int64_t> json_object::whole_or(const char* key,
                                           std::int64_t lowest,
                                           std::int64_t highest,
                                           std::int64_t otherwise) const
{
  return find(key) == nullptr ? result<std::int64_t>(otherwise) : whole(key, lowest, highest);
}

result<std::optional<std::string>> json_object::text(const char* key) const
{
  const json* value = find(key);
  if (value == nullptr) {
    return std::optional<std::string>();
  }
  if (!value->is_string()) {
    return wrong(key, "is " + shown(*value) + ", must be text");
  }
  return std::optional(value->get<std::string>());
}

result<std::optional<bool>> json_object::truth(const char* key) const
{
  const json* value = find(key);
  if (value == nullptr || value->is_null()) {
    return std::optional<bool>();
  }
  if (!value->is_boolean()) {
    return wrong(key, "is " + shown(*value) + ", must be true or false");
  }
  return std::optional(value->get<bool>());
}

result<parsed_pdu> parse_pusch_fapi(const json& fapi, const std::string& where)
{
  if (!fapi.is_object()) {
    return error{where, "is " + shown(fapi) + ", must be an object"};
  }
  const json_object object(fapi, where + ".");
  pusch_pdu pdu;
  pusch_modes modes;
  number_reader read(object);
  read_pusch(read, pdu, modes);
  if ((modes.bitmap & 1) != 0) {
    read_pusch_data(read, pdu);
  }
  if ((modes.bitmap & 2) != 0) {
    read_pusch_uci(read, object, pdu, modes);
  }
  if (read.failure()) {
    return *read.failure();
  }
  if (const std::string why = why_unsupported(pdu, modes); !why.empty()) {
    return parsed_pdu(unsupported_pdu{"PUSCH", why, pdu.rnti});
  }
  if (const auto bad = contradiction(pdu, object)) {
    return *bad;
  }
  pdu.tb_size_lbrm_bits = static_cast<std::int32_t>(8 * modes.lbrm_bytes);
  return parsed_pdu(pdu);
}

result<parsed_pdu> parse_pdu(const json& pdu, const std::string& where)
{
  if (!pdu.is_object()) {
    return error{where, "is " + shown(pdu) + ", must be an object with pdu and fapi"};
  }
  const json_object object(pdu, where + ".");
  const auto kind = object.text("pdu");
  if (!kind) {
    return kind.failure();
  }
  const std::string right = "must be \"PUSCH\", \"PUCCH\", \"PRACH\" or \"SRS\"";
  if (!kind.value()) {
    return object.wrong("pdu", "is missing, " + right);
  }
  const json* fapi = object.find("fapi");
  if (fapi == nullptr || !fapi->is_object()) {
    return object.wrong("fapi",
                        fapi == nullptr ? "is missing, must be an object"
                                        : "is " + shown(*fapi) + ", must be an object");
  }
  if (*kind.value() == "PUSCH") {
    return parse_pusch_fapi(*fapi, where + ".fapi");
  }
  const json_object fields(*fapi, where + ".fapi.");
  const auto rnti = fields.whole_or("RNTI", 0, 65535, 0);
  if (!rnti) {
    return rnti.failure();
  }
  unsupported_pdu unsupported{*kind.value(), "not decoded", static_cast<std::uint16_t>(rnti.value())};
  if (unsupported.kind == "PUCCH") {
    const auto format = fields.whole("FormatType", 0, 4);
    if (!format) {
      return format.failure();
    }
    unsupported.why = "format " + std::to_string(format.value());
  } else if (unsupported.kind != "PRACH" && unsupported.kind != "SRS") {
    return object.wrong("pdu", "is " + shown(pdu.at("pdu")) + ", " + right);
  }
  return parsed_pdu(unsupported);
}

nlohmann::ordered_json pusch_to_fapi(const pusch_pdu& pdu, numerology scs)
{
  nlohmann::ordered_json fapi;
  fapi["pduBitmap"] = pdu.uci.is_present() ? 3 : 1;
  fapi["RNTI"] = pdu.rnti;
  fapi["BWPSize"] = pdu.bwp_size;
  fapi["BWPStart"] = pdu.bwp_start;
  fapi["SubcarrierSpacing"] = scs.mu;
  fapi["CyclicPrefix"] = 0;
  fapi["targetCodeRate"] = pdu.target_code_rate;
  fapi["qamModOrder"] = pdu.qam_mod_order;
  fapi["mcsIndex"] = pdu.mcs_index;
  fapi["mcsTable"] = pdu.mcs_table;
  fapi["TransformPrecoding"] = pdu.transform_precoding ? 0 : 1;
  fapi["dataScramblingId"] = pdu.data_scrambling_id;
  fapi["nrOfLayers"] = pdu.nof_layers;
  fapi["ulDmrsSymbPos"] = pdu.dmrs_symbol_mask;
  fapi["dmrsConfigType"] = pdu.dmrs_config_type - 1;
  fapi["ulDmrsScramblingId"] = pdu.dmrs_scrambling_id;
  fapi["SCID"] = pdu.scid;
  fapi["numDmrsCdmGrpsNoData"] = pdu.nof_cdm_groups_no_data;
  fapi["dmrsPorts"] = pdu.dmrs_ports;
  fapi["resourceAlloc"] = 1;
  fapi["rbStart"] = pdu.rb_start;
  fapi["rbSize"] = pdu.rb_size;
  fapi["VRBtoPRBMapping"] = 0;
  fapi["FrequencyHopping"] = 0;
  fapi["StartSymbolIndex"] = pdu.start_symbol;
  fapi["NrOfSymbols"] = pdu.nof_symbols;
  fapi["rvIndex"] = pdu.rv_index;
  fapi["harqProcessID"] = pdu.harq_process_id;
  fapi["newDataIndicator"] = pdu.new_data ? 1 : 0;
  fapi["TBSize"] = pdu.tb_size_bytes;
  fapi["numCb"] = 0;
  if (pdu.tb_size_lbrm_bits != 0) {
    fapi["tbSizeLbrmBytes"] = pdu.tb_size_lbrm_bits / 8;
  }
  if (pdu.uci.is_present()) {
    fapi["harqAckBitLength"] = pdu.uci.harq_ack_bits;
    fapi["csiPart1BitLength"] = pdu.uci.csi1_bits;
    fapi["csiPart2BitLength"] = pdu.uci.csi2_bits;
    fapi["alphaScaling"] = pdu.uci.alpha_scaling;
    fapi["betaOffsetHarqAck"] = pdu.uci.beta_offset_harq_ack;
    fapi["betaOffsetCsi1"] = pdu.uci.beta_offset_csi1;
    fapi["betaOffsetCsi2"] = pdu.uci.beta_offset_csi2;
  }
  return fapi;
}

} // namespace pado::apps
