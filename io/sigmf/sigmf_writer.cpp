// SPDX-License-Identifier: Apache-2.0
#include "core/errno_text.h"
#include "io/sigmf/bounded_json.h"
#include "io/sigmf/iq_recording.h"
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

namespace pado::io {

namespace {

std::int16_t to_int16(float value, float scale)
{
  const float number = value / scale;
  // NaN fails both comparisons of clamp and would be undefined to convert.
  return std::isnan(number) ? std::int16_t{0}
                            : static_cast<std::int16_t>(std::lrintf(std::clamp(number, -32768.0F, 32767.0F)));
}

template <class Number>
void append(std::vector<unsigned char>& chunk, Number re, Number im)
{
  const Number pair[2] = {re, im};
  const std::size_t at = chunk.size();
  chunk.resize(at + sizeof(pair));
  std::memcpy(chunk.data() + at, pair, sizeof(pair));
}

} // namespace

result<sigmf_writer> sigmf_writer::create(const std::string& base_path,
                                          const iq_recording& recording,
                                          const std::string& description)
{
  if (recording.sample_rate_hz < 1 || recording.nof_channels < 1 || !(recording.scale > 0.0F)) {
    return error{base_path + ":", "needs a sample rate, at least one channel and a scale above 0"};
  }
  iq_recording written = recording;
  written.name = base_path + ".sigmf-meta";
  written.data_path = base_path + ".sigmf-data";
  written.nof_samples = 0;
  written.nof_spare_bytes = 0;
  written.segments.clear();
  std::FILE* file = std::fopen(written.data_path.c_str(), "wb");
  if (file == nullptr) {
    return error{written.data_path + ":", std::string("cannot be written: ") + errno_text(errno)};
  }
  return sigmf_writer(std::move(written), base_path, description, file);
}

void sigmf_writer::begin_segment(std::int64_t centre_hz, std::optional<slot_id> slot)
{
  if (!recording_.segments.empty()) {
    recording_.segments.back().sample_end = recording_.nof_samples;
  }
  recording_.segments.push_back({recording_.nof_samples, recording_.nof_samples, centre_hz, slot});
}

result<nothing> sigmf_writer::write(view<const cf32, 2> in)
{
  if (in.extent(0) != recording_.nof_channels) {
    return error{recording_.name + ":",
                 "has " + std::to_string(recording_.nof_channels) + " channels, " +
                     std::to_string(in.extent(0)) + " were given"};
  }
  chunk_.clear();
  for (std::int32_t i = 0; i < in.extent(1); ++i) {
    for (std::int32_t channel = 0; channel < in.extent(0); ++channel) {
      const cf32 sample = in(channel, i);
      if (recording_.format == sample_format::ci16_le) {
        append(chunk_, to_int16(sample.re, recording_.scale), to_int16(sample.im, recording_.scale));
      } else {
        append(chunk_, sample.re / recording_.scale, sample.im / recording_.scale);
      }
    }
  }
  if (std::fwrite(chunk_.data(), 1, chunk_.size(), file_.get()) != chunk_.size()) {
    return error{recording_.data_path + ":", std::string("cannot be written: ") + errno_text(errno)};
  }
  recording_.nof_samples += in.extent(1);
  return nothing{};
}

result<nothing> sigmf_writer::finish()
{
  if (recording_.segments.empty()) {
    recording_.segments.push_back({0, 0, 0, std::nullopt});
  }
  recording_.segments.back().sample_end = recording_.nof_samples;
  nlohmann::ordered_json meta;
  auto& global = meta["global"];
  global["core:datatype"] = recording_.format == sample_format::ci16_le ? "ci16_le" : "cf32_le";
  global["core:sample_rate"] = recording_.sample_rate_hz;
  global["core:version"] = "1.0.0";
  global["core:num_channels"] = recording_.nof_channels;
  global["core:description"] = description_;
  global["core:recorder"] = "pado";
  const std::pair<const char*, std::optional<std::int32_t>> hints[] = {
      {"nr:scs_hz", recording_.nr.scs_hz},
      {"nr:n_rb", recording_.nr.nof_prb},
      {"nr:phys_cell_id", recording_.nr.phys_cell_id}};
  for (const auto& [key, hint] : hints) {
    if (hint) {
      global[key] = *hint;
    }
  }
  meta["captures"] = nlohmann::ordered_json::array();
  for (const iq_segment& segment : recording_.segments) {
    nlohmann::ordered_json capture;
    capture["core:sample_start"] = segment.sample_begin;
    if (segment.centre_hz != 0) {
      capture["core:frequency"] = segment.centre_hz;
    }
    if (segment.slot) {
      capture["nr:sfn"] = segment.slot->sfn;
      capture["nr:slot"] = segment.slot->slot;
    }
    meta["captures"].push_back(capture);
  }
  meta["annotations"] = nlohmann::ordered_json::array();
  const std::string text = meta.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  const bool has_data = std::fclose(file_.release()) == 0;
  if (!write_text_file(recording_.name, has_data ? text : std::string()) || !has_data) {
    return error{base_path_ + ".sigmf-meta:", std::string("cannot be written: ") + errno_text(errno)};
  }
  return nothing{};
}

} // namespace pado::io
