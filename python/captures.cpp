// SPDX-License-Identifier: Apache-2.0
// Cells, and slots out of captures.
#include "apps/blind_session.h"
#include "apps/cell_receiver.h"
#include "apps/slot_source.h"
#include "phy/decompress/decompress_body.h"
#include "phy/ofdm/ofdm.h"
#include "pipeline/stored_slot.h"
#include "python/arrays.h"
#include "python/module.h"
#include <fmt/format.h>
#include <mutex>
#include <pybind11/stl.h>

namespace pado::python {

namespace {

using apps::cell_config;
using apps::schedule;
using apps::scheduled_slot;

void add_cell(py::module_& m)
{
  using c = cell_config;
  py::class_<cell_config>(m, "cell_config", "A cell.yaml (docs/cell-yaml.md), read and checked.")
      .def_property_readonly("name", [](const c& cell) { return cell.carrier.name; })
      .def_property_readonly("scs_khz", [](const c& cell) { return cell.carrier.scs.scs_hz() / 1000; })
      .def_property_readonly("nof_prb", [](const c& cell) { return cell.carrier.nof_prb; })
      .def_property_readonly("grid_start_crb", [](const c& cell) { return cell.carrier.grid_start_crb; })
      .def_property_readonly("nof_rx_ports", [](const c& cell) { return cell.carrier.nof_rx_ports; })
      .def_property_readonly(
          "centre_hz", [](const c& cell) { return cell.carrier.centre_hz; }, "0: unknown")
      .def_property_readonly("phys_cell_id", [](const c& cell) { return cell.carrier.phys_cell_id; })
      .def_property_readonly(
          "sample_rate_hz",
          [](const c& cell) { return cell.iq ? std::optional(cell.iq->sample_rate_hz) : std::nullopt; },
          "None where samples do not come in the time domain")
      .def_property_readonly(
          "fft_size",
          [](const c& cell) { return cell.iq ? std::optional(cell.iq->fft_size) : std::nullopt; },
          "None where samples do not come in the time domain")
      .def_property_readonly(
          "ldpc_iterations", [](const c& cell) { return cell.receiver.ldpc_iterations; }, "at most")
      .def(
          "yaml", [](const c& cell) { return apps::write_cell_file(cell); }, "The text of the file.")
      .def("__repr__", [](const c& cell) {
        return fmt::format("<cell_config {}: {} kHz, {} PRB, {} ports>",
                           cell.carrier.name,
                           cell.carrier.scs.scs_hz() / 1000,
                           cell.carrier.nof_prb,
                           cell.carrier.nof_rx_ports);
      });
  m.def(
      "read_cell_file",
      [](const std::string& path) { return value_of(apps::read_cell_file(path)); },
      py::arg("path"),
      "Reads a cell.yaml.\n\nValueError names file, line, key, value and what would be right.");
  m.def(
      "parse_cell_file",
      [](const std::string& text, const std::string& name) {
        return value_of(apps::parse_cell_file(text, name));
      },
      py::arg("text"),
      py::arg("name") = "cell.yaml",
      "The same from text; name stands in the messages.");
  m.def(
      "cell_of_capture",
      [](const std::string& path) {
        return value_of([&] {
          const py::gil_scoped_release unlocked;
          return apps::cell_of_capture(path, "");
        }());
      },
      py::arg("path"),
      "The cell that pado inspect proposes for a capture; what the file does not say is "
      "guessed.\n\nValueError: the "
      "capture cannot be read, or says too little.");
}

held_slot make_slot(slot_id id, const py::object& grid, const py::object& samples, const py::object& received)
{
  if (grid.is_none() == samples.is_none()) {
    throw py::value_error("uplink_slot needs either grid or samples");
  }
  held_slot out;
  out.slot.slot = id;
  if (!grid.is_none()) {
    out.arrays.push_back(grid);
    out.slot.grid = view_of<const ch16, 3>(
        as_array(grid, "grid"), "grid", {any_extent, nof_symbols_per_slot, any_extent});
  } else {
    out.arrays.push_back(samples);
    out.slot.samples =
        view_of<const cf32, 2>(as_array(samples, "samples"), "samples", {any_extent, any_extent});
  }
  if (!received.is_none()) {
    out.arrays.push_back(received);
    out.slot.received = view_of<const std::uint8_t, 3>(
        as_array(received, "received"), "received", {any_extent, nof_symbols_per_slot, any_extent});
  }
  return out;
}

/// One of the arrays of a slot, as a view that keeps the slot alive; None where the slot has none.
template <class T, int Rank>
auto array_member(view<T, Rank> uplink_slot::*member)
{
  return [member](const py::object& self) -> py::object {
    const held_slot& held = self.cast<const held_slot&>();
    const view<T, Rank>& from = held.slot.*member;
    return from.size() == 0 ? py::object(py::none()) : py::object(array_of(from, self));
  };
}

void add_uplink_slot(py::module_& m)
{
  using h = held_slot;
  py::class_<held_slot>(
      m,
      "uplink_slot",
      "Everything received of one slot. One of grid, samples and bytes is there, the others are None.\n\n"
      "uplink_slot(slot, grid=array) and uplink_slot(slot, samples=array) make one on arrays of your "
      "own, which are not copied.\nArrays of a slot are read-only views that keep it alive.")
      .def(py::init(&make_slot),
           py::arg("slot"),
           py::kw_only(),
           py::arg("grid") = py::none(),
           py::arg("samples") = py::none(),
           py::arg("received") = py::none(),
           "slot      slot_id or (sfn, slot)\n"
           "grid      [port][symbol][subcarrier][2]  float16, 14 symbols\n"
           "samples   [port][sample]                 complex64, from the prefix of symbol 0 on\n"
           "received  [port][symbol][prb]            uint8, 1: arrived; None: all\n\n"
           "ValueError: dtype, shape or order of an array, none or both of grid and samples")
      .def_property_readonly(
          "slot", [](const h& s) { return s.slot.slot; }, "slot_id")
      .def_property_readonly("grid",
                             array_member<const ch16, 3>(&uplink_slot::grid),
                             "[port][symbol][subcarrier][2] float16: behind the FFT")
      .def_property_readonly("samples",
                             array_member<const cf32, 2>(&uplink_slot::samples),
                             "[port][sample] complex64: time domain, full scale 1")
      .def_property_readonly("bytes",
                             array_member<const std::byte, 1>(&uplink_slot::bytes),
                             "[byte] uint8: packets of the O-RAN U-plane")
      .def_property_readonly("sections",
                             array_member<const iq_section, 1>(&uplink_slot::sections),
                             "[section] structured: where the PRBs lie in bytes")
      .def_property_readonly("received",
                             array_member<const std::uint8_t, 3>(&uplink_slot::received),
                             "[port][symbol][prb] uint8, 1: arrived; None: all of it")
      .def_property_readonly(
          "air_ns", [](const h& s) { return s.slot.air_ns; }, "begin on air; 0: unknown")
      .def_property_readonly(
          "first_ns", [](const h& s) { return s.slot.first_ns; }, "arrival of the first packet")
      .def_property_readonly(
          "last_ns", [](const h& s) { return s.slot.last_ns; }, "arrival of the last packet")
      .def_property_readonly("nof_missing_prb", [](const h& s) { return s.slot.nof_missing_prb; })
      .def_property_readonly(
          "scheduled",
          [](const h& s) { return std::const_pointer_cast<scheduled_slot>(s.scheduled); },
          "the line of the schedule that speaks of this slot, or None")
      .def("__repr__", [](const h& s) {
        const char* form = s.slot.grid.size() > 0 ? "grid" : s.slot.samples.size() > 0 ? "samples" : "bytes";
        return fmt::format("<uplink_slot {}.{}, {}>", s.slot.slot.sfn, s.slot.slot.slot, form);
      });
}

/// A source for Python: every slot gets memory of its own, since the source uses its own again.
class slot_reader {
public:
  slot_reader(const std::string& path, const cell_config& cell, const std::shared_ptr<schedule>& lines)
      : lines_(lines ? lines : std::make_shared<schedule>())
  {
    if (!lines && apps::is_iq_path(path)) {
      *lines_ = value_of(apps::every_slot(value_of(io::read_sigmf(path)), cell.carrier.scs));
    }
    source_ = value_of(apps::open_source(path, cell, *lines_));
  }

