// SPDX-License-Identifier: Apache-2.0
#include "apps/generate.h"
#include "apps/generate_output.h"
#include "apps/ordered_work.h"
#include "io/sigmf/bounded_json.h"
#include <cmath>
#include <filesystem>
#include <fstream>

namespace pado::apps {

namespace {

namespace fs = std::filesystem;

constexpr const char* cell_mark = "# Written by pado generate";

bool ends_with(const std::string& text, const std::string& end)
{
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// What a worker hands to the writer.
struct made_slot {
  std::optional<error> failure;
  std::vector<timed_frame> frames; ///< propagation grid, packets
  slot_samples_out samples;        ///< propagation samples
};

/// A worker's objects.
struct worker_state {
  explicit worker_state(const generate_plan& plan)
      : maker(plan), rx(static_cast<std::size_t>(plan.ofdm.config.nof_rx_ports * nof_symbols_per_slot *
                                                 plan.ofdm.nof_subcarriers()))
  {
    if (plan.scenario.cell.fronthaul) {
      frames.emplace(plan);
    }
  }
  slot_maker maker;
  std::optional<frame_maker> frames;
  buffer<cf32> rx;
};

/// Everything on the writer's side, in order of slots.
class capture {
public:
  capture(const generate_plan& plan, const std::vector<planned_slot>& slots, generate_summary& summary)
      : plan_(plan), slots_(slots), summary_(summary), state_(plan), stitcher_(plan.ofdm.config.nof_rx_ports),
        ofdm_(plan.ofdm)
  {
  }

  result<nothing> open(const std::string& description);
  result<nothing> add(std::size_t index, made_slot made);
  result<nothing> finish();

private:
  result<nothing> take(std::vector<timed_frame> frames, std::size_t index);
  result<nothing> take(std::optional<stitched_slot> slot);
  result<nothing> record(const stitched_slot& slot);
  result<nothing> write_line(std::size_t index, std::optional<std::int64_t> sample);

  const generate_plan& plan_;
  const std::vector<planned_slot>& slots_;
  generate_summary& summary_;
  worker_state state_;
  slot_stitcher stitcher_;
  phy::ofdm<backend::cpu> ofdm_;
  std::optional<frame_output> frames_;
  std::optional<io::sigmf_writer> recording_;
  std::ofstream lines_;
  std::int64_t last_slot_ = -2;
};

result<nothing> capture::open(const std::string& description)
{
  lines_.open(summary_.schedule_path, std::ios::binary | std::ios::trunc);
  if (!lines_) {
    return error{summary_.schedule_path + ":", "cannot be written"};
  }
  const carrier_config& carrier = plan_.scenario.cell.carrier;
  if (state_.frames) {
    auto writer = io::pcap_writer::create(summary_.capture_path);
    if (!writer) {
      return writer.failure();
    }
    frames_.emplace(std::move(writer).value(), 2 * carrier.nof_rx_ports, state_.frames->sequence_offset());
    return nothing{};
  }
  io::iq_recording recording;
  recording.format = io::sample_format::ci16_le;
  recording.sample_rate_hz = plan_.scenario.cell.iq->sample_rate_hz;
  recording.nof_channels = carrier.nof_rx_ports;
  recording.scale = 1.0F / 32767.0F;
  const std::string base =
      summary_.capture_path.substr(0, summary_.capture_path.size() - std::string(".sigmf-meta").size());
  auto writer = io::sigmf_writer::create(base, recording, description);
  if (!writer) {
    return writer.failure();
  }
  recording_.emplace(std::move(writer).value());
  return nothing{};
}

result<nothing> capture::add(std::size_t index, made_slot made)
{
  if (made.failure) {
    return *made.failure;
  }
  if (plan_.scenario.simulation.propagation == propagation_domain::grid) {
    return take(std::move(made.frames), index);
  }
  return take(stitcher_.push(index, slots_[index].slot, made.samples));
}

result<nothing> capture::finish()
{
  if (plan_.scenario.simulation.propagation == propagation_domain::samples) {
    if (auto last = take(stitcher_.flush()); !last) {
      return last;
    }
  }
  lines_.close();
  if (!lines_) {
    return error{summary_.schedule_path + ":", "could not be written to its end"};
  }
  return frames_ ? frames_->finish() : recording_->finish();
}

result<nothing> capture::take(std::vector<timed_frame> frames, std::size_t index)
{
  std::int64_t safe_ns = std::numeric_limits<std::int64_t>::max();
  if (index + 1 < slots_.size()) {
    const double next_s = phy::slot_start_s(plan_.ofdm.config.scs, slots_[index + 1].slot);
    safe_ns = air_time_ns(plan_.scenario) + std::llround(1e9 * next_s) -
              1000LL * plan_.scenario.link.cplane_lead_us;
  }
  if (auto added = frames_->add(std::move(frames), safe_ns, summary_); !added) {
    return added;
  }
  return write_line(index, std::nullopt);
}

result<nothing> capture::take(std::optional<stitched_slot> slot)
{
  if (!slot) {
    return nothing{};
  }
  if (recording_) {
    return record(*slot);
  }
  // Packets out of samples: the radio unit's own OFDM receiver.
  const std::int32_t nof_rx = plan_.ofdm.config.nof_rx_ports;
  const std::int32_t nof_subcarriers = plan_.ofdm.nof_subcarriers();
  const buffer<ch16> halves(state_.rx.size());
  const std::int32_t in_subframe =
      slots_[slot->index].schedule.plan.slot.slot % plan_.ofdm.config.scs.slots_per_subframe();
  ofdm_.run({slot->memory.as(nof_rx, slot->nof_samples), in_subframe},
            {halves.as(nof_rx, nof_symbols_per_slot, nof_subcarriers)},
            {});
  for (std::size_t i = 0; i < halves.size(); ++i) {
    state_.rx[i] = to_cf32(halves[i]);
  }
  return take(
      state_.frames->make(slots_[slot->index], state_.rx.as(nof_rx, nof_symbols_per_slot, nof_subcarriers)),
      slot->index);
}

result<nothing> capture::record(const stitched_slot& slot)
{
  const planned_slot& planned = slots_[slot.index];
  if (planned.slot != last_slot_ + 1) {
    recording_->begin_segment(plan_.ofdm.config.centre_hz, planned.schedule.plan.slot);
  }
  last_slot_ = planned.slot;
  const float gain = plan_.full_scale / 32767.0F;
  for (cf32& sample : slot.memory) {
    sample = gain * sample;
    summary_.nof_clipped += std::abs(sample.re) > 1.0F || std::abs(sample.im) > 1.0F ? 1 : 0;
  }
  const auto samples = slot.memory.as(plan_.ofdm.config.nof_rx_ports, slot.nof_samples);
  if (auto written = recording_->write(samples); !written) {
    return written;
  }
  const std::int64_t begin = summary_.nof_samples;
  summary_.nof_samples += slot.nof_samples;
  return write_line(slot.index, begin);
}

result<nothing> capture::write_line(std::size_t index, std::optional<std::int64_t> sample)
{
  scheduled_slot line = slots_[index].schedule;
  line.sample = sample;
  lines_ << write_schedule_line(line, plan_.ofdm.config.scs);
  ++summary_.nof_slots;
  summary_.nof_pdus += static_cast<std::int64_t>(line.plan.pusch.size());
  return lines_ ? result<nothing>(nothing{}) : error{summary_.schedule_path + ":", "cannot be written"};
}

result<generate_summary> check_output(const scenario_config& scenario, const generate_options& options)
{
  const bool is_packets = scenario.cell.fronthaul.has_value();
  const std::string& output = options.output;
  if (is_packets != ends_with(output, ".pcap") || is_packets == ends_with(output, ".sigmf-meta")) {
    return error{"-o " + output + ":",
                 is_packets ? "the scenario has fronthaul (O-RAN packets), the output must end in .pcap"
                            : "the scenario has iq (samples), the output must end in .sigmf-meta"};
  }
  generate_summary summary;
  const fs::path folder = fs::path(output).parent_path();
  std::error_code failure;
  if (!folder.empty()) {
    fs::create_directories(folder, failure);
  }
  summary.capture_path = output;
  summary.schedule_path = (folder / "slots.jsonl").string();
  summary.cell_path = (folder / "cell.yaml").string();
  std::ifstream old(summary.cell_path);
  std::string line;
  if (old && std::getline(old, line) && line.rfind(cell_mark, 0) != 0) {
    return error{summary.cell_path + ":",
                 "is there and was not written by pado generate: move it away, or choose another folder"};
  }
  return summary;
}

result<nothing>
write_cell(const scenario_config& scenario, const generate_options& options, const std::string& path)
{
  const std::string text = cell_mark +
                           (options.scenario_name.empty() ? "" : " from " + options.scenario_name) + "\n" +
                           write_cell_file(scenario.cell);
  return io::write_text_file(path, text) ? result<nothing>(nothing{})
                                         : error{path + ":", "cannot be written"};
}

made_slot make_slot(worker_state& state, const generate_plan& plan, const planned_slot& slot)
{
  made_slot made;
  if (plan.scenario.simulation.propagation == propagation_domain::samples) {
    auto samples = state.maker.make_samples(slot);
    if (!samples) {
      made.failure = samples.failure();
      return made;
    }
    made.samples = std::move(samples).value();
    return made;
  }
  const auto rx =
      state.rx.as(plan.ofdm.config.nof_rx_ports, nof_symbols_per_slot, plan.ofdm.nof_subcarriers());
  if (const auto sent = state.maker.make_grid(slot, rx); !sent) {
    made.failure = sent.failure();
    return made;
  }
  made.frames = state.frames->make(slot, rx);
  return made;
}

} // namespace

result<generate_summary> generate(const scenario_config& scenario, const generate_options& options)
{
  auto summary = check_output(scenario, options);
  if (!summary) {
    return summary;
  }
  const auto plan = plan_generate(scenario);
  if (!plan) {
    return plan.failure();
  }
  const auto slots = plan_slots(scenario);
  if (!slots) {
    return slots.failure();
  }
  if (auto written = write_cell(scenario, options, summary.value().cell_path); !written) {
    return written.failure();
  }
  capture to(plan.value(), slots.value(), summary.value());
  if (auto opened = to.open("Generated by pado from " + options.scenario_name); !opened) {
    return opened.failure();
  }
  std::vector<std::unique_ptr<worker_state>> workers;
  workers.reserve(static_cast<std::size_t>(options.nof_workers));
  for (std::int32_t i = 0; i < options.nof_workers; ++i) {
    workers.push_back(std::make_unique<worker_state>(plan.value()));
  }
  const auto nof_slots = static_cast<std::int64_t>(slots.value().size());
  std::optional<error> failure;
  run_ordered<made_slot>(
      nof_slots,
      options.nof_workers,
      [&](int worker, std::int64_t i) {
        return make_slot(*workers[static_cast<std::size_t>(worker)],
                         plan.value(),
                         slots.value()[static_cast<std::size_t>(i)]);
      },
      [&](std::int64_t i, made_slot made) {
        if (auto added = to.add(static_cast<std::size_t>(i), std::move(made)); !added) {
          failure = added.failure();
          return false;
        }
        summary.value().is_cut = options.progress && !options.progress(i + 1, nof_slots) && i + 1 < nof_slots;
        return !summary.value().is_cut;
      });
  if (failure) {
    return *failure;
  }
  if (auto finished = to.finish(); !finished) {
    return finished.failure();
  }
  return summary;
}

} // namespace pado::apps
