// SPDX-License-Identifier: Apache-2.0
#include "core/errno_text.h"
#include "io/grid/grid_capture.h"
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>

namespace pado::io {

static_assert(std::endian::native == std::endian::little, "values are read as they lie in the file");

result<grid_reader> grid_reader::open(const grid_capture& capture)
{
  std::FILE* file = std::fopen(capture.data_path.c_str(), "rb");
  if (file == nullptr) {
    return error{capture.data_path + ":", std::string("cannot be opened: ") + errno_text(errno)};
  }
  return grid_reader(capture, file);
}

result<nothing> grid_reader::read(std::size_t index, view<ch16, 3> out)
{
  const std::int32_t nof_subcarriers = nof_subcarriers_per_prb * capture_.nof_prb;
  if (index >= capture_.slots.size() || out.extent(0) != capture_.nof_rx_ports ||
      out.extent(1) != nof_symbols_per_slot || out.extent(2) != nof_subcarriers) {
    return error{capture_.name + ":",
                 "has " + std::to_string(capture_.slots.size()) + " slots of " +
                     std::to_string(capture_.nof_rx_ports) + " ports and " +
                     std::to_string(capture_.nof_prb) + " PRB, something else was asked for"};
  }
  const grid_capture_slot& slot = capture_.slots[index];
  row_.resize(static_cast<std::size_t>(capture_.values_per_slot()));
  const bool is_there =
      fseeko(file_.get(), slot.offset * static_cast<std::int64_t>(sizeof(cf32)), SEEK_SET) == 0 &&
      std::fread(row_.data(), sizeof(cf32), row_.size(), file_.get()) == row_.size();
  if (!is_there) {
    return error{capture_.data_path + ":",
                 "ends inside slot " + std::to_string(slot.slot.sfn) + "." + std::to_string(slot.slot.slot) +
                     ", it had " + std::to_string(capture_.nof_values) + " values when it was opened"};
  }
  const float scale = std::ldexp(1.0F, capture_.exponent);
  constexpr float largest_half = 65504.0F; // NaN and infinity fail the comparison too
  ch16* to = out.data();
  for (const cf32 stored : row_) {
    const cf32 value = scale * stored;
    const bool is_number = std::abs(value.re) <= largest_half && std::abs(value.im) <= largest_half;
    nof_unusable_ += is_number ? 0 : 1;
    *to++ = is_number ? to_ch16(value) : ch16{};
  }
  return nothing{};
}

result<grid_writer>
grid_writer::create(const std::string& base_path, const grid_capture& head, const std::string& description)
{
  grid_capture written = head;
  written.name = base_path + ".grid-meta";
  written.data_path = base_path + ".grid-data";
  written.nof_values = 0;
  written.nof_spare_bytes = 0;
  written.slots.clear();
  std::FILE* file = std::fopen(written.data_path.c_str(), "wb");
  if (file == nullptr) {
    return error{written.data_path + ":", std::string("cannot be written: ") + errno_text(errno)};
  }
  return grid_writer(std::move(written), description, file);
}

result<std::int64_t> grid_writer::write(slot_id slot, std::span<const cf32> values)
{
  if (static_cast<std::int64_t>(values.size()) != capture_.values_per_slot()) {
    return error{capture_.name + ":",
                 "has slots of " + std::to_string(capture_.values_per_slot()) + " values, " +
                     std::to_string(values.size()) + " were given"};
  }
  if (std::fwrite(values.data(), sizeof(cf32), values.size(), file_.get()) != values.size()) {
    return error{capture_.data_path + ":", std::string("cannot be written: ") + errno_text(errno)};
  }
  capture_.slots.push_back({slot, capture_.nof_values});
  capture_.nof_values += static_cast<std::int64_t>(values.size());
  return capture_.slots.back().offset;
}

} // namespace pado::io
