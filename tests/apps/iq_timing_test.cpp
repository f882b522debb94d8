// SPDX-License-Identifier: Apache-2.0
// ctest: golden long
// links: pado_apps
#include "apps/blind_capture.h"
#include "apps/commands.h"
#include "tests/apps/untimed_recording.h"
#include "tests/support/temporary_folder.h"
#include <CLI/CLI.hpp>
#include <fstream>
#include <random>

using namespace pado;

namespace {

const std::string cut = PADO_SOURCE_DIR "/testvectors/ue_n3_10mhz/";
const steady_clock real_time;

/// Every block of the truth is found in its slot, a few samples from its place.
void check_blocks(const apps::blind_result& found,
                  const test::untimed_recording& from,
                  std::int64_t tolerance)
{
  const auto truth = apps::read_schedule(cut + "schedule.jsonl");
  REQUIRE(truth);
  std::int32_t nof_equal = 0;
  for (const apps::scheduled_slot& line : truth.value().slots) {
    for (std::size_t i = 0; i < line.plan.pusch.size(); ++i) {
      const std::int64_t place = from.place_of(*line.sample);
      for (const apps::found_pusch& one : found.pusch) {
        if (one.finding.is_proven && one.report.payload == line.expected[i].payload) {
          CAPTURE(place);
          CAPTURE(*one.sample);
          CHECK(one.finding.pdu.rnti == line.plan.pusch[i].rnti);
          CHECK(one.slot.slot == line.plan.slot.slot);
          CHECK(std::abs(*one.sample - place) <= tolerance);
          ++nof_equal;
        }
      }
    }
  }
  CHECK(nof_equal == 8);
  for (const apps::found_pusch& one : found.pusch) {
    CHECK(one.finding.pdu.rnti == 0x4601);
  }
}

} // namespace

TEST_CASE("iq_timing: slots, numerology, width, identity and offset of a bare recording are found")
{
  const test::temporary_folder folder;
  const auto bare =
      test::take_timing_away(cut + "ul.sigmf-meta", folder.file("bare"), {1371, 812.0, true, false});
  const auto input = apps::open_blind_capture(bare.path, "", std::nullopt, real_time);
  REQUIRE_MESSAGE(input, input.failure().text());
  const apps::iq_timing& timing = *input.value().timing;
  CHECK(timing.scs == numerology{0});
  CHECK(timing.nof_prb == 52);
  CHECK(timing.identity.scrambling_id == 1);
  CHECK(std::abs(timing.cfo_hz - 812.0) < 50.0);
  CHECK_FALSE(timing.carrier_hz); // the centre frequency explains the symbols' phases
  const auto found = apps::discover(input.value(), {1, {}}, real_time);
  REQUIRE(found);
  check_blocks(found.value(), bare, 8);
  const std::string text = apps::timing_text(timing);
  CHECK(text.find("15 kHz, 52 PRB, N_ID 1") != std::string::npos);
  CHECK(text.find("the SFN is not in the signal") != std::string::npos);
  CHECK(apps::timing_json(timing).find("\"is_sfn_known\":false") != std::string::npos);
}

TEST_CASE("iq_timing: noise has no timing, and says how far it came")
{
  const test::temporary_folder folder;
  io::iq_recording recording;
  recording.sample_rate_hz = 7680000;
  auto writer = io::sigmf_writer::create(folder.file("noise"), recording, "noise");
  REQUIRE(writer);
  std::mt19937 random(1);
  std::normal_distribution<float> gauss(0.0F, 0.1F);
  const buffer<cf32> samples(76800);
  for (cf32& one : samples) {
    const float re = gauss(random);
    one = {re, gauss(random)};
  }
  writer.value().begin_segment(0, std::nullopt);
  REQUIRE(writer.value().write(samples.as(1, 76800)));
  REQUIRE(writer.value().finish());
  const auto input = apps::open_blind_capture(folder.file("noise.sigmf-meta"), "", std::nullopt, real_time);
  REQUIRE_FALSE(input);
  CHECK(input.failure().text().find("no timing was found") != std::string::npos);
  CHECK(input.failure().text().find("no cyclic prefixes") != std::string::npos);
}

