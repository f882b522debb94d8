// SPDX-License-Identifier: Apache-2.0
#include "apps/slot_source.h"
#include "core/buffer.h"
#include "io/grid/grid_capture.h"
#include <deque>
#include <fmt/format.h>
#include <map>

namespace pado::apps {

namespace {

class grid_source final : public slot_source {
public:
  grid_source(io::grid_reader reader, const cell_config& cell, const schedule& plan)
      : reader_(std::move(reader)), plan_(plan),
        nof_subcarriers_(nof_subcarriers_per_prb * cell.carrier.nof_prb),
        values_(static_cast<std::size_t>(reader_.capture().values_per_slot()))
  {
    sort_lines();
  }

  result<bool> next(sourced_slot& out) override
  {
    const io::grid_capture& capture = reader_.capture();
    if (at_ == capture.slots.size()) {
      return false;
    }
    const io::grid_capture_slot& slot = capture.slots[at_];
    const auto grid = values_.as(capture.nof_rx_ports, nof_symbols_per_slot, nof_subcarriers_);
    if (const auto read = reader_.read(at_, grid); !read) {
      return read.failure();
    }
    ++at_;
    out.slot = uplink_slot{};
    out.slot.slot = slot.slot;
    out.slot.grid = grid;
    out.scheduled = line_of(slot);
    return true;
  }

  double progress() const override
  {
    const std::size_t size = reader_.capture().slots.size();
    return size == 0 ? 1.0 : static_cast<double>(at_) / static_cast<double>(size);
  }

  std::vector<source_count> counts() const override
  {
    return {{"slots read", at_},
            {"slots cut off with the file", static_cast<std::uint64_t>(reader_.capture().nof_cut)},
            {"scheduled slots outside the capture", nof_lines_left_},
            {"values that are no numbers", static_cast<std::uint64_t>(reader_.nof_unusable())}};
  }

  std::string describe() const override
  {
    const io::grid_capture& capture = reader_.capture();
    return fmt::format("grid capture, {} slots, {} port{}, {} PRB",
                       capture.slots.size(),
                       capture.nof_rx_ports,
                       capture.nof_rx_ports == 1 ? "" : "s",
                       capture.nof_prb);
  }

private:
  /// Lines that name the place of a slot, and the others by their slot, in order.
  void sort_lines()
  {
    std::map<std::int64_t, slot_id> slot_at;
    for (const io::grid_capture_slot& slot : reader_.capture().slots) {
      slot_at.emplace(slot.offset, slot.slot);
    }
    for (const scheduled_slot& line : plan_.slots) {
      const auto at = line.sample ? slot_at.find(*line.sample) : slot_at.end();
      if (at != slot_at.end() && at->second == line.plan.slot) {
        lines_at_.emplace(*line.sample, &line);
      } else {
        lines_of_[{line.plan.slot.sfn, line.plan.slot.slot}].push_back(&line);
      }
      ++nof_lines_left_;
    }
  }

  const scheduled_slot* line_of(const io::grid_capture_slot& slot)
  {
    const scheduled_slot* line = nullptr;
    if (const auto at = lines_at_.find(slot.offset); at != lines_at_.end()) {
      line = at->second;
    } else if (const auto of = lines_of_.find({slot.slot.sfn, slot.slot.slot});
               of != lines_of_.end() && !of->second.empty()) {
      line = of->second.front();
      of->second.pop_front();
    }
    nof_lines_left_ -= line == nullptr ? 0 : 1;
    return line;
  }

  io::grid_reader reader_;
  const schedule& plan_;
  std::int32_t nof_subcarriers_;
  buffer<ch16> values_;
  std::size_t at_ = 0;
  std::map<std::int64_t, const scheduled_slot*> lines_at_;
  std::map<std::pair<std::int32_t, std::int32_t>, std::deque<const scheduled_slot*>> lines_of_;
  std::uint64_t nof_lines_left_ = 0; ///< lines for which no slot has come
};

} // namespace

result<std::unique_ptr<slot_source>>
open_grid_source(const std::string& path, const cell_config& cell, const schedule& plan)
{
  const auto capture = io::read_grid_capture(path);
  if (!capture) {
    return capture.failure();
  }
  const carrier_config& carrier = cell.carrier;
  if (!cell.has_grid) {
    return error{path, "is a grid capture, but the cell has no `grid: yes`; pado import writes one"};
  }
  const struct {
    const char* key;
    std::int64_t of_cell, of_capture;
  } same[] = {{"carrier.nof_prb", carrier.nof_prb, capture.value().nof_prb},
              {"carrier.nof_rx_ports", carrier.nof_rx_ports, capture.value().nof_rx_ports},
              {"carrier.scs_khz", carrier.scs.scs_hz() / 1000, capture.value().scs.scs_hz() / 1000}};
  for (const auto& [key, of_cell, of_capture] : same) {
    if (of_cell != of_capture) {
      return error{key, fmt::format("is {}, but {} has {}", of_cell, capture.value().name, of_capture)};
    }
  }
  auto reader = io::grid_reader::open(capture.value());
  if (!reader) {
    return reader.failure();
  }
  return std::unique_ptr<slot_source>(std::make_unique<grid_source>(std::move(reader).value(), cell, plan));
}

result<std::unique_ptr<slot_source>>
open_source(const std::string& path, const cell_config& cell, const schedule& plan)
{
  if (io::is_grid_path(path)) {
    return open_grid_source(path, cell, plan);
  }
  return is_iq_path(path) ? open_iq_source(path, cell, plan) : open_fronthaul_source(path, cell, plan);
}

} // namespace pado::apps
