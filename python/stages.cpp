// SPDX-License-Identifier: Apache-2.0
// The stages of the receiver, one by one.
#include "core/limits.h"
#include "pipeline/slot_stages.h"
#include "python/arrays.h"
#include "python/module.h"
#include "python/programs.h"
#include <algorithm>
#include <fmt/format.h>
#include <mutex>
#include <pybind11/stl.h>

namespace pado::python {

namespace {

using program_pointer = std::shared_ptr<compiled_slot>;

/// All stages of one cell with what they allocate. Each method checks its arrays, then works without the GIL.
class stage_set : public std::enable_shared_from_this<stage_set> {
public:
  stage_set(const apps::cell_config& cell, std::int32_t max_pdus)
      : plan_(plan_of(cell, max_pdus)), stages_(plan_), decompress_(plan_.decompress)
  {
    if (plan_.ofdm) {
      ofdm_.emplace(*plan_.ofdm);
    }
  }

  program_pointer compile(slot_id slot, const std::vector<pusch_pdu>& pdus, const std::vector<bool>& combined)
  {
    check_slot_id(slot, plan_.program.limits.scs);
    if (!combined.empty() && combined.size() != pdus.size()) {
      raise({"combined", fmt::format("has {} values, must be one a PDU: {}", combined.size(), pdus.size())});
    }
    slot_plan plan;
    plan.slot = slot;
    plan.pusch = pdus;
    const std::unique_ptr<bool[]> flags(new bool[combined.size()]);
    std::copy(combined.begin(), combined.end(), flags.get());
    return std::make_shared<compiled_slot>(
        shared_from_this(), plan_.program, plan, std::span<const bool>(flags.get(), combined.size()));
  }

  py::object front_end(const py::object& slot)
  {
    const uplink_slot& from = as<const held_slot&>(slot, "slot", "an uplink_slot").slot;
    check_slot(from, plan_);
    if (from.grid.size() > 0) {
      return array_of(from.grid, slot);
    }
    const phy::slot_limits& limits = plan_.program.limits;
    auto grid = make_array<ch16>(limits.nof_rx_ports, nof_symbols_per_slot, nof_subcarriers());
    run([&] {
      if (from.samples.size() > 0) {
        ofdm_->run({from.samples, from.slot.slot % limits.scs.slots_per_subframe()}, {grid.values}, {});
      } else {
        decompress_.run({from.bytes, from.sections}, {grid.values}, {});
      }
    });
    return grid.array;
  }

  py::array gold(const compiled_slot& slot)
  {
    check(slot);
    auto words = make_array<std::uint32_t>(slot.program().nof_words);
    run([&] { stages_.gold.run({slot.program().gold.all()}, {words.values}, {}); });
    return words.array;
  }

  py::array dmrs_ls(const compiled_slot& slot,
                    const py::array& words,
                    const py::array& grid,
                    const py::object& received)
  {
    check(slot);
    const phy::slot_program& p = slot.program();
    const auto sequence = words_view(p, words);
    const auto samples = grid_view(grid);
    const auto arrived = received_view(received);
    auto ls = make_array<cf32>(ports(), p.nof_pilots);
    run([&] { stages_.dmrs_ls.run({p.dmrs_ls.all(), sequence, samples, arrived}, {ls.values}, {}); });
    return ls.array;
  }

  py::tuple channel_estimate(const compiled_slot& slot, const py::array& ls, const py::object& received)
  {
    check(slot);
    const phy::slot_program& p = slot.program();
    const auto pilots = view_of<const cf32, 2>(ls, "ls", {ports(), p.nof_pilots});
    const auto arrived = received_view(received);
    auto h = make_array<cf32>(ports(), p.nof_estimates);
    auto info = make_array<phy::channel_estimate_info>(p.estimates.size());
    run([&] {
      stages_.channel_estimate.run({p.estimates.all(), pilots, arrived}, {h.values, info.values}, {});
    });
    return py::make_tuple(h.array, info.array);
  }