TEST_CASE("iq_timing: prefixes without an uplink's DM-RS tell no slot")
{
  // PUCCH and PRACH alone: the first three slots of the cut but the one with Msg3.
  const auto recording = io::read_sigmf(cut + "ul.sigmf-meta");
  REQUIRE(recording);
  io::iq_recording few = recording.value();
  few.segments = {few.segments[2]};
  few.segments[0].slot.reset();
  apps::iq_timing_hints hints;
  hints.scs = numerology{0};
  hints.nof_prb = 52;
  hints.ids = {1};
  const auto timing = apps::find_iq_timing(few, hints);
  REQUIRE_FALSE(timing);
  CHECK(timing.failure().text().find("no timing was found") != std::string::npos);
}

namespace {

/// Slots 339.6 and 339.7 of the cut, one after the other as they were sent, in silence, as a file without
/// metadata.
std::string raw_file(const test::temporary_folder& folder)
{
  std::ifstream from(cut + "ul.sigmf-data", std::ios::binary);
  std::string samples(std::size_t{23040} * 4, '\0');
  from.seekg(std::streamoff{80640} * 4);
  from.read(samples.data(), static_cast<std::streamsize>(samples.size()));
  return folder.write("lab.iq",
                      std::string(std::size_t{4001} * 4, '\0') + samples + std::string(5000 * 4, '\0'));
}

int run(const std::string& line)
{
  CLI::App app("pado");
  int code = -1;
  apps::add_inspect_command(app, code);
  apps::add_replay_command(app, code);
  app.parse(line);
  return code;
}

} // namespace

TEST_CASE("iq_timing: a raw file is searched with its rate alone")
{
  const test::temporary_folder folder;
  io::raw_iq_config raw;
  raw.sample_rate_hz = 11520000;
  const auto input = apps::open_blind_capture(raw_file(folder), "", raw, real_time);
  REQUIRE_MESSAGE(input, input.failure().text());
  CHECK(std::abs(input.value().recording->segments[0].sample_begin - 4001) <= 8);
  CHECK(input.value().recording->segments[0].slot == slot_id{0, 6});
  const auto found = apps::discover(input.value(), {1, {}}, real_time);
  REQUIRE(found);
  REQUIRE(found.value().ues.count(0x4601) == 1);
  CHECK(found.value().ues.at(0x4601).nof_proven == 2);
}

TEST_CASE("iq_timing: inspect writes the offset into cell.yaml, replay takes it back, raw files too")
{
  const test::temporary_folder folder;
  const auto bare =
      test::take_timing_away(cut + "ul.sigmf-meta", folder.file("bare"), {0, -900.0, true, true});
  const std::string cell = folder.file("cell.yaml");
  const std::string slots = folder.file("slots.jsonl");
  const std::string blocks = folder.file("blocks.jsonl");
  CHECK(run("inspect " + bare.path + " --blind --quiet --search 0 --cell-out " + cell + " --schedule-out " +
            slots) == apps::exit_done);
  const auto written = apps::read_cell_file(cell);
  REQUIRE_MESSAGE(written, written.failure().text());
  CHECK(std::abs(written.value().iq->cfo_hz + 900) < 50);
  CHECK(run("replay " + bare.path + " --cell " + cell + " --schedule " + slots + " --check --quiet") ==
        apps::exit_done);
  CHECK(run("replay " + raw_file(folder) +
            " --rate 11520000 --format ci16_le --channels 1 --centre 1747500000" +
            " --blind --quiet --results " + blocks) == apps::exit_done);
  std::ifstream results(blocks);
  std::int32_t nof_decoded = 0;
  for (std::string line; std::getline(results, line);) {
    nof_decoded += line.find("\"tb_crc_ok\":true") != std::string::npos ? 1 : 0;
  }
  CHECK(nof_decoded == 2);
}
