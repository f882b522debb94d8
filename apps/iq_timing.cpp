// SPDX-License-Identifier: Apache-2.0
#include "apps/iq_timing.h"
#include "apps/inspect_iq.h"
#include "apps/iq_blocks.h"
#include "phy/uplink_sync/prefix_search.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>
#include <numeric>

namespace pado::apps {

namespace {

constexpr std::size_t most_blocks = 96;       ///< half subframes of a segment whose prefixes are added up
constexpr std::size_t most_halves = 16;       ///< of a segment in which DM-RS is looked for
constexpr std::size_t most_searched = 6;      ///< segments in which an unknown identity is looked for
constexpr float least_z_beside_others = 3.0F; ///< of a segment of a recording that shows prefixes elsewhere
constexpr std::int32_t nof_cell_ids = 1008;
constexpr std::int32_t most_shift = 4; ///< subcarriers that a carrier may be off
constexpr float good_agreement = 0.85F;
constexpr std::size_t most_turns = 96;

/// A segment on its way.
struct segment_search {
  std::size_t index = 0;
  io::iq_segment segment;
  std::vector<std::int64_t> loud;          ///< first samples of half subframes with power, loudest first
  std::vector<phy::prefix_match> prefixes; ///< of each numerology
  std::int64_t half_begin = 0;             ///< sample of the file
  std::vector<phy::frame_symbol> symbols;
  std::optional<phy::frame_match> match;
  std::int32_t delay_samples = 0;
};

class timing_search {
public:
  timing_search(io::iq_reader reader, const iq_timing_hints& hints)
      : blocks_(std::move(reader)), hints_(hints), rate_(blocks_.recording().sample_rate_hz),
        period_(blocks_.period())
  {
  }

  result<iq_timing> run()
  {
    for (std::int32_t mu = 0; mu < 3; ++mu) {
      if ((!hints_.scs || hints_.scs->mu == mu) && phy::has_whole_samples({mu}, rate_)) {
        numerologies_.push_back({mu});
      }
    }
    if (numerologies_.empty()) {
      return error{blocks_.recording().name + ": sample rate",
                   fmt::format("is {} Hz, must be a multiple of 1.92 MHz (15 kHz), 3.84 MHz (30 kHz) or 7.68 "
                               "MHz (60 kHz): resample it",
                               rate_)};
    }
    if (auto failure = read_prefixes()) {
      return *failure;
    }
    if (auto failure = choose_numerology()) {
      return *failure;
    }
    if (auto failure = find_frames()) {
      return *failure;
    }
    find_carrier();
    return finish();
  }

private:
  bool is_stopped() const { return hints_.is_stopped && hints_.is_stopped(); }

  error no_timing(const std::string& why) const
  {
    return {blocks_.recording().name,
            "does not say which slot it begins with, and no timing was found: " + why};
  }

  std::optional<error> read_prefixes()
  {
    for (std::size_t i = 0; i < blocks_.recording().segments.size(); ++i) {
      segment_search one;
      one.index = i;
      one.segment = blocks_.recording().segments[i];
      if (auto failure = blocks_.find_loud(one.segment, most_blocks, one.loud)) {
        return failure;
      }
      if (auto failure = blocks_.measure_prefixes(one.segment, one.loud, numerologies_, one.prefixes)) {
        return failure;
      }
      segments_.push_back(std::move(one));
    }
    return std::nullopt;
  }

  std::optional<error> choose_numerology()
  {
    std::size_t best = 0;
    float most = -1.0F;
    float highest = 0.0F;
    for (std::size_t i = 0; i < numerologies_.size(); ++i) {
      float sum = 0.0F;
      for (const segment_search& one : segments_) {
        sum += one.prefixes[i].z * one.prefixes[i].z;
        highest = std::max(highest, one.prefixes[i].z);
      }
      best = sum > most ? i : best;
      most = std::max(most, sum);
    }
    scs_ = numerologies_[best];
    cf32 direction;
    for (segment_search& one : segments_) {
      one.prefixes = {one.prefixes[best]};
      prefix_z_ = std::max(prefix_z_, one.prefixes[0].z);
      const float size = std::sqrt(norm(one.prefixes[0].sum));
      if (one.prefixes[0].z >= phy::least_prefix_z && size > 0.0F) {
        direction += (one.prefixes[0].z / size) * one.prefixes[0].sum;
      }
      one.half_begin = one.segment.sample_begin + one.prefixes[0].half_begin;
    }
    if (prefix_z_ < phy::least_prefix_z) {
      return no_timing(
          fmt::format("no cyclic prefixes of 15, 30 or 60 kHz (z {:.1f}, at least {:.1f} is needed)",
                      static_cast<double>(highest),
                      static_cast<double>(phy::least_prefix_z)));
    }
    cfo_hz_ = arg(direction) / (2.0F * std::numbers::pi_v<float>)*static_cast<float>(scs_.scs_hz());
    return std::nullopt;
  }

