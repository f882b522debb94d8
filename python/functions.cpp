// SPDX-License-Identifier: Apache-2.0
// Stages and parts of stages that need no slot program.
#include "core/limits.h"
#include "phy/crc/crc.h"
#include "phy/decompress/decompress.h"
#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include "phy/ldpc/base_graph.h"
#include "phy/ldpc_decode/ldpc_decode.h"
#include "phy/ofdm/ofdm.h"
#include "python/arrays.h"
#include "python/module.h"
#include <fmt/format.h>
#include <pybind11/stl.h>

namespace pado::python {

namespace {

void demand(const char* field, std::int64_t value, std::int64_t low, std::int64_t high)
{
  if (const auto bad = check_range(field, value, low, high)) {
    raise(*bad);
  }
}

/// The place of a name in a list of names.
template <std::size_t N>
std::int32_t index_of(const char* field, const std::string& name, const std::array<const char*, N>& names)
{
  for (std::size_t i = 0; i < N; ++i) {
    if (name == names[i]) {
      return static_cast<std::int32_t>(i);
    }
  }
  throw py::value_error(fmt::format("{} is {}, must be one of {}", field, name, fmt::join(names, ", ")));
}

constexpr std::array crc_names = {"crc24a", "crc24b", "crc24c", "crc16", "crc11", "crc6"};
constexpr std::array method_names = {"none", "bfp", "block_scaling", "mu_law", "modulation"};

// ---- halves

py::array to_complex(const py::array& halves)
{
  if (halves.ndim() < 1 || halves.shape(halves.ndim() - 1) != 2) {
    throw py::value_error("halves must have a last axis of 2: real, imaginary");
  }
  std::vector<std::int64_t> shape(halves.shape(), halves.shape() + halves.ndim());
  check_array(halves, {"halves", dtype_of<ch16>(), alignof(ch16), shape});
  const auto size = static_cast<std::int32_t>(halves.size() / 2);
  const auto* from = static_cast<const ch16*>(halves.data());
  auto out = make_array<cf32>(size);
  {
    const py::gil_scoped_release unlocked;
    for (std::int32_t i = 0; i < size; ++i) {
      out.values(i) = to_cf32(from[i]);
    }
  }
  shape.pop_back();
  return out.array.reshape(shape);
}

py::array to_half(const py::array& values)
{
  std::vector<std::int64_t> shape(values.shape(), values.shape() + values.ndim());
  check_array(values, {"values", dtype_of<cf32>(), alignof(cf32), shape});
  const auto size = static_cast<std::int32_t>(values.size());
  const auto* from = static_cast<const cf32*>(values.data());
  auto out = make_array<ch16>(size);
  {
    const py::gil_scoped_release unlocked;
    for (std::int32_t i = 0; i < size; ++i) {
      out.values(i) = to_ch16(from[i]);
    }
  }
  shape.push_back(2);
  return out.array.reshape(shape);
}

// ---- sequences and checks

py::array gold_bits(std::int64_t c_init, std::int64_t first_bit, std::int64_t nof_words)
{
  demand("c_init", c_init, 0, 0x7fffffff);
  demand("first_bit", first_bit, 0, 0x7fffffff);
  demand("nof_words", nof_words, 1, 1 << 24);
  auto out = make_array<std::uint32_t>(static_cast<std::int32_t>(nof_words));
  {
    const py::gil_scoped_release unlocked;
    phy::gold_bits(static_cast<std::uint32_t>(c_init),
                   static_cast<std::uint32_t>(first_bit),
                   {out.values.data(), static_cast<std::size_t>(nof_words)});
  }
  return out.array;
}

std::uint32_t crc_of_bytes(const std::string& kind, const py::object& data, std::uint32_t previous)
{
  const auto which = static_cast<phy::crc_kind>(index_of("kind", kind, crc_names));
  std::span<const std::uint8_t> bytes;
  std::string held;
  if (py::isinstance<py::bytes>(data)) {
    held = data.cast<std::string>();
    bytes = {reinterpret_cast<const std::uint8_t*>(held.data()), held.size()};
  } else {
    const auto array = view_of<const std::uint8_t, 1>(as_array(data, "data"), "data", {any_extent});
    bytes = {array.data(), static_cast<std::size_t>(array.size())};
  }
  const py::gil_scoped_release unlocked;
  return phy::crc_of_bytes(which, bytes, previous);
}

// ---- decompression

py::array decompress(const py::array& data, const std::string& method, std::int64_t width)
{
  const auto how = static_cast<compression>(index_of("method", method, method_names));
  demand("width", width, how == compression::mu_law ? 4 : 1, 16);
  const bool has_parameter = how != compression::none && how != compression::modulation;
  const std::int64_t prb_bytes = 3 * width + (has_parameter ? 1 : 0);
  const auto bytes = view_of<const std::uint8_t, 3>(data, "data", {any_extent, any_extent, prb_bytes});
  demand("data.shape[0] (symbols)", bytes.extent(0), 1, nof_symbols_per_slot);
  const std::int32_t nof_prb = bytes.extent(1);
  const auto plan = value_of(phy::plan_decompress({1, nof_prb, nof_symbols_per_slot}));
  std::array<iq_section, nof_symbols_per_slot> sections{};
  for (std::int32_t symbol = 0; symbol < bytes.extent(0); ++symbol) {
    sections[static_cast<std::size_t>(symbol)] = {static_cast<std::uint32_t>(symbol * nof_prb * prb_bytes),
                                                  0,
                                                  static_cast<std::uint16_t>(nof_prb),
                                                  0,
                                                  static_cast<std::uint8_t>(symbol),
                                                  how,
                                                  static_cast<std::uint8_t>(width)};
  }
  auto out = make_array<ch16>(1, nof_symbols_per_slot, nof_subcarriers_per_prb * nof_prb);
  {
    const py::gil_scoped_release unlocked;
    phy::decompress<backend::cpu> stage(plan);
    const view<const std::byte, 1> packet(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size());
    stage.run({packet, view<const iq_section, 1>(sections.data(), bytes.extent(0))}, {out.values}, {});
  }
  const view<ch16, 2> symbols(out.values.data(), bytes.extent(0), nof_subcarriers_per_prb * nof_prb);
  return array_of(symbols, out.array);
}

// ---- OFDM

phy::ofdm_config ofdm_of(const py::kwargs& fields)
{
  phy::ofdm_config config;
  config.nof_rx_ports = 1;
  for (const auto& [key, value] : fields) {
    const std::string name = py::str(key);
    if (name == "scs_khz") {
      const auto khz = as<std::int32_t>(value, name, "a whole number");
      for (config.scs.mu = 0; config.scs.mu < 3 && (15 << config.scs.mu) != khz;) {
        ++config.scs.mu;
      }
      if ((15 << config.scs.mu) != khz) {
        raise({"scs_khz", fmt::format("is {}, must be 15, 30, 60 or 120", khz)});
      }
    } else if (name == "nof_rx_ports") {
      config.nof_rx_ports = as<std::int32_t>(value, name, "a whole number");
    } else if (name == "nof_prb") {
      config.nof_prb = as<std::int32_t>(value, name, "a whole number");
    } else if (name == "fft_size") {
      config.fft_size = as<std::int32_t>(value, name, "a whole number");
    } else if (name == "centre_hz") {
      config.centre_hz = as<std::int64_t>(value, name, "a whole number");
    } else if (name == "window_advance") {
      config.window_advance = as<std::int32_t>(value, name, "a whole number");
    } else if (name == "gain") {
      config.gain = as<float>(value, name, "a number");
    } else {
      throw py::value_error("ofdm has no field " + name);
    }
  }
  return config;
}

py::array ofdm(const py::array& samples, std::int64_t slot_in_subframe, const py::kwargs& fields)
{
  const phy::ofdm_plan plan = value_of(phy::plan_ofdm(ofdm_of(fields)));
  demand("slot_in_subframe", slot_in_subframe, 0, plan.config.scs.slots_per_subframe() - 1);
  const auto slot = static_cast<std::int32_t>(slot_in_subframe);
  const auto in =
      view_of<const cf32, 2>(samples, "samples", {plan.config.nof_rx_ports, phy::slot_samples(plan, slot)});
  auto out = make_array<ch16>(plan.config.nof_rx_ports, nof_symbols_per_slot, plan.nof_subcarriers());
  {
    const py::gil_scoped_release unlocked;
    phy::ofdm<backend::cpu>(plan).run({in, slot}, {out.values}, {});
  }
  return out.array;
}

// ---- LDPC

/// The decoder's task without its places.
phy::ldpc_decode_task code_of(const py::kwargs& given)
{
  const auto number = [&](const char* name, std::int64_t otherwise) {
    return given.contains(name) ? as<std::int64_t>(given[name], name, "a whole number") : otherwise;
  };
  const std::int64_t graph = number("base_graph", 1);
  demand("base_graph", graph, 1, 2);
  const std::int64_t z = number("z", 0);
  demand("z", z, 2, phy::max_lifting_size);
  if (phy::lifting_set_index(static_cast<std::int32_t>(z)) < 0) {
    raise({"z", fmt::format("is {}, must be a lifting size of TS 38.212, Table 5.3.2-1", z)});
  }
  const std::int64_t most_rows = graph == 1 ? 46 : 42;
  const std::int64_t nof_rows = number("nof_rows", most_rows);
  demand("nof_rows", nof_rows, 4, most_rows);
  const std::int64_t nof_bits = number("nof_bits", 0);
  demand("nof_bits", nof_bits, 32, (graph == 1 ? 22 : 10) * z);
  if (nof_bits % 8 != 0) {
    raise({"nof_bits", fmt::format("is {}, must be whole bytes", nof_bits)});
  }
  const std::int64_t iterations = number("max_iterations", 6);
  demand("max_iterations", iterations, 1, 100);
  constexpr std::array block_crcs = {"crc24a", "crc24b", "crc16"};
  const std::string crc = given.contains("crc") ? std::string(py::str(given["crc"])) : "crc24b";
  const std::int32_t which = index_of("crc", crc, block_crcs);
  constexpr std::array kinds = {phy::crc_kind::crc24a, phy::crc_kind::crc24b, phy::crc_kind::crc16};
  const auto i32 = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
  return {i32(graph),
          i32(z),
          i32(nof_rows),
          i32(nof_bits),
          kinds[static_cast<std::size_t>(which)],
          i32(iterations),
          0,
          0};
}

py::tuple ldpc_decode(const py::array& soft, const py::kwargs& given)
{
  constexpr std::array known = {"base_graph", "z", "nof_rows", "nof_bits", "max_iterations", "crc"};
  for (const auto& [key, value] : given) {
    index_of("argument", py::str(key), known);
  }
  const phy::ldpc_decode_task code = code_of(given);
  const std::int32_t block_values = (code.base_graph == 1 ? 68 : 52) * code.z;
  const auto in = view_of<const std::int8_t, 2>(soft, "soft", {any_extent, block_values});
  demand("soft.shape[0] (blocks)", in.extent(0), 1, 1024);
  std::vector<phy::ldpc_decode_task> tasks;
  for (std::int32_t block = 0; block < in.extent(0); ++block) {
    tasks.push_back(code);
    tasks.back().soft_begin = std::int64_t{block} * block_values;
    tasks.back().bytes_begin = block * code.nof_bits / 8;
  }
  const auto plan = value_of(phy::plan_ldpc_decode({in.extent(0)}));
  auto bytes = make_array<std::uint8_t>(in.extent(0), code.nof_bits / 8);
  auto status = make_array<phy::ldpc_decode_status>(in.extent(0));
  {
    const py::gil_scoped_release unlocked;
    phy::ldpc_decode<backend::cpu> stage(plan);
    stage.run({view<const phy::ldpc_decode_task, 1>(tasks.data(), in.extent(0)),
               view<const std::int8_t, 1>(in.data(), in.size())},
              {view<std::uint8_t, 1>(bytes.values.data(), bytes.values.size()), status.values},
              {});
  }
  return py::make_tuple(bytes.array, status.array);
}

void add_sequences(py::module_& m)
{
  m.def("to_complex",
        &to_complex,
        py::arg("halves"),
        "float16 [...][2] as complex64 [...]: a copy, exact.\n\nValueError: dtype, last axis, order.");
  m.def("to_half",
        &to_half,
        py::arg("values"),
        "complex64 [...] as float16 [...][2]: a copy, rounded to nearest even, beyond 65504 infinite.\n\n"
        "ValueError: dtype, order.");
  m.def(
      "pusch_dmrs_c_init",
      [](std::int64_t slot, std::int64_t symbol, std::int64_t scrambling_id, std::int64_t scid) {
        demand("slot", slot, 0, 159);
        demand("symbol", symbol, 0, nof_symbols_per_slot - 1);
        demand("scrambling_id", scrambling_id, 0, 65535);
        demand("scid", scid, 0, 1);
        const auto i32 = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
        return phy::pusch_dmrs_c_init(i32(slot), i32(symbol), i32(scrambling_id), i32(scid));
      },
      py::arg("slot"),
      py::arg("symbol"),
      py::arg("scrambling_id"),
      py::arg("scid") = 0,
      "c_init of the DM-RS of a CP-OFDM PUSCH; slot in the frame. TS 38.211, 6.4.1.1.1.1");
  m.def(
      "pusch_data_c_init",
      [](std::int64_t rnti, std::int64_t scrambling_id) {
        demand("rnti", rnti, 0, 65535);
        demand("scrambling_id", scrambling_id, 0, 1023);
        return phy::pusch_data_c_init(static_cast<std::uint16_t>(rnti),
                                      static_cast<std::uint16_t>(scrambling_id));
      },
      py::arg("rnti"),
      py::arg("scrambling_id"),
      "c_init of the scrambling of a PUSCH code word. TS 38.211, 6.3.1.1");
  m.def("gold_bits",
        &gold_bits,
        py::arg("c_init"),
        py::arg("first_bit"),
        py::arg("nof_words"),
        "[word] uint32: bits c(first_bit), ... of the pseudo-random sequence, first bit least significant.\n"
        "TS 38.211, 5.2.1. np.unpackbits(words.view(np.uint8), bitorder='little') has a bit an element.");
  m.def("crc_of_bytes",
        &crc_of_bytes,
        py::arg("kind"),
        py::arg("data"),
        py::arg("previous") = 0,
        "Parity bits of whole bytes (bytes or uint8 [byte]), bit 7 of byte 0 first; 0 of a message with its "
        "parity\n"
        "appended. kind: crc24a, crc24b, crc24c, crc16, crc11, crc6. previous: parity of the bytes before "
        "these.\n"
        "TS 38.212, 5.1");
}

} // namespace

void add_functions(py::module_& m)
{
  add_sequences(m);
  m.def("decompress",
        &decompress,
        py::arg("data"),
        py::arg("method") = "bfp",
        py::arg("width") = 9,
        "PRB fields of the O-RAN U-plane into the grid: a value is the expanded integer times 2^-12, rounded "
        "to half.\n\n"
        "data    [symbol][prb][byte]          uint8, udCompParam first where the method has one; 1..14 "
        "symbols\n"
        "method  none, bfp, block_scaling, mu_law, modulation\n"
        "width   bits of one I or Q, 1..16\n"
        "gives   [symbol][subcarrier][2]      float16\n\n"
        "O-RAN CUS, annex A. ValueError: method, width, dtype, shape or order of data.");
  m.def("ofdm",
        &ofdm,
        py::arg("samples"),
        py::arg("slot_in_subframe") = 0,
        "Prefix removal, FFT and phase of the carrier: ofdm(samples, 0, scs_khz=15, nof_prb=52, "
        "fft_size=768).\n\n"
        "samples  [port][sample]                  complex64, one slot from the prefix of symbol 0 on\n"
        "gives    [port][symbol][subcarrier][2]   float16, gain * unitary DFT\n\n"
        "Further: nof_rx_ports (1), centre_hz (0: phase left), window_advance (0), gain (1.0).\n"
        "TS 38.211, 5.3.1 and 5.4. ValueError: as phy/ofdm/ofdm.h says; shape of samples.");
  m.def("ldpc_decode",
        &ldpc_decode,
        py::arg("soft"),
        "Decodes code blocks of one size: ldpc_decode(soft, base_graph=1, z=384, nof_bits=8448, "
        "crc=\"crc24b\").\n\n"
        "soft   [block][value]  int8, (68 or 52) z values a block: all bits of the code, the first 2 z "
        "(never sent)\n"
        "                       0, filler bits 127, what was not received 0\n"
        "gives  [block][byte]   uint8, nof_bits hard decisions, and\n"
        "       [block]         structured: crc_ok, iterations\n\n"
        "Further: nof_rows (all), max_iterations (6). crc: crc24a, crc24b, crc16; decoding ends when it "
        "holds.\n"
        "TS 38.212, 5.3.2. ValueError: a number out of range, dtype, shape or order of soft.");
}

} // namespace pado::python
