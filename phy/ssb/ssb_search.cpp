// SPDX-License-Identifier: Apache-2.0
#include "phy/ssb/ssb_search.h"
#include "core/limits.h"
#include "phy/pbch/pbch_receive.h"
#include "phy/ssb/pss_bank.h"
#include "phy/ssb/ssb_align.h"
#include "phy/ssb/ssb_raster.h"
#include "phy/ssb/ssb_sequence.h"
#include <algorithm>
#include <cmath>
#include <string>

namespace pado::phy {
namespace {

/// Strongest peaks that are looked at closer. A full band of blocks has about 200 in 10 ms.
constexpr std::size_t most_peaks = 1000;

/// A place on the raster and the frequencies to try around it, as offsets from the samples' centre.
struct candidate {
  std::int64_t nominal_hz = 0; ///< from the samples' centre
  double offset_hz = 0.0;
};

std::vector<candidate> candidates(const ssb_search_config& config, ssb_raster raster, std::int32_t scs_hz)
{
  const std::int64_t reach = (config.sample_rate_hz - std::int64_t{nof_ssb_subcarriers} * scs_hz) / 2;
  std::vector<candidate> out;
  if (raster == ssb_raster::every_15_khz) {
    for (const std::int64_t nominal : every_15_khz(-reach, reach)) {
      out.push_back({nominal, static_cast<double>(nominal)});
      if (scs_hz == 15000) { // a block between two multiples would lose 4 dB
        out.push_back({nominal, static_cast<double>(nominal) + 7500.0});
      }
    }
    return out;
  }
  // A hypothesis that is wrong by a quarter of the spacing costs 0.9 dB.
  const int step = scs_hz / 2;
  const int nof_steps = (config.max_cfo_hz + step / 2 - 1) / step;
  for (const std::int64_t frequency : sync_raster(config.centre_hz - reach, config.centre_hz + reach)) {
    const std::int64_t nominal = frequency - config.centre_hz;
    for (int i = -nof_steps; i <= nof_steps; ++i) {
      out.push_back({nominal, static_cast<double>(nominal + i * step)});
    }
  }
  return out;
}

/// Share of the work done, over all passes of a search.
class progress_report {
public:
  progress_report(const std::function<void(float)>& call, float begin, float end)
      : call_(call), begin_(begin), end_(end)
  {
  }
  void operator()(double done) const
  {
    if (call_) {
      call_(begin_ + (end_ - begin_) * static_cast<float>(done));
    }
  }

private:
  const std::function<void(float)>& call_;
  float begin_;
  float end_;
};

struct found_peak {
  pss_peak peak;
  std::int64_t nominal_hz = 0;
};

/// All PSS peaks of a recording, strongest first, each place and sequence once.
std::vector<found_peak> find_peaks(view<const cf32, 1> samples,
                                   const ssb_search_config& config,
                                   const std::vector<candidate>& places,
                                   std::int32_t scs_hz,
                                   const progress_report& progress)
{
  pss_bank bank(config.sample_rate_hz, scs_hz);
  std::vector<found_peak> all;
  std::vector<pss_peak> peaks;
  for (std::int64_t begin = 0; begin < samples.extent(0); begin += bank.hop()) {
    bank.load(samples, begin);
    for (const candidate& place : places) {
      peaks.clear();
      bank.search(place.offset_hz, least_pss_power, peaks);
      for (const pss_peak& peak : peaks) {
        all.push_back({peak, place.nominal_hz});
      }
    }
    progress(static_cast<double>(begin) / samples.extent(0));
  }
  std::sort(all.begin(), all.end(), [](const found_peak& a, const found_peak& b) {
    return a.peak.power > b.peak.power;
  });
  std::vector<found_peak> kept;
  const double symbol = static_cast<double>(config.sample_rate_hz) / scs_hz;
  for (const found_peak& next : all) {
    const bool is_new = std::none_of(kept.begin(), kept.end(), [&](const found_peak& other) {
      return other.peak.nid2 == next.peak.nid2 &&
             std::abs(other.peak.sample - next.peak.sample) < 0.25 * symbol &&
             std::abs(other.peak.offset_hz - next.peak.offset_hz) < 2.0 * scs_hz;
    });
    if (is_new && kept.size() < most_peaks) {
      kept.push_back(next);
    }
  }
  return kept;
}

/// Distance of a from b on a circle, -cycle/2..cycle/2.
double wrapped(double difference, double cycle)
{
  return difference - cycle * std::round(difference / cycle);
}

heard_cell report(const ssb_search_config& config,
                  const ssb_aligned& block,
                  const found_peak& found,
                  std::int32_t scs_hz)
{
  heard_cell cell;
  cell.pci = block.identity.pci;
  cell.scs_hz = scs_hz;
  cell.start_sample = std::llround(block.start_sample);
  cell.pss_metric = block.identity.pss_metric;
  cell.sss_metric = block.identity.sss_metric;
  cell.snr_db = block.identity.snr_db;
  cell.ssb_centre_hz = config.centre_hz + found.nominal_hz;
  cell.cfo_hz = block.frequency_hz - static_cast<double>(found.nominal_hz);
  if (config.centre_hz > 0) {
    // The transmitter restarts the carrier's phase at every symbol (38.211, 5.4), so what turns from PSS to
    // SSS in samples mixed down from f is minus f and the oscillators' error. It is ten times finer than what
    // one symbol shows, but only up to a cycle; where it contradicts that (another kind of transmitter), it
    // is not used.
    const double mixed_hz = static_cast<double>(config.centre_hz) + found.peak.offset_hz;
    const double correction = wrapped(block.turn_hz + mixed_hz - cell.cfo_hz, block.turn_cycle_hz);
    const double likely_hz =
        scs_hz * (0.05 + 0.16 * std::pow(10.0, -static_cast<double>(block.identity.snr_db) / 20.0));
    cell.cfo_hz += std::abs(correction) < likely_hz ? correction : 0.0;
  }
  return cell;
}

/// Same cell at the same place: neighbouring frequency hypotheses hear it too.
bool is_same(const heard_cell& a, const heard_cell& b, std::int64_t sample_rate_hz)
{
  return a.pci == b.pci && a.scs_hz == b.scs_hz &&
         std::abs(a.start_sample - b.start_sample) < sample_rate_hz / a.scs_hz / 4 &&
         std::abs(a.ssb_centre_hz - b.ssb_centre_hz) < 4 * a.scs_hz;
}

void search_spacing(view<const cf32, 1> samples,
                    const ssb_search_config& config,
                    ssb_raster raster,
                    std::int32_t scs_hz,
                    const progress_report& progress,
                    std::vector<heard_cell>& cells)
{
  const auto places = candidates(config, raster, scs_hz);
  const auto peaks = find_peaks(samples, config, places, scs_hz, progress);
  ssb_aligner aligner(config.sample_rate_hz, scs_hz);
  pbch_receiver receiver;
  for (const found_peak& found : peaks) {
    const auto block = aligner.align(samples, found.peak);
    if (!block || !block->identity.is_credible()) {
      continue;
    }
    heard_cell cell = report(config, *block, found, scs_hz);
    const bool is_known = std::any_of(cells.begin(), cells.end(), [&](const heard_cell& other) {
      return is_same(other, cell, config.sample_rate_hz);
    });
    if (is_known) {
      continue;
    }
    const bool is_low_band = cell.ssb_centre_hz > 0 && cell.ssb_centre_hz <= 3000000000;
    const pbch_report pbch =
        receiver.receive(view<const cf32, 2>(block->grid.data(), nof_ssb_symbols, nof_ssb_subcarriers),
                         cell.pci,
                         config.centre_hz > 0 && is_low_band ? 4 : 8);
    cell.content = pbch.content;
    cell.nof_candidates = pbch.nof_candidates;
    cells.push_back(cell);
  }
}

std::optional<error> check(const ssb_search_config& config)
{
  if (auto bad = check_range("ssb_search.sample_rate_hz", config.sample_rate_hz, 3600000, 122880000)) {
    return bad;
  }
  if (config.sample_rate_hz % 15000 != 0) {
    return error{"ssb_search.sample_rate_hz",
                 "is " + std::to_string(config.sample_rate_hz) + ", must be a multiple of 15000"};
  }
  if (config.scs_hz.empty()) {
    return error{"ssb_search.scs_hz", "is empty, must hold 15000, 30000 or both"};
  }
  for (const std::int32_t scs_hz : config.scs_hz) {
    if (scs_hz != 15000 && scs_hz != 30000) {
      return error{"ssb_search.scs_hz", "holds " + std::to_string(scs_hz) + ", must be 15000 or 30000"};
    }
  }
  if (config.raster == ssb_raster::sync && config.centre_hz <= 0) {
    return error{"ssb_search.raster", "is sync, which needs centre_hz"};
  }
  return check_range("ssb_search.max_cfo_hz", config.max_cfo_hz, 0, 1000000);
}

} // namespace

result<std::vector<heard_cell>> search_cells(view<const cf32, 1> samples, const ssb_search_config& config)
{
  if (auto bad = check(config)) {
    return *bad;
  }
  std::vector<std::int32_t> spacings; // those whose block fits into the band
  for (const std::int32_t scs_hz : config.scs_hz) {
    if (std::int64_t{nof_ssb_subcarriers} * scs_hz <= config.sample_rate_hz) {
      spacings.push_back(scs_hz);
    }
  }
  if (spacings.empty()) {
    return error{"ssb_search.sample_rate_hz",
                 "is " + std::to_string(config.sample_rate_hz) + ", a block of 30 kHz needs 7200000"};
  }
  std::vector<ssb_raster> passes{config.raster};
  if (config.raster == ssb_raster::automatic) {
    passes = {ssb_raster::every_15_khz};
    if (config.centre_hz > 0) {
      passes.insert(passes.begin(), ssb_raster::sync);
    }
  }
  std::vector<heard_cell> cells;
  for (const ssb_raster raster : passes) {
    for (std::size_t i = 0; i < spacings.size(); ++i) {
      const float share = 1.0F / static_cast<float>(spacings.size());
      const progress_report progress(
          config.progress, share * static_cast<float>(i), share * static_cast<float>(i + 1));
      search_spacing(samples, config, raster, spacings[i], progress, cells);
      progress(1.0);
    }
    if (!cells.empty()) {
      break;
    }
  }
  std::sort(cells.begin(), cells.end(), [](const heard_cell& a, const heard_cell& b) {
    return a.start_sample < b.start_sample;
  });
  return cells;
}

} // namespace pado::phy
