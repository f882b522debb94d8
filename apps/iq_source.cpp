// SPDX-License-Identifier: Apache-2.0
#include "apps/slot_source.h"
#include "core/buffer.h"
#include "io/sigmf/iq_recording.h"
#include <algorithm>
#include <fmt/format.h>
#include <numbers>

namespace pado::apps {

std::int64_t slot_begin_in_subframe(const numerology& scs, std::int64_t sample_rate_hz, std::int32_t slot)
{
  // Extra prefix samples: 16 kappa Tc = 1 / 1.92 MHz, at the beginning of each half of the subframe.
  const std::int64_t extra = sample_rate_hz / 1920000;
  const std::int64_t plain = sample_rate_hz / 1000 - 2 * extra;
  const std::int64_t halves = slot == 0     ? 0
                              : scs.mu == 0 ? 2
                                            : 1 + (2 * slot > scs.slots_per_subframe() ? 1 : 0);
  return plain * slot / scs.slots_per_subframe() + extra * halves;
}

namespace {

class iq_source final : public slot_source {
public:
  iq_source(io::iq_reader reader, const cell_config& cell, const schedule& plan)
      : reader_(std::move(reader)), scs_(cell.carrier.scs), cfo_hz_(cell.iq->cfo_hz), plan_(plan)
  {
  }

  result<bool> next(sourced_slot& out) override
  {
    while (at_ < plan_.slots.size()) {
      const scheduled_slot& scheduled = plan_.slots[at_++];
      const std::optional<std::int64_t> begin = sample_of(scheduled);
      const std::int64_t length = samples_of(scheduled.plan.slot.slot % scs_.slots_per_subframe());
      if (!begin || *begin < 0 || *begin + length > reader_.recording().nof_samples) {
        ++nof_outside_;
        continue;
      }
      if (auto read = this->read(*begin, length); !read) {
        return read.failure();
      }
      ++nof_read_;
      out.slot = uplink_slot{};
      out.slot.slot = scheduled.plan.slot;
      out.slot.samples = view<const cf32, 2>(samples_.data(), reader_.recording().nof_channels, length);
      out.scheduled = &scheduled;
      return true;
    }
    return false;
  }

  double progress() const override
  {
    return plan_.slots.empty() ? 1.0 : static_cast<double>(at_) / static_cast<double>(plan_.slots.size());
  }

  std::vector<source_count> counts() const override
  {
    return {{"slots read", nof_read_}, {"scheduled slots outside the recording", nof_outside_}};
  }

  std::string describe() const override
  {
    const io::iq_recording& recording = reader_.recording();
    return fmt::format("IQ {} MS/s, {} port{}",
                       static_cast<double>(recording.sample_rate_hz) / 1e6,
                       recording.nof_channels,
                       recording.nof_channels == 1 ? "" : "s");
  }

private:
  std::int64_t samples_of(std::int32_t slot_in_subframe) const
  {
    return slot_length(scs_, reader_.recording().sample_rate_hz, slot_in_subframe);
  }

  std::optional<std::int64_t> sample_of(const scheduled_slot& scheduled) const
  {
    if (scheduled.sample) {
      return scheduled.sample;
    }
    const std::int64_t rate = reader_.recording().sample_rate_hz;
    for (const io::iq_segment& segment : reader_.recording().segments) {
      if (!segment.slot) {
        continue;
      }
      const std::int32_t per_subframe = scs_.slots_per_subframe();
      const std::int32_t first = slot_count(*segment.slot, scs_);
      const std::int32_t ahead = distance(*segment.slot, scheduled.plan.slot, scs_);
      if (ahead < 0) {
        continue;
      }
      const auto time_of = [&](std::int32_t count) {
        return (count / per_subframe) * (rate / 1000) +
               slot_begin_in_subframe(scs_, rate, count % per_subframe);
      };
      const std::int64_t begin = segment.sample_begin + time_of(first + ahead) - time_of(first);
      if (begin < segment.sample_end) {
        return begin;
      }
    }
    return std::nullopt;
  }

  result<nothing> read(std::int64_t begin, std::int64_t length)
  {
    const std::int32_t ports = reader_.recording().nof_channels;
    const auto size = static_cast<std::size_t>(length) * static_cast<std::size_t>(ports);
    if (samples_.size() < size) {
      samples_ = buffer<cf32>(size);
    }
    const view<cf32, 2> rows(samples_.data(), ports, length);
    result<nothing> outcome = reader_.read(begin, rows);
    if (outcome && cfo_hz_ != 0) {
      turn_back(rows);
    }
    return outcome;
  }

  /// Removes the carrier offset; its phase begins anew with each slot, which is what a channel may do.
  void turn_back(view<cf32, 2> rows) const
  {
    const double step =
        -2.0 * std::numbers::pi * cfo_hz_ / static_cast<double>(reader_.recording().sample_rate_hz);
    for (std::int32_t n = 0; n < rows.extent(1); ++n) {
      const cf32 turn = polar(static_cast<float>(std::remainder(step * n, 2.0 * std::numbers::pi)));
      for (std::int32_t port = 0; port < rows.extent(0); ++port) {
        rows(port, n) = rows(port, n) * turn;
      }
    }
  }

  io::iq_reader reader_;
  numerology scs_;
  std::int32_t cfo_hz_;
  const schedule& plan_;
  std::size_t at_ = 0;
  buffer<cf32> samples_;
  std::uint64_t nof_read_ = 0;
  std::uint64_t nof_outside_ = 0;
};

} // namespace

bool is_iq_path(const std::string& path)
{
  const auto ends = [&](const char* ending) { return path.ends_with(ending); };
  return ends(".sigmf-meta") || ends(".sigmf-data") || ends(".sigmf");
}

result<std::unique_ptr<slot_source>>
open_iq_source(const std::string& path, const cell_config& cell, const schedule& plan)
{
  const result<io::iq_recording> recording = io::read_sigmf(path);
  return recording ? open_iq_source(recording.value(), cell, plan) : recording.failure();
}

result<std::unique_ptr<slot_source>>
open_iq_source(const io::iq_recording& recording, const cell_config& cell, const schedule& plan)
{
  if (!cell.iq) {
    return error{recording.name, "is an IQ recording, but the cell has no `iq:`; pado inspect writes one"};
  }
  if (cell.iq->sample_rate_hz != recording.sample_rate_hz) {
    return error{"iq.sample_rate_hz",
                 fmt::format("is {}, but {} has {} samples a second",
                             cell.iq->sample_rate_hz,
                             recording.name,
                             recording.sample_rate_hz)};
  }
  if (cell.carrier.nof_rx_ports != recording.nof_channels) {
    return error{"carrier.nof_rx_ports",
                 fmt::format("is {}, but {} has {} channels",
                             cell.carrier.nof_rx_ports,
                             recording.name,
                             recording.nof_channels)};
  }
  result<io::iq_reader> reader = io::iq_reader::open(recording);
  if (!reader) {
    return reader.failure();
  }
  return std::unique_ptr<slot_source>(std::make_unique<iq_source>(std::move(reader).value(), cell, plan));
}

} // namespace pado::apps
