// SPDX-License-Identifier: Apache-2.0
#include "apps/vector_arrays.h"
#include "apps/fapi_json.h"
#include "apps/sha256.h"

namespace pado::apps {

using nlohmann::json;

namespace {

constexpr std::int64_t max_array_bytes = std::int64_t{64} << 20U;
constexpr std::size_t max_arrays = 4096;

result<vector_dtype> read_dtype(const json& entry, const json_object& keys)
{
  const auto text = keys.text("dtype");
  if (!text) {
    return text.failure();
  }
  constexpr const char* names[] = {"cf16_le", "cf32_le", "f32_le", "u8"};
  for (std::size_t i = 0; i < 4; ++i) {
    if (text.value() == names[i]) {
      return static_cast<vector_dtype>(i);
    }
  }
  return keys.wrong("dtype",
                    (text.value() ? "is " + shown(entry.at("dtype")) : std::string("is missing")) +
                        ", must be \"cf16_le\", \"cf32_le\", \"f32_le\" or \"u8\"");
}

std::int64_t element_bytes(vector_dtype dtype)
{
  constexpr std::int64_t bytes[] = {4, 8, 4, 1};
  return bytes[static_cast<std::size_t>(dtype)];
}

/// The shape, and the bytes that it stands for.
result<std::int64_t> read_shape(const json& entry, const json_object& keys, vector_array& array)
{
  const auto shape = entry.find("shape");
  const std::string right = "must be a list of 1 to 4 lengths, 64 MiB in all";
  if (shape == entry.end() || !shape->is_array() || shape->empty() || shape->size() > 4) {
    return keys.wrong("shape",
                      shape == entry.end() ? "is missing, " + right : "is " + shown(*shape) + ", " + right);
  }
  std::int64_t bytes = element_bytes(array.dtype);
  for (const json& length : *shape) {
    const std::int64_t n = length.is_number_unsigned() && length.get<std::uint64_t>() <= 1U << 28U
                               ? static_cast<std::int64_t>(length.get<std::uint64_t>())
                               : -1;
    if (n < 1 || bytes * n > max_array_bytes) {
      return keys.wrong("shape", "is " + shown(*shape) + ", " + right);
    }
    bytes *= n;
    array.shape.push_back(static_cast<std::int32_t>(n));
  }
  return bytes;
}

/// prb_start, n_prb and carrier_n_prb, which come together or not at all.
std::optional<error> read_window(const json_object& keys, vector_array& array)
{
  if (keys.find("carrier_n_prb") == nullptr) {
    return std::nullopt;
  }
  const auto carrier = keys.whole("carrier_n_prb", 1, max_nof_prb);
  if (!carrier) {
    return carrier.failure();
  }
  const auto begin = keys.whole("prb_start", 0, carrier.value() - 1);
  if (!begin) {
    return begin.failure();
  }
  const auto size = keys.whole("n_prb", 1, carrier.value() - begin.value());
  if (!size) {
    return size.failure();
  }
  array.window = {static_cast<std::int32_t>(begin.value()),
                  static_cast<std::int32_t>(begin.value() + size.value())};
  array.carrier_nof_prb = static_cast<std::int32_t>(carrier.value());
  return std::nullopt;
}

std::optional<error>
load_bytes(const case_reader& from, const json_object& keys, std::int64_t bytes, vector_array& array)
{
  const auto file = keys.text("file");
  const auto digest = keys.text("sha256");
  if (!file || !digest) {
    return file ? digest.failure() : file.failure();
  }
  if (!file.value() || file.value()->empty() || file.value()->find_first_of("/\\") != std::string::npos ||
      file.value()->find('\0') != std::string::npos || *file.value() == "..") {
    return keys.wrong("file", "must be the name of a file beside case.json");
  }
  auto got = from.arrays.read(*file.value(), static_cast<std::size_t>(max_array_bytes));
  if (!got) {
    return got.failure();
  }
  if (static_cast<std::int64_t>(got.value().size()) != bytes) {
    return keys.wrong("file",
                      "has " + std::to_string(got.value().size()) + " bytes, must have " +
                          std::to_string(bytes) + " (shape x dtype)");
  }
  if (digest.value() != sha256_hex(got.value())) {
    return keys.wrong("sha256",
                      digest.value() ? "is not that of the file: it was changed or cut" : "is missing");
  }
  array.bytes = std::move(got).value();
  return std::nullopt;
}

} // namespace

result<std::optional<vector_array>> find_array(const case_reader& from, const std::string& array_name)
{
  const auto arrays = from.document.find("arrays");
  if (arrays == from.document.end() || !arrays->is_array() || arrays->size() > max_arrays) {
    return error{from.name + ": arrays",
                 "must be a list of at most " + std::to_string(max_arrays) + " arrays"};
  }
  for (std::size_t i = 0; i < arrays->size(); ++i) {
    const json& entry = (*arrays)[i];
    const json_object keys(entry, from.name + ": arrays[" + std::to_string(i) + "].");
    const auto entry_name = keys.text("name");
    if (!entry_name) {
      return entry_name.failure();
    }
    if (entry_name.value() != array_name) {
      continue;
    }
    vector_array array;
    array.name = array_name;
    const auto dtype = read_dtype(entry, keys);
    if (!dtype) {
      return dtype.failure();
    }
    array.dtype = dtype.value();
    const auto bytes = read_shape(entry, keys, array);
    if (!bytes) {
      return bytes.failure();
    }
    if (const auto bad = read_window(keys, array)) {
      return *bad;
    }
    if (const auto bad = load_bytes(from, keys, bytes.value(), array)) {
      return *bad;
    }
    return std::optional(std::move(array));
  }
  return std::optional<vector_array>();
}

} // namespace pado::apps
