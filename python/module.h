// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "apps/schedule_file.h"
#include "core/slot_plan.h"
#include "core/uplink_slot.h"
#include "pipeline/slot_stages.h"
#include <memory>
#include <pybind11/pybind11.h>
#include <string>
#include <vector>

namespace pado::python {

namespace py = pybind11;

/// A slot as Python holds it: views, and what they point into.
struct held_slot {
  uplink_slot slot;
  std::shared_ptr<const void> memory;                    ///< of ours; null: the arrays alone
  std::vector<py::object> arrays;                        ///< of the caller
  std::shared_ptr<const apps::scheduled_slot> scheduled; ///< null: no schedule speaks of it
};

/// Whether the receiver of a cell can take a slot: its shapes, its packets' sections, its number.
/// \errors ValueError that names what does not fit
void check_slot(const uplink_slot& slot, const pipeline::slot_pipeline_plan& plan);
void check_slot_id(slot_id slot, numerology scs);

/// PDUs of a call: those given, or what the schedule of the slot says.
slot_plan plan_of(const held_slot& slot, const py::object& pdus);

/// "decode(slot) ..." -> the receiver of a cell. \errors ValueError: max_pdus, what the cell lacks
pipeline::slot_pipeline_plan plan_of(const apps::cell_config& cell, std::int32_t max_pdus);

// One a source file, called by the module in this order.
void add_plans(py::module_& m);
void add_reports(py::module_& m);
void add_captures(py::module_& m);
void add_functions(py::module_& m);
void add_programs(py::module_& m);
void add_stages(py::module_& m);
void add_receiver(py::module_& m);
void add_blind(py::module_& m);
void add_vectors(py::module_& m);

} // namespace pado::python
