// SPDX-License-Identifier: Apache-2.0
#include "io/sigmf/bounded_json.h"
#include "io/sigmf/iq_recording.h"
#include "io/sigmf/json_section.h"
#include <cstring>
#include <nlohmann/json.hpp>

namespace pado::io {

namespace {

using nlohmann::json;

constexpr std::int64_t max_rate_hz = 10000000000;
constexpr std::int64_t max_frequency_hz = 1000000000000;
constexpr std::int32_t max_channels = 64;
constexpr std::size_t max_meta_bytes = 16U << 20U;

result<sample_format> read_format(const json_section& global)
{
  const auto found = global.object.find("core:datatype");
  const std::string right =
      "must be \"cf32_le\" or \"ci16_le\" (convert others, for example with sigmf_convert)";
  if (found == global.object.end()) {
    return global.wrong("core:datatype", "is missing, " + right);
  }
  if (*found == "cf32_le") {
    return sample_format::cf32_le;
  }
  if (*found == "ci16_le") {
    return sample_format::ci16_le;
  }
  return global.wrong("core:datatype", "is " + shown_json(*found) + ", " + right);
}

/// nr:sfn and nr:slot: both or neither.
result<std::optional<slot_id>> read_slot(const json_section& capture)
{
  const bool has_sfn = capture.object.contains("nr:sfn");
  if (!has_sfn && !capture.object.contains("nr:slot")) {
    return std::optional<slot_id>();
  }
  const auto sfn = capture.whole("nr:sfn", 0, nof_sfn - 1, "");
  if (!sfn) {
    return sfn.failure();
  }
  const auto slot = capture.whole("nr:slot", 0, 159, "");
  if (!slot) {
    return slot.failure();
  }
  return std::optional(
      slot_id{static_cast<std::int32_t>(sfn.value()), static_cast<std::int32_t>(slot.value())});
}

result<iq_segment> read_segment(const json_section& capture, std::int64_t nof_samples)
{
  iq_segment segment;
  const auto begin = capture.whole("core:sample_start", 0, std::int64_t{1} << 52U, "");
  if (!begin) {
    return begin.failure();
  }
  segment.sample_begin = begin.value();
  if (segment.sample_begin > nof_samples) {
    return capture.wrong("core:sample_start",
                         "is " + std::to_string(segment.sample_begin) +
                             ", but the data file ends after sample " + std::to_string(nof_samples) +
                             ": was it cut?");
  }
  if (capture.object.contains("core:frequency")) {
    const auto frequency = capture.whole("core:frequency", 0, max_frequency_hz, " of Hz");
    if (!frequency) {
      return frequency.failure();
    }
    segment.centre_hz = frequency.value();
  }
  const auto slot = read_slot(capture);
  if (!slot) {
    return slot.failure();
  }
  segment.slot = slot.value();
  return segment;
}

result<std::vector<iq_segment>> read_segments(const json& document, const iq_recording& recording)
{
  std::vector<iq_segment> segments;
  const auto captures = document.find("captures");
  if (captures == document.end() || !captures->is_array()) {
    return error{recording.name + ": captures",
                 captures == document.end() ? "is missing, must be a list"
                                            : "is " + shown_json(*captures) + ", must be a list"};
  }
  for (std::size_t i = 0; i < captures->size(); ++i) {
    const json& entry = (*captures)[i];
    const std::string where = recording.name + ": captures[" + std::to_string(i) + "]";
    if (!entry.is_object()) {
      return error{where, "is " + shown_json(entry) + ", must be an object"};
    }
    auto segment = read_segment({entry, where + "."}, recording.nof_samples);
    if (!segment) {
      return segment.failure();
    }
    if (!segments.empty()) {
      if (segment.value().sample_begin < segments.back().sample_begin) {
        return error{where + ".core:sample_start",
                     "is " + std::to_string(segment.value().sample_begin) +
                         ", must not be below the entry before it (" +
                         std::to_string(segments.back().sample_begin) + ")"};
      }
      segments.back().sample_end = segment.value().sample_begin;
    }
    segments.push_back(segment.value());
  }
  if (segments.empty()) {
    segments.emplace_back(); // SigMF allows an empty list: one stretch, of which nothing is known
  }
  segments.back().sample_end = recording.nof_samples;
  return segments;
}

/// Keys of our own that other writers may have put to another use: only what makes sense is taken.
nr_hints read_hints(const json_section& global)
{
  const auto hint = [&](const char* key, std::int64_t lowest, std::int64_t highest) {
    const auto got = global.whole(key, lowest, highest, "");
    return got ? std::optional(static_cast<std::int32_t>(got.value())) : std::nullopt;
  };
  return {
      hint("nr:scs_hz", 15000, 240000), hint("nr:n_rb", 1, max_nof_prb), hint("nr:phys_cell_id", 0, 1007)};
}

void count_samples(iq_recording& recording, std::int64_t data_bytes)
{
  const std::int64_t frame = std::int64_t{bytes_per_sample(recording.format)} * recording.nof_channels;
  recording.nof_samples = data_bytes / frame;
  recording.nof_spare_bytes = static_cast<std::int32_t>(data_bytes % frame);
}

float default_scale(sample_format format)
{
  return format == sample_format::ci16_le ? 1.0F / 32767.0F : 1.0F;
}

bool ends_with(const std::string& text, const std::string& end)
{
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

} // namespace

result<iq_recording> parse_sigmf(std::string_view meta, const std::string& name, std::int64_t data_bytes)
{
  const auto parsed = parse_bounded_json(meta, name, {max_meta_bytes, 16});
  if (!parsed) {
    return parsed.failure();
  }
  const json& document = parsed.value();
  const auto found = document.is_object() ? document.find("global") : document.end();
  if (found == document.end() || !found->is_object()) {
    return error{name + ": global", "is missing, must be an object with core:datatype and core:sample_rate"};
  }
  const json_section global{*found, name + ": global."};
  iq_recording recording;
  recording.name = name;
  const auto format = read_format(global);
  if (!format) {
    return format.failure();
  }
  recording.format = format.value();
  recording.scale = default_scale(recording.format);
  const auto rate = global.whole("core:sample_rate", 1, max_rate_hz, " of Hz");
  if (!rate) {
    return rate.failure();
  }
  recording.sample_rate_hz = rate.value();
  if (found->contains("core:num_channels")) {
    const auto channels = global.whole("core:num_channels", 1, max_channels, "");
    if (!channels) {
      return channels.failure();
    }
    recording.nof_channels = static_cast<std::int32_t>(channels.value());
  }
  recording.nr = read_hints(global);
  count_samples(recording, data_bytes);
  auto segments = read_segments(document, recording);
  if (!segments) {
    return segments.failure();
  }
  recording.segments = std::move(segments).value();
  return recording;
}

result<iq_recording> read_sigmf(const std::string& path)
{
  std::string base = path;
  for (const char* ending : {".sigmf-meta", ".sigmf-data"}) {
    if (ends_with(path, ending)) {
      base = path.substr(0, path.size() - std::strlen(ending));
    }
  }
  const auto meta = read_text_file(base + ".sigmf-meta", max_meta_bytes);
  if (!meta) {
    return meta.failure();
  }
  const auto bytes = plain_file_bytes(base + ".sigmf-data");
  if (!bytes) {
    return bytes.failure();
  }
  auto recording = parse_sigmf(meta.value(), base + ".sigmf-meta", bytes.value());
  if (recording) {
    recording.value().data_path = base + ".sigmf-data";
  }
  return recording;
}

result<iq_recording> describe_raw_iq(const std::string& path, const raw_iq_config& config)
{
  const auto check = [&](const char* key, std::int64_t value, std::int64_t lowest, std::int64_t highest) {
    return value >= lowest && value <= highest
               ? std::optional<error>()
               : error{path + ": " + key,
                       "is " + std::to_string(value) + ", must be in " + std::to_string(lowest) + ".." +
                           std::to_string(highest)};
  };
  if (const auto bad = check("sample_rate_hz", config.sample_rate_hz, 1, max_rate_hz)) {
    return *bad;
  }
  if (const auto bad = check("centre_hz", config.centre_hz, 0, max_frequency_hz)) {
    return *bad;
  }
  if (const auto bad = check("nof_channels", config.nof_channels, 1, max_channels)) {
    return *bad;
  }
  const auto bytes = plain_file_bytes(path);
  if (!bytes) {
    return bytes.failure();
  }
  iq_recording recording;
  recording.name = path;
  recording.data_path = path;
  recording.format = config.format;
  recording.sample_rate_hz = config.sample_rate_hz;
  recording.nof_channels = config.nof_channels;
  recording.scale = config.scale.value_or(default_scale(config.format));
  count_samples(recording, bytes.value());
  recording.segments = {{0, recording.nof_samples, config.centre_hz, config.first_slot}};
  return recording;
}

} // namespace pado::io
