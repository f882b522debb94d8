// SPDX-License-Identifier: Apache-2.0
#include "apps/generate_cell.h"
#include "core/buffer.h"
#include "io/sigmf/iq_recording.h"
#include "phy/channel/random.h"
#include "phy/ssb/ssb_transmit.h"
#include <cmath>

namespace pado::apps {

namespace {

constexpr std::int64_t sample_rate_hz = 7680000;
constexpr std::int64_t centre_hz = 3499680000;     ///< of the samples
constexpr std::int64_t ssb_centre_hz = 3499680000; ///< GSCN 7842 of the synchronisation raster above 3 GHz
constexpr std::int32_t frame_samples = 76800;
constexpr double first_block_sample = 5000.25; ///< not on a sample, as in life
constexpr float amplitude = 0.015F;            ///< of a resource element

result<nothing> add_block(const cell_signal_config& config, std::int32_t frame, view<cf32, 1> samples)
{
  phy::ssb_transmit_config block;
  block.pci = config.pci;
  block.content.sfn = (config.sfn + frame) % 1024;
  block.content.scs_common_hz = 30000;
  buffer<cf32> elements(4 * 240);
  if (auto mapped = phy::map_ssb(block, elements.as(4, 240)); !mapped) {
    return mapped.failure();
  }
  phy::ssb_placement where;
  where.sample_rate_hz = sample_rate_hz;
  where.centre_hz = centre_hz;
  where.ssb_centre_hz = ssb_centre_hz;
  where.start_sample = first_block_sample + frame * frame_samples;
  where.cfo_hz = config.cfo_hz;
  where.amplitude = amplitude;
  phy::add_ssb(where, view<const cf32, 2>(elements.data(), 4, 240), samples);
  return nothing{};
}

} // namespace

result<nothing> generate_cell_signal(const cell_signal_config& config, const std::string& path)
{
  buffer<cf32> samples(2 * frame_samples);
  const view<cf32, 1> all = samples.as(2 * frame_samples);
  // A resource element of amplitude a has the power a^2 in 30 kHz; noise of that density fills the whole
  // band.
  const float nof_bins = static_cast<float>(sample_rate_hz) / 30000.0F;
  const float noise = amplitude * std::pow(10.0F, -config.snr_db / 20.0F) * std::sqrt(nof_bins);
  for (std::int32_t i = 0; i < 2 * frame_samples; i += 2) {
    const phy::random_stream stream{config.seed, phy::random_purpose::noise, 0, 0};
    const phy::normal_pair pair = phy::draw_normal_pair(stream, static_cast<std::uint32_t>(i / 2));
    all(i) = noise * pair.value[0];
    all(i + 1) = noise * pair.value[1];
  }
  for (std::int32_t frame = 0; frame < 2; ++frame) {
    if (auto added = add_block(config, frame, all); !added) {
      return added;
    }
  }
  io::iq_recording recording;
  recording.format = io::sample_format::ci16_le;
  recording.sample_rate_hz = sample_rate_hz;
  recording.scale = 1.0F / 32767.0F;
  const std::string base = path.ends_with(".sigmf-meta") ? path.substr(0, path.size() - 11) : path;
  auto writer = io::sigmf_writer::create(base, recording, "generated: a cell's SS/PBCH blocks in noise");
  if (!writer) {
    return writer.failure();
  }
  writer.value().begin_segment(centre_hz, std::nullopt);
  if (auto written = writer.value().write(view<const cf32, 2>(samples.data(), 1, 2 * frame_samples));
      !written) {
    return written;
  }
  return writer.value().finish();
}

} // namespace pado::apps
