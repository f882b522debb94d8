// SPDX-License-Identifier: Apache-2.0
#include "apps/schedule_file.h"
#include "tests/support/shared.h"
#include "tests/support/temporary_folder.h"
#include <doctest/doctest.h>
#include <map>
#include <nlohmann/json.hpp>

using nlohmann::json;
using pado::pusch_pdu;
using namespace pado::apps; // NOLINT(google-build-using-namespace)

namespace {

/// Two rx slots' worth of a PUSCH, 24 PRB from 5 on.
json fapi()
{
  return {{"pduBitmap", 1},
          {"RNTI", 17921},
          {"BWPSize", 52},
          {"BWPStart", 0},
          {"SubcarrierSpacing", 0},
          {"targetCodeRate", 6790},
          {"qamModOrder", 4},
          {"mcsIndex", 9},
          {"mcsTable", 0},
          {"TransformPrecoding", 1},
          {"dataScramblingId", 7},
          {"nrOfLayers", 1},
          {"ulDmrsSymbPos", 2180},
          {"dmrsConfigType", 0},
          {"ulDmrsScramblingId", 8},
          {"SCID", 1},
          {"numDmrsCdmGrpsNoData", 2},
          {"dmrsPorts", 1},
          {"resourceAlloc", 1},
          {"rbStart", 5},
          {"rbSize", 24},
          {"FrequencyHopping", 0},
          {"StartSymbolIndex", 0},
          {"NrOfSymbols", 14},
          {"rvIndex", 2},
          {"harqProcessID", 3},
          {"newDataIndicator", 0},
          {"TBSize", 4},
          {"numCb", 0},
          {"unknownToThisBuild", 1}};
}

json slot_with(const json& pdu_fapi)
{
  return {{"sfn", 18}, {"slot", 3}, {"sample", 126720}, {"pdus", {{{"pdu", "PUSCH"}, {"fapi", pdu_fapi}}}}};
}

/// The failure of a schedule whose second line is `line`.
std::string failure_of(const json& line)
{
  const auto got = parse_schedule(slot_with(fapi()).dump() + "\n" + line.dump() + "\n", "s.jsonl");
  REQUIRE_FALSE(got);
  return got.failure().text();
}

std::string failure_with(const std::string& key, const json& value)
{
  json changed = fapi();
  if (value.is_discarded()) {
    changed.erase(key);
  } else {
    changed[key] = value;
  }
  return failure_of(slot_with(changed));
}

std::string reason_with(const std::string& key, const json& value)
{
  json changed = fapi();
  changed[key] = value;
  const auto got = parse_schedule(slot_with(changed).dump(), "s.jsonl");
  REQUIRE_MESSAGE(got, (got ? "" : got.failure().text()));
  const auto& plan = got.value().slots[0].plan;
  CHECK(plan.pusch.empty());
  REQUIRE(plan.unsupported.size() == 1);
  CHECK(plan.unsupported[0].kind == "PUSCH");
  CHECK(plan.unsupported[0].rnti == 17921);
  CHECK(got.value().nof_unsupported == 1);
  return plan.unsupported[0].why;
}

bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("schedule: FAPI names and encodings become the plan's")
{
  json line = slot_with(fapi());
  line["pdus"][0]["expected"] = {
      {"transmitted", true}, {"payload_hex", "01aBff00"}, {"gnb_tb_crc_ok", false}};
  const auto got = parse_schedule("\n" + line.dump() + "\r\n\n", "s.jsonl");
  REQUIRE_MESSAGE(got, (got ? "" : got.failure().text()));
  REQUIRE(got.value().slots.size() == 1);
  CHECK(got.value().nof_pusch == 1);
  const scheduled_slot& slot = got.value().slots[0];
  CHECK(slot.line == 2);
  CHECK(slot.sample == 126720);
  CHECK(slot.plan.slot == pado::slot_id{18, 3});
  REQUIRE(slot.plan.pusch.size() == 1);
  const pusch_pdu& pdu = slot.plan.pusch[0];
  CHECK(pdu.rnti == 17921);
  CHECK(pdu.bwp_size == 52);
  CHECK(pdu.rb_start == 5);
  CHECK(pdu.rb_size == 24);
  CHECK(pdu.target_code_rate == 6790);
  CHECK(pdu.qam_mod_order == 4);
  CHECK_FALSE(pdu.transform_precoding);
  CHECK(pdu.dmrs_symbol_mask == (1 << 2 | 1 << 7 | 1 << 11));
  CHECK(pdu.dmrs_config_type == 1);
  CHECK(pdu.data_scrambling_id == 7);
  CHECK(pdu.dmrs_scrambling_id == 8);
  CHECK(pdu.scid == 1);
  CHECK(pdu.rv_index == 2);
  CHECK(pdu.harq_process_id == 3);
  CHECK_FALSE(pdu.new_data);
  CHECK(pdu.tb_size_bytes == 4);
  CHECK(pdu.tb_size_lbrm_bits == 0);
  REQUIRE(slot.expected.size() == 1);
  CHECK(slot.expected[0].transmitted == true);
  CHECK(slot.expected[0].crc_ok == false);
  CHECK(slot.expected[0].payload == std::vector<std::uint8_t>{0x01, 0xab, 0xff, 0x00});
}

TEST_CASE("schedule: what was written is read back unchanged")
{
  json line = slot_with(fapi());
  line["pdus"][0]["fapi"]["tbSizeLbrmBytes"] = 8456;
  line["pdus"][0]["expected"] = {{"transmitted", false}, {"payload_hex", "01abff00"}, {"crc_ok", true}};
  const auto first = parse_schedule(line.dump(), "s.jsonl");
  REQUIRE(first);
  CHECK(first.value().slots[0].plan.pusch[0].tb_size_lbrm_bits == 8 * 8456);
  const std::string text = write_schedule_line(first.value().slots[0], {0});
  const auto second = parse_schedule(text, "s.jsonl");
  REQUIRE_MESSAGE(second, (second ? "" : second.failure().text()));
  CHECK(write_schedule_line(second.value().slots[0], {0}) == text);
  CHECK(second.value().slots[0].expected[0].payload == first.value().slots[0].expected[0].payload);
  CHECK(second.value().slots[0].expected[0].transmitted == false);
  CHECK(second.value().slots[0].sample == 126720);
  const json all = fapi();
  for (auto entry = all.begin(); entry != all.end(); ++entry) {
    if (entry.key() != "unknownToThisBuild") {
      CAPTURE(entry.key());
      CHECK(json::parse(text)["pdus"][0]["fapi"][entry.key()] == entry.value());
    }
  }
}

TEST_CASE("schedule: PDUs that are not decoded are kept by kind and reason")
{
  CHECK(reason_with("pduBitmap", 2) == "no UL-SCH data");
  CHECK(reason_with("pduBitmap", 5) == "PT-RS");
  CHECK(reason_with("pduBitmap", 9) == "transform precoding");
  CHECK(reason_with("pduBitmap", 17) == "pduBitmap bits above 3");
  CHECK(reason_with("TransformPrecoding", 0) == "transform precoding");
  CHECK(reason_with("CyclicPrefix", 1) == "extended cyclic prefix");
  CHECK(reason_with("resourceAlloc", 0) == "resource allocation type 0");
  CHECK(reason_with("VRBtoPRBMapping", 1) == "interleaved VRB mapping");
  CHECK(reason_with("FrequencyHopping", 1) == "frequency hopping");
  CHECK(reason_with("uplinkFrequencyShift7p5khz", 1) == "7.5 kHz shift");
  CHECK(reason_with("dmrsConfigType", 1) == "DM-RS type 2");
  CHECK(reason_with("ulDmrsSymbPos", 12) == "double-symbol DM-RS");
  CHECK(reason_with("dmrsPorts", 16) == "DM-RS ports above 3");
  CHECK(reason_with("numCb", 2) == "code block group retransmission");
  CHECK(reason_with("qamModOrder", 1) == "pi/2-BPSK");
  const json others = {{"sfn", 1},
                       {"slot", 2},
                       {"pdus",
                        {{{"pdu", "PUCCH"}, {"fapi", {{"RNTI", 9}, {"FormatType", 2}}}},
                         {{"pdu", "PRACH"}, {"fapi", json::object()}},
                         {{"pdu", "SRS"}, {"fapi", {{"RNTI", 10}}}}}}};
  const auto got = parse_schedule(others.dump(), "s.jsonl");
  REQUIRE(got);
  const auto& unsupported = got.value().slots[0].plan.unsupported;
  REQUIRE(unsupported.size() == 3);
  CHECK(unsupported[0].kind == "PUCCH");
  CHECK(unsupported[0].why == "format 2");
  CHECK(unsupported[0].rnti == 9);
  CHECK(unsupported[1].kind == "PRACH");
  CHECK(unsupported[2].rnti == 10);
}

TEST_CASE("schedule: every FAPI key that is needed is missed, and has its type and range checked")
{
  const std::map<std::string, std::int64_t> beyond = {{"pduBitmap", 65536},
                                                      {"RNTI", 65536},
                                                      {"BWPSize", 276},
                                                      {"BWPStart", 3000},
                                                      {"targetCodeRate", 10241},
                                                      {"qamModOrder", 9},
                                                      {"mcsIndex", 32},
                                                      {"mcsTable", 5},
                                                      {"TransformPrecoding", 2},
                                                      {"dataScramblingId", 65536},
                                                      {"nrOfLayers", 5},
                                                      {"ulDmrsSymbPos", 16384},
                                                      {"dmrsConfigType", 2},
                                                      {"ulDmrsScramblingId", -1},
                                                      {"SCID", 2},
                                                      {"numDmrsCdmGrpsNoData", 4},
                                                      {"dmrsPorts", 4096},
                                                      {"rbStart", 275},
                                                      {"rbSize", 0},
                                                      {"StartSymbolIndex", 14},
                                                      {"NrOfSymbols", 15},
                                                      {"rvIndex", 4},
                                                      {"harqProcessID", 32},
                                                      {"newDataIndicator", 2},
                                                      {"TBSize", 0}};
  for (const auto& entry : beyond) {
    const std::string& key = entry.first;
    const std::int64_t value = entry.second;
    CAPTURE(key);
    const std::string where = "s.jsonl:2: pdus[0].fapi." + key + " is ";
    CHECK(has(failure_with(key, json(json::value_t::discarded)), where + "missing, must be in "));
    CHECK(has(failure_with(key, value), where + std::to_string(value) + ", must be in "));
    CHECK(has(failure_with(key, "3"), where + "\"3\", must be in "));
    CHECK(has(failure_with(key, 0.5), where + "0.5, must be in "));
    CHECK(has(failure_with(key, json::array()), where + "[], must be in "));
    CHECK(has(failure_with(key, 18446744073709551615ULL), where + "18446744073709551615, must be in "));
  }
}

TEST_CASE("schedule: values that contradict each other are refused")
{
  CHECK(has(failure_with("rbSize", 48), "fapi.rbSize is 48, must be at most 47 (BWPSize - rbStart)"));
  CHECK(has(failure_with("StartSymbolIndex", 1), "fapi.NrOfSymbols is 14, must be at most 13"));
  CHECK(has(failure_with("NrOfSymbols", 11), "fapi.ulDmrsSymbPos is 2180, must have only bits 0..10"));
  CHECK(has(failure_with("nrOfLayers", 2), "fapi.dmrsPorts is 1, must have 2 bits set (nrOfLayers)"));
  CHECK(has(failure_with("qamModOrder", 3), "fapi.qamModOrder is 3, must be 1, 2, 4, 6 or 8"));
  CHECK(has(failure_with("numDmrsCdmGrpsNoData", 3), "fapi.numDmrsCdmGrpsNoData is 3, must be 2, or 1"));
}

TEST_CASE("schedule: a slot without its keys is refused")
{
  json line = slot_with(fapi());
  const auto with = [&](const char* key, const json& value) {
    json changed = line;
    changed[key] = value;
    return failure_of(changed);
  };
  CHECK(has(with("sfn", 1024), "s.jsonl:2: sfn is 1024, must be in 0..1023"));
  CHECK(has(with("slot", 160), "s.jsonl:2: slot is 160, must be in 0..159"));
  CHECK(has(with("sample", -5), "s.jsonl:2: sample is -5, must be in 0.."));
  CHECK(has(with("pdus", 3), "s.jsonl:2: pdus is 3, must be a list of at most 1024 PDUs"));
  CHECK(has(with("pdus", {3}), "s.jsonl:2: pdus[0] is 3, must be an object"));
  CHECK(has(with("pdus", {{{"fapi", 1}}}), "s.jsonl:2: pdus[0].pdu is missing, must be \"PUSCH\""));
  CHECK(has(with("pdus", {{{"pdu", "PUSH"}, {"fapi", json::object()}}}),
            "pdus[0].pdu is \"PUSH\", must be \"PUSCH\""));
  CHECK(has(with("pdus", {{{"pdu", 4}}}), "pdus[0].pdu is 4, must be text"));
  CHECK(has(with("pdus", {{{"pdu", "PUSCH"}}}), "pdus[0].fapi is missing, must be an object"));
  CHECK(has(with("pdus", {{{"pdu", "PUCCH"}, {"fapi", {{"FormatType", 5}}}}}),
            "pdus[0].fapi.FormatType is 5, must be in 0..4"));
}

TEST_CASE("schedule: an expectation that does not fit its PDU is refused")
{
  const auto with = [](const json& expected) {
    json line = slot_with(fapi());
    line["pdus"][0]["expected"] = expected;
    return failure_of(line);
  };
  CHECK(has(with(3), "pdus[0].expected is 3, must be an object"));
  CHECK(has(with({{"transmitted", 1}}), "pdus[0].expected.transmitted is 1, must be true or false"));
  CHECK(has(with({{"payload_hex", "0102030"}}), "expected.payload_hex must be pairs of hexadecimal digits"));
  CHECK(has(with({{"payload_hex", "0102030g"}}), "expected.payload_hex must be pairs of hexadecimal digits"));
  CHECK(has(with({{"payload_hex", "010203"}}), "expected.payload_hex has 3 bytes, must have 4 (TBSize)"));
  CHECK(has(with({{"payload_hex", "01020304"}, {"payload_sha256", "00"}}),
            "payload_sha256 is not that of payload_hex"));
}

TEST_CASE("schedule: a file that is no schedule is refused with its line")
{
  const auto failure = [](const std::string& text) {
    const auto got = parse_schedule(text, "s.jsonl");
    REQUIRE_FALSE(got);
    return got.failure().text();
  };
  CHECK(has(failure(""), "s.jsonl: holds no slot"));
  CHECK(has(failure("\n\n{\"sfn\": 1"), "s.jsonl:3: not JSON at column 9"));
  CHECK(has(failure("[1]"), "s.jsonl:1: is [1], must be an object"));
  CHECK(has(failure(std::string(100000, '{')), "s.jsonl:1: JSON nested 100000 deep, at most 16"));
  CHECK(has(failure("{\"sfn\": 1, \"sfn\": 2}"), "s.jsonl:1: key 'sfn' appears twice"));
  CHECK(has(failure("{\"sfn\": \"\xc3\x28\"}"), "s.jsonl:1: not JSON"));
  const pado::test::temporary_folder folder;
  const auto none = read_schedule(folder.file("none.jsonl"));
  REQUIRE_FALSE(none);
  CHECK(has(none.failure().text(), "none.jsonl: cannot be opened: No such file"));
}

TEST_CASE("schedule: UCI on PUSCH is read with FAPI's names, kept through a file, and refused by name")
{
  const auto with = [](const json& uci, const json& expected) {
    json line = slot_with(fapi());
    line["pdus"][0]["fapi"].update(uci);
    line["pdus"][0]["expected"] = expected;
    return parse_schedule(line.dump(), "s.jsonl");
  };
  const json uci = {{"pduBitmap", 3},
                    {"TBSize", 4},
                    {"harqAckBitLength", 2},
                    {"csiPart1BitLength", 12},
                    {"csiPart2BitLength", 3},
                    {"alphaScaling", 3},
                    {"betaOffsetHarqAck", 9},
                    {"betaOffsetCsi1", 6},
                    {"betaOffsetCsi2", 7}};
  const auto got = with(uci, {{"harq_ack_bits", {1, 0}}, {"csi_part2_bits", {0, 1, 1}}});
  REQUIRE_MESSAGE(got, (got ? "" : got.failure().text()));
  const scheduled_slot& slot = got.value().slots[0];
  CHECK(slot.plan.pusch[0].uci == pado::pusch_uci{2, 12, 3, 3, 9, 6, 7});
  CHECK(slot.expected[0].harq_ack == std::vector<std::uint8_t>{1, 0});
  CHECK_FALSE(slot.expected[0].csi1);
  const auto again = parse_schedule(write_schedule_line(slot, {0}), "again");
  REQUIRE(again);
  CHECK(again.value().slots[0].plan.pusch[0].uci == slot.plan.pusch[0].uci);
  CHECK(again.value().slots[0].expected[0].csi2 == slot.expected[0].csi2);

  const auto wrong = with(uci, {{"harq_ack_bits", {1, 2}}});
  REQUIRE_FALSE(wrong);
  CHECK(has(wrong.failure().text(), "expected.harq_ack_bits is [1,2], must be a list of 2 bits 0 or 1"));
  CHECK_FALSE(with(uci, {{"csi_part1_bits", {1, 0}}}));
  json far = uci;
  far["betaOffsetCsi1"] = 19;
  CHECK(has(with(far, json::object()).failure().text(), "betaOffsetCsi1 is 19, must be in 0..18"));
  const auto reason_of = [&](json changed, const char* left_out) {
    changed.erase(left_out);
    return with(changed, json::object()).value().slots[0].plan.unsupported.at(0).why;
  };
  CHECK(reason_of(uci, "alphaScaling") == "UCI on PUSCH without alphaScaling or beta offsets");
  CHECK(reason_of(uci, "betaOffsetCsi2") == "UCI on PUSCH without alphaScaling or beta offsets");
  json open = uci;
  open["flagCsiPart2"] = 65535;
  CHECK(reason_of(open, "csiPart2BitLength") == "CSI part 2 of unknown length");
}

TEST_CASE("schedule: the recorded UE's schedule is read whole")
{
  const auto path = pado::test::shared_path("captures/ue_n3_10mhz/schedule.jsonl");
  if (!path) {
    MESSAGE("skipped: captures/ue_n3_10mhz is not beside the project");
    return;
  }
  const auto got = read_schedule(*path);
  REQUIRE_MESSAGE(got, (got ? "" : got.failure().text()));
  CHECK(got.value().slots.size() == 26);
  CHECK(got.value().nof_pusch == 11);
  std::map<std::string, int> reasons;
  int nof_uci = 0;
  for (const scheduled_slot& slot : got.value().slots) {
    CHECK(slot.sample.value_or(-1) % 11520 == 0);
    for (const auto& pdu : slot.plan.unsupported) {
      ++reasons[pdu.kind + " " + pdu.why];
    }
    for (std::size_t i = 0; i < slot.plan.pusch.size(); ++i) {
      CHECK(slot.expected[i].transmitted == true);
      CHECK(slot.expected[i].crc_ok == true);
      REQUIRE(slot.expected[i].payload);
      CHECK(slot.expected[i].payload->size() == slot.plan.pusch[i].tb_size_bytes);
      CHECK(slot.expected[i].has_uci() == slot.plan.pusch[i].uci.is_present());
      nof_uci += slot.expected[i].has_uci() ? 1 : 0;
    }
  }
  CHECK(nof_uci == 4);
  CHECK(reasons["PUCCH format 1"] == 10);
  CHECK(reasons["PUCCH format 2"] == 5);
  CHECK(reasons["PRACH not decoded"] == 1);
}

TEST_CASE("schedule_file: what a gNB measured is read where it is a number, null says nothing")
{
  json slot = slot_with(fapi());
  slot["pdus"][0]["gnb_figures"] = {
      {"sinr_db", 97.5}, {"t_align_us", nullptr}, {"ldpc_iterations", 2}, {"rsrp_db", "not compared"}};
  const auto got = parse_schedule(slot.dump(), "s.jsonl");
  REQUIRE(got);
  const reference_figures& figures = got.value().slots[0].expected[0].figures;
  CHECK(figures.sinr_db == 97.5);
  CHECK_FALSE(figures.ta_us);
  CHECK_FALSE(figures.cfo_hz);
  CHECK(figures.ldpc_iterations == 2.0);
  slot["pdus"][0]["gnb_figures"]["cfo_hz"] = "0 Hz";
  CHECK(failure_of(slot) == "s.jsonl:2: pdus[0].gnb_figures.cfo_hz is \"0 Hz\", must be a number or null");
}
