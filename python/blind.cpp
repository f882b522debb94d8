// SPDX-License-Identifier: Apache-2.0
// UEs and transport blocks without a schedule.
#include "apps/blind_session.h"
#include "core/clock.h"
#include "python/arrays.h"
#include "python/module.h"
#include <fmt/format.h>
#include <pybind11/stl.h>

namespace pado::python {

namespace {

using apps::blind_result;
using apps::found_pusch;
using apps::found_ue;

/// Asks Python now and then. What it raises ends the search and is raised again when the search has returned.
class progress_call {
public:
  explicit progress_call(const py::object& to) : to_(to) {}

  bool operator()(double share, std::int64_t nof_slots)
  {
    const py::gil_scoped_acquire locked;
    if (PyErr_CheckSignals() != 0) {
      raised_ = std::make_unique<py::error_already_set>();
      return false;
    }
    if (to_.is_none()) {
      return true;
    }
    try {
      const py::object answer = to_(share, nof_slots);
      return answer.is_none() || static_cast<bool>(py::bool_(answer));
    } catch (const py::error_already_set& e) {
      raised_ = std::make_unique<py::error_already_set>(e);
      return false;
    }
  }

  void rethrow() const
  {
    if (raised_) {
      throw py::error_already_set(*raised_);
    }
  }

private:
  py::object to_;
  std::unique_ptr<py::error_already_set> raised_;
};

blind_result discover(const std::string& path,
                      const std::optional<apps::cell_config>& cell,
                      std::int32_t nof_workers,
                      const py::object& progress)
{
  if (nof_workers < 0 || nof_workers > 64) {
    raise({"nof_workers", fmt::format("is {}, must be in 0..64", nof_workers)});
  }
  progress_call report(progress);
  apps::blind_options options;
  options.nof_workers = nof_workers;
  options.progress = [&](double share, std::int64_t nof_slots) { return report(share, nof_slots); };
  const steady_clock time;
  result<blind_result> found = [&]() -> result<blind_result> {
    const py::gil_scoped_release unlocked;
    const result<apps::cell_config> in =
        cell ? result<apps::cell_config>(*cell) : apps::cell_of_capture(path, "");
    return in ? apps::discover(path, in.value(), options, time) : in.failure();
  }();
  report.rethrow();
  return value_of(std::move(found));
}

void add_found(py::module_& m)
{
  py::class_<found_pusch>(m, "found_pusch", "A PUSCH that the search found.")
      .def_readonly("slot", &found_pusch::slot)
      .def_readonly("sample", &found_pusch::sample, "where the slot starts in a recording, or None")
      .def_property_readonly(
          "pdu", [](const found_pusch& f) { return f.finding.pdu; }, "all that a receiver needs")
      .def_readonly("report", &found_pusch::report, "pusch_report of the receiver")
      .def_property_readonly(
          "is_proven",
          [](const found_pusch& f) { return f.finding.is_proven; },
          "the CRC of the transport block holds")
      .def_property_readonly(
          "z",
          [](const found_pusch& f) { return f.finding.match.z; },
          "score of the RNTI; noise reaches 4 to 5.5");
  py::class_<found_ue>(m, "found_ue", "Everything about one UE.")
      .def_readonly("rnti", &found_ue::rnti)
      .def_readonly("pusch", &found_ue::pusch, "indices into blind_result.pusch")
      .def_readonly("nof_proven", &found_ue::nof_proven)
      .def("__repr__", [](const found_ue& u) {
        return fmt::format(
            "<found_ue RNTI {:#06x}, {} PUSCH, {} proven>", u.rnti, u.pusch.size(), u.nof_proven);
      });
}

} // namespace

void add_blind(py::module_& m)
{
  add_found(m);
  py::class_<blind_result>(m, "blind_result", "What a search without a schedule found.")
      .def_readonly("pusch",
                    &blind_result::pusch,
                    "list of found_pusch in slot order: proven, and likely ones of proven UEs")
      .def_readonly("ues", &blind_result::ues, "RNTI -> found_ue")
      .def_readonly("nof_slots", &blind_result::nof_slots)
      .def_readonly("nof_loud_slots", &blind_result::nof_loud_slots, "something was sent, whatever it was")
      .def_readonly(
          "nof_unexplained", &blind_result::nof_unexplained, "places with DM-RS but no proven PUSCH")
      .def_property_readonly(
          "schedule",
          [](const blind_result& r) { return std::make_shared<apps::schedule>(apps::schedule_of(r)); },
          "what was found as the schedule that open_source() takes");
  m.def("discover",
        &discover,
        py::arg("path"),
        py::arg("cell") = py::none(),
        py::arg("nof_workers") = 0,
        py::arg("progress") = py::none(),
        "Looks for UEs and their transport blocks in a capture of which nobody kept the schedule "
        "(docs/blind.md).\n"
        "Use it only on networks that you may test.\n\n"
        "cell         None: as cell_of_capture() proposes\n"
        "nof_workers  0: one a core; changes the time, not the result\n"
        "progress     called as progress(share, nof_slots); False ends the search early\n\n"
        "ValueError: the capture cannot be read, or does not fit the cell.");
}

} // namespace pado::python
