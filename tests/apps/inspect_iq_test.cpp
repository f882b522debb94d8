// SPDX-License-Identifier: Apache-2.0
// ctest: golden
#include "apps/inspect_iq.h"
#include "apps/terminal.h"
#include "core/buffer.h"
#include "tests/support/shared.h"
#include "tests/support/temporary_folder.h"
#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

using nlohmann::json;
using namespace pado::apps; // NOLINT(google-build-using-namespace)
using pado::cf32;
using pado::test::temporary_folder;

namespace {

bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

/// A recording of `samples` in a folder; the reader's description of it.
pado::io::iq_recording
record(const temporary_folder& folder, pado::io::sample_format format, pado::view<const cf32, 2> samples)
{
  pado::io::iq_recording wanted;
  wanted.format = format;
  wanted.sample_rate_hz = 15360000;
  wanted.nof_channels = samples.extent(0);
  wanted.scale = format == pado::io::sample_format::ci16_le ? 1.0F / 32767.0F : 1.0F;
  auto writer = pado::io::sigmf_writer::create(folder.file("rec"), wanted, "");
  REQUIRE(writer);
  writer.value().begin_segment(3500000000, pado::slot_id{7, 3});
  REQUIRE(writer.value().write(samples));
  REQUIRE(writer.value().finish());
  const auto got = pado::io::read_sigmf(folder.file("rec"));
  REQUIRE(got);
  return got.value();
}

} // namespace

TEST_CASE("inspect_iq: power of each channel in dBFS, clipped samples counted")
{
  const temporary_folder folder;
  const int count = 70000; // more than one block
  const pado::buffer<cf32> samples(2 * count);
  const auto view = samples.as(2, count);
  for (int i = 0; i < count; ++i) {
    view(0, i) = {0.3F, -0.4F}; // |x| = 0.5: -6.02 dBFS
    view(1, i) = i < 7 ? cf32{1.0F, 0.0F} : cf32{0.0F, 0.0F};
  }
  const auto got =
      survey_recording(record(folder, pado::io::sample_format::ci16_le, view), {false, false, 0.0});
  REQUIRE(got);
  REQUIRE(got.value().power.size() == 2);
  CHECK(got.value().power[0].mean_dbfs == doctest::Approx(-6.02).epsilon(0.001));
  CHECK(got.value().power[0].peak_dbfs == doctest::Approx(-6.02).epsilon(0.001));
  CHECK(got.value().power[0].nof_clipped == 0);
  CHECK(got.value().power[1].mean_dbfs == doctest::Approx(-40.0).epsilon(0.001)); // 7 of 70 000
  CHECK(got.value().power[1].nof_clipped == 7);
  const std::string table = iq_text(got.value());
  INFO(table);
  CHECK(has(table, "ci16_le, 2 channels, 15.36 MS/s"));
  CHECK(has(table, "3500.0000       7.3"));
  CHECK(has(table, "-40.0        0.0        7"));
  CHECK(has(table, "cells: not searched, not asked for"));
  const std::string lines = iq_json(got.value());
  std::istringstream stream(lines);
  std::string line;
  REQUIRE(std::getline(stream, line));
  CHECK(json::parse(line)["sample_rate_hz"] == 15360000);
  REQUIRE(std::getline(stream, line));
  CHECK(json::parse(line)["sfn"] == 7);
  REQUIRE(std::getline(stream, line));
  CHECK(json::parse(line)["mean_dbfs"].get<double>() == doctest::Approx(-6.02).epsilon(0.001));
}

TEST_CASE("inspect_iq: samples that are not numbers are counted and left out, silence is said")
{
  const temporary_folder folder;
  const pado::buffer<cf32> samples(100);
  samples[5] = {std::numeric_limits<float>::quiet_NaN(), 0.0F};
  samples[6] = {std::numeric_limits<float>::infinity(), 0.0F};
  const auto got = survey_recording(record(folder, pado::io::sample_format::cf32_le, samples.as(1, 100)),
                                    {false, false, 0.0});
  REQUIRE(got);
  CHECK(got.value().power[0].nof_not_finite == 2);
  CHECK(has(iq_text(got.value()), "silent"));
  CHECK(has(iq_text(got.value()), "! channel 0: 2 samples are not numbers"));
  CHECK(has(iq_json(got.value()), "\"mean_dbfs\":null"));
}

