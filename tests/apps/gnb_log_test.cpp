// SPDX-License-Identifier: Apache-2.0
// links: pado_formats
#include "apps/gnb_log.h"
#include "apps/gnb_pdu.h"
#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace pado::apps; // NOLINT(google-build-using-namespace)
using pado::slot_id;

namespace {

struct read_log {
  std::vector<gnb_log_entry> entries;
  gnb_log_counts counts;
  log_remarks remarks;
  std::optional<std::int32_t> pci;
  std::int32_t highest_slot = 0;
};

read_log read(const std::string& text, std::size_t part = std::string::npos)
{
  read_log out;
  gnb_log_reader reader("g.log", [&](const gnb_log_entry& entry) { out.entries.push_back(entry); });
  for (std::size_t at = 0; at < text.size(); at += std::min(part, text.size())) {
    reader.feed(std::string_view(text).substr(at, part));
  }
  reader.finish();
  out.counts = reader.counts();
  out.remarks = reader.remarks();
  out.pci = reader.pci();
  out.highest_slot = reader.highest_slot();
  CHECK(out.counts.lines == out.counts.of_entries + out.counts.elsewhere + out.counts.not_understood);
  CHECK(out.counts.not_understood == out.remarks.count());
  return out;
}

const std::string dump = PADO_SOURCE_DIR "/testvectors/ocudu_gnb_dump/gnb.log";

std::string dump_text()
{
  std::ostringstream text;
  text << std::ifstream(dump, std::ios::binary).rdbuf();
  return text.str();
}

const std::string phy = "2026-11-24T19:29:58.26 [PHY     ] [D] [    18.3] ";
const std::string pusch_details =
    "  rnti=0x4601\n  bwp=[0, 52)\n  oack=0\n  ocsi1=0\n  part2=entries=[]\n  tcr=0.1171875\n  "
    "new_data=true\n"
    "  n_id=1\n  dmrs_mask={2, 7, 11}\n  slot=18.3\n  cp=normal\n  nof_layers=1\n  n_scr_id=1\n  "
    "n_scid=false\n"
    "  n_cdm_g_wd=2\n  dmrs_type=1\n  sinr=+9.5dB\n  t_align=0.25us\n  cfo=na\n";
const std::string pusch = phy +
                          "PUSCH: rnti=0x4601 harq_id=3 prb=[8, 11) symb=[0, 14) mod=QPSK rv=0 tbs=3 crc=OK "
                          "iter=1.5 sinr=9.5dB t=1us\n" +
                          pusch_details;

std::string with(std::string text, const std::string& from, const std::string& to)
{
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string refusal_of(const std::string& text)
{
  const read_log log = read(text);
  REQUIRE(log.entries.size() == 1);
  const auto pdu = schedule_pdu(log.entries[0]);
  REQUIRE_FALSE(pdu);
  return pdu.failure().text();
}

} // namespace

TEST_CASE("gnb_log: every line of a real log is understood, each counted once")
{
  const read_log log = read(dump_text());
  CHECK(log.counts.lines == 1382);
  CHECK(log.counts.not_understood == 0);
  CHECK(log.pci == 1);
  CHECK(log.highest_slot == 9);
  std::map<std::string, int> kinds;
  for (const gnb_log_entry& entry : log.entries) {
    ++kinds[entry.kind];
  }
  CHECK(kinds == std::map<std::string, int>{
                     {"PRACH", 1}, {"PUCCH", 11}, {"PUSCH", 5}, {"RX_PRACH", 1}, {"RX_SYMBOL", 16}});
}

TEST_CASE("gnb_log: it does not matter where the bytes of a log are cut on their way")
{
  const std::string text = dump_text().substr(0, 20000);
  const read_log whole = read(text);
  for (const std::size_t part : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
    const read_log parts = read(text, part);
    REQUIRE(parts.entries.size() == whole.entries.size());
    for (std::size_t i = 0; i < whole.entries.size(); ++i) {
      CHECK(parts.entries[i].fields == whole.entries[i].fields);
      CHECK(parts.entries[i].bytes == whole.entries[i].bytes);
    }
  }
}

TEST_CASE("gnb_log: a log cut at any byte gives everything before the cut and names the rest")
{
  const std::string text = dump_text();
  const std::vector<gnb_log_entry> whole = read(text).entries;
  for (std::size_t size = 5000; size < 9000; size += 37) { // around the first PUSCH
    CAPTURE(size);
    const read_log cut = read(text.substr(0, size));
    REQUIRE(cut.entries.size() <= whole.size());
    for (std::size_t i = 0; i + 1 < cut.entries.size(); ++i) {
      CHECK(cut.entries[i].fields == whole[i].fields);
    }
    const bool is_inside_line = text[size - 1] != '\n';
    CHECK(cut.remarks.kinds.count("line without an end") == (is_inside_line ? 1U : 0U));
  }
  const std::string half = pusch.substr(0, pusch.find("  n_scr_id"));
  CHECK(refusal_of(half) == "dmrs_type is missing: the log ends here");
}

TEST_CASE("gnb_log: bytes that are no text, and lines that are too long, end the message they stand in")
{
  const read_log log = read(with(pusch, "  n_id=1\n", "  n_id=\xff\xfe\n") + pusch);
  REQUIRE(log.entries.size() == 2);
  CHECK_FALSE(schedule_pdu(log.entries[0]));
  CHECK(schedule_pdu(log.entries[1]));
  CHECK(log.remarks.kinds.at("bytes that are no text").first.front() == "g.log:9:   n_id=\\xff\\xfe");
  const read_log longer = read(with(pusch, "  n_id=1\n", "  n_id=" + std::string(70000, '1') + "\n") + pusch);
  REQUIRE(longer.entries.size() == 2);
  CHECK_FALSE(schedule_pdu(longer.entries[0]));
  CHECK(longer.remarks.kinds.at("line without an end").count == 1);
}

TEST_CASE("gnb_log: lines that are not understood are counted by kind, the first three quoted, none guessed")
{
  std::string text = "no head at all\n" + phy + "PUSCH: rnti=0x1 and words\n" + phy + "Late slot\n" +
                     "2026-11-24T19:29:58.26 [PHY     ] [W] PUSCH: rnti=0x1\n" + pusch +
                     "    0000: 01 02 zz\n";
  for (int i = 0; i < 5; ++i) {
    text += phy + "What: is=this\n";
  }
  const read_log log = read(text);
  CHECK(log.entries.size() == 1);
  CHECK(log.remarks.kinds.at("line without a head").count == 1);
  CHECK(log.remarks.kinds.at("PUSCH: not key=value").count == 1);
  CHECK(log.remarks.kinds.at("PUSCH without a slot").count == 1);
  CHECK(log.remarks.kinds.at("line inside PUSCH").first.front() == "g.log:25:     0000: 01 02 zz");
  CHECK(log.remarks.kinds.at("message of the physical layer").count == 6);
  CHECK(log.remarks.kinds.at("message of the physical layer").first.size() == 3);
  CHECK(log.entries[0].bytes.empty());
}

TEST_CASE("gnb_log: bytes follow each other from 0 on, or they are not taken")
{
  const read_log right = read(pusch + "    0000: 0a 0b\n    0002: ff\n");
  CHECK(right.entries[0].bytes == std::vector<std::uint8_t>{10, 11, 255});
  const read_log gap = read(pusch + "    0000: 0a 0b\n    0003: ff\n    ffffffff: 00\n");
  CHECK(gap.entries[0].bytes.size() == 2);
  CHECK(gap.counts.not_understood == 2);
}

TEST_CASE("gnb_log: a PUSCH becomes a PDU with FAPI's names, and what the gNB found")
{
  const read_log log = read(pusch + "    0000: 0a 0b ff\n");
  const auto got = schedule_pdu(log.entries[0]);
  REQUIRE_MESSAGE(got, got.failure().text());
  const nlohmann::ordered_json& pdu = got.value();
  const auto& fapi = pdu["fapi"];
  CHECK(fapi["RNTI"] == 0x4601);
  CHECK(fapi["BWPSize"] == 52);
  CHECK(fapi["rbStart"] == 8);
  CHECK(fapi["rbSize"] == 3);
  CHECK(fapi["targetCodeRate"] == 1200);
  CHECK(fapi["ulDmrsSymbPos"] == 2180);
  CHECK(fapi["TransformPrecoding"] == 1);
  CHECK(fapi["harqProcessID"] == 3);
  CHECK(fapi["pduBitmap"] == 1);
  CHECK(pdu["expected"]["payload_hex"] == "0a0bff");
  CHECK(pdu["expected"]["gnb_tb_crc_ok"] == true);
  CHECK(pdu["gnb_figures"]["sinr_db"] == 9.5);
  CHECK(pdu["gnb_figures"]["t_align_us"] == 0.25);
  CHECK(pdu["gnb_figures"]["cfo_hz"] == nullptr);
  CHECK(pdu["gnb_figures"]["ldpc_iterations"] == 1.5);
  CHECK(mcs_tables_of(fapi) == 7U); // QPSK at 120/1024 is in all three

  const read_log uci = read(with(pusch, "oack=0", "oack=2"));
  const auto uci_fapi = schedule_pdu(uci.entries[0]).value()["fapi"];
  CHECK(uci_fapi["pduBitmap"] == 3);
  CHECK_FALSE(uci_fapi.contains("betaOffsetHarqAck")); // this log says nothing of them
  const read_log offsets = read(with(with(pusch, "oack=0", "oack=2"),
                                     "part2=entries=[]",
                                     "part2=entries=[]\n  alpha=0.65\n  betas=[20, 1.125, 6.25]"));
  const auto known = schedule_pdu(offsets.entries[0]).value()["fapi"];
  CHECK(known["alphaScaling"] == 1);
  CHECK(known["betaOffsetHarqAck"] == 11);
  CHECK(known["betaOffsetCsi1"] == 0);
  CHECK(known["betaOffsetCsi2"] == 13);
  const read_log part = read(pusch + "    0000: 0a 0b\n"); // hex_max_size was 2
  CHECK_FALSE(schedule_pdu(part.entries[0]).value()["expected"].contains("payload_hex"));
  const read_log failed = read(with(pusch, "crc=OK", "crc=KO") + "    0000: 0a 0b ff\n");
  CHECK_FALSE(schedule_pdu(failed.entries[0]).value()["expected"].contains("payload_hex"));
}

TEST_CASE("gnb_log: a field that is missing or wrong is named, never filled in")
{
  const std::string next = phy + "PDSCH: x\n";
  CHECK(refusal_of(phy + "PUSCH: rnti=0x4601 tbs=3\n" + next) ==
        "bwp is missing: set the PHY log level of the gNB to debug");
  const auto refuses = [&](const std::string& from, const std::string& to) {
    return refusal_of(with(pusch, from, to) + next);
  };
  CHECK(refuses("  n_id=1\n", "") == "n_id is missing");
  CHECK(refuses("bwp=[0, 52)", "bwp=[52, 0)") == "bwp is '[52, 0)', must be [begin, end) in 0..2474");
  CHECK(refuses("symb=[0, 14)", "symb=[0, 15)") == "symb is '[0, 15)', must be [begin, end) in 0..14");
  CHECK(refuses("mod=QPSK", "mod=1024QAM") ==
        "mod is '1024QAM', known are: pi/2-BPSK, QPSK, 16QAM, 64QAM, 256QAM");
  CHECK(refuses("tbs=3", "tbs=99999999999999999999") ==
        "tbs is '99999999999999999999', must be in 1..200000");
  CHECK(refuses("tcr=0.1171875", "tcr=1e300") == "tcr is '1e300', must be a multiple of 1/2048 up to 1");
  CHECK(refuses("{2, 7, 11}", "{2, 77}") == "dmrs_mask is '{2, 77}', must be symbols as in {2, 7, 11}");
  CHECK(refuses("  rnti=0x4601", "  rnti=0x14601") == "rnti is '0x14601', must be 0x0000..0xffff");
  CHECK(refuses("n_scid=false", "n_scid=maybe") == "n_scid is 'maybe', known are: false, true");
  CHECK(refuses("nof_layers=1", "nof_layers=1,5") == "nof_layers is '1,5', must be in 1..4");
}

TEST_CASE("gnb_log: a detected preamble that does not exist is an error, not a number")
{
  const std::string text = dump_text().substr(0, dump_text().find("\n20") + 1);
  const read_log log = read(text);
  REQUIRE(log.entries.size() == 1);
  const auto pdu = schedule_pdu(log.entries[0]);
  REQUIRE(pdu);
  const auto preamble = pdu.value()["expected"]["gnb_preambles"][0];
  CHECK(preamble["index"] == 0);
  CHECK(preamble["metric"] == 610.9);
  for (const std::string index : {"64", "-1", "1.5", "5e53", "x"}) {
    CAPTURE(index);
    // Once in the line and once in its details.
    const std::string wrong = with(with(text, "idx=0", "idx=" + index), "idx=0", "idx=" + index);
    CHECK(refusal_of(wrong) == "detected_preambles has an idx that is not one of the preambles 0..63");
  }
}
