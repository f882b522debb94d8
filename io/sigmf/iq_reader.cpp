// SPDX-License-Identifier: Apache-2.0
#include "core/errno_text.h"
#include "io/sigmf/iq_recording.h"
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

namespace pado::io {

namespace {

static_assert(std::endian::native == std::endian::little, "samples are read as they lie in the file");

constexpr std::int64_t chunk_bytes = 1 << 20;

/// Samples of all channels out of interleaved bytes, to [channel][first + ...].
template <class Number>
void deinterleave(
    const unsigned char* bytes, std::int32_t count, std::int32_t first, float scale, view<cf32, 2> out)
{
  const std::int32_t nof_channels = out.extent(0);
  for (std::int32_t channel = 0; channel < nof_channels; ++channel) {
    cf32* to = out[channel].data() + first;
    for (std::int32_t i = 0; i < count; ++i) {
      Number pair[2];
      std::memcpy(pair,
                  bytes + (std::size_t{sizeof(pair)} * nof_channels * i) + sizeof(pair) * channel,
                  sizeof(pair));
      to[i] = {static_cast<float>(pair[0]) * scale, static_cast<float>(pair[1]) * scale};
    }
  }
}

} // namespace

result<iq_reader> iq_reader::open(const iq_recording& recording)
{
  std::FILE* file = std::fopen(recording.data_path.c_str(), "rb");
  if (file == nullptr) {
    return error{recording.data_path + ":", std::string("cannot be opened: ") + errno_text(errno)};
  }
  return iq_reader(recording, file);
}

result<nothing> iq_reader::read(std::int64_t first, view<cf32, 2> out)
{
  if (out.extent(0) != recording_.nof_channels) {
    return error{recording_.name + ":",
                 "has " + std::to_string(recording_.nof_channels) + " channels, " +
                     std::to_string(out.extent(0)) + " were asked for"};
  }
  const std::int64_t count = out.extent(1);
  if (first < 0 || count > recording_.nof_samples || first > recording_.nof_samples - count) {
    return error{recording_.name + ":",
                 "has samples 0.." + std::to_string(recording_.nof_samples - 1) + ", " +
                     std::to_string(count) + " from " + std::to_string(first) + " on were asked for"};
  }
  const std::int64_t frame = std::int64_t{bytes_per_sample(recording_.format)} * recording_.nof_channels;
  if (fseeko(file_.get(), first * frame, SEEK_SET) != 0) {
    return error{recording_.data_path + ":", std::string("cannot be read: ") + errno_text(errno)};
  }
  const std::int64_t most = std::max<std::int64_t>(1, chunk_bytes / frame);
  chunk_.resize(static_cast<std::size_t>(most * frame));
  for (std::int64_t at = 0; at < count; at += most) {
    const std::int64_t now = std::min(most, count - at);
    const std::size_t got = std::fread(
        chunk_.data(), static_cast<std::size_t>(frame), static_cast<std::size_t>(now), file_.get());
    if (static_cast<std::int64_t>(got) != now) {
      return error{recording_.data_path + ":",
                   "ends at sample " + std::to_string(first + at + static_cast<std::int64_t>(got)) +
                       ", it had " + std::to_string(recording_.nof_samples) + " when it was opened"};
    }
    if (recording_.format == sample_format::cf32_le) {
      deinterleave<float>(chunk_.data(),
                          static_cast<std::int32_t>(now),
                          static_cast<std::int32_t>(at),
                          recording_.scale,
                          out);
    } else {
      deinterleave<std::int16_t>(chunk_.data(),
                                 static_cast<std::int32_t>(now),
                                 static_cast<std::int32_t>(at),
                                 recording_.scale,
                                 out);
    }
  }
  return nothing{};
}

} // namespace pado::io
