// SPDX-License-Identifier: Apache-2.0
#include "python/arrays.h"
#include <cstddef>

namespace pado::python {

void raise(const error& failure)
{
  throw py::value_error(failure.text());
}

namespace {

struct member {
  const char* name;
  const char* format; ///< as np.dtype() reads it
  std::size_t offset;
};

py::dtype make_struct(std::initializer_list<member> members, std::size_t size_bytes)
{
  py::list names;
  py::list formats;
  py::list offsets;
  for (const member& m : members) {
    names.append(m.name);
    formats.append(m.format);
    offsets.append(m.offset);
  }
  return {names, formats, offsets, static_cast<py::ssize_t>(size_bytes)};
}

std::string shape_text(const std::vector<std::int64_t>& shape)
{
  std::string text;
  for (const std::int64_t extent : shape) {
    text += (text.empty() ? "" : ", ") + (extent == any_extent ? "any" : std::to_string(extent));
  }
  return "(" + text + (shape.size() == 1 ? ",)" : ")");
}

} // namespace

template <>
py::dtype dtype_of<cf32>()
{
  return py::dtype("c8");
}
template <>
py::dtype dtype_of<ch16>()
{
  return py::dtype("f2");
}
template <>
py::dtype dtype_of<float>()
{
  return py::dtype("f4");
}
template <>
py::dtype dtype_of<std::int8_t>()
{
  return py::dtype("i1");
}
template <>
py::dtype dtype_of<std::uint8_t>()
{
  return py::dtype("u1");
}
template <>
py::dtype dtype_of<std::byte>()
{
  return py::dtype("u1");
}
template <>
py::dtype dtype_of<std::int32_t>()
{
  return py::dtype("i4");
}
template <>
py::dtype dtype_of<std::uint32_t>()
{
  return py::dtype("u4");
}

// A struct's members, under their names in the header.
#define PADO_MEMBER(type, name, format)                                                                      \
  {                                                                                                          \
#name, format, offsetof(type, name)                                                                      \
  }

template <>
py::dtype dtype_of<iq_section>()
{
  using t = iq_section;
  return make_struct({PADO_MEMBER(t, bytes_begin, "u4"),
                      PADO_MEMBER(t, prb_begin, "u2"),
                      PADO_MEMBER(t, nof_prb, "u2"),
                      PADO_MEMBER(t, port, "u1"),
                      PADO_MEMBER(t, symbol, "u1"),
                      PADO_MEMBER(t, method, "u1"),
                      PADO_MEMBER(t, width, "u1")},
                     sizeof(t));
}

template <>
py::dtype dtype_of<phy::channel_estimate_info>()
{
  using t = phy::channel_estimate_info;
  const std::size_t presence = offsetof(t, presence);
  return make_struct(
      {PADO_MEMBER(t, noise, "(8,)f4"),
       PADO_MEMBER(t, rsrp, "f4"),
       PADO_MEMBER(t, ta_s, "f4"),
       PADO_MEMBER(t, cfo_hz, "f4"),
       PADO_MEMBER(t, coherence, "f4"),
       {"presence_ratio", "f4", presence + offsetof(phy::dmrs_presence, ratio)},
       {"presence_freedom", "f4", presence + offsetof(phy::dmrs_presence, freedom)},
       {"presence_row_freedom", "f4", presence + offsetof(phy::dmrs_presence, row_freedom)},
       {"presence_noise_freedom", "f4", presence + offsetof(phy::dmrs_presence, noise_freedom)},
       PADO_MEMBER(t, is_static, "f4"),
       PADO_MEMBER(t, weight, "(14,4)f4"),
       PADO_MEMBER(t, rotation, "(14,)c8")},
      sizeof(t));
}

template <>
py::dtype dtype_of<phy::equalise_quality>()
{
  using t = phy::equalise_quality;
  return make_struct({PADO_MEMBER(t, sum_log2, "f4"), PADO_MEMBER(t, nof_re, "f4")}, sizeof(t));
}

template <>
py::dtype dtype_of<phy::ldpc_decode_status>()
{
  using t = phy::ldpc_decode_status;
  return make_struct({PADO_MEMBER(t, crc_ok, "i4"), PADO_MEMBER(t, iterations, "i4")}, sizeof(t));
}

template <>
py::dtype dtype_of<phy::tb_assemble_status>()
{
  using t = phy::tb_assemble_status;
  return make_struct({PADO_MEMBER(t, crc_ok, "i4"),
                      PADO_MEMBER(t, nof_blocks_ok, "i4"),
                      PADO_MEMBER(t, sum_iterations, "i4"),
                      PADO_MEMBER(t, max_iterations, "i4")},
                     sizeof(t));
}

template <>
py::dtype dtype_of<phy::dmrs_ls_task>()
{
  using t = phy::dmrs_ls_task;
  return make_struct({PADO_MEMBER(t, symbol, "i4"),
                      {"prb_begin", "i4", offsetof(t, prbs)},
                      {"prb_end", "i4", offsetof(t, prbs) + offsetof(prb_range, end)},
                      PADO_MEMBER(t, words_begin, "i4"),
                      PADO_MEMBER(t, delta, "i4"),
                      PADO_MEMBER(t, second_sign, "f4"),
                      PADO_MEMBER(t, amplitude, "f4"),
                      PADO_MEMBER(t, h_begin, "i4")},
                     sizeof(t));
}

template <>
py::dtype dtype_of<phy::channel_estimate_task>()
{
  using t = phy::channel_estimate_task;
  return make_struct({{"prb_begin", "i4", offsetof(t, prbs)},
                      {"prb_end", "i4", offsetof(t, prbs) + offsetof(prb_range, end)},
                      PADO_MEMBER(t, nof_layers, "i4"),
                      PADO_MEMBER(t, nof_dmrs, "i4"),
                      PADO_MEMBER(t, dmrs_symbols, "(4,)i4"),
                      PADO_MEMBER(t, delta, "(4,)i4"),
                      PADO_MEMBER(t, second_sign, "(4,)f4"),
                      PADO_MEMBER(t, peer_task, "(4,)i4"),
                      PADO_MEMBER(t, peer_layer, "(4,)i4"),
                      PADO_MEMBER(t, slot_in_subframe, "i4"),
                      PADO_MEMBER(t, amplitude, "f4"),
                      PADO_MEMBER(t, ls_begin, "i4"),
                      PADO_MEMBER(t, h_begin, "i4")},
                     sizeof(t));
}

template <>
py::dtype dtype_of<phy::equalise_pdu>()
{
  using t = phy::equalise_pdu;
  return make_struct({PADO_MEMBER(t, qam_mod_order, "i4"),
                      PADO_MEMBER(t, nof_layers, "i4"),
                      {"prb_begin", "i4", offsetof(t, prbs)},
                      {"prb_end", "i4", offsetof(t, prbs) + offsetof(prb_range, end)},
                      PADO_MEMBER(t, dmrs_mask, "u4"),
                      PADO_MEMBER(t, data_res_on_dmrs, "i4"),
                      PADO_MEMBER(t, re_offset, "(14,)i4"),
                      PADO_MEMBER(t, llr_begin, "i4"),
                      PADO_MEMBER(t, words_begin, "i4")},
                     sizeof(t));
}

template <>
py::dtype dtype_of<phy::rate_dematch_task>()
{
  using t = phy::rate_dematch_task;
  return make_struct({PADO_MEMBER(t, llr_begin, "i4"),
                      PADO_MEMBER(t, nof_llr, "i4"),
                      PADO_MEMBER(t, qam_mod_order, "i4"),
                      PADO_MEMBER(t, z, "i4"),
                      PADO_MEMBER(t, nof_coded, "i4"),
                      PADO_MEMBER(t, nof_circular, "i4"),
                      PADO_MEMBER(t, k0, "i4"),
                      PADO_MEMBER(t, filler_begin, "i4"),
                      PADO_MEMBER(t, filler_end, "i4"),
                      PADO_MEMBER(t, is_combined, "i4"),
                      PADO_MEMBER(t, soft_begin, "i8")},
                     sizeof(t));
}

template <>
py::dtype dtype_of<phy::ldpc_decode_task>()
{
  using t = phy::ldpc_decode_task;
  return make_struct({PADO_MEMBER(t, base_graph, "i4"),
                      PADO_MEMBER(t, z, "i4"),
                      PADO_MEMBER(t, nof_rows, "i4"),
                      PADO_MEMBER(t, nof_bits, "i4"),
                      PADO_MEMBER(t, crc, "i4"),
                      PADO_MEMBER(t, max_iterations, "i4"),
                      PADO_MEMBER(t, soft_begin, "i8"),
                      PADO_MEMBER(t, bytes_begin, "i4")},
                     sizeof(t));
}

#undef PADO_MEMBER

void check_array(const py::array& given, const array_wish& wish)
{
  const std::string name = wish.name;
  if (!given.dtype().equal(wish.dtype)) {
    const auto text = [](const py::dtype& dtype) { return std::string(py::str(py::object(dtype))); };
    throw py::value_error(name + " has dtype " + text(given.dtype()) + ", must be " + text(wish.dtype));
  }
  const std::vector<std::int64_t> shape(given.shape(), given.shape() + given.ndim());
  bool fits = shape.size() == wish.shape.size();
  for (std::size_t axis = 0; fits && axis < shape.size(); ++axis) {
    fits = wish.shape[axis] == any_extent || wish.shape[axis] == shape[axis];
  }
  if (!fits || given.size() > INT32_MAX) {
    throw py::value_error(name + " has shape " + shape_text(shape) + ", must be " + shape_text(wish.shape) +
                          (fits ? " and smaller" : ""));
  }
  if ((given.flags() & py::array::c_style) == 0) {
    throw py::value_error(name + " is not dense in C order: np.ascontiguousarray(" + name + ") copies it");
  }
  if (reinterpret_cast<std::uintptr_t>(given.data()) % wish.alignment != 0) {
    throw py::value_error(name + " is not aligned to " + std::to_string(wish.alignment) + " bytes: " + name +
                          ".copy() is");
  }
  if (wish.is_written && !given.writeable()) {
    throw py::value_error(name + " is read-only, and is written to: " + name + ".copy() is not");
  }
}

py::array array_on(const void* data,
                   const py::dtype& dtype,
                   std::vector<py::ssize_t> shape,
                   std::vector<py::ssize_t> strides_bytes,
                   py::handle owner)
{
  return py::array(dtype, std::move(shape), std::move(strides_bytes), data, owner);
}

void make_read_only(py::array& array)
{
  py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
}

} // namespace pado::python
