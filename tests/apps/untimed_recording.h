// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "io/sigmf/iq_recording.h"
#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <string>
#include <vector>

namespace pado::test {

/// What is done to a recording beside taking its metadata away.
struct untimed_change {
  std::int32_t lead_in =
      0; ///< samples of silence before the first segment; other segments have other numbers
  double cfo_hz = 0.0;
  bool has_centre = true; ///< the carrier frequency stays
  bool has_hints = false; ///< numerology, width and cell identity stay
};

/// A recording without the numbers of its slots, and where its segments begin in the new file.
struct untimed_recording {
  std::string path;
  std::vector<io::iq_segment> old_segments;
  std::vector<std::int64_t> segment_begin; ///< the first sample of each old segment

  std::int64_t place_of(std::int64_t old_sample) const
  {
    std::size_t i = 0;
    while (i + 1 < old_segments.size() && old_segments[i + 1].sample_begin <= old_sample) {
      ++i;
    }
    return segment_begin[i] + old_sample - old_segments[i].sample_begin;
  }
};

inline untimed_recording
take_timing_away(const std::string& path, const std::string& base_path, const untimed_change& change)
{
  const auto recording = io::read_sigmf(path);
  REQUIRE(recording);
  auto reader = io::iq_reader::open(recording.value());
  REQUIRE(reader);
  io::iq_recording bare = recording.value();
  bare.nr = change.has_hints ? bare.nr : io::nr_hints{};
  auto writer = io::sigmf_writer::create(base_path, bare, "without the numbers of its slots");
  REQUIRE(writer);
  untimed_recording out = {base_path + ".sigmf-meta", recording.value().segments, {}};
  std::int64_t at = 0;
  std::int32_t number = 0;
  for (const io::iq_segment& segment : recording.value().segments) {
    const std::int32_t lead_in = change.lead_in == 0 ? 0 : change.lead_in + 113 * number++;
    const auto length = static_cast<std::int32_t>(segment.sample_end - segment.sample_begin);
    const std::int32_t ports = bare.nof_channels;
    const std::int32_t all = length + 2 * lead_in;
    const buffer<cf32> samples(static_cast<std::size_t>(ports) * static_cast<std::size_t>(length));
    const buffer<cf32> padded(static_cast<std::size_t>(ports) * static_cast<std::size_t>(all));
    REQUIRE(reader.value().read(segment.sample_begin, samples.as(ports, length)));
    for (std::int32_t n = 0; n < length; ++n) {
      const double angle =
          2.0 * std::numbers::pi * change.cfo_hz * n / static_cast<double>(bare.sample_rate_hz);
      const cf32 turn = polar(static_cast<float>(std::remainder(angle, 2.0 * std::numbers::pi)));
      for (std::int32_t port = 0; port < ports; ++port) {
        padded.as(ports, all)(port, lead_in + n) = turn * samples.as(ports, length)(port, n);
      }
    }
    writer.value().begin_segment(change.has_centre ? segment.centre_hz : 0, std::nullopt);
    REQUIRE(writer.value().write(padded.as(ports, all)));
    out.segment_begin.push_back(at + lead_in);
    at += all;
  }
  REQUIRE(writer.value().finish());
  return out;
}

} // namespace pado::test
