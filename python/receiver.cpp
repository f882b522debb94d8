// SPDX-License-Identifier: Apache-2.0
// The whole receiver: a slot and what to decode in it go in, the report comes out.
#include "core/limits.h"
#include "pipeline/slot_receiver.h"
#include "python/arrays.h"
#include "python/module.h"
#include <mutex>
#include <pybind11/stl.h>

namespace pado::python {

namespace {

class cell_decoder {
public:
  cell_decoder(const apps::cell_config& cell, std::int32_t max_pdus, std::int32_t nof_harq_blocks)
      : plan_(plan_of(cell, max_pdus))
  {
    if (const auto bad = check_range("nof_harq_blocks", nof_harq_blocks, 1, 1 << 16)) {
      raise(*bad);
    }
    receiver_.emplace(plan_, nof_harq_blocks);
  }

  slot_report decode(const held_slot& slot, const py::object& pdus)
  {
    check_slot(slot.slot, plan_);
    const slot_plan plan = plan_of(slot, pdus);
    const py::gil_scoped_release unlocked;
    const std::lock_guard lock(mutex_);
    return receiver_->run(slot.slot, plan);
  }

private:
  pipeline::slot_pipeline_plan plan_;
  std::optional<pipeline::slot_receiver<backend::cpu>> receiver_;
  std::mutex mutex_; ///< the receiver serves one slot at a time
};

} // namespace

void add_receiver(py::module_& m)
{
  py::class_<cell_decoder>(
      m, "slot_receiver", "The receiver of one cell with its HARQ memory, for slots one after the other.")
      .def(py::init<const apps::cell_config&, std::int32_t, std::int32_t>(),
           py::arg("cell"),
           py::arg("max_pdus") = 64,
           py::arg("nof_harq_blocks") = 512,
           "max_pdus         PUSCH PDUs of one slot, 1..256\n"
           "nof_harq_blocks  code blocks of HARQ memory, 26 kB each\n\n"
           "ValueError: a number out of range, or what the cell cannot have.")
      .def("decode",
           &cell_decoder::decode,
           py::arg("slot"),
           py::arg("pusch") = py::none(),
           "Decodes an uplink_slot and gives its slot_report.\n\n"
           "pusch: list of pusch_pdu; None: what the schedule says of the slot. PDUs that cannot be decoded "
           "stand in\n"
           "report.unsupported, each with the reason. Retransmissions are combined with what came before.\n\n"
           "ValueError: the slot does not fit the cell, or nothing says what to decode.");
}

} // namespace pado::python