  held_slot next()
  {
    auto stored = std::make_shared<pipeline::stored_slot>();
    held_slot out;
    const result<bool> more = [&]() -> result<bool> {
      const py::gil_scoped_release unlocked;
      const std::lock_guard lock(mutex_);
      apps::sourced_slot lent;
      auto got = source_->next(lent);
      if (got && got.value()) {
        stored->store(lent.slot);
        out.scheduled = std::shared_ptr<const scheduled_slot>(lent.scheduled == nullptr ? nullptr : lines_,
                                                              lent.scheduled);
      }
      return got;
    }();
    if (!value_of(more)) {
      throw py::stop_iteration();
    }
    out.slot = stored->slot();
    out.memory = std::move(stored);
    return out;
  }

  double progress()
  {
    return locked([](apps::slot_source& s) { return s.progress(); });
  }
  std::string describe()
  {
    return locked([](apps::slot_source& s) { return s.describe(); });
  }
  py::dict counts()
  {
    py::dict out;
    for (const auto& [name, count] : locked([](apps::slot_source& s) { return s.counts(); })) {
      out[py::str(name)] = count;
    }
    return out;
  }

private:
  template <class Ask>
  std::invoke_result_t<Ask, apps::slot_source&> locked(const Ask& ask)
  {
    const py::gil_scoped_release unlocked;
    const std::lock_guard lock(mutex_);
    return ask(*source_);
  }

