// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/ldpc/base_graph.h"
#include "phy/ldpc_decode/ldpc_decode.h"
#include <cstdint>

namespace pado::phy {

/// Where a row finds one of its columns, in bytes of the evidence array.
///
/// A column is kept rotated: a row writes its bits in its own order, and the next row that needs them reads
/// at an offset. So that the offset can run past the end, as many bytes as the next reader needs are repeated
/// behind the column.
struct ldpc_edge {
  std::uint32_t read;   ///< first byte to read
  std::uint32_t write;  ///< first byte of the column
  std::uint16_t repeat; ///< bytes to repeat behind the column after writing
  std::int16_t filler;  ///< >= 0: fillers are in this column, this is the place of the first; -1: none
};

struct ldpc_schedule_row {
  std::uint32_t first_edge;
  std::uint32_t nof_edges; ///< 1..19
  std::uint32_t own; ///< bytes into the own-parity array, or of the constant that never decides (rows 0 to 3)
};

/// The passes over one code block that every iteration makes: rows with evidence only, empty columns left
/// out.
struct ldpc_schedule {
  std::int32_t base_graph = 0;
  std::int32_t z = 0;
  std::int32_t nof_bits = 0;
  std::uint64_t active_rows = 0; ///< what the schedule was made for, with the three above
  std::int32_t padded_z = 0;     ///< z rounded up to the vector
  std::int32_t nof_fillers = 0;  ///< in the one column that has both
  std::int32_t nof_info = 0;
  std::int32_t nof_rows = 0;
  std::int32_t nof_edges = 0;
  std::uint16_t rotation[26] = {}; ///< bit that lies first in a column between two iterations
  ldpc_schedule_row rows[max_base_rows] = {};
  ldpc_edge edges[max_base_edges] = {};

  std::uint32_t column_stride() const { return 2 * static_cast<std::uint32_t>(padded_z); }
};

/// Makes the schedule of a code block.
///
/// active_rows    bit r: row r has evidence
/// vector_bytes   lifted rows that the kernel handles at once
void make_ldpc_schedule(ldpc_schedule& schedule,
                        const ldpc_decode_task& task,
                        const ldpc_tables& tables,
                        std::uint64_t active_rows,
                        std::int32_t vector_bytes);

/// Memory of a kernel, every array aligned to 64 bytes.
struct ldpc_arrays {
  std::int8_t* evidence; ///< [column][2 padded_z]
  std::int8_t* own;      ///< [row - 4][padded_z], then padded_z of 127
  std::int8_t* messages; ///< [edge][padded_z]
  std::int8_t* zeros;    ///< [padded_z]
  std::uint8_t* bits;    ///< hard decisions, 16 bytes longer than they need
};

/// Bytes of all of them, and the arrays in that memory.
inline constexpr std::size_t ldpc_array_bytes[5] = {26U * 2 * max_lifting_size + 64,
                                                    43U * max_lifting_size,
                                                    static_cast<std::size_t>(max_base_edges) *
                                                        max_lifting_size,
                                                    max_lifting_size,
                                                    22U * max_lifting_size / 8 + 32};
inline constexpr std::size_t ldpc_arrays_bytes = ldpc_array_bytes[0] + ldpc_array_bytes[1] +
                                                 ldpc_array_bytes[2] + ldpc_array_bytes[3] +
                                                 ldpc_array_bytes[4];

/// What a hand-tuned kernel does; the frame around it is in ldpc_decode_cpu.cpp.
struct ldpc_kernel {
  std::int32_t vector_bytes;
  /// All rows once. old: the messages, or zeros with stride 0 in the first iteration.
  void (*iterate)(const ldpc_schedule& schedule, const ldpc_arrays& arrays, bool is_first);
  /// Hard decisions of the information bits into arrays.bits. Returns false when one had no evidence.
  bool (*decide)(const ldpc_schedule& schedule, const ldpc_arrays& arrays);
};

/// Only called when the CPU has the instructions.
const ldpc_kernel& ldpc_kernel_avx2();
const ldpc_kernel& ldpc_kernel_avx512();

} // namespace pado::phy
