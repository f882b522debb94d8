// SPDX-License-Identifier: Apache-2.0
// ctest: golden
#include "io/compress/codec.h"
#include "io/ecpri/ecpri.h"
#include "io/oran/cplane_builder.h"
#include "io/oran/survey.h"
#include "io/oran/uplane_builder.h"
#include "io/pcap/pcap_reader.h"
#include "io/pcap/pcap_writer.h"
#include "tests/io/fronthaul_frames.h"
#include "tests/support/shared.h"
#include <array>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <unistd.h>

using namespace pado::io; // NOLINT: a test reads better with the short names
using pado::cf32;
using pado::compression;
using pado::test::frame_bytes;
namespace fs = std::filesystem;

namespace {

/// A folder that goes away with the test.
class scratch {
public:
  scratch()
      : path_(fs::temp_directory_path() /
              ("pado_ref_" + std::to_string(::getpid()) + "_" + std::to_string(count_++)))
  {
    fs::create_directories(path_);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch()
  {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
  static inline int count_ = 0;
  fs::path path_;
};

bool succeeds(const std::string& command)
{
  return std::system(command.c_str()) == 0; // NOLINT(concurrency-mt-unsafe): one thread
}

using samples = std::vector<std::pair<long, long>>;

samples decode_sections(packet sections, const u_layout& layout)
{
  samples out;
  u_section_reader reader(sections, layout);
  for (u_section section; reader.next(section);) {
    std::array<cf32, 12> re{};
    for (std::size_t at = 0; at < section.iq.size(); at += prb_bytes(section.format)) {
      decode_prb(section.format, section.iq.subspan(at, prb_bytes(section.format)), re);
      for (const cf32 value : re) {
        out.emplace_back(static_cast<long>(value.re), static_cast<long>(value.im));
      }
    }
  }
  CHECK(!reader.failure());
  return out;
}

/// All I/Q of all IQ messages of a frame.
samples decode_frame(packet frame, const u_layout& layout)
{
  samples out;
  link_frame link;
  REQUIRE(!parse_link(frame, 50000, link));
  ecpri_reader reader(link.pdu);
  for (ecpri_message message; reader.next(message);) {
    if (message.type != ecpri_type::iq_data) {
      continue;
    }
    stream_ids ids;
    packet rest;
    REQUIRE(!parse_stream_ids(message.payload, ids, rest));
    const samples more = decode_sections(rest.subspan(app_header_bytes), layout);
    out.insert(out.end(), more.begin(), more.end());
  }
  CHECK(!reader.failure());
  return out;
}

void check_pcap(const std::string& base, const u_layout& layout)
{
  CAPTURE(base);
  std::map<long, samples> want;
  for (const auto& row : pado::test::read_csv(base + ".expected.csv")) {
    want[std::stol(row[0])].emplace_back(std::stol(row[3]), std::stol(row[4]));
  }
  auto reader = pcap_reader::open(base + ".pcap");
  REQUIRE(reader);
  long number = 0;
  for (capture_frame frame; reader.value().next(frame);) {
    ++number;
    CAPTURE(number);
    const samples got = decode_frame(frame.bytes, layout);
    CHECK(got.size() == want[number].size());
    CHECK(got == want[number]);
  }
  CHECK(number > 0);
}

/// Writes frames of random samples and, beside them, the integers that a decoder must find.
class checked_pcap {
public:
  explicit checked_pcap(const std::string& base)
      : writer_(pcap_writer::create(base + ".pcap").value()), csv_(base + ".csv")
  {
    csv_ << "packet,prb,sample,I,Q\n";
  }
  void add(const frame_bytes& frame, const u_layout& layout)
  {
    ++nof_frames_;
    REQUIRE(writer_.write(frame, 1'700'000'000'000'000'000 + nof_frames_ * 35714LL));
    const samples values = decode_frame(frame, layout);
    for (std::size_t i = 0; i < values.size(); ++i) {
      csv_ << nof_frames_ << ',' << i / 12 << ',' << i % 12 << ',' << values[i].first << ','
           << values[i].second << '\n';
    }
  }
  void finish()
  {
    REQUIRE(writer_.finish());
    csv_.close();
  }

private:
  pcap_writer writer_;
  std::ofstream csv_;
  int nof_frames_ = 0;
};

frame_bytes random_iq(iq_format format, std::size_t nof_prb)
{
  static std::mt19937 random(11);
  std::normal_distribution<float> level(0.0F, 3000.0F);
  std::vector<cf32> re(nof_prb * 12);
  for (auto& value : re) {
    value = {level(random), level(random)};
  }
  frame_bytes out(prb_bytes(format) * nof_prb);
  encode_prbs(format, re, 1.0F, out);
  return out;
}

} // namespace

TEST_CASE(
    "reference pcaps: every sample of every width, with headers, fragments, sections, concatenation and UDP")
{
  const auto script = pado::test::shared_path("spec/fronthaul/make_ref_pcap.py");
  const scratch folder;
  if (!script || !succeeds("python3 '" + *script + "' '" + folder.file("ref") + "'")) {
    MESSAGE("skipped: no make_ref_pcap.py or no python3");
    return;
  }
  const std::string ref = folder.file("ref") + "/";
  for (std::uint8_t width = 1; width <= 15; ++width) {
    check_pcap(ref + "ul_bfp" + std::to_string(width), {iq_format{compression::bfp, width}, 273});
  }
  const u_layout bfp9{iq_format{compression::bfp, 9}, 273};
  check_pcap(ref + "ul_none16", {iq_format{compression::none, 16}, 273});
  check_pcap(ref + "ul_bfp9_dyn", {std::nullopt, 273});
  check_pcap(ref + "ul_bfp9_273", bfp9);
  check_pcap(ref + "multi_section", bfp9);
  check_pcap(ref + "ecpri_concat", bfp9);
  check_pcap(ref + "ecpri_misc", bfp9);

  // The C-plane file, against what the script was told to write
  auto reader = pcap_reader::open(ref + "cplane.pcap");
  REQUIRE(reader);
  std::vector<c_header> headers;
  std::vector<c_section> sections;
  for (capture_frame frame; reader.value().next(frame);) {
    const auto got = pado::test::parse(frame.bytes);
    REQUIRE(!got.why);
    c_section_reader control(got.rest);
    headers.push_back(control.header());
    for (c_section section; control.next(section);) {
      section.extensions = {};
      sections.push_back(section);
    }
    CHECK(!control.failure());
  }
  REQUIRE(headers.size() == 5);
  REQUIRE(sections.size() == 6);
  CHECK(headers[2].type == c_type::prach);
  CHECK(headers[2].app.filter_index == 3);
  CHECK(fft_size_of(headers[2].frame_structure) == 4096);
  CHECK(headers[3].time_offset == 484);
  CHECK(headers[3].cp_length == 3168);
  CHECK(headers[4].type == c_type::idle);
  CHECK(sections[1].re_mask == 0xAAA);
  CHECK(sections[2].beam_id == 0x7FFF);
  CHECK(sections[3].freq_offset == -3276);
  CHECK(sections[4].freq_offset == -10000);
}

TEST_CASE("reference pcaps: the survey names every format that the script wrote")
{
  const auto script = pado::test::shared_path("spec/fronthaul/make_ref_pcap.py");
  const scratch folder;
  if (!script || !succeeds("python3 '" + *script + "' '" + folder.file("ref") + "'")) {
    MESSAGE("skipped: no make_ref_pcap.py or no python3");
    return;
  }
  const auto finding_of = [&](const std::string& name) {
    auto reader = pcap_reader::open(folder.file("ref") + "/" + name + ".pcap");
    REQUIRE(reader);
    survey facts;
    for (capture_frame frame; reader.value().next(frame);) {
      facts.add(frame.bytes, frame.time_ns);
    }
    const survey_report report = facts.report();
    CHECK(report.frames.is_balanced());
    REQUIRE(!report.flows.empty());
    REQUIRE(report.flows[0].compression);
    return *report.flows[0].compression;
  };
  for (std::uint8_t width = 1; width <= 15; ++width) {
    CAPTURE(static_cast<int>(width));
    CHECK(finding_of("ul_bfp" + std::to_string(width)).format == iq_format{compression::bfp, width});
  }
  CHECK(finding_of("ul_none16").format == iq_format{compression::none, 16});
  CHECK(finding_of("ul_bfp9_dyn").is_dynamic);
  CHECK(finding_of("ul_bfp9_dyn").format == iq_format{compression::bfp, 9});
  CHECK(finding_of("ul_bfp9_273").format == iq_format{compression::bfp, 9});
}

TEST_CASE("tshark: frames that we build decode to the same samples there")
{
  const auto script = pado::test::shared_path("spec/fronthaul/tshark_check.py");
  if (!script || !succeeds("tshark --version >/dev/null 2>&1")) {
    MESSAGE("skipped: no tshark_check.py or no tshark");
    return;
  }
  const scratch folder;
  struct kind {
    iq_format format;
    bool has_header;
    const char* word;
    transport over;
    std::int32_t mtu;
  };
  const kind kinds[] = {{{compression::bfp, 9}, false, "COMP_BLOCK_FP", transport::ethernet, 9000},
                        {{compression::bfp, 9}, true, "COMP_BLOCK_FP", transport::ethernet, 1500},
                        {{compression::bfp, 14}, false, "COMP_BLOCK_FP", transport::udp_ipv4, 1500},
                        {{compression::bfp, 7}, false, "COMP_BLOCK_FP", transport::ethernet, 1500},
                        {{compression::none, 16}, false, "COMP_NONE", transport::ethernet, 9600}};
  for (const kind& one : kinds) {
    CAPTURE(static_cast<int>(one.format.width));
    auto flow = pado::test::plain_flow(0x0001, one.format);
    flow.has_comp_header = one.has_header;
    flow.mtu_bytes = one.mtu;
    flow.carrier_prb = 273;
    flow.link.vlan = one.over == transport::ethernet ? 3 : link_frame::no_vlan;
    flow.link.over = one.over;
    flow.link.source_port = 40000;
    flow.link.destination_port = 50000;
    const u_layout layout{one.has_header ? std::nullopt : std::optional<iq_format>(one.format), 273};
    const std::string base = folder.file("ours");
    checked_pcap file(base);
    std::uint8_t sequence = 0;
    frame_bytes buffer(10240);
    for (int symbol = 0; symbol < 3; ++symbol) {
      const frame_bytes iq = random_iq(one.format, 273);
      const auto header = app_header_of({700, 9}, pado::numerology{1}, symbol, direction::uplink);
      u_plane_writer writer(flow, header, {7, 0, iq});
      while (const std::size_t size = writer.next(sequence, buffer)) {
        file.add(frame_bytes(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size)), layout);
      }
    }
    file.finish();
    std::string command = "python3 '" + *script + "' '" + base + ".pcap' " +
                          std::to_string(one.format.width) + " " + one.word + " --csv '" + base + ".csv' >'" +
                          base + ".log' 2>&1";
    command.insert(command.find(" --csv"), one.has_header ? " --hdr" : "");
    command.insert(command.find(" --csv"), one.over == transport::ethernet ? "" : " --udp 50000");
    CHECK(succeeds(command));
  }
}

TEST_CASE("tshark: C-plane frames that we build show the same fields there")
{
  if (!succeeds("tshark --version >/dev/null 2>&1")) {
    MESSAGE("skipped: no tshark");
    return;
  }
  const scratch folder;
  auto writer = pcap_writer::create(folder.file("c.pcap"));
  REQUIRE(writer);
  c_header header;
  header.app = app_header_of({700, 9}, pado::numerology{1}, 2, direction::uplink);
  header.comp_header = 0x91;
  header.time_offset = 484;
  header.frame_structure = *frame_structure_of(4096, 30000);
  c_section section;
  section.id = 77;
  section.prb_begin = 10;
  section.nof_prb = 20;
  section.nof_symbols = 12;
  section.beam_id = 300;
  frame_bytes frame(100);
  for (const c_type type : {c_type::idle, c_type::regular, c_type::prach}) {
    header.type = type;
    const std::size_t size = write_c_frame(
        pado::test::plain_flow(1).link, {.eaxc = 1, .sequence = 5}, header, {&section, 1}, frame);
    REQUIRE(writer.value().write(packet(frame).first(size), 1'700'000'000'000'000'000));
  }
  REQUIRE(writer.value().finish());
  std::string fields;
  for (const char* field : {"sectionType",
                            "frameId",
                            "subframe_id",
                            "slotId",
                            "startSymbolId",
                            "sectionId",
                            "startPrbc",
                            "numPrbc",
                            "numSymbol",
                            "reMask"}) {
    fields += std::string(" -e oran_fh_cus.") + field;
  }
  REQUIRE(succeeds("tshark -n -r '" + folder.file("c.pcap") + "' -T fields -E separator=, " + fields +
                   " -e _ws.malformed >'" + folder.file("out") + "' 2>/dev/null"));
  std::ifstream shown(folder.file("out"));
  std::string line;
  for (const char* type : {"0", "1", "3"}) {
    REQUIRE(std::getline(shown, line));
    CHECK(line == std::string(type) + ",188,4,1,2,77,10,20,12,0x0fff,");
  }
}
