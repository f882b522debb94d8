// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/ldpc_decode/ldpc_arithmetic.h"
#include "phy/ldpc_decode/ldpc_schedule.h"
#include <utility>

// The decoder's inner loops over a vector type V of int8. Included by one source file per instruction set,
// whose V lies in an unnamed namespace: nothing compiled here with wide instructions is shared with another
// file.

namespace pado::phy::kernel {

/// What a vector of lifted rows reads and writes besides the evidence.
struct ldpc_row_memory {
  const std::int8_t* own; ///< evidence of the row's own parity bit
  const std::int8_t* old; ///< messages sent before, of one edge after the other
  std::ptrdiff_t old_stride;
  std::int8_t* sent;
  std::ptrdiff_t sent_stride;
};

template <class V, int W>
struct ldpc_row_kernel {
  using reg = typename V::reg;

  /// body::ldpc_combined
  static reg combined(reg a, reg b)
  {
    const reg mean = V::subtract_unsigned(V::mean(a, b), V::all(body::ldpc_correction));
    return V::min(V::min(a, b), mean);
  }

  /// One vector of lifted rows of a row with W edges: body::ldpc_row, the row's inputs held in registers.
  ///
  /// Messages are kept as they were sent, one byte an edge and lifted row. The edge whose input is the row's
  /// minimum gets the second smallest; with two of them these are equal, so comparing values finds it and no
  /// index is kept.
  template <int... E>
  static void run(const ldpc_edge* edges,
                  std::int8_t* evidence,
                  const ldpc_row_memory at,
                  std::integer_sequence<int, E...>)
  {
    const reg parity = V::load(at.own);
    reg signs = parity;
    reg weakest = V::magnitude(parity);
    reg others = V::all(body::ldpc_certain);
    reg input[W];
    const auto read = [&](int e) {
      const reg v = V::subtract(V::load(evidence + edges[e].read), V::load(at.old + e * at.old_stride));
      const reg m = V::magnitude(v);
      signs = V::exclusive_or(signs, v);
      others = combined(others, V::max(weakest, m));
      weakest = V::min(weakest, m);
      return v;
    };
    ((input[E] = read(E)), ...);
    const reg cap = V::all(body::ldpc_cap);
    const reg all = V::min(cap, combined(others, weakest));
    others = V::min(cap, others);
    const auto write = [&](int e, reg v) {
      const reg m = V::where_equal(V::magnitude(v), weakest, others, all);
      const reg message = V::negate_where_negative(m, V::exclusive_or(signs, v));
      V::store(at.sent + e * at.sent_stride, message);
      V::store(evidence + edges[e].write, V::add(v, message));
    };
    (write(E, input[E]), ...);
  }
};

/// Places that hold fillers are certain again, whatever the row has said.
template <class V>
void restore_fillers(const ldpc_schedule& s, const ldpc_edge& edge, std::int8_t* column)
{
  for (std::int32_t k = 0; k < s.nof_fillers; ++k) {
    const std::int32_t place = edge.filler + k;
    column[place < s.z ? place : place - s.z] = 127;
  }
}

template <class V, int W>
void ldpc_pass(const ldpc_schedule& s, const ldpc_schedule_row& row, const ldpc_arrays& a, bool is_first)
{
  const ldpc_edge* edges = s.edges + row.first_edge;
  std::int8_t* sent = a.messages + static_cast<std::ptrdiff_t>(row.first_edge) * s.padded_z;
  const std::int8_t* old = is_first ? a.zeros : sent;
  const std::ptrdiff_t old_stride = is_first ? 0 : s.padded_z;
  for (std::int32_t k = 0; k < s.padded_z; k += V::bytes) {
    ldpc_row_kernel<V, W>::run(edges,
                               a.evidence + k,
                               {a.own + row.own + k, old + k, old_stride, sent + k, s.padded_z},
                               std::make_integer_sequence<int, W>());
  }
  for (int e = 0; e < W; ++e) {
    std::int8_t* column = a.evidence + edges[e].write;
    if (edges[e].filler >= 0) {
      restore_fillers<V>(s, edges[e], column);
    }
    for (std::int32_t k = 0; k < edges[e].repeat; k += V::bytes) {
      V::store_anywhere(column + s.z + k, V::load(column + k));
    }
  }
}

template <class V>
using ldpc_pass_function = void (*)(const ldpc_schedule&, const ldpc_schedule_row&, const ldpc_arrays&, bool);

template <class V, int... W>
constexpr void list_passes(ldpc_pass_function<V>* out, std::integer_sequence<int, W...>)
{
  ((out[W] = &ldpc_pass<V, W + 1>), ...);
}

template <class V>
void ldpc_iterate(const ldpc_schedule& s, const ldpc_arrays& a, bool is_first)
{
  struct passes {
    ldpc_pass_function<V> of[max_row_weight] = {};
    constexpr passes() { list_passes<V>(of, std::make_integer_sequence<int, max_row_weight>()); }
  };
  static constexpr passes table;
  for (std::int32_t r = 0; r < s.nof_rows; ++r) {
    table.of[s.rows[r].nof_edges - 1](s, s.rows[r], a, is_first);
  }
}

/// Appends n bits, MSB of the first byte first, to a stream whose next bytes may be overwritten.
template <class V>
void append_bits(std::uint8_t* bits, std::int32_t position, typename V::mask word)
{
  std::uint8_t* at = bits + position / 8;
  const int shift = position % 8;
  unsigned carry = shift == 0 ? 0U : static_cast<unsigned>(*at) & (0xFF00U >> shift);
  for (int k = 0; k < V::bytes / 8; ++k) {
    const auto byte = static_cast<unsigned>((word >> (8 * k)) & 0xFFU);
    at[k] = static_cast<std::uint8_t>(carry | (byte >> shift));
    carry = (byte << (8 - shift)) & 0xFFU;
  }
  at[V::bytes / 8] = static_cast<std::uint8_t>(carry);
}

template <class V>
bool ldpc_decide(const ldpc_schedule& s, const ldpc_arrays& a)
{
  typename V::mask undecided = 0;
  for (int col = 0; col * s.z < s.nof_bits; ++col) {
    const std::int32_t offset = s.rotation[col] == 0 ? 0 : s.z - s.rotation[col];
    const std::int8_t* column = a.evidence + static_cast<std::uint32_t>(col) * s.column_stride() + offset;
    const std::int32_t left = s.nof_bits - col * s.z;
    const std::int32_t n = left < s.z ? left : s.z;
    for (std::int32_t k = 0; k < n; k += V::bytes) {
      const typename V::reg v = V::load(column + k);
      const typename V::mask valid = V::first_lanes(n - k);
      undecided |= V::zero_lanes(v) & valid;
      if (s.z % 8 == 0) {
        V::store_bits(a.bits + (col * s.z + k) / 8, V::negative_lanes_msb_first(v));
      } else {
        append_bits<V>(a.bits, col * s.z + k, V::negative_lanes_msb_first(v));
      }
    }
  }
  return undecided == 0;
}

} // namespace pado::phy::kernel