  std::shared_ptr<schedule> lines_; ///< before the source that reads it
  std::mutex mutex_;
  std::unique_ptr<apps::slot_source> source_;
};

void add_source(py::module_& m)
{
  py::class_<slot_reader>(
      m, "slot_source", "The slots of a capture, one by one: for slot in open_source(...).")
      .def("__iter__", [](const py::object& self) { return self; })
      .def("__next__", &slot_reader::next)
      .def_property_readonly("progress", &slot_reader::progress, "0..1 of the capture")
      .def_property_readonly("counts", &slot_reader::counts, "packets or samples: name -> number")
      .def("describe", &slot_reader::describe, "One line about the capture.");
  m.def(
      "open_source",
      [](const std::string& path, const cell_config& cell, const std::shared_ptr<schedule>& lines) {
        return std::make_unique<slot_reader>(path, cell, lines);
      },
      py::arg("path"),
      py::arg("cell"),
      py::arg("schedule") = py::none(),
      "Opens a capture: fronthaul pcap or pcapng, SigMF (.sigmf-meta), grid capture (.grid-meta).\n\n"
      "Of a recording with a schedule come the slots that the schedule names, without one all of them. Each "
      "slot has\n"
      "memory of its own, so it may be kept.\n\n"
      "ValueError: the capture cannot be read, or does not fit the cell.");
  m.def(
      "read_iq",
      [](const std::string& path, std::int64_t first, std::int64_t count) {
        const io::iq_recording recording = value_of(io::read_sigmf(path));
        io::iq_reader reader = value_of(io::iq_reader::open(recording));
        const std::int64_t length = count < 0 ? recording.nof_samples - first : count;
        const bool is_inside = first >= 0 && first < recording.nof_samples && length >= 1 &&
                               length <= recording.nof_samples - first;
        if (!is_inside || length > INT32_MAX / recording.nof_channels) {
          throw py::value_error(fmt::format("first is {} and count {}, but {} has samples 0..{}",
                                            first,
                                            count,
                                            recording.name,
                                            recording.nof_samples - 1));
        }
        auto out = make_array<cf32>(recording.nof_channels, static_cast<std::int32_t>(length));
        const result<nothing> read = [&] {
          const py::gil_scoped_release unlocked;
          return reader.read(first, out.values);
        }();
        value_of(read);
        return out.array;
      },
      py::arg("path"),
      py::arg("first") = 0,
      py::arg("count") = -1,
      "Samples of a SigMF recording, [channel][sample] complex64, full scale 1; count -1: to the end.\n\n"
      "ValueError: not a recording, samples outside of it.");
}

/// The first section that does not lie in the packets and in the grid.
void check_sections(const uplink_slot& slot, const pipeline::slot_pipeline_plan& plan)
{
  const phy::slot_limits& limits = plan.program.limits;
  for (std::int32_t i = 0; i < slot.sections.extent(0); ++i) {
    const iq_section& s = slot.sections(i);
    const bool has_width = s.width >= (s.method == compression::mu_law ? 4 : 1) && s.width <= 16;
    const bool fits =
        s.method <= compression::modulation && has_width && s.port < limits.nof_rx_ports &&
        s.symbol < nof_symbols_per_slot && s.prb_begin + s.nof_prb <= limits.nof_prb &&
        s.bytes_begin + std::int64_t{phy::body::format_of(s).prb_bytes} * s.nof_prb <= slot.bytes.size();
    if (!fits) {
      raise({fmt::format("slot.sections[{}]", i), "does not lie in the packets and the grid of this cell"});
    }
  }
}

void check_extents(const char* name, std::vector<std::int64_t> is, std::vector<std::int64_t> must_be)
{
  if (is != must_be) {
    raise({name,
           fmt::format(
               "has shape ({}), must be ({}) in this cell", fmt::join(is, ", "), fmt::join(must_be, ", "))});
  }
}

} // namespace

void check_slot(const uplink_slot& slot, const pipeline::slot_pipeline_plan& plan)
{
  const phy::slot_limits& limits = plan.program.limits;
  check_slot_id(slot.slot, limits.scs);
  if (slot.grid.size() > 0) {
    check_extents("slot.grid",
                  {slot.grid.extent(0), slot.grid.extent(1), slot.grid.extent(2)},
                  {limits.nof_rx_ports, nof_symbols_per_slot, nof_subcarriers_per_prb * limits.nof_prb});
  } else if (slot.samples.size() > 0) {
    if (!plan.ofdm) {
      raise({"slot.samples", "are time domain, but the cell has no `iq:`"});
    }
    check_extents("slot.samples",
                  {slot.samples.extent(0), slot.samples.extent(1)},
                  {limits.nof_rx_ports,
                   phy::slot_samples(*plan.ofdm, slot.slot.slot % limits.scs.slots_per_subframe())});
  } else {
    check_sections(slot, plan);
  }
  if (slot.received.size() > 0) {
    check_extents("slot.received",
                  {slot.received.extent(0), slot.received.extent(1), slot.received.extent(2)},
                  {limits.nof_rx_ports, nof_symbols_per_slot, limits.nof_prb});
  }
}

pipeline::slot_pipeline_plan plan_of(const cell_config& cell, std::int32_t max_pdus)
{
  return value_of(apps::plan_receiver(cell, max_pdus));
}

void add_captures(py::module_& m)
{
  add_cell(m);
  add_uplink_slot(m);
  add_source(m);
}

} // namespace pado::python
