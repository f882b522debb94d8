// SPDX-License-Identifier: Apache-2.0
// A slot compiled: what each stage will do, and where in the arrays between them the values of a PDU lie.
#include "python/programs.h"
#include "core/limits.h"
#include "python/arrays.h"
#include "python/module.h"
#include <fmt/format.h>
#include <vector>

namespace pado::python {

compiled_slot::compiled_slot(std::shared_ptr<const void> owner,
                             const phy::slot_program_plan& plan,
                             const slot_plan& slot,
                             std::span<const bool> combined)
    : owner_(std::move(owner)), program_(plan)
{
  std::vector<phy::harq_place> places;
  for (std::size_t i = 0; i < slot.pusch.size(); ++i) {
    const result<std::int32_t> blocks = phy::nof_code_blocks(plan, slot.pusch[i]);
    if (!blocks) {
      raise({fmt::format("pusch[{}]", i), "cannot be decoded: " + blocks.failure().what});
    }
    if (slot.pusch[i].uci.is_present()) {
      raise({fmt::format("pusch[{}]", i),
             "carries UCI: its stages have no Python entry, decode it with pado replay"});
    }
    places.push_back({nof_soft_, !combined.empty() && combined[i]});
    nof_soft_ += blocks.value() * phy::soft_stride;
  }
  phy::compile_slot(plan, slot, places, program_);
  if (!program_.refused.empty()) {
    const phy::refused_pdu& first = program_.refused.front();
    raise({fmt::format("pusch[{}]", first.pdu), std::string("cannot be decoded: ") + first.why});
  }
}

std::int32_t compiled_slot::nof_llrs_of(std::int32_t pdu) const
{
  const auto& pdus = program_.pdus;
  return (pdu + 1 < pdus.size() ? pdus[pdu + 1].llr_begin : program_.nof_llrs) - pdus[pdu].llr_begin;
}

namespace {

using c = compiled_slot;

void check_index(const char* name, std::int64_t index, std::int64_t size)
{
  if (const auto bad = check_range(name, index, 0, size - 1)) {
    raise(*bad);
  }
}

/// Part of an array between stages, as a view of it: [port][layer][DM-RS symbol][value].
py::array estimates_part(const c& slot, std::int32_t pdu, const py::array& from, bool is_pilots)
{
  const phy::slot_program& program = slot.program();
  check_index("pdu", pdu, program.estimates.size());
  const phy::channel_estimate_task& task = program.estimates[pdu];
  const char* name = is_pilots ? "ls" : "h";
  const auto all = view_of<const cf32, 2>(
      from, name, {program.nof_rx_ports, is_pilots ? program.nof_pilots : program.nof_estimates});
  const py::ssize_t length = (is_pilots ? 6 : 12) * task.prbs.size();
  const py::ssize_t value = sizeof(cf32);
  return array_on(&all(0, is_pilots ? task.ls_begin : task.h_begin),
                  from.dtype(),
                  {program.nof_rx_ports, task.nof_layers, task.nof_dmrs, length},
                  {value * all.stride(0), value * length * task.nof_dmrs, value * length, value},
                  from);
}

py::array soft_bits_part(const c& slot, std::int32_t pdu, const py::array& llr)
{
  const phy::slot_program& program = slot.program();
  check_index("pdu", pdu, program.pdus.size());
  const auto all = view_of<const std::int8_t, 1>(llr, "llr", {program.nof_llrs});
  const phy::equalise_pdu& task = program.pdus[pdu];
  const py::ssize_t bits = task.qam_mod_order;
  const py::ssize_t layers = task.nof_layers;
  return array_on(all.data() + task.llr_begin,
                  llr.dtype(),
                  {slot.nof_llrs_of(pdu) / (bits * layers), layers, bits},
                  {bits * layers, bits, 1},
                  llr);
}

py::array payload_part(const c& slot, std::int32_t pdu, const py::array& payload)
{
  const phy::slot_program& program = slot.program();
  check_index("pdu", pdu, program.tbs.size());
  const auto all = view_of<const std::uint8_t, 1>(payload, "payload", {program.nof_payload_bytes});
  const phy::tb_assemble_task& task = program.tbs[pdu];
  return array_on(all.data() + task.payload_begin, payload.dtype(), {task.payload_bytes}, {1}, payload);
}

py::array block_part(const c& slot, std::int32_t block, const py::array& soft)
{
  const phy::slot_program& program = slot.program();
  check_index("block", block, program.rate_dematch.size());
  const auto all = view_of<const std::int8_t, 1>(soft, "soft", {slot.nof_soft()});
  const phy::rate_dematch_task& task = program.rate_dematch[block];
  return array_on(all.data() + task.soft_begin, soft.dtype(), {2 * task.z + task.nof_coded}, {1}, soft);
}

/// The tasks of a stage, as a view that keeps the program alive.
template <class T>
auto tasks(phy::task_list<T> phy::slot_program::*list)
{
  return [list](const py::object& self) {
    return array_of((self.cast<const c&>().program().*list).all(), self);
  };
}

void add_tasks(py::class_<c, std::shared_ptr<c>>& to)
{
  using p = phy::slot_program;
  to.def_property_readonly("dmrs_ls", tasks(&p::dmrs_ls), "[task] structured: a layer and DM-RS symbol each")
      .def_property_readonly("estimates", tasks(&p::estimates), "[pdu] structured, of channel_estimate")
      .def_property_readonly("pdus", tasks(&p::pdus), "[pdu] structured, of equalise")
      .def_property_readonly("rate_dematch", tasks(&p::rate_dematch), "[block] structured")
      .def_property_readonly("blocks", tasks(&p::blocks), "[block] structured, of ldpc_decode")
      .def_property_readonly("nof_pdus", [](const c& s) { return s.program().tbs.size(); })
      .def_property_readonly("nof_words", [](const c& s) { return s.program().nof_words; })
      .def_property_readonly("nof_pilots", [](const c& s) { return s.program().nof_pilots; })
      .def_property_readonly("nof_estimates", [](const c& s) { return s.program().nof_estimates; })
      .def_property_readonly("nof_llrs", [](const c& s) { return s.program().nof_llrs; })
      .def_property_readonly("nof_tiles", [](const c& s) { return s.program().tiles.size(); })
      .def_property_readonly("nof_block_bytes", [](const c& s) { return s.program().nof_block_bytes; })
      .def_property_readonly("nof_payload_bytes", [](const c& s) { return s.program().nof_payload_bytes; })
      .def_property_readonly("nof_soft", &c::nof_soft);
}

} // namespace

void add_programs(py::module_& m)
{
  py::class_<c, std::shared_ptr<c>> program(
      m,
      "slot_program",
      "A slot compiled by slot_stages.compile(): for each stage an array of tasks with offsets into the "
      "arrays between\n"
      "the stages. The methods pick the part of one PDU out of such an array, as a view of it.");
  add_tasks(program);
  program
      .def(
          "pilots_of",
          [](const c& s, std::int32_t pdu, const py::array& ls) { return estimates_part(s, pdu, ls, true); },
          py::arg("pdu"),
          py::arg("ls"),
          "[port][layer][DM-RS symbol][pilot] of one PDU; pilot p lies on subcarrier 12 prb_begin + 2 p + "
          "delta.")
      .def(
          "estimates_of",
          [](const c& s, std::int32_t pdu, const py::array& h) { return estimates_part(s, pdu, h, false); },
          py::arg("pdu"),
          py::arg("h"),
          "[port][layer][DM-RS symbol][subcarrier] of one PDU.")
      .def("soft_bits_of",
           &soft_bits_part,
           py::arg("pdu"),
           py::arg("llr"),
           "[re][layer][bit] of one PDU; REs symbol by symbol, subcarriers ascending.")
      .def("payload_of", &payload_part, py::arg("pdu"), py::arg("payload"), "[byte] of one PDU.")
      .def("block_of",
           &block_part,
           py::arg("block"),
           py::arg("soft"),
           "[value] the soft buffer of one code block: 2 z never sent, then the circular buffer.");
}

} // namespace pado::python
