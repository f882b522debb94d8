// SPDX-License-Identifier: Apache-2.0
#include "apps/inspect_iq.h"
#include "apps/interrupt.h"
#include "apps/terminal.h"
#include "core/buffer.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace pado::apps {

namespace {

constexpr std::int32_t block_samples = 65536;
constexpr double filled_band = 0.85; ///< most of the sample rate that a carrier usually fills

/// Sums of one channel.
struct power_sum {
  double sum = 0.0;
  double peak = 0.0;
  std::int64_t nof_finite = 0;
  std::int64_t nof_clipped = 0;
};

void add_block(view<const cf32, 1> samples, float full_scale, power_sum& to)
{
  for (std::int32_t i = 0; i < samples.extent(0); ++i) {
    const cf32 sample = samples(i);
    const double power = static_cast<double>(norm(sample));
    if (std::isfinite(power)) {
      to.sum += power;
      to.peak = std::max(to.peak, power);
      ++to.nof_finite;
      to.nof_clipped += std::abs(sample.re) >= full_scale || std::abs(sample.im) >= full_scale ? 1 : 0;
    }
  }
}

double to_dbfs(double power)
{
  return 10.0 * std::log10(power);
} // 0 gives minus infinity: printed as silent

/// Power of all channels, block by block.
std::optional<error> measure(io::iq_reader& reader, bool has_progress, iq_findings& findings)
{
  const io::iq_recording& recording = findings.recording;
  std::vector<power_sum> sums(static_cast<std::size_t>(recording.nof_channels));
  const buffer<cf32> block(static_cast<std::size_t>(recording.nof_channels) * block_samples);
  // Full scale of a 16-bit converter; floats are not clipped by anybody.
  const float full_scale =
      recording.format == io::sample_format::ci16_le ? 32767.0F * recording.scale : INFINITY;
  progress_bar bar("samples", recording.nof_samples, has_progress);
  for (std::int64_t at = 0; at < recording.nof_samples && !findings.is_interrupted; at += block_samples) {
    const auto count =
        static_cast<std::int32_t>(std::min<std::int64_t>(block_samples, recording.nof_samples - at));
    const auto samples = block.as(recording.nof_channels, count);
    const auto got = reader.read(at, samples);
    if (!got) {
      return got.failure();
    }
    for (std::int32_t channel = 0; channel < recording.nof_channels; ++channel) {
      add_block(samples[channel], full_scale, sums[static_cast<std::size_t>(channel)]);
    }
    bar.update(at);
    findings.is_interrupted = is_interrupted();
  }
  for (const power_sum& sum : sums) {
    const auto count = static_cast<double>(std::max<std::int64_t>(1, sum.nof_finite));
    findings.power.push_back({to_dbfs(sum.sum / count),
                              to_dbfs(sum.peak),
                              sum.nof_clipped,
                              recording.nof_samples - sum.nof_finite});
  }
  return std::nullopt;
}

/// The stretch to look for cells in: the longest without a gap.
const io::iq_segment& longest(const io::iq_recording& recording)
{
  return *std::max_element(
      recording.segments.begin(), recording.segments.end(), [](const auto& a, const auto& b) {
        return a.sample_end - a.sample_begin < b.sample_end - b.sample_begin;
      });
}

std::optional<error> search(io::iq_reader& reader, const iq_inspection& how, iq_findings& findings)
{
  const io::iq_recording& recording = findings.recording;
  const io::iq_segment& stretch = longest(recording);
  const auto most =
      static_cast<std::int64_t>(how.search_limit_s * static_cast<double>(recording.sample_rate_hz));
  const auto count = static_cast<std::int32_t>(
      std::min<std::int64_t>({stretch.sample_end - stretch.sample_begin, most, std::int64_t{1} << 28U}));
  const buffer<cf32> samples(static_cast<std::size_t>(recording.nof_channels) *
                             static_cast<std::size_t>(count));
  const auto all = samples.as(recording.nof_channels, count);
  const auto got = reader.read(stretch.sample_begin, all);
  if (!got) {
    return got.failure();
  }
  phy::ssb_search_config config;
  config.sample_rate_hz = recording.sample_rate_hz;
  config.centre_hz = stretch.centre_hz;
  progress_bar bar("per mille of the cell search", 1000, how.has_progress);
  config.progress = [&](float part) { bar.update(static_cast<std::int64_t>(1000.0F * part)); };
  const auto heard = phy::search_cells(all[0], config);
  if (!heard) {
    findings.not_searched = heard.failure().text();
    return std::nullopt;
  }
  findings.cells = heard.value();
  for (phy::heard_cell& cell : findings.cells) {
    cell.start_sample += stretch.sample_begin;
  }
  findings.searched_s = static_cast<double>(count) / static_cast<double>(recording.sample_rate_hz);
  return std::nullopt;
}

/// The widest carrier that fits well into the sample rate.
std::int32_t usual_nof_prb(std::int64_t sample_rate_hz, numerology scs)
{
  for (const std::int32_t nof_prb : usual_widths(sample_rate_hz, scs)) {
    if (12.0 * nof_prb * scs.scs_hz() <= filled_band * static_cast<double>(sample_rate_hz)) {
      return nof_prb;
    }
  }
  return std::max<std::int32_t>(
      1, static_cast<std::int32_t>(filled_band * static_cast<double>(sample_rate_hz) / 12.0 / scs.scs_hz()));
}

void propose_scs(const iq_findings& findings, cell_proposal& proposal)
{
  std::int32_t scs_hz = 30000;
  if (findings.recording.nr.scs_hz) {
    scs_hz = *findings.recording.nr.scs_hz;
  } else if (!findings.cells.empty()) {
    scs_hz = findings.cells.front().scs_hz;
    proposal.notes["carrier.scs_khz"] = "~ that of the block heard: check";
  } else {
    proposal.notes["carrier.scs_khz"] = "~ a guess: check";
  }
  proposal.cell.carrier.scs.mu = scs_hz == 15000 ? 0 : scs_hz == 30000 ? 1 : scs_hz == 60000 ? 2 : 3;
}

} // namespace

