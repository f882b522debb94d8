// SPDX-License-Identifier: Apache-2.0
#include "apps/vector_case.h"
#include "apps/fapi_json.h"
#include "apps/schedule_json.h"
#include "apps/vector_arrays.h"
#include "io/sigmf/bounded_json.h"
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

namespace pado::apps {

using nlohmann::json;

namespace {

constexpr std::size_t max_case_bytes = std::size_t{4} << 20U;
constexpr std::size_t max_slots = 1024;
constexpr int bfp9_prb_bytes = 28; // udCompParam and 24 mantissas of 9 bits
constexpr float bfp9_scale = 65504.0F / 8388608.0F;

static_assert(std::endian::native == std::endian::little, "arrays are taken as they lie in the file");

class folder_arrays final : public array_source {
public:
  explicit folder_arrays(std::string folder) : folder_(std::move(folder)) {}

  result<std::vector<std::uint8_t>> read(const std::string& file, std::size_t max_bytes) override
  {
    const auto text = io::read_text_file(folder_ + "/" + file, max_bytes);
    if (!text) {
      return text.failure();
    }
    return std::vector<std::uint8_t>(text.value().begin(), text.value().end());
  }

private:
  std::string folder_;
};

std::optional<error> check_shape(const case_reader& from,
                                 const vector_case& out,
                                 const vector_array& array,
                                 vector_dtype dtype,
                                 const std::vector<std::int32_t>& shape)
{
  if (array.dtype == dtype && array.shape == shape && array.carrier_nof_prb == out.nof_prb) {
    return std::nullopt;
  }
  std::string right;
  for (const std::int32_t length : shape) {
    right += (right.empty() ? "" : ", ") + std::to_string(length);
  }
  return error{from.name + ": array " + array.name,
               "does not fit the carrier, must have the shape [" + right + "] for PRBs " +
                   std::to_string(array.window.begin) + ".." + std::to_string(array.window.end - 1) + " of " +
                   std::to_string(out.nof_prb)};
}

void place_grid(const vector_case& out, const vector_array& array, vector_slot& slot)
{
  const std::int32_t nof_sc = nof_subcarriers_per_prb * out.nof_prb;
  const std::int32_t held = nof_subcarriers_per_prb * array.window.size();
  slot.grid = buffer<ch16>(static_cast<std::size_t>(out.nof_rx_ports) * nof_symbols_per_slot * nof_sc);
  const auto grid = slot.grid.as(out.nof_rx_ports, nof_symbols_per_slot, nof_sc);
  const std::uint8_t* from = array.bytes.data();
  for (std::int32_t port = 0; port < out.nof_rx_ports; ++port) {
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      const std::size_t bytes = sizeof(ch16) * static_cast<std::size_t>(held);
      std::memcpy(&grid(port, symbol, nof_subcarriers_per_prb * array.window.begin), from, bytes);
      from += bytes;
    }
  }
}

void place_packets(const vector_case& out, const vector_array& array, vector_slot& slot)
{
  slot.bytes = pinned_buffer<std::byte>(array.bytes.size());
  std::memcpy(slot.bytes.data(), array.bytes.data(), array.bytes.size());
  const auto nof_prb = static_cast<std::uint16_t>(array.window.size());
  std::uint32_t begin = 0;
  for (std::int32_t port = 0; port < out.nof_rx_ports; ++port) {
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      slot.sections.push_back({begin,
                               static_cast<std::uint16_t>(array.window.begin),
                               nof_prb,
                               static_cast<std::uint8_t>(port),
                               static_cast<std::uint8_t>(symbol),
                               compression::bfp,
                               std::uint8_t{9}});
      begin += std::uint32_t{bfp9_prb_bytes} * nof_prb;
    }
  }
}

