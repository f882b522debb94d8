// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/slot.h"
#include "core/view.h"
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pado::io {

/// Sample formats that are read and written: little-endian I then Q.
enum class sample_format : std::uint8_t { cf32_le, ci16_le };

/// Bytes of one complex sample of one channel.
constexpr std::int32_t bytes_per_sample(sample_format format)
{
  return format == sample_format::cf32_le ? 8 : 4;
}

/// A stretch of a recording without a gap: an entry of SigMF's `captures`.
struct iq_segment {
  std::int64_t sample_begin = 0; ///< in samples of one channel, from the start of the data file
  std::int64_t sample_end = 0;   ///< the next segment's begin, or the end of the data
  std::int64_t centre_hz = 0;    ///< core:frequency; 0 when not given
  std::optional<slot_id> slot;   ///< nr:sfn, nr:slot: the slot that starts at sample_begin
};

/// What the metadata says about the carrier (nr:scs_hz, nr:n_rb, nr:phys_cell_id), where it says something.
struct nr_hints {
  std::optional<std::int32_t> scs_hz;
  std::optional<std::int32_t> nof_prb;
  std::optional<std::int32_t> phys_cell_id;
};

/// Everything about a recording but its samples.
struct iq_recording {
  std::string name;      ///< for messages: the file that was named
  std::string data_path; ///< the samples
  sample_format format = sample_format::cf32_le;
  std::int64_t sample_rate_hz = 0;
  std::int32_t nof_channels = 1;    ///< interleaved sample by sample
  float scale = 1.0F;               ///< sample = stored number * scale; ci16: 1 / 32767
  std::int64_t nof_samples = 0;     ///< of each channel; whole ones
  std::int32_t nof_spare_bytes = 0; ///< at the end of the file, not a whole sample: the file was cut
  nr_hints nr;
  std::vector<iq_segment> segments; ///< in order, never empty
};

/// What a raw file does not say about itself.
struct raw_iq_config {
  sample_format format = sample_format::ci16_le;
  std::int64_t sample_rate_hz = 0;
  std::int64_t centre_hz = 0;
  std::int32_t nof_channels = 1;
  std::optional<slot_id> first_slot; ///< the slot that starts at sample 0
  std::optional<float> scale;        ///< without: 1 for cf32_le, 1 / 32767 for ci16_le
};

/// Reads the metadata of a SigMF recording; `path` may name its .sigmf-meta, its .sigmf-data, or neither
/// ending. \errors each names the file, the key, its value and what would be right
result<iq_recording> read_sigmf(const std::string& path);

/// The same from text already in memory, for a data file of `data_bytes`. Does not touch the file system.
result<iq_recording> parse_sigmf(std::string_view meta, const std::string& name, std::int64_t data_bytes);

/// A raw file with given parameters.
result<iq_recording> describe_raw_iq(const std::string& path, const raw_iq_config& config);

/// Reads blocks of samples from any position.
class iq_reader {
public:
  static result<iq_reader> open(const iq_recording& recording);

  /// Samples [first, first + out.extent(1)) of every channel.
  ///
  /// out  [channel][sample]  cf32, linear, full scale 1
  ///
  /// \errors the block is not wholly inside the recording, out has another number of channels, the file was
  /// cut
  ///         after it was opened
  result<nothing> read(std::int64_t first, view<cf32, 2> out);

  const iq_recording& recording() const { return recording_; }

private:
  struct close_file {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  iq_reader(iq_recording recording, std::FILE* file) : recording_(std::move(recording)), file_(file) {}

  iq_recording recording_;
  std::unique_ptr<std::FILE, close_file> file_;
  std::vector<unsigned char> chunk_;
};

/// Writes a SigMF recording: data as it comes, metadata at finish().
class sigmf_writer {
public:
  /// What goes into the metadata; name, data_path, nof_samples and segments of `recording` are not read.
  static result<sigmf_writer>
  create(const std::string& base_path, const iq_recording& recording, const std::string& description);

  /// Samples written from here on belong to a new entry of `captures`.
  void begin_segment(std::int64_t centre_hz, std::optional<slot_id> slot);

  /// in  [channel][sample]  cf32; ci16 is rounded and held at the ends of its range
  result<nothing> write(view<const cf32, 2> in);

  /// Writes the metadata and says what could not be written.
  result<nothing> finish();

  const iq_recording& recording() const { return recording_; }

private:
  struct close_file {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  sigmf_writer(iq_recording recording, std::string base_path, std::string description, std::FILE* file)
      : recording_(std::move(recording)), base_path_(std::move(base_path)),
        description_(std::move(description)), file_(file)
  {
  }

  iq_recording recording_;
  std::string base_path_;
  std::string description_;
  std::unique_ptr<std::FILE, close_file> file_;
  std::vector<unsigned char> chunk_;
};

} // namespace pado::io