std::vector<std::int32_t> usual_widths(std::int64_t sample_rate_hz, numerology scs)
{
  constexpr std::array<std::int32_t, 10> at_15_khz = {270, 242, 216, 188, 160, 133, 106, 79, 52, 25};
  constexpr std::array<std::int32_t, 14> at_30_khz = {
      273, 245, 217, 189, 162, 133, 119, 106, 92, 78, 65, 51, 38, 24};
  constexpr std::array<std::int32_t, 12> at_60_khz = {135, 121, 107, 93, 79, 65, 51, 38, 31, 24, 18, 11};
  const std::span<const std::int32_t> widths = scs.mu == 0   ? std::span<const std::int32_t>(at_15_khz)
                                               : scs.mu == 1 ? std::span<const std::int32_t>(at_30_khz)
                                                             : std::span<const std::int32_t>(at_60_khz);
  std::vector<std::int32_t> out;
  for (const std::int32_t nof_prb : widths) {
    if (std::int64_t{12} * nof_prb * scs.scs_hz() <= sample_rate_hz) {
      out.push_back(nof_prb);
    }
  }
  return out;
}

result<iq_findings> survey_recording(const io::iq_recording& recording, const iq_inspection& how)
{
  iq_findings findings;
  findings.recording = recording;
  auto reader = io::iq_reader::open(recording);
  if (!reader) {
    return reader.failure();
  }
  watch_interrupt();
  if (const auto failure = measure(reader.value(), how.has_progress, findings)) {
    return *failure;
  }
  if (!how.has_search || findings.is_interrupted || recording.nof_samples == 0) {
    findings.not_searched = recording.nof_samples == 0 ? "there are no samples" : "not asked for";
    return findings;
  }
  if (const auto failure = search(reader.value(), how, findings)) {
    return *failure;
  }
  return findings;
}

result<cell_proposal> propose_iq_cell(const iq_findings& findings)
{
  const io::iq_recording& recording = findings.recording;
  cell_proposal proposal;
  carrier_config& carrier = proposal.cell.carrier;
  propose_scs(findings, proposal);
  if (recording.sample_rate_hz % carrier.scs.scs_hz() != 0) {
    return error{recording.name + ": sample rate",
                 "is " + std::to_string(recording.sample_rate_hz) + " Hz, must be a multiple of " +
                     std::to_string(carrier.scs.scs_hz()) + " Hz (subcarrier spacing): resample it"};
  }
  carrier.nof_prb = recording.nr.nof_prb.value_or(usual_nof_prb(recording.sample_rate_hz, carrier.scs));
  if (!recording.nr.nof_prb) {
    proposal.notes["carrier.nof_prb"] = "~ usual for this sample rate: check";
  }
  carrier.nof_rx_ports = std::min(recording.nof_channels, 8);
  carrier.centre_hz = longest(recording).centre_hz;
  if (recording.nr.phys_cell_id) {
    carrier.phys_cell_id = *recording.nr.phys_cell_id;
  } else if (!findings.cells.empty()) {
    carrier.phys_cell_id = findings.cells.front().pci;
    proposal.notes["carrier.phys_cell_id"] = "~ heard in the recording";
  } else {
    proposal.notes["carrier.phys_cell_id"] = "not heard: set it when you know it";
  }
  iq_source_config& iq = proposal.cell.iq.emplace();
  iq.sample_rate_hz = recording.sample_rate_hz;
  iq.fft_size = static_cast<std::int32_t>(recording.sample_rate_hz / carrier.scs.scs_hz());
  return proposal;
}

} // namespace pado::apps
