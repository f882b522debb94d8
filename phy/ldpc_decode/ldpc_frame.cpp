// SPDX-License-Identifier: Apache-2.0
#include "phy/ldpc_decode/ldpc_frame.h"
#include <cassert>
#include <cstring>
#include <span>

namespace pado::phy {

namespace {

std::int8_t* place(std::byte* memory, std::size_t offset)
{
  return reinterpret_cast<std::int8_t*>(memory + offset);
}

ldpc_arrays arrays_in(std::byte* memory)
{
  static_assert(ldpc_array_bytes[0] % 64 == 0 && ldpc_array_bytes[1] % 64 == 0 &&
                ldpc_array_bytes[2] % 64 == 0 && ldpc_array_bytes[3] % 64 == 0 &&
                ldpc_arrays_bytes % alignof(ldpc_schedule) == 0);
  const std::size_t own = ldpc_array_bytes[0];
  const std::size_t messages = own + ldpc_array_bytes[1];
  const std::size_t zeros = messages + ldpc_array_bytes[2];
  const std::size_t bits = zeros + ldpc_array_bytes[3];
  return {place(memory, 0),
          place(memory, own),
          place(memory, messages),
          place(memory, zeros),
          reinterpret_cast<std::uint8_t*>(memory + bits)};
}

std::int32_t padded(std::int32_t z, std::int32_t vector_bytes)
{
  return (z + vector_bytes - 1) / vector_bytes * vector_bytes;
}

bool is_any_set(const std::int8_t* values, std::int32_t n)
{
  std::uint64_t any = 0;
  std::int32_t k = 0;
  for (; k + 8 <= n; k += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, values + k, sizeof word);
    any |= word;
  }
  for (; k < n; ++k) {
    any |= static_cast<std::uint8_t>(values[k]);
  }
  return any != 0;
}

} // namespace

const ldpc_kernel* ldpc_kernel_of(simd_level level)
{
#if defined(__x86_64__)
  if (level == simd_level::avx512) {
    return &ldpc_kernel_avx512();
  }
  if (level == simd_level::avx2) {
    return &ldpc_kernel_avx2();
  }
#endif
  assert(level == simd_level::portable);
  return nullptr;
}

ldpc_frame::ldpc_frame(const ldpc_kernel& kernel, const ldpc_tables& tables, std::byte* memory)
    : kernel_(kernel), tables_(tables),
      schedule_(*reinterpret_cast<ldpc_schedule*>(memory + ldpc_arrays_bytes)), arrays_(arrays_in(memory))
{
}

void ldpc_frame::clear()
{
  schedule_ = ldpc_schedule{};
  std::memset(arrays_.zeros, 0, max_lifting_size);
}

// The rows' own parity: no other row has it, so it stays where it is. Returns the rows that got some.
std::uint64_t ldpc_frame::load_own(const ldpc_decode_task& task, const std::int8_t* soft)
{
  const std::int32_t padded_z = padded(task.z, kernel_.vector_bytes);
  const std::int32_t nof_info = task.base_graph == 1 ? 22 : 10;
  std::uint64_t active = 0xF;
  for (std::int32_t row = 4; row < task.nof_rows; ++row) {
    const std::int8_t* from = soft + (nof_info + row) * task.z;
    if (is_any_set(from, task.z)) {
      active |= std::uint64_t{1} << row;
      std::memcpy(arrays_.own + (row - 4) * padded_z, from, static_cast<std::size_t>(task.z));
    }
  }
  std::memset(arrays_.own + 42 * padded_z, 127, static_cast<std::size_t>(padded_z));
  return active;
}

// Every column rotated as the last row of an iteration leaves it, and repeated for any reader.
void ldpc_frame::load_columns(const std::int8_t* soft)
{
  const ldpc_schedule& s = schedule_;
  const auto z = static_cast<std::size_t>(s.z);
  for (std::int32_t col = 0; col < s.nof_info + 4; ++col) {
    std::int8_t* to = arrays_.evidence + static_cast<std::uint32_t>(col) * s.column_stride();
    const std::int8_t* from = soft + col * s.z;
    const std::size_t rotation = s.rotation[col];
    const std::int32_t nof_known = col < s.nof_info ? s.nof_bits - col * s.z : s.z;
    if (nof_known >= s.z) {
      std::memcpy(to, from + rotation, z - rotation);
      std::memcpy(to + z - rotation, from, rotation);
    } else if (nof_known > 0) {
      for (std::size_t k = 0; k < z; ++k) {
        const std::size_t bit = k + rotation < z ? k + rotation : k + rotation - z;
        to[k] = bit < static_cast<std::size_t>(nof_known) ? from[bit] : std::int8_t{127};
      }
    } else {
      continue;
    }
    std::memcpy(to + z, to, z);
  }
}

ldpc_decode_status
ldpc_frame::decode(const ldpc_decode_task& task, const std::int8_t* soft, std::uint8_t* bytes, ldpc_stop stop)
{
  assert(task.nof_bits % 8 == 0);
  const std::uint64_t active = load_own(task, soft);
  if (schedule_.base_graph != task.base_graph || schedule_.z != task.z ||
      schedule_.nof_bits != task.nof_bits || schedule_.active_rows != active) {
    make_ldpc_schedule(schedule_, task, tables_, active, kernel_.vector_bytes);
  }
  load_columns(soft);
  const auto nof_bytes = static_cast<std::size_t>(task.nof_bits / 8);
  ldpc_decode_status status{0, 0};
  while (status.crc_ok == 0 && status.iterations < task.max_iterations) {
    kernel_.iterate(schedule_, arrays_, status.iterations == 0);
    ++status.iterations;
    if (stop == ldpc_stop::crc || status.iterations == task.max_iterations) {
      const bool is_decided = kernel_.decide(schedule_, arrays_);
      status.crc_ok = is_decided && crc_of_bytes(task.crc, std::span(arrays_.bits, nof_bytes)) == 0 ? 1 : 0;
    }
  }
  std::memcpy(bytes, arrays_.bits, nof_bytes);
  return status;
}

} // namespace pado::phy
