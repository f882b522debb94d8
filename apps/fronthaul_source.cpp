// SPDX-License-Identifier: Apache-2.0
#include "apps/capture_fit.h"
#include "apps/cell_assembly.h"
#include "apps/cplane_sections.h"
#include "apps/flow_status.h"
#include "apps/slot_source.h"
#include "io/assembly/slot_assembler.h"
#include "io/pcap/pcap_reader.h"
#include <fmt/format.h>
#include <map>

namespace pado::apps {

namespace {

constexpr std::int32_t nof_frame_ids = 256; ///< frameId of a packet is the SFN modulo 256

/// Finds the line of a schedule for a slot whose SFN is known modulo 256: the next one in the order of the
/// file.
class schedule_index {
public:
  explicit schedule_index(const schedule& plan) : plan_(plan)
  {
    for (std::size_t i = 0; i < plan.slots.size(); ++i) {
      lines_[key_of(plan.slots[i].plan.slot)].push_back(i);
    }
  }

  const scheduled_slot* find(slot_id slot)
  {
    const auto found = lines_.find(key_of(slot));
    if (found == lines_.end()) {
      return nullptr;
    }
    // Slots may complete a little out of order, so a line just behind the newest one is still taken.
    for (const std::size_t line : found->second) {
      if (line + backlog >= newest_) {
        newest_ = std::max(newest_, line);
        return &plan_.slots[line];
      }
    }
    return nullptr;
  }

private:
  static constexpr std::size_t backlog = 64;
  static std::int64_t key_of(slot_id slot)
  {
    return std::int64_t{slot.sfn % nof_frame_ids} << 16U | slot.slot;
  }

  const schedule& plan_;
  std::map<std::int64_t, std::vector<std::size_t>> lines_;
  std::size_t newest_ = 0;
};

class fronthaul_source final : public slot_source {
public:
  fronthaul_source(io::pcap_reader reader,
                   const io::slot_assembler_plan& plan,
                   const schedule& lines,
                   const cell_config& cell)
      : reader_(std::move(reader)), assembler_(plan), index_(lines), config_(*cell.fronthaul),
        sections_(*cell.fronthaul, cell.carrier)
  {
  }

  result<bool> next(sourced_slot& out) override
  {
    if (is_lent_) {
      assembler_.release(lent_);
      is_lent_ = false;
    }
    drop_prach();
    while (!assembler_.pop(lent_)) {
      if (is_flushed_) {
        return failure_ ? result<bool>(*failure_) : result<bool>(false);
      }
      read_one();
      drop_prach();
    }
    is_lent_ = true;
    out.slot = lent_.slot;
    out.asked = sections_.take(lent_.slot.slot);
    out.scheduled = index_.find(lent_.slot.slot);
    if (out.scheduled != nullptr) {
      out.slot.slot = out.scheduled->plan.slot;
    }
    return true;
  }

  double progress() const override
  {
    const std::int64_t size = reader_.info().file_bytes;
    return size > 0 ? static_cast<double>(reader_.position()) / static_cast<double>(size) : 0.0;
  }

  std::vector<source_count> counts() const override
  {
    const io::assembler_counters& all = assembler_.counters();
    std::vector<source_count> out = {{"frames received", all.frames.received.value()},
                                     {"frames accepted", all.frames.accepted.value()}};
    for (std::size_t reason = 0; reason < all.frames.dropped.size(); ++reason) {
      if (all.frames.dropped[reason].value() > 0) {
        out.emplace_back(fmt::format("frames dropped: {}", io::name_of(static_cast<io::drop_reason>(reason))),
                         all.frames.dropped[reason].value());
      }
    }
    out.emplace_back("sections accepted", all.sections.accepted.value());
    out.emplace_back("slots complete", all.slots_complete.value());
    out.emplace_back("slots with missing PRBs", all.slots_incomplete.value());
    out.emplace_back("PRACH slots (not decoded yet)", all.prach_slots.value());
    std::uint64_t lost = 0;
    std::uint64_t early = 0;
    std::uint64_t late = 0;
    for (const io::flow_counters& flow : assembler_.flows()) {
      lost += flow.user.lost.value();
      early += flow.early.value();
      late += flow.late.value();
    }
    out.emplace_back("messages lost by sequence number", lost);
    out.emplace_back("messages early", early);
    out.emplace_back("messages late", late);
    return out;
  }

  std::optional<fronthaul_status> fronthaul() const override
  {
    fronthaul_status out;
    out.window = config_.window;
    out.clock = config_.clock.value_or(packet_clock::utc);
    for (const io::flow_counters& flow : assembler_.flows()) {
      out.flows.push_back(status_of(flow));
    }
    return out;
  }

  std::string describe() const override
  {
    const std::size_t nof_ports = config_.eaxc_pusch.size();
    return fmt::format("O-RAN U-plane, {} port{}", nof_ports, nof_ports == 1 ? "" : "s");
  }

private:
  void read_one()
  {
    io::capture_frame frame;
    if (reader_.next(frame)) {
      sections_.add(frame.bytes);
      assembler_.push(frame.bytes, frame.time_ns);
      return;
    }
    failure_ = reader_.failure();
    assembler_.flush();
    is_flushed_ = true;
  }

  void drop_prach()
  {
    io::lent<io::prach_slot> prach;
    while (assembler_.pop(prach)) {
      assembler_.release(prach);
    }
  }

  io::pcap_reader reader_;
  io::slot_assembler assembler_;
  schedule_index index_;
  fronthaul_config config_;
  cplane_sections sections_;
  io::lent<uplink_slot> lent_;
  bool is_lent_ = false;
  bool is_flushed_ = false;
  std::optional<error> failure_;
};

} // namespace

result<std::unique_ptr<slot_source>>
open_fronthaul_source(const std::string& path, const cell_config& cell, const schedule& plan)
{
  if (!cell.fronthaul) {
    return error{path, "is a packet capture, but the cell has no `fronthaul:`; pado inspect writes one"};
  }
  result<io::pcap_reader> reader = io::pcap_reader::open(path);
  if (!reader) {
    return reader.failure();
  }
  result<io::slot_assembler_config> config = assembly_of({&cell, 1});
  if (!config) {
    return config.failure();
  }
  if (cell.fronthaul->clock == packet_clock::fitted) {
    const auto sfn0_ns = fit_sfn0_ns(path, config.value());
    if (!sfn0_ns) {
      return sfn0_ns.failure();
    }
    config.value().cells.front().sfn0_ns = sfn0_ns.value();
  }
  const result<io::slot_assembler_plan> assembler = io::plan_slot_assembler(std::move(config).value());
  if (!assembler) {
    return assembler.failure();
  }
  return std::unique_ptr<slot_source>(
      std::make_unique<fronthaul_source>(std::move(reader).value(), assembler.value(), plan, cell));
}

} // namespace pado::apps
