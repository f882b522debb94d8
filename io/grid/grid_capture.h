// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/slot.h"
#include "core/view.h"
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pado::io {

/// One slot of a grid capture.
struct grid_capture_slot {
  slot_id slot;
  std::int64_t offset = 0; ///< of its first value in the data file, in complex values
};

/// A capture in the frequency domain: what a receiver has behind its FFT, slot by slot, without the phase of
/// TS 38.211, 5.4. Two files: NAME.grid-meta (JSON) and NAME.grid-data (cf32, little endian, a slot as
/// [port][symbol][subcarrier]). docs/import.md
struct grid_capture {
  std::string name;      ///< for messages: the metadata file
  std::string data_path; ///< the values
  numerology scs;
  std::int32_t nof_prb = 0;                 ///< 1..275
  std::int32_t nof_rx_ports = 1;            ///< 1..8
  std::optional<std::int32_t> phys_cell_id; ///< 0..1007
  std::int32_t exponent =
      0; ///< the grid is 2^exponent times what is stored: near 1, whatever the source's unit
  std::int64_t nof_values = 0;          ///< in the data file
  std::int32_t nof_spare_bytes = 0;     ///< at the end of it, no whole value: the file was cut
  std::vector<grid_capture_slot> slots; ///< those wholly inside the data, in the order of the metadata
  std::int64_t nof_cut = 0;             ///< slots of the metadata that are not

  std::int64_t values_per_slot() const
  {
    return std::int64_t{nof_symbols_per_slot} * nof_subcarriers_per_prb * nof_prb * nof_rx_ports;
  }
};

/// Whether a path names a grid capture, by its ending.
bool is_grid_path(const std::string& path);

/// Reads the metadata of a grid capture; `path` may name either file, or neither ending.
/// \errors each names the file, the key, its value and what would be right
result<grid_capture> read_grid_capture(const std::string& path);

/// The same from text in memory, for a data file of `data_bytes`. Does not touch the file system.
result<grid_capture>
parse_grid_capture(std::string_view meta, const std::string& name, std::int64_t data_bytes);

/// Reads slots of a grid capture.
class grid_reader {
public:
  static result<grid_reader> open(const grid_capture& capture);

  /// Slot `index` of capture().slots. Values that are no numbers, or too large for a half, become 0 and are
  /// counted.
  ///
  /// out  [port][symbol][subcarrier]  ch16, dense, linear
  ///
  /// \errors out has another shape, the file was cut after it was opened
  result<nothing> read(std::size_t index, view<ch16, 3> out);

  const grid_capture& capture() const { return capture_; }
  std::int64_t nof_unusable() const { return nof_unusable_; }

private:
  struct close_file {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  grid_reader(grid_capture capture, std::FILE* file) : capture_(std::move(capture)), file_(file) {}

  grid_capture capture_;
  std::unique_ptr<std::FILE, close_file> file_;
  std::vector<cf32> row_;
  std::int64_t nof_unusable_ = 0;
};

/// Writes a grid capture: values as they come, metadata at finish().
class grid_writer {
public:
  /// Of `head` are read: scs, nof_prb, nof_rx_ports, phys_cell_id, exponent.
  static result<grid_writer>
  create(const std::string& base_path, const grid_capture& head, const std::string& description);

  /// Appends a slot; gives its offset. values  [port][symbol][subcarrier], values_per_slot() of them
  result<std::int64_t> write(slot_id slot, std::span<const cf32> values);

  /// Before finish(): what brings the values that were written near 1.
  void set_exponent(std::int32_t exponent) { capture_.exponent = exponent; }

  /// Writes the metadata and says what could not be written.
  result<nothing> finish();

  const grid_capture& capture() const { return capture_; }

private:
  struct close_file {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  grid_writer(grid_capture capture, std::string description, std::FILE* file)
      : capture_(std::move(capture)), description_(std::move(description)), file_(file)
  {
  }

  grid_capture capture_;
  std::string description_;
  std::unique_ptr<std::FILE, close_file> file_;
};

} // namespace pado::io