  py::tuple equalise(const compiled_slot& slot,
                     const py::array& info,
                     const py::array& grid,
                     const py::array& h,
                     const py::array& words,
                     const py::object& received)
  {
    check(slot);
    const phy::slot_program& p = slot.program();
    const auto measured = view_of<const phy::channel_estimate_info, 1>(info, "info", {p.estimates.size()});
    const auto samples = grid_view(grid);
    const auto channel = view_of<const cf32, 2>(h, "h", {ports(), p.nof_estimates});
    const auto sequence = words_view(p, words);
    const auto arrived = received_view(received);
    check_weights(p, measured);
    auto llr = make_array<std::int8_t>(p.nof_llrs);
    auto quality = make_array<phy::equalise_quality>(p.tiles.size(), phy::max_nof_layers);
    run([&] {
      stages_.equalise.run({p.tiles.all(), p.pdus.all(), measured, samples, arrived, channel, sequence},
                           {llr.values, quality.values},
                           {});
    });
    return py::make_tuple(llr.array, quality.array);
  }

  py::array rate_dematch(const compiled_slot& slot, const py::array& llr, const py::object& soft)
  {
    check(slot);
    const phy::slot_program& p = slot.program();
    const auto bits = view_of<const std::int8_t, 1>(llr, "llr", {p.nof_llrs});
    const py::array kept =
        soft.is_none() ? make_array<std::int8_t>(slot.nof_soft()).array : as_array(soft, "soft");
    const auto values = view_of<std::int8_t, 1>(kept, "soft", {slot.nof_soft()});
    run([&] { stages_.rate_dematch.run({p.rate_dematch.all(), bits}, {values}, {}); });
    return kept;
  }

  py::tuple ldpc_decode(const compiled_slot& slot, const py::array& soft)
  {
    check(slot);
    const phy::slot_program& p = slot.program();
    const auto values = view_of<const std::int8_t, 1>(soft, "soft", {slot.nof_soft()});
    auto bytes = make_array<std::uint8_t>(p.nof_block_bytes);
    auto status = make_array<phy::ldpc_decode_status>(p.blocks.size());
    run([&] { stages_.ldpc_decode.run({p.blocks.all(), values}, {bytes.values, status.values}, {}); });
    return py::make_tuple(bytes.array, status.array);
  }

  py::tuple tb_assemble(const compiled_slot& slot, const py::array& bytes, const py::array& status)
  {
    check(slot);
    const phy::slot_program& p = slot.program();
    const auto data = view_of<const std::uint8_t, 1>(bytes, "bytes", {p.nof_block_bytes});
    const auto blocks = view_of<const phy::ldpc_decode_status, 1>(status, "status", {p.blocks.size()});
    auto payload = make_array<std::uint8_t>(p.nof_payload_bytes);
    auto tb_status = make_array<phy::tb_assemble_status>(p.tbs.size());
    run([&] {
      stages_.tb_assemble.run({p.tbs.all(), data, blocks}, {payload.values, tb_status.values}, {});
    });
    return py::make_tuple(payload.array, tb_status.array);
  }

private:
  std::int32_t ports() const { return plan_.program.limits.nof_rx_ports; }
  std::int32_t nof_subcarriers() const { return nof_subcarriers_per_prb * plan_.program.limits.nof_prb; }

  /// Estimates exist on the DM-RS symbols of the PDU alone; a weight on others would reach beyond them.
  static void check_weights(const phy::slot_program& p, view<const phy::channel_estimate_info, 1> info)
  {
    for (std::int32_t pdu = 0; pdu < p.estimates.size(); ++pdu) {
      const std::int32_t nof_dmrs = p.estimates[pdu].nof_dmrs;
      for (const auto& of_symbol : info(pdu).weight) {
        const bool is_zero =
            std::all_of(of_symbol + nof_dmrs, std::end(of_symbol), [](float w) { return w == 0.0F; });
        if (!is_zero) {
          raise({fmt::format("info[{}].weight", pdu),
                 fmt::format("must be 0 behind the {} DM-RS symbols of the PDU", nof_dmrs)});
        }
      }
    }
  }

