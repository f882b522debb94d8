// SPDX-License-Identifier: Apache-2.0
#include "apps/iq_blocks.h"
#include "apps/slot_source.h"
#include "phy/uplink_sync/prefix_fold.h"
#include <algorithm>
#include <cmath>

namespace pado::apps {

namespace {
constexpr float over_floor = 2.0F; ///< power of a block with a signal
}

std::optional<error> iq_blocks::read(
    const io::iq_segment& segment, std::int64_t begin, std::int32_t count, view<cf32, 2> out, std::int32_t at)
{
  const std::int64_t first = std::max(begin, segment.sample_begin);
  const std::int64_t end = std::min(begin + count, segment.sample_end);
  if (first >= end) {
    return std::nullopt;
  }
  const std::int32_t ports = out.extent(0);
  const auto size = static_cast<std::int32_t>(end - first);
  if (block_.size() < static_cast<std::size_t>(ports) * static_cast<std::size_t>(size)) {
    block_ = buffer<cf32>(static_cast<std::size_t>(ports) * static_cast<std::size_t>(size));
  }
  const view<cf32, 2> rows(block_.data(), ports, size);
  if (auto got = reader_.read(first, rows); !got) {
    return got.failure();
  }
  for (std::int32_t port = 0; port < ports; ++port) {
    for (std::int32_t n = 0; n < size; ++n) {
      const cf32 value = rows(port, n);
      const bool is_number = std::isfinite(value.re) && std::isfinite(value.im);
      out(port, at + static_cast<std::int32_t>(first - begin) + n) = is_number ? value : cf32{};
    }
  }
  return std::nullopt;
}

std::optional<error>
iq_blocks::find_loud(const io::iq_segment& segment, std::size_t most, std::vector<std::int64_t>& to)
{
  const std::int32_t ports = recording().nof_channels;
  std::vector<std::pair<float, std::int64_t>> power;
  for (std::int64_t at = segment.sample_begin; at < segment.sample_end; at += period_) {
    buffer<cf32> samples(static_cast<std::size_t>(ports) * static_cast<std::size_t>(period_));
    if (auto failure = read(segment, at, period_, samples.as(ports, period_), 0)) {
      return failure;
    }
    float sum = 0.0F;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      sum += norm(samples.data()[i]);
    }
    power.emplace_back(sum, at);
  }
  std::sort(power.begin(), power.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  // All as loud as each other: a signal all the time, or noise alone.
  const float floor = power.empty() ? 0.0F : power[power.size() - 1 - power.size() / 10].first;
  const bool has_floor = !power.empty() && power.front().first > over_floor * floor;
  for (const auto& [sum, at] : power) {
    if (sum > 0.0F && (!has_floor || sum > over_floor * floor) && to.size() < most) {
      to.push_back(at);
    }
  }
  return std::nullopt;
}

std::optional<error> iq_blocks::measure_prefixes(const io::iq_segment& segment,
                                                 const std::vector<std::int64_t>& loud,
                                                 const std::vector<numerology>& numerologies,
                                                 std::vector<phy::prefix_match>& to)
{
  const std::int32_t ports = recording().nof_channels;
  const std::int64_t rate = recording().sample_rate_hz;
  const auto count = static_cast<std::int32_t>(loud.size());
  const std::int32_t length = period_ + static_cast<std::int32_t>(rate / numerologies.front().scs_hz());
  const buffer<cf32> samples(static_cast<std::size_t>(ports) * static_cast<std::size_t>(count) *
                             static_cast<std::size_t>(length));
  const auto rows = samples.as(ports, count * length);
  std::vector<phy::prefix_fold_task> tasks;
  for (std::int32_t i = 0; i < count; ++i) {
    if (auto failure = read(segment, loud[static_cast<std::size_t>(i)], length, rows, i * length)) {
      return failure;
    }
    float power = 0.0F;
    for (std::int32_t port = 0; port < ports; ++port) {
      for (std::int32_t n = 0; n < length; ++n) {
        power += norm(rows(port, i * length + n));
      }
    }
    tasks.push_back({i * length, 1.0F / std::max(power, 1e-30F)});
  }
  const auto plan = phy::plan_prefix_fold({ports, period_, std::max(count, 1)});
  if (!plan) {
    return plan.failure();
  }
  phy::prefix_fold<backend::cpu> fold(plan.value());
  const buffer<cf32> products(static_cast<std::size_t>(period_));
  for (const numerology scs : numerologies) {
    fold.run({view<const phy::prefix_fold_task, 1>(tasks.data(), count),
              rows,
              static_cast<std::int32_t>(rate / scs.scs_hz())},
             {products.as(period_)},
             {});
    to.push_back(phy::find_prefixes(products.as(period_), scs, rate));
  }
  return std::nullopt;
}

std::vector<std::int64_t> iq_blocks::halves_of(const io::iq_segment& segment,
                                               std::int64_t begin,
                                               const std::vector<std::int64_t>& loud,
                                               std::size_t most) const
{
  const std::int64_t slack = period_ / 256;
  std::vector<std::int64_t> halves;
  for (const std::int64_t block : loud) {
    const std::int64_t first = (block - begin + 2 * period_) / period_ - 2; // begin may lie behind the block
    for (const std::int64_t half : {first, first + 1}) {
      const std::int64_t from = begin + half * period_;
      // A late signal's last samples, or an early guess, may lie outside: silence for the transform.
      const bool is_inside =
          from + slack >= segment.sample_begin && from + period_ <= segment.sample_end + slack;
      const bool is_new = std::find(halves.begin(), halves.end(), half) == halves.end();
      if (is_inside && is_new && halves.size() < most) {
        halves.push_back(half);
      }
    }
  }
  std::sort(halves.begin(), halves.end());
  return halves;
}

std::optional<error> iq_blocks::transform(const io::iq_segment& segment,
                                          std::int64_t begin,
                                          const std::vector<std::int64_t>& halves,
                                          const phy::half_subframe_config& config,
                                          std::vector<phy::frame_symbol>& to)
{
  to.clear();
  auto plan = phy::half_subframe::plan(config);
  if (!plan) {
    return plan.failure();
  }
  const std::int32_t ports = recording().nof_channels;
  for (const std::int64_t half : halves) {
    buffer<cf32> samples(static_cast<std::size_t>(ports) * static_cast<std::size_t>(period_));
    const auto rows = samples.as(ports, period_);
    if (auto failure = read(segment, begin + half * period_, period_, rows, 0)) {
      return failure;
    }
    plan.value().run(rows, static_cast<std::int32_t>(half) * (7 << config.scs.mu), to);
  }
  return std::nullopt;
}

io::iq_segment
whole_slots(const io::iq_segment& segment, std::int64_t half_begin, std::int32_t half, slot_grid grid)
{
  io::iq_segment out = segment;
  out.sample_begin = half_begin;
  if (grid.scs.mu == 0 && half % 2 != 0) { // the second half of a slot
    out.sample_begin -= grid.sample_rate_hz / 2000;
  }
  slot_id at = {0, half << grid.scs.mu >> 1};
  const auto length = [&](std::int32_t number) {
    return slot_length(grid.scs, grid.sample_rate_hz, number % grid.scs.slots_per_subframe());
  };
  // Slots begin a little early on purpose; one that begins with the segment is whole all the same.
  const std::int64_t slack =
      phy::prefix_samples(static_cast<std::int32_t>(grid.sample_rate_hz / grid.scs.scs_hz())) / 16 + 1;
  while (out.sample_begin + slack < segment.sample_begin) {
    out.sample_begin += length(at.slot);
    at = advance(at, 1, grid.scs);
  }
  for (slot_id before = advance(at, -1, grid.scs);
       out.sample_begin - length(before.slot) + slack >= segment.sample_begin;
       before = advance(at, -1, grid.scs)) {
    out.sample_begin -= length(before.slot);
    at = before;
  }
  out.sample_begin = std::max(out.sample_begin, segment.sample_begin);
  out.slot = slot_id{0, at.slot};
  return out;
}

} // namespace pado::apps