/// Payloads that stand in a file of their own instead of in hexadecimal.
std::optional<error>
load_payloads(const case_reader& from, const json& entry, const std::string& where, scheduled_slot& slot)
{
  for (std::size_t i = 0; i < slot.plan.pusch.size(); ++i) {
    const json& pdu = entry.at("pdus").at(static_cast<std::size_t>(slot.pdu_index[i]));
    const auto expected = pdu.find("expected");
    if (expected == pdu.end()) {
      continue;
    }
    const json_object keys(*expected, where + ".pdus[" + std::to_string(slot.pdu_index[i]) + "].expected.");
    const auto array_name = keys.text("payload_array");
    if (!array_name) {
      return array_name.failure();
    }
    if (!array_name.value()) {
      continue;
    }
    auto array = find_array(from, *array_name.value());
    if (!array) {
      return array.failure();
    }
    const std::uint32_t tb_bytes = slot.plan.pusch[i].tb_size_bytes;
    if (!array.value() || array.value()->bytes.size() != tb_bytes) {
      return keys.wrong("payload_array",
                        "is '" + *array_name.value() + "', must name an array of " +
                            std::to_string(tb_bytes) + " bytes (TBSize)");
    }
    slot.expected[i].payload = array.value()->bytes;
  }
  return std::nullopt;
}

std::optional<error>
read_vector_slot(const case_reader& from, const json& entry, const std::string& where, vector_case& out)
{
  if (!entry.is_object()) {
    return error{where, "is " + shown(entry) + ", must be an object"};
  }
  vector_slot& slot = out.slots.emplace_back();
  auto parsed = parse_slot(entry, where + ".");
  if (!parsed) {
    return parsed.failure();
  }
  slot.schedule = std::move(parsed).value();
  if (auto bad = load_payloads(from, entry, where, slot.schedule)) {
    return bad;
  }
  const json_object keys(entry, where + ".");
  const auto input = keys.text("input");
  if (!input) {
    return input.failure();
  }
  if (!input.value() || input.value()->rfind("x_tf", 0) != 0) {
    return keys.wrong("input",
                      (input.value() ? "is '" + *input.value() + "'" : std::string("is missing")) +
                          ", must be a slot grid x_tf: PRACH and SRS cases hold none");
  }
  const auto grid = find_array(from, *input.value());
  const auto packets = find_array(from, *input.value() + "_bfp9");
  if (!grid || !packets) {
    return grid ? packets.failure() : grid.failure();
  }
  if (!grid.value()) {
    return keys.wrong("input", "is '" + *input.value() + "', must name one of arrays");
  }
  out.window = grid.value()->window;
  const std::int32_t held = out.window.size();
  if (auto bad = check_shape(from,
                             out,
                             *grid.value(),
                             vector_dtype::cf16_le,
                             {out.nof_rx_ports, nof_symbols_per_slot, nof_subcarriers_per_prb * held})) {
    return bad;
  }
  place_grid(out, *grid.value(), slot);
  if (packets.value()) {
    const std::int32_t nof_prb = packets.value()->window.size();
    if (auto bad = check_shape(from,
                               out,
                               *packets.value(),
                               vector_dtype::u8,
                               {out.nof_rx_ports, nof_symbols_per_slot, nof_prb, bfp9_prb_bytes})) {
      return bad;
    }
    place_packets(out, *packets.value(), slot);
  }
  return std::nullopt;
}

std::optional<error> read_head(const case_reader& from, vector_case& out)
{
  const json_object top(from.document, from.name + ": ");
  const auto schema = top.text("schema");
  if (!schema) {
    return schema.failure();
  }
  if (schema.value() != "nv5g-case-1") {
    return top.wrong("schema", "must be \"nv5g-case-1\"");
  }
  const auto id = top.text("id");
  const auto summary = top.text("summary");
  if (!id || !summary) {
    return id ? summary.failure() : id.failure();
  }
  out.id = id.value().value_or("");
  out.summary = summary.value().value_or("");
  const json* carrier = top.find("carrier");
  if (carrier == nullptr || !carrier->is_object()) {
    return top.wrong("carrier", "is missing, must be an object");
  }
  const json_object keys(*carrier, from.name + ": carrier.");
  struct field {
    const char* key;
    std::int32_t* to;
    std::int64_t lowest;
    std::int64_t highest;
  };
  for (const field& f : {field{"mu", &out.scs.mu, 0, 4},
                         field{"n_rb", &out.nof_prb, 1, max_nof_prb},
                         field{"grid_start_crb", &out.grid_start_crb, 0, 2199},
                         field{"n_rx_ports", &out.nof_rx_ports, 1, 8},
                         field{"phys_cell_id", &out.phys_cell_id, 0, 1007}}) {
    const auto got = keys.whole(f.key, f.lowest, f.highest);
    if (!got) {
      return got.failure();
    }
    *f.to = static_cast<std::int32_t>(got.value());
  }
  return std::nullopt;
}

