// SPDX-License-Identifier: Apache-2.0
#include "apps/import_session.h"
#include "apps/fapi_messages.h"
#include "io/grid/grid_capture.h"
#include "io/sigmf/bounded_json.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace pado::apps {

namespace {

constexpr std::int64_t values_per_prb = nof_symbols_per_slot * nof_subcarriers_per_prb; // and port

enum class input_kind : std::uint8_t { log, symbols, fapi };

/// Text has no zero byte, cf32 of a receiver has many.
result<input_kind> kind_of(const std::string& path)
{
  const auto size = io::plain_file_bytes(path);
  if (!size) {
    return size.failure();
  }
  std::array<char, 4096> head{};
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  const std::string_view text(head.data(), static_cast<std::size_t>(file.gcount()));
  if (text.empty()) {
    return error{path + ":", size.value() == 0 ? "is empty (0 bytes)" : "cannot be read"};
  }
  if (text.find('\0') != std::string_view::npos) {
    return input_kind::symbols;
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
  return is_json ? input_kind::fapi : input_kind::log;
}

result<nothing> sort_inputs(const import_options& options, import_summary& summary)
{
  for (const std::string& path : options.inputs) {
    const auto kind = kind_of(path);
    if (!kind) {
      return kind.failure();
    }
    std::string& to = kind.value() == input_kind::log       ? summary.log_path
                      : kind.value() == input_kind::symbols ? summary.symbols_path
                                                            : summary.fapi_path;
    if (!to.empty()) {
      return error{path + ":", "is a second file of the same kind as " + to + ", one of each is read"};
    }
    to = path;
  }
  if (!summary.symbols_path.empty() && summary.log_path.empty()) {
    return error{summary.symbols_path + ":",
                 "holds received symbols, but only the log says which slots they are: name the log too"};
  }
  return nothing{};
}

/// The schedule out of the log and the messages.
result<std::int32_t> read_schedules(import_schedule& schedule, import_summary& summary)
{
  std::int32_t highest_slot = 0;
  if (!summary.log_path.empty()) {
    gnb_log_reader* reader_of_entry = nullptr;
    gnb_log_reader reader(summary.log_path, [&](const gnb_log_entry& entry) {
      schedule.add(entry, reader_of_entry->where(entry.line), summary.remarks);
    });
    reader_of_entry = &reader;
    if (const auto failure = read_gnb_log(summary.log_path, reader)) {
      return error{"", *failure};
    }
    summary.log = reader.counts();
    for (const auto& [what, kind] : reader.remarks().kinds) {
      summary.remarks.kinds[what] = kind;
    }
    highest_slot = reader.highest_slot();
    if (reader.pci()) {
      summary.cell.emplace().cell.carrier.phys_cell_id = *reader.pci();
    }
  }
  if (!summary.fapi_path.empty()) {
    const auto text = io::read_text_file(summary.fapi_path, std::size_t{1} << 30U);
    if (!text) {
      return text.failure();
    }
    const auto read = read_fapi_messages(text.value(), summary.fapi_path, schedule, summary.remarks);
    if (!read) {
      return read.failure();
    }
    summary.nof_fapi_messages = read.value().messages;
  }
  schedule.finish(summary.remarks);
  return highest_slot;
}

/// How many ports the slots of the file have: what fits the bandwidth parts of the log.
result<std::int32_t> ports_of(const import_options& options, const import_schedule& schedule)
{
  const std::int64_t prbs = schedule.slot_size() / values_per_prb;
  std::vector<std::int32_t> fitting;
  for (std::int32_t ports = 1; ports <= 8; ++ports) {
    if (prbs % ports == 0 && prbs / ports <= max_nof_prb && prbs / ports >= schedule.highest_prb()) {
      fitting.push_back(ports);
    }
  }
  if (options.nof_rx_ports != 0) {
    if (std::find(fitting.begin(), fitting.end(), options.nof_rx_ports) == fitting.end()) {
      return error{"--rx-ports",
                   "is " + std::to_string(options.nof_rx_ports) + ", but the slots have " +
                       std::to_string(prbs) + " PRB over all ports, and the log goes up to PRB " +
                       std::to_string(schedule.highest_prb())};
    }
    return options.nof_rx_ports;
  }
  // The middle of the grid is its direct current.
  const std::int64_t middle = schedule.dc_position().value_or(0);
  if (middle > 0 && middle % 6 == 0 && prbs % (middle / 6) == 0) {
    const auto ports = static_cast<std::int32_t>(prbs / (middle / 6));
    if (std::find(fitting.begin(), fitting.end(), ports) != fitting.end()) {
      return ports;
    }
  }
  if (fitting.size() != 1) {
    return error{"--rx-ports",
                 "is needed: the slots have " + std::to_string(prbs) +
                     " PRB over all ports, and the log does not say how many ports were written" +
                     (schedule.ues().empty()
                          ? "; it has no PUSCH that was understood: is its PHY log level debug?"
                          : "")};
  }
  return fitting.front();
}

result<nothing> describe_cell(const import_options& options,
                              const import_schedule& schedule,
                              std::int32_t highest_slot,
                              import_summary& summary)
{
  const auto ports = ports_of(options, schedule);
  if (!ports) {
    return ports.failure();
  }
  const bool knows_pci = summary.cell.has_value();
  cell_proposal& proposal = knows_pci ? *summary.cell : summary.cell.emplace();
  carrier_config& carrier = proposal.cell.carrier;
  proposal.cell.has_grid = true;
  carrier.name = "imported";
  carrier.nof_rx_ports = ports.value();
  carrier.nof_prb = static_cast<std::int32_t>(schedule.slot_size() / values_per_prb / ports.value());
  carrier.scs.mu = highest_slot < 10 ? 0 : highest_slot < 20 ? 1 : highest_slot < 40 ? 2 : 3;
  if (options.scs_khz != 0) {
    carrier.scs.mu = options.scs_khz == 15 ? 0 : options.scs_khz == 30 ? 1 : options.scs_khz == 60 ? 2 : 3;
  } else {
    proposal.notes["carrier.scs_khz"] =
        "~ the highest slot of the log is " + std::to_string(highest_slot) + ": check";
  }
  if (!knows_pci && schedule.first_identity() && *schedule.first_identity() <= 1007) {
    carrier.phys_cell_id = *schedule.first_identity();
    proposal.notes["carrier.phys_cell_id"] = "~ a scrambling identity of the log: check";
  }
  if (highest_slot >= carrier.scs.slots_per_frame()) {
    return error{"--scs-khz",
                 "is " + std::to_string(options.scs_khz) + ", but the log has slot " +
                     std::to_string(highest_slot) + " of a frame"};
  }
  return nothing{};
}

/// Power of two that brings the largest value near 1: a grid of halves holds 2^-14 to 2^16 well.
std::int32_t exponent_for(float largest)
{
  constexpr float least = 0.0625F;
  constexpr float most = 4096.0F;
  if (largest == 0.0F || (largest >= least && largest <= most)) {
    return 0;
  }
  return std::clamp(2 - std::ilogb(largest), -60, 60);
}

class grid_copy {
public:
  grid_copy(const import_options& options, import_summary& summary) : options_(options), summary_(summary) {}

  result<std::map<import_schedule::slot_key, std::int64_t>> run(const import_schedule& schedule,
                                                                io::grid_writer writer)
  {
    std::map<import_schedule::slot_key, std::int64_t> offsets;
    std::ifstream file(summary_.symbols_path, std::ios::binary);
    const auto bytes = io::plain_file_bytes(summary_.symbols_path);
    if (!file || !bytes) {
      return error{summary_.symbols_path + ":", "cannot be opened"};
    }
    const std::int64_t nof_values = bytes.value() / static_cast<std::int64_t>(sizeof(cf32));
    values_.resize(static_cast<std::size_t>(schedule.slot_size()));
    std::size_t done = 0;
    for (const auto& [key, place] : schedule.places()) {
      const bool is_inside = place.offset <= nof_values - place.size && read(file, place.offset);
      summary_.nof_beyond += is_inside ? 0 : 1;
      if (is_inside) {
        const auto offset = writer.write(key.id(), values_);
        if (!offset) {
          return offset.failure();
        }
        offsets[key] = offset.value();
        look();
      }
      const double share = static_cast<double>(++done) / static_cast<double>(schedule.places().size());
      if (options_.progress && !options_.progress(share)) {
        summary_.is_cut = done < schedule.places().size();
        break;
      }
    }
    summary_.nof_grids = static_cast<std::int64_t>(offsets.size());
    writer.set_exponent(exponent_for(largest_));
    const auto written = writer.finish();
    return written ? result<std::map<import_schedule::slot_key, std::int64_t>>(std::move(offsets))
                   : written.failure();
  }

private:
  bool read(std::ifstream& file, std::int64_t offset)
  {
    file.clear();
    file.seekg(offset * static_cast<std::int64_t>(sizeof(cf32)));
    file.read(reinterpret_cast<char*>(values_.data()),
              static_cast<std::streamsize>(values_.size() * sizeof(cf32)));
    return static_cast<bool>(file);
  }

  void look()
  {
    for (const cf32 value : values_) {
      const bool is_number = std::isfinite(value.re) && std::isfinite(value.im);
      summary_.nof_not_finite += is_number ? 0 : 1;
      largest_ = is_number ? std::max({largest_, std::abs(value.re), std::abs(value.im)}) : largest_;
    }
  }

  const import_options& options_;
  import_summary& summary_;
  std::vector<cf32> values_;
  float largest_ = 0.0F;
};

result<nothing> write_text(const std::string& path, const std::string& text)
{
  return io::write_text_file(path, text) ? result<nothing>(nothing{})
                                         : error{path + ":", "cannot be written: is the folder there?"};
}

} // namespace

result<import_summary> import_files(const import_options& options)
{
  import_summary summary;
  if (const auto sorted = sort_inputs(options, summary); !sorted) {
    return sorted.failure();
  }
  const std::string base =
      io::is_grid_path(options.output) ? options.output.substr(0, options.output.rfind('.')) : options.output;
  const std::filesystem::path folder = std::filesystem::path(base).parent_path();
  import_schedule schedule;
  const auto highest_slot = read_schedules(schedule, summary);
  if (!highest_slot) {
    return highest_slot.failure();
  }
  summary.ues = schedule.ues();
  summary.nof_prach = schedule.nof_prach();
  summary.nof_srs = schedule.nof_srs();
  summary.nof_schedule_slots = schedule.nof_slots();
  summary.nof_prach_places = schedule.nof_prach_places();
  if (schedule.has_two_sectors()) {
    return error{summary.log_path + ":",
                 "has slots of two sectors, and its PUSCH messages do not say of which: log one cell alone"};
  }
  std::map<import_schedule::slot_key, std::int64_t> offsets;
  const bool has_grid = !summary.symbols_path.empty() && !schedule.places().empty();
  if (has_grid) {
    if (const auto cell = describe_cell(options, schedule, highest_slot.value(), summary); !cell) {
      return cell.failure();
    }
    const carrier_config& carrier = summary.cell->cell.carrier;
    io::grid_capture head;
    head.scs = carrier.scs;
    head.nof_prb = carrier.nof_prb;
    head.nof_rx_ports = carrier.nof_rx_ports;
    head.phys_cell_id = carrier.phys_cell_id;
    auto writer = io::grid_writer::create(base, head, "imported by pado from " + summary.log_path);
    if (!writer) {
      return writer.failure();
    }
    auto copied = grid_copy(options, summary).run(schedule, std::move(writer).value());
    if (!copied) {
      return copied.failure();
    }
    offsets = std::move(copied).value();
    summary.capture_path = base + ".grid-meta";
    summary.cell_path = (folder / "cell.yaml").string();
    const std::string text = write_cell_file(summary.cell->cell, summary.cell->notes);
    if (const auto written = write_text(summary.cell_path, text); !written) {
      return written.failure();
    }
  } else {
    summary.cell.reset();
  }
  if (schedule.nof_slots() > 0) {
    summary.schedule_path = (folder / "slots.jsonl").string();
    if (const auto written = write_text(summary.schedule_path, schedule.lines(offsets)); !written) {
      return written.failure();
    }
  }
  return summary;
}

} // namespace pado::apps