  std::optional<error> transform(segment_search& one)
  {
    const auto halves = blocks_.halves_of(one.segment, one.half_begin, one.loud, most_halves);
    return blocks_.transform(
        one.segment, one.half_begin, halves, {scs_, rate_, nof_subcarriers_, cfo_hz_}, one.symbols);
  }

  /// What to try, from what is likely to everything.
  struct attempt {
    std::vector<std::int32_t> ids;
    std::vector<std::int32_t> middles;
    std::int32_t max_symbols = 24;
    std::int32_t max_shifts = 1;
  };

  std::vector<attempt> make_attempts()
  {
    std::vector<std::int32_t> widths = phy_widths();
    nof_subcarriers_ = std::min(12 * *std::max_element(widths.begin(), widths.end()),
                                static_cast<std::int32_t>(rate_ / scs_.scs_hz()) / 2 * 2);
    std::vector<std::int32_t> middles;
    std::vector<std::int32_t> shifted;
    for (const std::int32_t width : widths) {
      middles.push_back(12 * hints_.grid_start_crb + 6 * width);
    }
    for (std::int32_t shift = 1; shift <= most_shift; ++shift) {
      for (const std::int32_t middle : middles) {
        shifted.push_back(middle - shift);
        shifted.push_back(middle + shift);
      }
    }
    const std::int32_t all_shifts = 7 << scs_.mu;
    std::vector<attempt> out;
    if (!hints_.ids.empty()) {
      out.push_back({hints_.ids, middles, 112, all_shifts});
      out.push_back({hints_.ids, shifted, 112, 1});
    }
    std::vector<std::int32_t> all(nof_cell_ids);
    std::iota(all.begin(), all.end(), 0);
    out.push_back({all, middles, 24, 1});
    out.push_back({all, middles, 8, all_shifts});
    out.push_back({all, shifted, 8, 1});
    return out;
  }

  std::vector<std::int32_t> phy_widths() const
  {
    return hints_.nof_prb ? std::vector<std::int32_t>{*hints_.nof_prb} : usual_widths(rate_, scs_);
  }

  std::optional<phy::frame_match> try_segment(const segment_search& one, const attempt& what) const
  {
    phy::frame_search_config config;
    config.scs = scs_;
    config.ids = what.ids;
    config.middles = what.middles;
    config.max_symbols = what.max_symbols;
    config.max_shifts = what.max_shifts;
    config.fft_size = static_cast<std::int32_t>(rate_ / scs_.scs_hz());
    config.window_advance = phy::half_prefix(config.fft_size);
    return phy::find_frame(one.symbols, config);
  }

  /// One identity in the strongest segments, then that one in all of them.
  std::optional<error> find_frames()
  {
    const std::vector<attempt> attempts = make_attempts();
    std::vector<segment_search*> order;
    for (segment_search& one : segments_) {
      if (auto failure = transform(one)) {
        return failure;
      }
      order.push_back(&one);
    }
    std::stable_sort(order.begin(), order.end(), [](const segment_search* a, const segment_search* b) {
      return a->prefixes[0].z > b->prefixes[0].z;
    });
    order.resize(std::min(order.size(), most_searched));
    std::optional<phy::frame_match> first;
    for (const attempt& what : attempts) {
      for (segment_search* const one : order) {
        if (!first && !is_stopped()) {
          first = try_segment(*one, what);
        }
      }
    }
    if (!first) {
      return no_timing(
          fmt::format("cyclic prefixes show {} kHz (z {:.1f}), but no DM-RS of a PUSCH says which "
                      "slot it is; tried {}",
                      scs_.scs_hz() / 1000,
                      static_cast<double>(prefix_z_),
                      hints_.ids.empty() ? "N_ID 0 to 1007" : "the identity given and N_ID 0 to 1007"));
    }
    identity_ = first->identity;
    middle_ = first->middle;
    settle_offset();
    for (segment_search& one : segments_) {
      if (auto failure = find_frame_of(one)) {
        return failure;
      }
    }
    return std::nullopt;
  }

  /// Whole subcarriers of the carrier offset, and the width that belongs to them.
  void settle_offset()
  {
    std::int32_t best = most_shift + 1;
    for (const std::int32_t width : phy_widths()) {
      const std::int32_t shift = 12 * hints_.grid_start_crb + 6 * width - middle_;
      if (std::abs(shift) < std::abs(best)) {
        best = shift;
        nof_prb_ = width;
      }
    }
    // A carrier that lies `best` subcarriers too high shows its subcarrier k at k + best.
    cfo_hz_ += static_cast<float>(best * scs_.scs_hz());
    middle_ += best;
  }

