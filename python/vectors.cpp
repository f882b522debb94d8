// SPDX-License-Identifier: Apache-2.0
// Vector cases of the format nv5g-case-1.
#include "apps/conform_vectors.h"
#include "apps/vector_case.h"
#include "python/arrays.h"
#include "python/module.h"
#include <fmt/format.h>
#include <pybind11/stl.h>

namespace pado::python {

namespace {

/// A case and the folder that its further arrays lie in.
struct held_case {
  std::string folder;
  apps::vector_case read;
};
using case_pointer = std::shared_ptr<held_case>;

/// A slot of a case, out of its grid or out of its packets.
held_slot slot_of(const case_pointer& from, std::size_t index, bool is_packets)
{
  held_slot out;
  out.slot = is_packets ? packet_input(from->read, index) : grid_input(from->read, index);
  out.memory = from;
  out.scheduled = std::shared_ptr<const apps::scheduled_slot>(from, &from->read.slots[index].schedule);
  return out;
}

std::vector<held_slot> slots_of(const case_pointer& from, bool is_packets)
{
  std::vector<held_slot> out;
  for (std::size_t index = 0; index < from->read.slots.size(); ++index) {
    if (!is_packets || !from->read.slots[index].sections.empty()) {
      out.push_back(slot_of(from, index, is_packets));
    }
  }
  return out;
}

/// An array of the case on memory that it owns.
py::array array_of_case(const case_pointer& from, const std::string& name)
{
  auto* read = new apps::vector_array(value_of(apps::read_vector_array(from->folder, name)));
  const py::capsule owner(read, [](void* kept) { delete static_cast<apps::vector_array*>(kept); });
  std::vector<py::ssize_t> shape(read->shape.begin(), read->shape.end());
  py::dtype dtype = dtype_of<std::uint8_t>();
  switch (read->dtype) {
  case apps::vector_dtype::cf16_le:
    dtype = dtype_of<ch16>();
    shape.push_back(2);
    break;
  case apps::vector_dtype::cf32_le:
    dtype = dtype_of<cf32>();
    break;
  case apps::vector_dtype::f32_le:
    dtype = dtype_of<float>();
    break;
  case apps::vector_dtype::u8:
    break;
  }
  return {dtype, shape, std::vector<py::ssize_t>(), read->bytes.data(), owner};
}

std::vector<apps::conform_result> run_suite(const std::string& folder)
{
  const py::gil_scoped_release unlocked;
  return apps::run_vector_suite(folder, backend::cpu, [](const apps::conform_result&) {});
}

const char* name_of(apps::conform_verdict verdict)
{
  switch (verdict) {
  case apps::conform_verdict::pass:
    return "pass";
  case apps::conform_verdict::fail:
    return "fail";
  case apps::conform_verdict::unsupported:
    break;
  }
  return "unsupported";
}

void add_suite(py::module_& m)
{
  using r = apps::conform_result;
  py::class_<r>(m, "conform_result", "The verdict on one PDU of one vector case.")
      .def_readonly("case_id", &r::case_id)
      .def_readonly("slot_index", &r::slot_index, "in the case")
      .def_readonly("pdu", &r::pdu, "in the slot")
      .def_readonly("input", &r::input, "x_tf or x_tf_bfp9")
      .def_property_readonly(
          "verdict", [](const r& one) { return name_of(one.verdict); }, "pass, fail or unsupported")
      .def_readonly("detail", &r::detail)
      .def("__repr__", [](const r& one) {
        return fmt::format(
            "<conform_result {} {}: {}, {}>", one.case_id, one.input, name_of(one.verdict), one.detail);
      });
  m.def("run_vector_suite",
        &run_suite,
        py::arg("folder"),
        "Runs every case below a folder as pado conform does: list of conform_result, empty when there is no "
        "case.");
}

} // namespace

void add_vectors(py::module_& m)
{
  py::class_<held_case, case_pointer>(m, "vector_case", "A folder of the schema nv5g-case-1. docs/vectors.md")
      .def_property_readonly("id", [](const held_case& c) { return c.read.id; })
      .def_property_readonly("summary", [](const held_case& c) { return c.read.summary; })
      .def_property_readonly(
          "cell",
          [](const held_case& from) { return apps::cell_of(from.read); },
          "cell_config that slot_receiver and slot_stages take")
      .def_property_readonly(
          "slots",
          [](const case_pointer& c) { return slots_of(c, false); },
          "list of uplink_slot with the grid x_tf and, as scheduled, what must be found")
      .def_property_readonly(
          "packets",
          [](const case_pointer& c) { return slots_of(c, true); },
          "the same slots as packets (x_tf_bfp9), where the case has them")
      .def("array",
           &array_of_case,
           py::arg("name"),
           "One array of the case as it lies in its file, as a view: cf16_le float16 [...][2], cf32_le "
           "complex64, f32_le\n"
           "float32, u8 uint8.\n\nValueError: no such array, wrong length or sha256.")
      .def("__repr__", [](const held_case& c) {
        return fmt::format("<vector_case {}, {} slots>", c.read.id, c.read.slots.size());
      });
  m.def(
      "read_vector_case",
      [](const std::string& folder) {
        return std::make_shared<held_case>(held_case{folder, value_of(apps::read_vector_case(folder))});
      },
      py::arg("folder"),
      "Reads case.json and its arrays, each checked against its length and sha256.\n\n"
      "ValueError names the file, the key, its value and what would be right; PRACH and SRS cases are "
      "refused.");
  add_suite(m);
}

} // namespace pado::python
