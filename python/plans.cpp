// SPDX-License-Identifier: Apache-2.0
// What is to be decoded: slots, PDUs, schedules.
#include "core/limits.h"
#include "python/arrays.h"
#include "python/module.h"
#include <fmt/format.h>
#include <pybind11/operators.h>
#include <pybind11/stl.h>

namespace pado::python {

namespace {

using apps::pdu_expectation;
using apps::schedule;
using apps::scheduled_slot;

using pdu_class = py::class_<pusch_pdu>;

/// A whole number of a PDU, in the range that its place on the wire and the receiver allow.
template <class T>
void add_number(pdu_class& to,
                const char* name,
                T pusch_pdu::*member,
                std::int64_t low,
                std::int64_t high,
                const char* what)
{
  const std::string doc = fmt::format("{}..{}: {}", low, high, what);
  const auto set = [=, field = std::string("pusch_pdu.") + name](pusch_pdu& pdu, std::int64_t value) {
    if (const auto bad = check_range(field.c_str(), value, low, high)) {
      raise(*bad);
    }
    pdu.*member = static_cast<T>(value);
  };
  to.def_property(
      name, [member](const pusch_pdu& pdu) { return std::int64_t{pdu.*member}; }, set, doc.c_str());
}

void add_flag(pdu_class& to, const char* name, bool pusch_pdu::*member, const char* what)
{
  to.def_property(
      name,
      [member](const pusch_pdu& pdu) { return pdu.*member; },
      [member](pusch_pdu& pdu, bool value) { pdu.*member = value; },
      what);
}

pusch_pdu make_pdu(const py::kwargs& fields)
{
  pusch_pdu pdu;
  const py::object shown = py::cast(&pdu, py::return_value_policy::reference);
  for (const auto& [key, value] : fields) {
    if (!py::hasattr(shown, key)) {
      throw py::value_error("pusch_pdu has no field " + std::string(py::str(key)) +
                            ": see help(pado.pusch_pdu)");
    }
    py::setattr(shown, key, value);
  }
  return pdu;
}

std::string pdu_text(const pusch_pdu& pdu)
{
  return fmt::format(
      "<pusch_pdu RNTI {:#06x}, PRB {}..{}, symbols {}..{}, {} layer{}, order {}, MCS {} of table {}, {} "
      "bytes, rv {}>",
      pdu.rnti,
      pdu.rb_start,
      pdu.rb_start + pdu.rb_size - 1,
      pdu.start_symbol,
      pdu.start_symbol + pdu.nof_symbols - 1,
      pdu.nof_layers,
      pdu.nof_layers == 1 ? "" : "s",
      pdu.qam_mod_order,
      pdu.mcs_index,
      pdu.mcs_table,
      pdu.tb_size_bytes,
      pdu.rv_index);
}

void add_allocation(pdu_class& c)
{
  using p = pusch_pdu;
  add_number(c, "rnti", &p::rnti, 0, 65535, "of the UE, or a temporary one");
  add_number(c, "bwp_start", &p::bwp_start, 0, 2474, "CRB of the bandwidth part");
  add_number(c, "bwp_size", &p::bwp_size, 0, 275, "PRBs of the bandwidth part");
  add_number(
      c, "rb_start", &p::rb_start, 0, 274, "first PRB, in the bandwidth part (resource allocation type 1)");
  add_number(c, "rb_size", &p::rb_size, 0, 275, "PRBs");
  add_number(c, "start_symbol", &p::start_symbol, 0, 13, "first symbol");
  add_number(c, "nof_symbols", &p::nof_symbols, 0, 14, "symbols");
  add_number(c, "nof_layers", &p::nof_layers, 1, 4, "layers");
  add_number(
      c, "dmrs_symbol_mask", &p::dmrs_symbol_mask, 0, 16383, "bit l: symbol l of the slot carries DM-RS");
  add_number(c, "dmrs_config_type", &p::dmrs_config_type, 1, 2, "DM-RS type (FAPI writes 0 for type 1)");
  add_number(c, "dmrs_scrambling_id", &p::dmrs_scrambling_id, 0, 65535, "N_ID of the DM-RS sequence");
  add_number(c, "scid", &p::scid, 0, 1, "n_SCID");
  add_number(c, "nof_cdm_groups_no_data", &p::nof_cdm_groups_no_data, 1, 3, "CDM groups without data");
  add_number(c, "dmrs_ports", &p::dmrs_ports, 0, 4095, "bit p: port p; layer i is the i-th lowest");
}

template <class T>
void add_uci_number(
    pdu_class& to, const char* name, T pusch_uci::*member, std::int64_t most, const char* what)
{
  const std::string doc = fmt::format("0..{}: {}", most, what);
  const auto set = [=, field = std::string("pusch_pdu.") + name](pusch_pdu& pdu, std::int64_t value) {
    if (const auto bad = check_range(field.c_str(), value, 0, most)) {
      raise(*bad);
    }
    pdu.uci.*member = static_cast<T>(value);
  };
  to.def_property(
      name, [member](const pusch_pdu& pdu) { return std::int64_t{pdu.uci.*member}; }, set, doc.c_str());
}

void add_uci(pdu_class& c)
{
  using u = pusch_uci;
  add_uci_number(c, "harq_ack_bits", &u::harq_ack_bits, 1706, "HARQ-ACK on the PUSCH");
  add_uci_number(c, "csi1_bits", &u::csi1_bits, 1706, "CSI part 1 on the PUSCH");
  add_uci_number(c, "csi2_bits", &u::csi2_bits, 1706, "CSI part 2 on the PUSCH");
  add_uci_number(c, "alpha_scaling", &u::alpha_scaling, 3, "index: 0.5, 0.65, 0.8, 1");
  add_uci_number(c, "beta_offset_harq_ack", &u::beta_offset_harq_ack, 20, "row of TS 38.213, Table 9.3-1");
  add_uci_number(c, "beta_offset_csi1", &u::beta_offset_csi1, 18, "row of TS 38.213, Table 9.3-2");
  add_uci_number(c, "beta_offset_csi2", &u::beta_offset_csi2, 18, "row of TS 38.213, Table 9.3-2");
}

void add_coding(pdu_class& c)
{
  using p = pusch_pdu;
  add_number(c, "qam_mod_order", &p::qam_mod_order, 1, 8, "bits a symbol: 2, 4, 6, 8");
  add_number(c, "target_code_rate", &p::target_code_rate, 0, 10240, "1024 R x 10");
  add_number(c, "mcs_index", &p::mcs_index, 0, 31, "for reports and models; decoding does not read it");
  add_number(c, "mcs_table", &p::mcs_table, 0, 4, "0 64QAM, 1 256QAM, 2 64QAM low spectral efficiency");
  add_number(c, "data_scrambling_id", &p::data_scrambling_id, 0, 65535, "n_ID of the data");
  add_number(c, "rv_index", &p::rv_index, 0, 3, "redundancy version");
  add_number(c, "harq_process_id", &p::harq_process_id, 0, 31, "HARQ process");
  add_number(c, "tb_size_bytes", &p::tb_size_bytes, 0, 1 << 20, "transport block");
  add_number(c, "tb_size_lbrm_bits", &p::tb_size_lbrm_bits, 0, 1 << 30, "TBS_LBRM; 0: none");
  add_flag(c, "transform_precoding", &p::transform_precoding, "true: DFT-s-OFDM (FAPI writes 0)");
  add_flag(c, "new_data", &p::new_data, "false: a retransmission, combined with the HARQ process");
}

void add_slot_id(py::module_& m)
{
  py::class_<slot_id>(
      m, "slot_id", "A slot of the cycle of 1024 system frames. A tuple (sfn, slot) serves as one.")
      .def(py::init([](std::int32_t sfn, std::int32_t slot) {
             return slot_id{sfn, slot};
           }),
           py::arg("sfn"),
           py::arg("slot"))
      .def(py::init([](const std::pair<std::int32_t, std::int32_t>& both) {
        return slot_id{both.first, both.second};
      }))
      .def_readonly("sfn", &slot_id::sfn, "0..1023")
      .def_readonly("slot", &slot_id::slot, "in the frame")
      .def(py::self == py::self)
      .def("__hash__", [](const slot_id& s) { return s.sfn * 160 + s.slot; })
      .def("__repr__", [](const slot_id& s) { return fmt::format("{}.{}", s.sfn, s.slot); });
  py::implicitly_convertible<py::tuple, slot_id>();
}

/// bytes, or None where nothing is known.
py::object bytes_of(const std::optional<std::vector<std::uint8_t>>& from)
{
  return from ? py::object(py::bytes(reinterpret_cast<const char*>(from->data()), from->size())) : py::none();
}

void add_schedule_lines(py::module_& m)
{
  py::class_<unsupported_pdu>(m, "unsupported_pdu", "A PDU that this build does not decode.")
      .def_readonly("kind", &unsupported_pdu::kind)
      .def_readonly("why", &unsupported_pdu::why)
      .def_readonly("rnti", &unsupported_pdu::rnti)
      .def("__repr__", [](const unsupported_pdu& u) {
        return fmt::format("<unsupported_pdu {} of RNTI {:#06x}: {}>", u.kind, u.rnti, u.why);
      });
  py::class_<pdu_expectation>(
      m, "pdu_expectation", "What a schedule knows of the outcome; None where it says nothing.")
      .def_readonly("transmitted", &pdu_expectation::transmitted, "whether the UE sent it")
      .def_property_readonly(
          "payload",
          [](const pdu_expectation& e) { return bytes_of(e.payload); },
          "transport block without CRC, bytes")
      .def_readonly("crc_ok", &pdu_expectation::crc_ok, "what a reference receiver found")
      .def_property_readonly("sinr_db", [](const pdu_expectation& e) { return e.figures.sinr_db; })
      .def_property_readonly("ta_us", [](const pdu_expectation& e) { return e.figures.ta_us; })
      .def_property_readonly("cfo_hz", [](const pdu_expectation& e) { return e.figures.cfo_hz; });
  py::class_<scheduled_slot, std::shared_ptr<scheduled_slot>>(m, "scheduled_slot", "One line of a schedule.")
      .def_property_readonly("slot", [](const scheduled_slot& s) { return s.plan.slot; })
      .def_property_readonly(
          "pusch", [](const scheduled_slot& s) { return s.plan.pusch; }, "list of pusch_pdu")
      .def_readonly("expected", &scheduled_slot::expected, "one pdu_expectation for each of pusch")
      .def_property_readonly(
          "unsupported",
          [](const scheduled_slot& s) { return s.plan.unsupported; },
          "list of unsupported_pdu")
      .def_readonly("sample", &scheduled_slot::sample, "where the slot starts in the recording, or None")
      .def("__repr__", [](const scheduled_slot& s) {
        return fmt::format(
            "<scheduled_slot {}.{}, {} PUSCH>", s.plan.slot.sfn, s.plan.slot.slot, s.plan.pusch.size());
      });
}

std::string schedule_text(const schedule& from, std::int32_t scs_khz)
{
  std::int32_t mu = 0;
  while (mu < 3 && (15 << mu) != scs_khz) {
    ++mu;
  }
  if ((15 << mu) != scs_khz) {
    raise({"scs_khz", fmt::format("is {}, must be 15, 30, 60 or 120", scs_khz)});
  }
  std::string lines;
  for (const scheduled_slot& slot : from.slots) {
    lines += apps::write_schedule_line(slot, numerology{mu});
  }
  return lines;
}

void add_schedule(py::module_& m)
{
  py::class_<schedule, std::shared_ptr<schedule>>(
      m, "schedule", "What was granted, in the order of the lines. docs/schedule.md")
      .def("__len__", [](const schedule& s) { return s.slots.size(); })
      .def(
          "__getitem__",
          [](const std::shared_ptr<schedule>& s, std::int64_t index) {
            const auto size = static_cast<std::int64_t>(s->slots.size());
            if (index < -size || index >= size) {
              throw py::index_error(fmt::format("the schedule has {} lines", size));
            }
            return std::shared_ptr<scheduled_slot>(
                s, &s->slots[static_cast<std::size_t>(index < 0 ? index + size : index)]);
          },
          py::arg("index"))
      .def_readonly("nof_pusch", &schedule::nof_pusch)
      .def_readonly("nof_unsupported", &schedule::nof_unsupported, "PDUs that this build does not decode")
      .def("json_lines", &schedule_text, py::arg("scs_khz"), "The text of the file that pado replay takes.");
  m.def(
      "read_schedule",
      [](const std::string& path) { return std::make_shared<schedule>(value_of(apps::read_schedule(path))); },
      py::arg("path"),
      "Reads JSON lines with the FAPI names of docs/schedule.md.\n\nValueError names file, line, key and "
      "value.");
  m.def(
      "parse_schedule",
      [](const std::string& text, const std::string& name) {
        return std::make_shared<schedule>(value_of(apps::parse_schedule(text, name)));
      },
      py::arg("text"),
      py::arg("name") = "slots.jsonl",
      "The same from text; name stands in the messages.");
}

} // namespace

void check_slot_id(slot_id slot, numerology scs)
{
  if (const auto bad =
          first_out_of_range({{"slot.sfn", double(slot.sfn), 0.0, nof_sfn - 1.0},
                              {"slot.slot", double(slot.slot), 0.0, scs.slots_per_frame() - 1.0}})) {
    raise(*bad);
  }
}

slot_plan plan_of(const held_slot& slot, const py::object& pdus)
{
  slot_plan plan;
  if (!pdus.is_none()) {
    plan.pusch = as<std::vector<pusch_pdu>>(pdus, "pusch", "a list of pusch_pdu");
  } else if (slot.scheduled) {
    plan = slot.scheduled->plan;
  } else {
    throw py::value_error("pusch is missing: no schedule speaks of slot " +
                          fmt::format("{}.{}", slot.slot.slot.sfn, slot.slot.slot.slot));
  }
  plan.slot = slot.slot.slot;
  return plan;
}

void add_plans(py::module_& m)
{
  add_slot_id(m);
  pdu_class pdu(
      m,
      "pusch_pdu",
      "A PUSCH to decode: names of SCF FAPI 222 UL_TTI.request in snake case, its encodings unless said.\n\n"
      "pusch_pdu(rnti=0x4601, rb_size=3, ...); what is not given has FAPI's usual value.\n"
      "ValueError: a field out of its range, or no such field.");
  pdu.def(py::init(&make_pdu)).def("__repr__", &pdu_text);
  add_allocation(pdu);
  add_coding(pdu);
  add_uci(pdu);
  add_schedule_lines(m);
  add_schedule(m);
}

} // namespace pado::python