TEST_CASE("inspect_iq: the cell proposed for a recording marks what is guessed")
{
  iq_findings findings;
  findings.recording.name = "x";
  findings.recording.segments = {{0, 10, 3500000000, std::nullopt}};
  for (const auto& [rate, nof_prb] :
       {std::pair{122880000, 273}, {61440000, 133}, {46080000, 106}, {11520000, 24}}) {
    findings.recording.sample_rate_hz = rate;
    const auto got = propose_iq_cell(findings);
    REQUIRE(got);
    CHECK(got.value().cell.carrier.nof_prb == nof_prb);
    CHECK(got.value().cell.iq->fft_size == rate / 30000);
    CHECK(has(got.value().notes.at("carrier.nof_prb"), "~"));
    CHECK(has(got.value().notes.at("carrier.scs_khz"), "~"));
    CHECK(parse_cell_file(write_cell_file(got.value().cell, got.value().notes), "cell.yaml"));
  }
  findings.recording.nr = {15000, 52, 1};
  const auto known = propose_iq_cell(findings);
  REQUIRE(known);
  CHECK(known.value().notes.empty());
  CHECK(known.value().cell.carrier.phys_cell_id == 1);
  CHECK(known.value().cell.iq->fft_size == 768);
  findings.recording.sample_rate_hz = 11520001;
  CHECK_FALSE(propose_iq_cell(findings));
}

TEST_CASE("inspect_iq: the recorded cell is heard, and its identity goes into the cell.yaml")
{
  const auto path = pado::test::shared_path("captures/n3_ssb_sib_15M36.sigmf-meta");
  if (!path) {
    MESSAGE("skipped: captures/n3_ssb_sib_15M36 is not beside the project");
    return;
  }
  const auto recording = pado::io::read_sigmf(*path);
  REQUIRE(recording);
  const auto got = survey_recording(recording.value(), {false, true, 0.04});
  REQUIRE(got);
  REQUIRE(got.value().cells.size() == 1);
  CHECK(got.value().cells[0].pci == 500);
  CHECK(std::abs(got.value().cells[0].start_sample - 2200) <= 2);
  CHECK(has(iq_text(got.value()), "500       15  1842.050"));
  const auto proposal = propose_iq_cell(got.value());
  REQUIRE(proposal);
  CHECK(proposal.value().cell.carrier.phys_cell_id == 500);
  CHECK(proposal.value().cell.carrier.scs.mu == 0);
  CHECK(proposal.value().cell.carrier.nof_prb == 52);
}

TEST_CASE("terminal: numbers, sizes and runs as a person reads them")
{
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(694412) == "694 412");
  CHECK(grouped(-1234567) == "-1 234 567");
  CHECK(byte_size(12) == "12 bytes");
  CHECK(byte_size(802812004) == "802.8 MB");
  CHECK(byte_size(999999) == "1.0 MB");
  CHECK(runs({}).empty());
  CHECK(runs({3}) == "3");
  CHECK(runs({0, 1, 2, 3, 5, 7, 8}) == "0-3 5 7 8");
}

TEST_CASE("terminal: columns are as wide as their widest cell")
{
  text_table table({{"name"}, {"count", text_table::align::right}});
  CHECK(table.is_empty());
  table.add_row({"a", "1 000"});
  table.add_row({"longer", "2"});
  CHECK(table.text() == "  name    count\n  a       1 000\n  longer      2\n");
}

TEST_CASE(
    "terminal: the progress line has share, rate and time left, or only the count when the total is unknown")
{
  const progress_bar known("slots", 24800, false);
  CHECK(known.line(11420, 4.0, "") ==
        "46 % [===========>            ]  11 420 of 24 800 slots, 2 855 slots/s, 5 s left");
  CHECK(known.line(24800, 4.0, "TB ok 98.7 %") ==
        "100 % [========================]  24 800 of 24 800 slots, 6 200 slots/s, 0 s left, TB ok 98.7 %");
  CHECK(known.line(0, 0.0, "") == " 0 % [>                       ]  0 of 24 800 slots, 0 slots/s, 0 s left");
  const progress_bar unknown("frames", 0, false);
  CHECK(unknown.line(3000, 2.0, "") == "3 000 frames, 1 500 frames/s");
}