result<case_reader> open_case(std::string_view text, const std::string& name, array_source& arrays)
{
  auto parsed = io::parse_bounded_json(text, name, {max_case_bytes, 16});
  if (!parsed) {
    return parsed.failure();
  }
  if (!parsed.value().is_object()) {
    return error{name + ":", "must be an object with schema, carrier, slots and arrays"};
  }
  return case_reader{name, std::move(parsed).value(), arrays};
}

} // namespace

result<vector_case>
parse_vector_case(std::string_view case_json, const std::string& name, array_source& arrays)
{
  const auto from = open_case(case_json, name, arrays);
  if (!from) {
    return from.failure();
  }
  vector_case out;
  out.bytes_scale = bfp9_scale;
  if (auto bad = read_head(from.value(), out)) {
    return *bad;
  }
  const auto slots = from.value().document.find("slots");
  if (slots == from.value().document.end() || !slots->is_array() || slots->empty() ||
      slots->size() > max_slots) {
    return error{name + ": slots", "must be a list of 1 to " + std::to_string(max_slots) + " slots"};
  }
  for (std::size_t i = 0; i < slots->size(); ++i) {
    const std::string where = name + ": slots[" + std::to_string(i) + "]";
    if (auto bad = read_vector_slot(from.value(), (*slots)[i], where, out)) {
      return *bad;
    }
  }
  return out;
}

result<vector_case> read_vector_case(const std::string& folder)
{
  const std::string name = folder + "/case.json";
  const auto text = io::read_text_file(name, max_case_bytes);
  if (!text) {
    return text.failure();
  }
  folder_arrays arrays(folder);
  return parse_vector_case(text.value(), name, arrays);
}

result<vector_array> read_vector_array(const std::string& folder, const std::string& array)
{
  const std::string name = folder + "/case.json";
  const auto text = io::read_text_file(name, max_case_bytes);
  if (!text) {
    return text.failure();
  }
  folder_arrays arrays(folder);
  const auto from = open_case(text.value(), name, arrays);
  if (!from) {
    return from.failure();
  }
  auto found = find_array(from.value(), array);
  if (!found) {
    return found.failure();
  }
  if (!found.value()) {
    return error{name + ":", "has no array '" + array + "'"};
  }
  return *std::move(found).value();
}

cell_config cell_of(const vector_case& one)
{
  cell_config cell;
  cell.carrier.name = one.id;
  cell.carrier.scs = one.scs;
  cell.carrier.nof_prb = one.nof_prb;
  cell.carrier.grid_start_crb = one.grid_start_crb;
  cell.carrier.nof_rx_ports = one.nof_rx_ports;
  cell.carrier.phys_cell_id = one.phys_cell_id;
  cell.has_grid = true;
  cell.receiver.ldpc_iterations = 10;
  return cell;
}

uplink_slot grid_input(const vector_case& from, std::size_t slot)
{
  uplink_slot input;
  input.slot = from.slots[slot].schedule.plan.slot;
  input.grid = from.slots[slot].grid.as(
      from.nof_rx_ports, nof_symbols_per_slot, nof_subcarriers_per_prb * from.nof_prb);
  return input;
}

uplink_slot packet_input(const vector_case& from, std::size_t slot)
{
  const vector_slot& held = from.slots[slot];
  uplink_slot input;
  input.slot = held.schedule.plan.slot;
  input.bytes = view<const std::byte, 1>(held.bytes.data(), static_cast<std::int32_t>(held.bytes.size()));
  input.sections =
      view<const iq_section, 1>(held.sections.data(), static_cast<std::int32_t>(held.sections.size()));
  return input;
}

} // namespace pado::apps