  /// A program's offsets hold for the limits of the cell that it was compiled for.
  void check(const compiled_slot& slot) const
  {
    if (slot.owner() != static_cast<const void*>(this)) {
      raise({"program", "was compiled by other slot_stages"});
    }
  }

  view<const ch16, 3> grid_view(const py::array& grid) const
  {
    return view_of<const ch16, 3>(grid, "grid", {ports(), nof_symbols_per_slot, nof_subcarriers()});
  }
  static view<const std::uint32_t, 1> words_view(const phy::slot_program& p, const py::array& words)
  {
    return view_of<const std::uint32_t, 1>(words, "words", {p.nof_words});
  }
  view<const std::uint8_t, 3> received_view(const py::object& received) const
  {
    return received.is_none() ? view<const std::uint8_t, 3>()
                              : view_of<const std::uint8_t, 3>(
                                    as_array(received, "received"),
                                    "received",
                                    {ports(), nof_symbols_per_slot, plan_.program.limits.nof_prb});
  }

  /// Stages keep memory between two tasks: one call at a time, whatever the number of Python threads.
  template <class Work>
  void run(const Work& work)
  {
    const py::gil_scoped_release unlocked;
    const std::lock_guard lock(mutex_);
    work();
  }

  pipeline::slot_pipeline_plan plan_;
  pipeline::slot_stages<backend::cpu> stages_;
  phy::decompress<backend::cpu> decompress_;
  std::optional<phy::ofdm<backend::cpu>> ofdm_;
  std::mutex mutex_;
};

using s = stage_set;
using stages_class = py::class_<s, std::shared_ptr<s>>;

void add_front(stages_class& to)
{
  to.def("compile",
         &s::compile,
         py::arg("slot"),
         py::arg("pusch"),
         py::arg("combined") = std::vector<bool>(),
         "The slot_program of these PDUs. slot: slot_id or (sfn, slot). combined: one bool a PDU, whether "
         "rate_dematch\n"
         "adds to soft bits of an earlier transmission.\n\nValueError names the first PDU that cannot be "
         "decoded, and why.")
      .def("front_end",
           &s::front_end,
           py::arg("slot"),
           "[port][symbol][subcarrier][2] float16: the grid of an uplink_slot, by decompression or by prefix "
           "removal and\n"
           "FFT; a slot that has its grid gives that one.\nTS 38.211, 5.3.1 and 5.4; O-RAN CUS, annex A.\n\n"
           "ValueError: the slot does not fit the cell.")
      .def("gold",
           &s::gold,
           py::arg("program"),
           "[word] uint32: sequences of DM-RS and scrambling, first bit least significant. TS 38.211, 5.2.1")
      .def("dmrs_ls",
           &s::dmrs_ls,
           py::arg("program"),
           py::arg("words"),
           py::arg("grid"),
           py::arg("received") = py::none(),
           "Least-squares estimates: received pilot divided by the pilot.\n\n"
           "words     [word]                        uint32, of gold\n"
           "grid      [port][symbol][subcarrier][2] float16\n"
           "received  [port][symbol][prb]           uint8, 1: arrived; None: all\n"
           "gives     [port][pilot]                 complex64, relative to data REs; pilots_of() picks a "
           "PDU's\n\n"
           "TS 38.211, 6.4.1.1.3. ValueError: dtype, shape or order of an array; program of other stages.")
      .def("channel_estimate",
           &s::channel_estimate,
           py::arg("program"),
           py::arg("ls"),
           py::arg("received") = py::none(),
           "Channel on every subcarrier of the DM-RS symbols, and what is measured there.\n\n"
           "ls        [port][pilot]        complex64, of dmrs_ls\n"
           "received  [port][symbol][prb]  uint8, 1: arrived; None: all\n"
           "gives     [port][estimate]     complex64; estimates_of() picks a PDU's, and\n"
           "          [pdu]                structured: noise (per port and data RE, linear), rsrp (linear), "
           "ta_s, cfo_hz,\n"
           "                               coherence; h(l) = rotation[l] * sum over d of weight[l][d] * "
           "h_d\n\n"
           "docs/channel-estimate.md. ValueError: dtype, shape or order of an array; program of other "
           "stages.");
}

void add_back(stages_class& to)
{
  to.def("equalise",
         &s::equalise,
         py::arg("program"),
         py::arg("info"),
         py::arg("grid"),
         py::arg("h"),
         py::arg("words"),
         py::arg("received") = py::none(),
         "MMSE equaliser, max-log soft demapper and descrambler.\n\n"
         "info      [pdu]                         structured, of channel_estimate\n"
         "grid      [port][symbol][subcarrier][2] float16\n"
         "h         [port][estimate]              complex64\n"
         "words     [word]                        uint32, of gold\n"
         "gives     [bit]                         int8 LLRs, descrambled; soft_bits_of() picks a PDU's, and\n"
         "          [tile][layer]                 structured: sum_log2 of (1 + SINR), nof_re\n\n"
         "TS 38.211, 6.3.1.1 to 6.3.1.6, reversed. ValueError: dtype, shape or order of an array; program of "
         "other stages.")
      .def("rate_dematch",
           &s::rate_dematch,
           py::arg("program"),
           py::arg("llr"),
           py::arg("soft") = py::none(),
           "Undoes bit interleaving and bit selection.\n\n"
           "llr    [bit]    int8, of equalise\n"
           "soft   [value]  int8, soft buffers of an earlier transmission, which are added to in place where "
           "the program\n"
           "                says combined and overwritten elsewhere; None: new ones\n"
           "gives  [value]  int8, the soft buffers; block_of() picks a code block's\n\n"
           "TS 38.212, 5.4.2.1 and 5.4.2.2, reversed. ValueError: dtype, shape or order of an array; soft is "
           "read-only.")
      .def("ldpc_decode",
           &s::ldpc_decode,
           py::arg("program"),
           py::arg("soft"),
           "Decodes all code blocks, until the CRC of each holds.\n\n"
           "soft   [value]  int8, of rate_dematch\n"
           "gives  [byte]   uint8 hard decisions, code block after code block, and\n"
           "       [block]  structured: crc_ok, iterations\n\n"
           "TS 38.212, 5.3.2. ValueError: dtype, shape or order of an array; program of other stages.")
      .def("tb_assemble",
           &s::tb_assemble,
           py::arg("program"),
           py::arg("bytes"),
           py::arg("status"),
           "Concatenates code blocks into transport blocks and checks their CRC.\n\n"
           "bytes   [byte]   uint8, of ldpc_decode\n"
           "status  [block]  structured, of ldpc_decode\n"
           "gives   [byte]   uint8; payload_of() picks a PDU's, and\n"
           "        [pdu]    structured: crc_ok, nof_blocks_ok, sum_iterations, max_iterations\n\n"
           "TS 38.212, 6.2.1 and 6.2.3, reversed. ValueError: dtype, shape or order of an array; program of "
           "other stages.");
}

} // namespace

void add_stages(py::module_& m)
{
  stages_class stages(
      m,
      "slot_stages",
      "The stages of the receiver of one cell, to be run one by one in the order in which they stand here.\n"
      "What a stage gives may be looked at, or replaced by an array of your own, before the next one runs.");
  stages.def(
      py::init<const apps::cell_config&, std::int32_t>(),
      py::arg("cell"),
      py::arg("max_pdus") = 16,
      "max_pdus: PUSCH PDUs of one slot, 1..256.\n\nValueError: max_pdus, or what the cell cannot have.");
  add_front(stages);
  add_back(stages);
}

} // namespace pado::python
