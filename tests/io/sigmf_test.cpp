// SPDX-License-Identifier: Apache-2.0
#include "core/buffer.h"
#include "io/sigmf/bounded_json.h"
#include "io/sigmf/iq_recording.h"
#include "tests/support/shared.h"
#include "tests/support/temporary_folder.h"
#include <cstring>
#include <doctest/doctest.h>
#include <limits>
#include <nlohmann/json.hpp>

using pado::buffer;
using pado::cf32;
using pado::slot_id;
using namespace pado::io; // NOLINT(google-build-using-namespace)
using pado::test::temporary_folder;

namespace {

/// Metadata with one line replaced; an empty replacement leaves the key out.
std::string meta(const std::string& key = "", const std::string& value = "")
{
  nlohmann::ordered_json m = {
      {"global",
       {{"core:datatype", "ci16_le"},
        {"core:sample_rate", 11520000.0},
        {"core:version", "1.0.0"},
        {"core:num_channels", 2}}},
      {"captures",
       {{{"core:sample_start", 0}, {"core:frequency", 1747500000.0}, {"nr:sfn", 17}, {"nr:slot", 2}},
        {{"core:sample_start", 40}}}}};
  if (!key.empty()) {
    nlohmann::ordered_json& object = m["global"].contains(key) ? m["global"] : m["captures"][0];
    object.erase(key);
    if (!value.empty()) {
      object[key] = nlohmann::ordered_json::parse(value);
    }
  }
  return m.dump();
}

std::string failure_of(const std::string& text)
{
  const auto got = parse_sigmf(text, "lab.sigmf-meta", 800);
  REQUIRE_FALSE(got);
  return got.failure().text();
}

bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("sigmf: metadata gives format, rate, channels and segments")
{
  const auto got = parse_sigmf(meta(), "lab.sigmf-meta", 803);
  REQUIRE(got);
  const iq_recording& r = got.value();
  CHECK(r.format == sample_format::ci16_le);
  CHECK(r.sample_rate_hz == 11520000);
  CHECK(r.nof_channels == 2);
  CHECK(r.nof_samples == 100);
  CHECK(r.nof_spare_bytes == 3);
  CHECK(r.scale == 1.0F / 32767.0F);
  REQUIRE(r.segments.size() == 2);
  CHECK(r.segments[0].sample_end == 40);
  CHECK(r.segments[0].centre_hz == 1747500000);
  CHECK(r.segments[0].slot == slot_id{17, 2});
  CHECK(r.segments[1].sample_begin == 40);
  CHECK(r.segments[1].sample_end == 100);
  CHECK_FALSE(r.segments[1].slot);
}

TEST_CASE("sigmf: a wrong value is named with its key and what would be right")
{
  CHECK(has(failure_of(meta("core:datatype", "\"cf64_be\"")),
            "global.core:datatype is \"cf64_be\", must be \"cf32_le\" or \"ci16_le\""));
  CHECK(has(failure_of(meta("core:datatype")), "global.core:datatype is missing"));
  CHECK(has(failure_of(meta("core:sample_rate", "0")),
            "global.core:sample_rate is 0, must be a whole number of Hz in 1.."));
  CHECK(has(failure_of(meta("core:sample_rate", "11520000.5")), "core:sample_rate is 11520000.5"));
  CHECK(has(failure_of(meta("core:sample_rate", "1e300")), "core:sample_rate is 1e+300"));
  CHECK(has(failure_of(meta("core:sample_rate", "\"fast\"")), "core:sample_rate is \"fast\""));
  CHECK(has(failure_of(meta("core:num_channels", "65")),
            "core:num_channels is 65, must be a whole number in 1..64"));
  CHECK(has(failure_of(meta("core:sample_start")), "captures[0].core:sample_start is missing"));
  CHECK(has(failure_of(meta("core:sample_start", "101")),
            "captures[0].core:sample_start is 101, but the data file ends after sample 100"));
  CHECK(has(failure_of(meta("core:sample_start", "-1")), "core:sample_start is -1"));
  CHECK(has(failure_of(meta("core:sample_start", "18446744073709551615")),
            "core:sample_start is 18446744073709551615"));
  CHECK(has(failure_of(meta("core:sample_start", "50")),
            "captures[1].core:sample_start is 40, must not be below the entry before it (50)"));
  CHECK(has(failure_of(meta("nr:sfn", "1024")), "nr:sfn is 1024, must be a whole number in 0..1023"));
  CHECK(has(failure_of(meta("nr:slot")), "captures[0].nr:slot is missing"));
}

TEST_CASE("sigmf: metadata that is no metadata is refused in one line")
{
  CHECK(has(failure_of(""), "not JSON at column 0"));
  CHECK(has(failure_of("{\n \"global\": {,}}"), "lab.sigmf-meta: not JSON at line 2, column 13"));
  CHECK(has(failure_of("[]"), "global is missing"));
  CHECK(has(failure_of("{\"global\": 3}"), "global is missing, must be an object"));
  CHECK(has(failure_of("{\"global\": {}, \"global\": {}}"), "key 'global' appears twice"));
  CHECK(has(failure_of(std::string(100000, '[')), "nested 100000 deep"));
  CHECK(has(failure_of("{\"global\": {\"core:datatype\": \"cf32_le\", \"core:sample_rate\": 1}}"),
            "captures is missing, must be a list"));
  CHECK(has(failure_of("{\"a\": \"\xff\xfe\"}"), "not JSON"));
}

TEST_CASE("sigmf: an empty list of captures is one stretch of unknown frequency")
{
  const auto got = parse_sigmf(
      R"({"global": {"core:datatype": "cf32_le", "core:sample_rate": 1000}, "captures": []})", "x", 80);
  REQUIRE(got);
  REQUIRE(got.value().segments.size() == 1);
  CHECK(got.value().segments[0].sample_end == 10);
  CHECK(got.value().scale == 1.0F);
}

TEST_CASE("sigmf: what the writer wrote the reader gives back, from any position")
{
  for (const sample_format format : {sample_format::cf32_le, sample_format::ci16_le}) {
    const temporary_folder folder;
    iq_recording wanted;
    wanted.format = format;
    wanted.sample_rate_hz = 30720000;
    wanted.nof_channels = 3;
    wanted.scale = format == sample_format::ci16_le ? 1.0F / 32767.0F : 1.0F;
    wanted.nr = {30000, 51, 500};
    auto writer = sigmf_writer::create(folder.file("rec"), wanted, "test");
    REQUIRE(writer);
    const int count = 200000; // more than one chunk of the reader
    const buffer<cf32> samples(3 * count);
    const auto block = samples.as(3, count);
    const float step = 1.0F / 32767.0F; // multiplied, as the reader does: both ways agree to the bit
    for (int c = 0; c < 3; ++c) {
      for (int i = 0; i < count; ++i) {
        block(c, i) = {static_cast<float>((i * 7 + c) % 65535 - 32767) * step, static_cast<float>(c) * step};
      }
    }
    writer.value().begin_segment(3500000000, slot_id{5, 1});
    REQUIRE(writer.value().write(block));
    writer.value().begin_segment(3600000000, std::nullopt);
    REQUIRE(writer.value().write(block));
    REQUIRE(writer.value().finish());
    for (const char* name : {"rec", "rec.sigmf-meta", "rec.sigmf-data"}) {
      CHECK(read_sigmf(folder.file(name)));
    }
    const auto recording = read_sigmf(folder.file("rec"));
    REQUIRE(recording);
    CHECK(recording.value().nof_samples == 2 * count);
    CHECK(recording.value().nr.scs_hz == 30000);
    CHECK(recording.value().nr.nof_prb == 51);
    CHECK(recording.value().nr.phys_cell_id == 500);
    REQUIRE(recording.value().segments.size() == 2);
    CHECK(recording.value().segments[0].slot == slot_id{5, 1});
    CHECK(recording.value().segments[1].sample_begin == count);
    CHECK(recording.value().segments[1].centre_hz == 3600000000);
    auto reader = iq_reader::open(recording.value());
    REQUIRE(reader);
    const buffer<cf32> got(3 * count);
    for (const int first : {0, 1, count / 2, count}) {
      CAPTURE(first);
      REQUIRE(reader.value().read(first, got.as(3, count)));
      int wrong = 0;
      for (int i = 0; i < count; ++i) {
        const cf32 a = got.as(3, count)(2, i);
        const cf32 b = block(2, (first + i) % count);
        wrong += a.re != b.re || a.im != b.im ? 1 : 0;
      }
      CHECK(wrong == 0);
    }
    CHECK_FALSE(reader.value().read(count + 1, got.as(3, count)));
    CHECK_FALSE(reader.value().read(-1, got.as(3, 1)));
    CHECK_FALSE(reader.value().read(std::numeric_limits<std::int64_t>::max(), got.as(3, 1)));
    CHECK_FALSE(reader.value().read(0, got.as(2, 1)));
  }
}

TEST_CASE("sigmf: ci16 is rounded and held at the ends of its range, NaN becomes 0")
{
  const temporary_folder folder;
  iq_recording wanted;
  wanted.format = sample_format::ci16_le;
  wanted.sample_rate_hz = 1000;
  wanted.scale = 1.0F / 32767.0F;
  auto writer = sigmf_writer::create(folder.file("rec"), wanted, "");
  REQUIRE(writer);
  const buffer<cf32> samples(2);
  samples[0] = {2.0F, -2.0F};
  samples[1] = {std::numeric_limits<float>::quiet_NaN(), 1.4F / 32767.0F};
  REQUIRE(writer.value().write(samples.as(1, 2)));
  REQUIRE(writer.value().finish());
  const auto bytes = pado::test::read_bytes(folder.file("rec.sigmf-data"));
  REQUIRE(bytes.size() == 8);
  std::int16_t numbers[4];
  std::memcpy(numbers, bytes.data(), 8);
  CHECK(numbers[0] == 32767);
  CHECK(numbers[1] == -32768);
  CHECK(numbers[2] == 0);
  CHECK(numbers[3] == 1);
}

TEST_CASE("sigmf: a data file cut after it was opened is an error, not old samples")
{
  const temporary_folder folder;
  const std::string path = folder.write("raw.iq", std::string(800, 'x'));
  raw_iq_config config;
  config.sample_rate_hz = 1000;
  const auto recording = describe_raw_iq(path, config);
  REQUIRE(recording);
  CHECK(recording.value().nof_samples == 200);
  auto reader = iq_reader::open(recording.value());
  REQUIRE(reader);
  std::filesystem::resize_file(path, 400);
  const buffer<cf32> got(200);
  const auto read = reader.value().read(0, got.as(1, 200));
  REQUIRE_FALSE(read);
  CHECK(has(read.failure().text(), "ends at sample 100, it had 200"));
}

TEST_CASE("sigmf: raw files need a sample rate")
{
  const temporary_folder folder;
  const std::string path = folder.write("raw.iq", std::string(10, 'x'));
  const auto none = describe_raw_iq(path, {});
  REQUIRE_FALSE(none);
  CHECK(has(none.failure().text(), "sample_rate_hz is 0, must be in 1..10000000000"));
  raw_iq_config config;
  config.sample_rate_hz = 1000;
  config.scale = 0.5F;
  const auto recording = describe_raw_iq(path, config);
  REQUIRE(recording);
  CHECK(recording.value().nof_spare_bytes == 2);
  CHECK(recording.value().scale == 0.5F);
  CHECK_FALSE(describe_raw_iq(folder.file("none.iq"), config));
}

TEST_CASE("sigmf: missing files are named")
{
  const temporary_folder folder;
  const auto none = read_sigmf(folder.file("none.sigmf-meta"));
  REQUIRE_FALSE(none);
  CHECK(has(none.failure().text(), "none.sigmf-meta: cannot be opened: No such file"));
  folder.write("lone.sigmf-meta", meta());
  const auto lone = read_sigmf(folder.file("lone"));
  REQUIRE_FALSE(lone);
  CHECK(has(lone.failure().text(), "lone.sigmf-data: cannot be opened"));
}

TEST_CASE("sigmf: the recorded UE uplink has the segments and samples that its description says")
{
  const auto path = pado::test::shared_path("captures/ue_n3_10mhz/ul.sigmf-meta");
  if (!path) {
    MESSAGE("skipped: captures/ue_n3_10mhz is not beside the project");
    return;
  }
  const auto recording = read_sigmf(*path);
  REQUIRE(recording);
  const iq_recording& r = recording.value();
  CHECK(r.sample_rate_hz == 11520000);
  CHECK(r.nof_samples == 85 * 11520);
  CHECK(r.segments[0].slot == slot_id{17, 2});
  CHECK(r.nr.scs_hz == 15000);
  CHECK(r.nr.nof_prb == 52);
  CHECK(r.nr.phys_cell_id == 1);
  for (const iq_segment& segment : r.segments) {
    CHECK(segment.sample_begin % 11520 == 0);
    CHECK(segment.centre_hz == 1747500000);
  }
  auto reader = iq_reader::open(r);
  REQUIRE(reader);
  const buffer<cf32> slot(11520);
  REQUIRE(reader.value().read(126720, slot.as(1, 11520))); // 18.3: Msg3
  double power = 0;
  for (const cf32 x : slot) {
    power += static_cast<double>(pado::norm(x));
  }
  CHECK(power / 11520 > 0.001);
  CHECK(power / 11520 < 1.0);
}