  /// Where the identity that is known now shows in a segment; twice, as the first time may have taken another
  /// symbol for the first of a half subframe.
  std::optional<error> find_frame_of(segment_search& one)
  {
    if (one.prefixes[0].z < least_z_beside_others) {
      return std::nullopt;
    }
    const std::int32_t per_half = 7 << scs_.mu;
    const attempt what = {{identity_.scrambling_id}, {middle_}, 112, per_half};
    const std::int64_t supposed = one.half_begin;
    for (int round = 0; round < 2; ++round) {
      if (auto failure = transform(one)) {
        return failure;
      }
      one.match = try_segment(one, what);
      if (!one.match) {
        return std::nullopt;
      }
      const std::int32_t ahead = one.match->first_symbol % per_half;
      const std::int32_t prefix = phy::prefix_samples(static_cast<std::int32_t>(rate_ / scs_.scs_hz()));
      const auto delay = static_cast<std::int32_t>(std::lround(one.match->delay_samples));
      // Position 0 was taken for symbol 0; its useful part is where it was found.
      one.half_begin += phy::symbol_begin_in_half(scs_, rate_, 1) -
                        phy::symbol_begin_in_half(scs_, rate_, ahead + 1) + delay - prefix / 16;
      one.match->first_symbol -= ahead;
      if (ahead == 0 && std::abs(delay) < prefix / 2) {
        break;
      }
    }
    one.delay_samples = static_cast<std::int32_t>(one.half_begin - supposed);
    return std::nullopt;
  }

  void find_carrier()
  {
    std::vector<phy::symbol_turn> turns;
    for (const segment_search& one : segments_) {
      if (one.match && turns.size() < most_turns) {
        const auto more = phy::symbol_turns(one.symbols, *one.match, scs_, rate_);
        turns.insert(turns.end(), more.begin(), more.end());
      }
    }
    turns.resize(std::min(turns.size(), most_turns));
    const std::int64_t centre = hints_.centre_hz.value_or(blocks_.recording().segments.front().centre_hz);
    agreement_ = phy::carrier_agreement(turns, centre, rate_);
    if (turns.empty() || agreement_ >= good_agreement) {
      return;
    }
    for (const phy::carrier_candidate& one : phy::find_carriers(turns, scs_, rate_, 64)) {
      if (carriers_.empty() || one.agreement > carriers_.front().agreement - 0.03F) {
        carriers_.push_back(one);
      }
    }
  }

  result<iq_timing> finish()
  {
    iq_timing out;
    out.scs = scs_;
    out.nof_prb = nof_prb_;
    out.identity = identity_;
    out.is_identity_given =
        std::find(hints_.ids.begin(), hints_.ids.end(), identity_.scrambling_id) != hints_.ids.end();
    out.cfo_hz = static_cast<double>(cfo_hz_);
    out.prefix_z = prefix_z_;
    out.carrier_agreement = agreement_;
    out.carriers = carriers_;
    if (!carriers_.empty()) {
      out.carrier_hz = carriers_.front().carrier_hz;
      out.carrier_agreement = carriers_.front().agreement;
    }
    out.recording = blocks_.recording();
    out.recording.segments.clear();
    std::int32_t sfn = 0;
    for (const segment_search& one : segments_) {
      segment_timing timing;
      timing.segment = one.index;
      timing.prefix_z = one.prefixes[0].z;
      if (one.match) {
        timing.is_timed = true;
        timing.log_chance = one.match->log_chance;
        timing.nof_dmrs = static_cast<std::int32_t>(one.match->hits.size());
        timing.delay_samples = one.delay_samples;
        timing.whole =
            whole_slots(one.segment, one.half_begin, one.match->first_symbol / (7 << scs_.mu), {scs_, rate_});
        timing.whole.slot->sfn = sfn;
        const auto nof_frames =
            static_cast<std::int32_t>((timing.whole.sample_end - timing.whole.sample_begin) / (rate_ / 100));
        sfn = (sfn + nof_frames + 2) % nof_sfn;
        out.recording.segments.push_back(timing.whole);
        const std::int32_t per_half = 7 << scs_.mu;
        for (const phy::frame_hit& hit : one.match->hits) {
          const std::int32_t position = one.symbols[hit.symbol].position;
          out.dmrs_samples.push_back(one.half_begin + std::int64_t{position / per_half} * period_ +
                                     phy::symbol_begin_in_half(scs_, rate_, position % per_half));
        }
      }
      out.segments.push_back(timing);
    }
    return out;
  }

  iq_blocks blocks_;
  const iq_timing_hints& hints_;
  std::int64_t rate_;
  std::int32_t period_; ///< samples of half a subframe
  std::vector<numerology> numerologies_;
  std::vector<segment_search> segments_;
  numerology scs_;
  float prefix_z_ = 0.0F;
  float cfo_hz_ = 0.0F;
  std::int32_t nof_subcarriers_ = 0;
  std::int32_t nof_prb_ = 0;
  phy::dmrs_identity identity_;
  std::int32_t middle_ = 0;
  float agreement_ = 0.0F;
  std::vector<phy::carrier_candidate> carriers_;
};

} // namespace

result<iq_timing> find_iq_timing(const io::iq_recording& recording, const iq_timing_hints& hints)
{
  auto reader = io::iq_reader::open(recording);
  if (!reader) {
    return reader.failure();
  }
  return timing_search(std::move(reader).value(), hints).run();
}

} // namespace pado::apps
