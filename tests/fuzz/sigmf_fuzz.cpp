// SPDX-License-Identifier: Apache-2.0
#include "io/sigmf/iq_recording.h"
#include "tests/fuzz/fuzz_check.h"

using pado::fuzz::require;

/// Any metadata is a recording or one error; segments lie in order and inside the data.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = pado::io::parse_sigmf(text, "fuzz", 123456);
  if (!read) {
    require(!read.failure().text().empty());
    return 0;
  }
  const pado::io::iq_recording& recording = read.value();
  require(recording.sample_rate_hz > 0 && recording.nof_channels > 0 && !recording.segments.empty());
  std::int64_t at = 0;
  for (const pado::io::iq_segment& segment : recording.segments) {
    require(segment.sample_begin >= at && segment.sample_end >= segment.sample_begin);
    at = segment.sample_begin;
  }
  require(recording.segments.back().sample_end == recording.nof_samples);
  return 0;
}
