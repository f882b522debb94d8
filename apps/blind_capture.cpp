// SPDX-License-Identifier: Apache-2.0
#include "apps/blind_capture.h"
#include "apps/cell_receiver.h"
#include "apps/inspect_iq.h"
#include <algorithm>
#include <cmath>
#include <set>

namespace pado::apps {

namespace {

constexpr std::int32_t max_pdus = 32; ///< hypotheses that are equalised together
constexpr std::size_t nof_trial_slots = 6;
constexpr std::size_t max_trial_carriers = 4; ///< each costs a search of these slots

iq_timing_hints hints_of(const io::iq_recording& recording, const cell_config& cell, bool is_cell_given)
{
  iq_timing_hints hints;
  hints.grid_start_crb = cell.carrier.grid_start_crb;
  if (is_cell_given || recording.nr.scs_hz) {
    hints.scs = cell.carrier.scs;
  }
  if (is_cell_given || recording.nr.nof_prb) {
    hints.nof_prb = cell.carrier.nof_prb;
  }
  if (is_cell_given) {
    hints.centre_hz = cell.carrier.centre_hz;
  }
  if (is_cell_given || recording.nr.phys_cell_id) {
    hints.ids.push_back(cell.carrier.phys_cell_id);
  }
  for (const static_grant& grant : cell.static_grants) {
    hints.ids.push_back(grant.pusch.dmrs_scrambling_id);
  }
  return hints;
}

/// The slots that DM-RS was seen in, a few of them.
schedule trial_slots(const iq_timing& timing)
{
  schedule out;
  const result<schedule> all = every_slot(timing.recording, timing.scs);
  for (std::size_t i = 0; all && i < all.value().slots.size() && out.slots.size() < nof_trial_slots; ++i) {
    const std::int64_t begin = *all.value().slots[i].sample;
    const std::int64_t end = begin + timing.recording.sample_rate_hz / 1000 / timing.scs.slots_per_subframe();
    const bool has_dmrs = std::any_of(timing.dmrs_samples.begin(),
                                      timing.dmrs_samples.end(),
                                      [&](std::int64_t sample) { return sample >= begin && sample < end; });
    if (has_dmrs) {
      out.slots.push_back(all.value().slots[i]);
    }
  }
  return out;
}

/// The carrier frequency with which most CRCs hold; nothing, when none does.
std::optional<phy::carrier_candidate> try_carriers(const blind_capture& input, const clock& time)
{
  const schedule slots = trial_slots(*input.timing);
  std::optional<phy::carrier_candidate> best;
  std::size_t most_slots = 0; // codes of a low rate decode with half of the symbols turned
  for (std::size_t c = 0; c < std::min(input.timing->carriers.size(), max_trial_carriers); ++c) {
    const phy::carrier_candidate& one = input.timing->carriers[c];
    cell_config cell = input.cell;
    cell.carrier.centre_hz = one.carrier_hz;
    const auto plan = plan_blind_receiver(cell);
    auto source = open_iq_source(*input.recording, cell, slots);
    if (!plan || !source) {
      return std::nullopt;
    }
    const auto found = discover(*source.value(), plan.value(), cell, {0, {}}, time);
    std::set<std::int64_t> proven;
    for (std::size_t i = 0; found && i < found.value().pusch.size(); ++i) {
      const found_pusch& pusch = found.value().pusch[i];
      if (pusch.finding.is_proven) {
        proven.insert(*pusch.sample);
      }
    }
    if (proven.size() > most_slots) {
      most_slots = proven.size();
      best = one;
    }
    if (most_slots == slots.slots.size()) {
      break;
    }
  }
  return best;
}

} // namespace

bool lacks_timing(const io::iq_recording& recording)
{
  return std::any_of(recording.segments.begin(), recording.segments.end(), [](const io::iq_segment& one) {
    return !one.slot;
  });
}

cell_config timed_cell(const cell_config& cell, const iq_timing& timing)
{
  cell_config out = cell;
  out.carrier.scs = timing.scs;
  out.carrier.nof_prb = timing.nof_prb;
  if (!timing.is_identity_given && timing.identity.scrambling_id < 1008) {
    out.carrier.phys_cell_id = timing.identity.scrambling_id;
  }
  if (timing.carrier_hz) {
    out.carrier.centre_hz = *timing.carrier_hz;
  }
  if (out.iq) {
    out.iq->fft_size = static_cast<std::int32_t>(out.iq->sample_rate_hz / timing.scs.scs_hz());
    out.iq->cfo_hz = static_cast<std::int32_t>(std::lround(timing.cfo_hz));
  }
  return out;
}

result<blind_capture> time_recording(const io::iq_recording& recording,
                                     const cell_config& cell,
                                     bool is_cell_given,
                                     const clock& time)
{
  blind_capture input = {recording.name, recording, cell, std::nullopt};
  if (!lacks_timing(recording)) {
    return input;
  }
  result<iq_timing> timing = find_iq_timing(recording, hints_of(recording, cell, is_cell_given));
  if (!timing) {
    return timing.failure();
  }
  input.timing = std::move(timing).value();
  input.recording = input.timing->recording;
  input.cell = timed_cell(cell, *input.timing);
  if (input.timing->carriers.size() > 1) {
    if (const auto best = try_carriers(input, time)) {
      input.timing->carriers = {*best};
      input.timing->carrier_hz = best->carrier_hz;
      input.timing->carrier_agreement = best->agreement;
      input.cell = timed_cell(cell, *input.timing);
    }
  }
  return input;
}

result<blind_capture> open_blind_capture(const std::string& path,
                                         const std::string& cell_path,
                                         const std::optional<io::raw_iq_config>& raw,
                                         const clock& time)
{
  if (!raw && !is_iq_path(path)) {
    result<cell_config> cell = cell_of_capture(path, cell_path);
    return cell ? result<blind_capture>(
                      blind_capture{path, std::nullopt, std::move(cell).value(), std::nullopt})
                : cell.failure();
  }
  const result<io::iq_recording> recording = raw ? io::describe_raw_iq(path, *raw) : io::read_sigmf(path);
  if (!recording) {
    return recording.failure();
  }
  if (!cell_path.empty()) {
    const result<cell_config> cell = read_cell_file(cell_path);
    return cell ? time_recording(recording.value(), cell.value(), true, time) : cell.failure();
  }
  const auto findings = survey_recording(recording.value(), {false, false, 0.0});
  if (!findings) {
    return findings.failure();
  }
  const auto proposal = propose_iq_cell(findings.value());
  return proposal ? time_recording(recording.value(), proposal.value().cell, false, time)
                  : proposal.failure();
}

result<pipeline::slot_pipeline_plan> plan_blind_receiver(const cell_config& cell)
{
  return plan_receiver(cell, max_pdus);
}

result<std::unique_ptr<slot_source>> open_source(const blind_capture& capture, const schedule& plan)
{
  return capture.recording ? open_iq_source(*capture.recording, capture.cell, plan)
                           : open_source(capture.path, capture.cell, plan);
}

result<blind_input> open_blind_input(const blind_capture& capture)
{
  blind_input input;
  input.slots = std::make_unique<schedule>();
  if (capture.recording) {
    result<schedule> all = every_slot(*capture.recording, capture.cell.carrier.scs);
    if (!all) {
      return all.failure();
    }
    *input.slots = std::move(all).value();
  }
  auto source = open_source(capture, *input.slots);
  if (!source) {
    return source.failure();
  }
  input.source = std::move(source).value();
  return input;
}

result<blind_result> discover(const blind_capture& capture, const blind_options& options, const clock& time)
{
  const auto plan = plan_blind_receiver(capture.cell);
  if (!plan) {
    return plan.failure();
  }
  const auto input = open_blind_input(capture);
  if (!input) {
    return input.failure();
  }
  return discover(*input.value().source, plan.value(), capture.cell, options, time);
}

result<blind_result>
discover(const std::string& path, const cell_config& cell, const blind_options& options, const clock& time)
{
  blind_capture capture = {path, std::nullopt, cell, std::nullopt};
  if (is_iq_path(path)) {
    result<io::iq_recording> recording = io::read_sigmf(path);
    if (!recording) {
      return recording.failure();
    }
    capture.recording = std::move(recording).value();
  }
  return discover(capture, options, time);
}

} // namespace pado::apps
