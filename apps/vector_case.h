// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/cell_file.h"
#include "apps/schedule_file.h"
#include "core/buffer.h"
#include "core/complex.h"
#include "core/result.h"
#include "core/slot.h"
#include "core/uplink_slot.h"
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pado::apps {

/// One slot of a vector case: the input of a receiver and what it must find.
struct vector_slot {
  scheduled_slot schedule;

  /// [port][symbol][subcarrier] of the whole carrier; zero outside the PRBs that the case holds.
  buffer<ch16> grid;

  /// The same samples as U-plane PRB fields; both empty when the case has none for this slot.
  pinned_buffer<std::byte> bytes;
  std::vector<iq_section> sections;
};

/// A folder of the schema nv5g-case-1.
struct vector_case {
  std::string id;
  std::string summary;
  numerology scs;
  std::int32_t nof_prb = 0;
  std::int32_t grid_start_crb = 0;
  std::int32_t nof_rx_ports = 0;
  std::int32_t phys_cell_id = 0;
  prb_range window;         ///< PRBs that the case holds
  float bytes_scale = 1.0F; ///< grid sample = mantissa * 2^exponent * bytes_scale
  std::vector<vector_slot> slots;
};

/// The uplink_slot of one slot of a case, out of the grid or out of the packet bytes. Borrows from `from`.
uplink_slot grid_input(const vector_case& from, std::size_t slot);
uplink_slot packet_input(const vector_case& from, std::size_t slot);

/// Reads `folder`/case.json and its arrays, each checked against its length and sha256.
/// \errors names the file, the key, its value and what would be right; cases without a slot grid (PRACH, SRS)
/// are
///         refused by name
result<vector_case> read_vector_case(const std::string& folder);

/// The cell that a case was made for, as pado conform receives it.
cell_config cell_of(const vector_case& one);

enum class vector_dtype : std::uint8_t { cf16_le, cf32_le, f32_le, u8 };

/// One array of a case as it lies in its file, for what a receiver does not need (ref_h, ref_llr_pdu0, ...).
struct vector_array {
  std::string name;
  vector_dtype dtype = vector_dtype::u8;
  std::vector<std::int32_t> shape; ///< row-major, 1 to 4 axes
  prb_range window;                ///< prb_start, n_prb; empty when the array has none
  std::int32_t carrier_nof_prb = 0;
  std::vector<std::uint8_t> bytes;
};

/// The array `array` of the case in `folder`, checked against its length and sha256.
result<vector_array> read_vector_array(const std::string& folder, const std::string& array);

/// Where the arrays of a case come from: the file name out of case.json to its bytes.
class array_source {
public:
  virtual ~array_source() = default;
  virtual result<std::vector<std::uint8_t>> read(const std::string& file, std::size_t max_bytes) = 0;
};

/// The same from text and arrays in memory.
result<vector_case>
parse_vector_case(std::string_view case_json, const std::string& name, array_source& arrays);

} // namespace pado::apps
