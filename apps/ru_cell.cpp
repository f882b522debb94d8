// SPDX-License-Identifier: Apache-2.0
#include "apps/ru_cell.h"
#include "apps/generate_output.h"
#include "apps/ordered_work.h"
#include "io/compress/codec.h"
#include "io/sigmf/bounded_json.h"
#include "phy/ofdm/ofdm.h"
#include <memory>
#include <optional>

namespace pado::apps {

namespace {

constexpr std::size_t max_waveform_bytes = std::size_t{8} << 30U;

/// A worker's objects.
struct waveform_worker {
  explicit waveform_worker(const ru_cell_plan& cell)
      : maker(cell.plan),
        rx(static_cast<std::size_t>(cell.plan.ofdm.config.nof_rx_ports * nof_symbols_per_slot *
                                    cell.plan.ofdm.nof_subcarriers()))
  {
  }
  view<cf32, 3> grid(const ru_cell_plan& cell) const
  {
    return rx.as(cell.plan.ofdm.config.nof_rx_ports, nof_symbols_per_slot, cell.plan.ofdm.nof_subcarriers());
  }
  slot_maker maker;
  buffer<cf32> rx;
};

std::vector<std::unique_ptr<waveform_worker>> workers_of(const ru_cell_plan& cell, std::int32_t nof_workers)
{
  std::vector<std::unique_ptr<waveform_worker>> workers;
  workers.reserve(static_cast<std::size_t>(nof_workers));
  for (std::int32_t i = 0; i < nof_workers; ++i) {
    workers.push_back(std::make_unique<waveform_worker>(cell));
  }
  return workers;
}

/// What a worker hands over: a slot of propagation grid, or samples that have yet to meet their neighbours.
struct made_waveform {
  std::optional<error> failure;
  packed_slot packed;
  slot_samples_out samples;
};

made_waveform make_one(waveform_worker& worker, const ru_cell_plan& cell, const planned_slot& slot)
{
  made_waveform made;
  if (cell.plan.scenario.simulation.propagation == propagation_domain::samples) {
    auto samples = worker.maker.make_samples(slot);
    if (samples) {
      made.samples = std::move(samples).value();
    } else {
      made.failure = samples.failure();
    }
    return made;
  }
  const view<cf32, 3> rx = worker.grid(cell);
  if (const auto sent = worker.maker.make_grid(slot, rx); !sent) {
    made.failure = sent.failure();
    return made;
  }
  made.packed = packed_slot(cell);
  made.packed.pack(cell, rx);
  return made;
}

/// The radio unit's own OFDM receiver, for propagation samples.
class sample_packer {
public:
  explicit sample_packer(const ru_cell_plan& cell)
      : cell_(cell), worker_(cell), stitcher_(cell.plan.ofdm.config.nof_rx_ports), ofdm_(cell.plan.ofdm),
        halves_(worker_.rx.size())
  {
  }
  void push(std::size_t index, const slot_samples_out& samples, std::vector<packed_slot>& to)
  {
    pack(stitcher_.push(index, cell_.slots[index].slot, samples), to);
  }
  void flush(std::vector<packed_slot>& to) { pack(stitcher_.flush(), to); }

private:
  void pack(const std::optional<stitched_slot>& slot, std::vector<packed_slot>& to)
  {
    if (!slot) {
      return;
    }
    const view<cf32, 3> rx = worker_.grid(cell_);
    const numerology scs = cell_.plan.ofdm.config.scs;
    const std::int32_t in_subframe =
        cell_.slots[slot->index].schedule.plan.slot.slot % scs.slots_per_subframe();
    ofdm_.run({slot->memory.as(rx.extent(0), slot->nof_samples), in_subframe},
              {halves_.as(rx.extent(0), rx.extent(1), rx.extent(2))},
              {});
    for (std::size_t i = 0; i < halves_.size(); ++i) {
      worker_.rx[i] = to_cf32(halves_[i]);
    }
    to[slot->index] = packed_slot(cell_);
    to[slot->index].pack(cell_, rx);
  }

