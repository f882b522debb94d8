// SPDX-License-Identifier: Apache-2.0
// What the receiver found.
#include "core/slot_report.h"
#include "python/module.h"
#include <fmt/format.h>
#include <pybind11/stl.h>

namespace pado::python {

namespace {

py::bytes payload_of(const pusch_report& report)
{
  return {reinterpret_cast<const char*>(report.payload.data()), report.payload.size()};
}

py::dict times_of(const slot_report& report)
{
  py::dict times;
  for (std::size_t stage = 0; stage < nof_stages; ++stage) {
    times[name_of(static_cast<stage_id>(stage))] = report.stage_ns[stage];
  }
  return times;
}

std::string pusch_text(const pusch_report& r)
{
  return fmt::format(
      "<pusch_report RNTI {:#06x}, CRC {}, {} bytes, SINR {:.1f} dB, TA {:.2f} us, CFO {:.0f} Hz>",
      r.pdu.rnti,
      r.tb_crc_ok ? "ok"
      : r.dtx     ? "fails, nothing was sent"
                  : "fails",
      r.payload.size(),
      r.sinr_db,
      r.ta_us,
      r.cfo_hz);
}

} // namespace

void add_reports(py::module_& m)
{
  using r = pusch_report;
  py::class_<uci_report>(m, "uci_report", "UCI of one kind that a PUSCH carried.")
      .def_readonly("bits", &uci_report::bits, "list of 0 and 1 in the order of transmission; empty: none")
      .def_readonly(
          "is_ok", &uci_report::is_ok, "the CRC holds, or without one: sent, and no other word likely")
      .def_readonly("has_crc", &uci_report::has_crc, "12 bits and more")
      .def_readonly(
          "log_ratio", &uci_report::log_ratio, "without a CRC: ln of the likelihood over the next best");
  py::class_<pusch_report>(m, "pusch_report", "What the receiver found for one PUSCH.")
      .def_readonly("pdu", &r::pdu)
      .def_readonly("plan_index", &r::plan_index, "which of the PDUs that were given")
      .def_readonly("tb_crc_ok", &r::tb_crc_ok)
      .def_property_readonly(
          "payload", &payload_of, "transport block, bytes; the hard bits when the CRC fails")
      .def_readonly("nof_cb", &r::nof_cb, "code blocks")
      .def_readonly("nof_cb_ok", &r::nof_cb_ok, "of these, with a CRC that holds")
      .def_readonly("ldpc_iterations_mean", &r::ldpc_iterations_mean)
      .def_readonly("ldpc_iterations_max", &r::ldpc_iterations_max)
      .def_readonly("sinr_db",
                    &r::sinr_db,
                    "after the equaliser, mean over REs of the capacity-equivalent SINR, all layers")
      .def_readonly("rsrp_db", &r::rsrp_db, "per port and layer, relative to grid units")
      .def_readonly("noise_db", &r::noise_db, "per port, relative to grid units")
      .def_readonly("ta_us", &r::ta_us, "delay against the slot grid, positive: late")
      .def_readonly("cfo_hz", &r::cfo_hz, "measured between DM-RS symbols; 0 with one")
      .def_readonly(
          "dmrs_coherence", &r::dmrs_coherence, "0..1: part of the DM-RS power that the estimate explains")
      .def_readonly("dtx", &r::dtx, "the CRC fails and the DM-RS are not there: the UE sent nothing")
      .def_readonly("harq_ack", &r::harq_ack)
      .def_readonly("csi1", &r::csi1, "CSI part 1")
      .def_readonly("csi2", &r::csi2, "CSI part 2")
      .def_readonly("combined", &r::combined, "soft bits of an earlier transmission were used")
      .def("__repr__", &pusch_text);
  py::class_<slot_report>(m, "slot_report", "Everything the PHY says about one slot.")
      .def_readonly("slot", &slot_report::slot)
      .def_readonly("pusch", &slot_report::pusch, "list of pusch_report")
      .def_readonly(
          "unsupported", &slot_report::unsupported, "PDUs that were not decoded, each with the reason")
      .def_readonly(
          "nof_missing_prb", &slot_report::nof_missing_prb, "that did not arrive, over ports and symbols")
      .def_property_readonly("stage_ns", &times_of, "name of a stage -> nanoseconds")
      .def("__repr__", [](const slot_report& s) {
        return fmt::format("<slot_report {}.{}, {} PUSCH>", s.slot.sfn, s.slot.slot, s.pusch.size());
      });
}

} // namespace pado::python
