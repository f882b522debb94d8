// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/complex.h"
#include "core/result.h"
#include "core/uplink_slot.h"
#include "core/view.h"
#include "phy/channel_estimate/channel_estimate.h"
#include "phy/equalise/equalise.h"
#include "phy/slot_program/slot_program.h"
#include <array>
#include <cstdint>
#include <pybind11/numpy.h>
#include <string>
#include <utility>
#include <vector>

namespace pado::python {

namespace py = pybind11;

/// Raises ValueError with the text of an error: the field, what it is, what would be right.
[[noreturn]] void raise(const error& failure);

template <class T>
T value_of(result<T> from)
{
  if (!from) {
    raise(from.failure());
  }
  return std::move(from).value();
}

/// An argument of any type as a T. Raises TypeError: "NAME must be WANTED".
template <class T>
T as(py::handle given, const std::string& name, const char* wanted)
{
  try {
    return given.cast<T>();
  } catch (const py::cast_error&) {
    throw py::type_error(name + " must be " + wanted);
  }
}
/// Not by conversion: the array that came of it would be gone before it is read.
inline py::array as_array(py::handle given, const char* name)
{
  if (!py::isinstance<py::array>(given)) {
    throw py::type_error(std::string(name) + " must be a NumPy array");
  }
  return py::reinterpret_borrow<py::array>(given);
}

/// The NumPy dtype of an element. ch16 is float16 with one more axis of length 2 (real, imaginary), because
/// NumPy has no complex half; structs are structured dtypes with the names of their members.
template <class T>
py::dtype dtype_of();
template <>
py::dtype dtype_of<cf32>();
template <>
py::dtype dtype_of<ch16>();
template <>
py::dtype dtype_of<float>();
template <>
py::dtype dtype_of<std::int8_t>();
template <>
py::dtype dtype_of<std::uint8_t>();
template <>
py::dtype dtype_of<std::byte>();
template <>
py::dtype dtype_of<std::int32_t>();
template <>
py::dtype dtype_of<std::uint32_t>();
template <>
py::dtype dtype_of<iq_section>();
template <>
py::dtype dtype_of<phy::channel_estimate_info>();
template <>
py::dtype dtype_of<phy::equalise_quality>();
template <>
py::dtype dtype_of<phy::ldpc_decode_status>();
template <>
py::dtype dtype_of<phy::tb_assemble_status>();
template <>
py::dtype dtype_of<phy::dmrs_ls_task>();
template <>
py::dtype dtype_of<phy::channel_estimate_task>();
template <>
py::dtype dtype_of<phy::equalise_pdu>();
template <>
py::dtype dtype_of<phy::rate_dematch_task>();
template <>
py::dtype dtype_of<phy::ldpc_decode_task>();

template <class T>
inline constexpr bool is_pair = std::is_same_v<T, ch16>;

/// What an array argument must be. An extent of any_extent is not looked at.
struct array_wish {
  const char* name;
  py::dtype dtype;
  std::size_t alignment;
  std::vector<std::int64_t> shape;
  bool is_written = false;
};
inline constexpr std::int64_t any_extent = -1;

/// Refuses an array by name with ValueError: dtype, shape, order (dense, last axis fastest), alignment,
/// read-only.
void check_array(const py::array& given, const array_wish& wish);

/// An array argument as a view of its own memory: nothing is copied. The caller keeps the array alive.
template <class T, int Rank>
view<T, Rank> view_of(const py::array& given, const char* name, std::array<std::int64_t, Rank> shape)
{
  using element = std::remove_const_t<T>;
  array_wish wish{
      name, dtype_of<element>(), alignof(element), {shape.begin(), shape.end()}, !std::is_const_v<T>};
  if (is_pair<element>) {
    wish.shape.push_back(2);
  }
  check_array(given, wish);
  auto* data = static_cast<T*>(const_cast<void*>(given.data()));
  return [&]<std::size_t... Axis>(std::index_sequence<Axis...>)
  {
    return view<T, Rank>(data, static_cast<std::int32_t>(given.shape(Axis))...);
  }
  (std::make_index_sequence<Rank>());
}

/// A view as an array on the same memory, which `owner` keeps alive. A view of const is read-only.
py::array array_on(const void* data,
                   const py::dtype& dtype,
                   std::vector<py::ssize_t> shape,
                   std::vector<py::ssize_t> strides_bytes,
                   py::handle owner);
void make_read_only(py::array& array);

template <class T, int Rank>
py::array array_of(view<T, Rank> from, py::handle owner)
{
  using element = std::remove_const_t<T>;
  std::vector<py::ssize_t> shape;
  std::vector<py::ssize_t> strides;
  for (int axis = 0; axis < Rank; ++axis) {
    shape.push_back(from.extent(axis));
    strides.push_back(static_cast<py::ssize_t>(sizeof(element)) * from.stride(axis));
  }
  if (is_pair<element>) {
    shape.push_back(2);
    strides.push_back(2);
  }
  py::array out = array_on(from.data(), dtype_of<element>(), std::move(shape), std::move(strides), owner);
  if (std::is_const_v<T>) {
    make_read_only(out);
  }
  return out;
}

/// A new zeroed array of ours, 64-byte aligned, and the view that a stage writes to.
template <class T, int Rank>
struct new_array {
  py::array array;
  view<T, Rank> values;
};

template <class T, class... Extents>
new_array<T, sizeof...(Extents)> make_array(Extents... extents)
{
  const std::size_t size = (std::size_t{1} * ... * static_cast<std::size_t>(extents));
  auto* memory = new buffer<T>(size);
  const py::capsule owner(memory, [](void* kept) { delete static_cast<buffer<T>*>(kept); });
  const view<T, sizeof...(Extents)> values(memory->data(), extents...);
  return {array_of(values, owner), values};
}

} // namespace pado::python