  const ru_cell_plan& cell_;
  waveform_worker worker_;
  slot_stitcher stitcher_;
  phy::ofdm<backend::cpu> ofdm_;
  buffer<ch16> halves_;
};

std::int32_t period_frames_of(const scenario_config& scenario)
{
  const std::int64_t per_frame = scenario.cell.carrier.scs.slots_per_frame();
  const std::int64_t pattern =
      scenario.cell.tdd ? static_cast<std::int64_t>(scenario.cell.tdd->slots.size()) : 1;
  std::int32_t frames = 1;
  while (frames <= nof_sfn &&
         (frames * per_frame < scenario.simulation.nof_slots || frames * per_frame % pattern != 0)) {
    frames *= 2;
  }
  return frames;
}

} // namespace

result<ru_cell_plan> plan_ru_cell(scenario_config scenario)
{
  if (!scenario.cell.fronthaul) {
    return error{scenario.cell.carrier.name + ": fronthaul",
                 "is missing: a radio unit sends packets, iq is for recordings"};
  }
  ru_cell_plan cell;
  cell.period_frames = period_frames_of(scenario);
  if (cell.period_frames > nof_sfn) {
    return error{scenario.cell.carrier.name + ": simulation.slots",
                 "is more than the 1024 frames of the SFN cycle, after which a radio unit repeats"};
  }
  cell.period_slots = std::int64_t{cell.period_frames} * scenario.cell.carrier.scs.slots_per_frame();
  scenario.simulation.first_sfn = 0;
  scenario.simulation.nof_slots = cell.period_slots;
  auto plan = plan_generate(scenario);
  if (!plan) {
    return plan.failure();
  }
  cell.plan = std::move(plan).value();
  auto slots = plan_slots(scenario);
  if (!slots) {
    return slots.failure();
  }
  cell.slots = std::move(slots).value();
  cell.format = {scenario.cell.fronthaul->comp_method,
                 static_cast<std::uint8_t>(scenario.cell.fronthaul->comp_width)};
  return cell;
}

result<nothing> write_ru_schedule(const ru_cell_plan& cell, const std::string& path)
{
  std::string lines;
  for (const planned_slot& slot : cell.slots) {
    lines += write_schedule_line(slot.schedule, cell.plan.scenario.cell.carrier.scs);
  }
  return io::write_text_file(path, lines) ? result<nothing>(nothing{})
                                          : error{path + ":", "cannot be written"};
}

packed_slot::packed_slot(const ru_cell_plan& cell)
    : row_bytes_(io::prb_bytes(cell.format) * static_cast<std::size_t>(cell.plan.ofdm.config.nof_prb)),
      bytes_(row_bytes_ * static_cast<std::size_t>(cell.plan.ofdm.config.nof_rx_ports * nof_symbols_per_slot))
{
}

void packed_slot::pack(const ru_cell_plan& cell, view<const cf32, 3> rx)
{
  std::span<std::byte> to = bytes_;
  for (std::int32_t port = 0; port < rx.extent(0); ++port) {
    for (std::int32_t symbol = 0; symbol < rx.extent(1); ++symbol) {
      const auto row = rx[port][symbol];
      io::encode_prbs(cell.format,
                      std::span(row.data(), static_cast<std::size_t>(row.extent(0))),
                      cell.plan.full_scale,
                      to.first(row_bytes_));
      to = to.subspan(row_bytes_);
    }
  }
}

result<ru_waveform> ru_waveform::make(const ru_cell_plan& cell, const settings& how)
{
  const auto nof_slots = static_cast<std::int64_t>(cell.slots.size());
  const std::size_t bytes = packed_slot(cell).size_bytes() * cell.slots.size();
  if (bytes > max_waveform_bytes) {
    return error{cell.plan.scenario.cell.carrier.name + ": simulation.slots",
                 "need " + std::to_string(bytes >> 20U) + " MiB of samples, at most 8192: use fewer slots"};
  }
  ru_waveform made;
  made.index_.assign(static_cast<std::size_t>(cell.period_slots), -1);
  made.slots_.resize(cell.slots.size());
  if (auto noise = made.make_noise(cell); !noise) {
    return noise.failure();
  }
  const auto workers = workers_of(cell, how.nof_workers);
  const bool is_samples = cell.plan.scenario.simulation.propagation == propagation_domain::samples;
  std::optional<sample_packer> packer;
  if (is_samples) {
    packer.emplace(cell);
  }
  std::optional<error> failure;
  run_ordered<made_waveform>(
      nof_slots,
      how.nof_workers,
      [&](int worker, std::int64_t i) {
        return make_one(
            *workers[static_cast<std::size_t>(worker)], cell, cell.slots[static_cast<std::size_t>(i)]);
      },
      [&](std::int64_t i, made_waveform one) {
        const auto index = static_cast<std::size_t>(i);
        made.index_[static_cast<std::size_t>(cell.slots[index].slot)] = static_cast<std::int32_t>(i);
        failure = one.failure;
        if (!failure && is_samples) {
          packer->push(index, one.samples, made.slots_);
        } else if (!failure) {
          made.slots_[index] = std::move(one.packed);
        }
        if (!failure && how.progress && !how.progress(i + 1, nof_slots)) {
          failure = error{cell.plan.scenario.cell.carrier.name, "was stopped before all slots were made"};
        }
        return !failure;
      });
  if (failure) {
    return *failure;
  }
  if (is_samples) {
    packer->flush(made.slots_);
  }
  return made;
}

result<nothing> ru_waveform::make_noise(const ru_cell_plan& cell)
{
  waveform_worker worker(cell);
  for (std::size_t i = 0; i < nof_noise_slots; ++i) {
    planned_slot silent;
    silent.slot = cell.period_slots + static_cast<std::int64_t>(i); // noise of its own
    silent.schedule.plan.slot = {0, 0};
    if (auto sent = worker.maker.make_grid(silent, worker.grid(cell)); !sent) {
      return sent;
    }
    noise_.emplace_back(cell);
    noise_.back().pack(cell, worker.grid(cell));
  }
  return nothing{};
}

std::size_t ru_waveform::size_bytes() const noexcept
{
  std::size_t sum = 0;
  for (const std::vector<packed_slot>* all : {&slots_, &noise_}) {
    for (const packed_slot& slot : *all) {
      sum += slot.size_bytes();
    }
  }
  return sum;
}

} // namespace pado::apps
