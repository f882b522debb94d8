// SPDX-License-Identifier: Apache-2.0
#include "io/grid/grid_capture.h"
#include "io/sigmf/bounded_json.h"
#include "io/sigmf/json_section.h"
#include <nlohmann/json.hpp>

namespace pado::io {

namespace {

using nlohmann::json;

constexpr std::size_t max_meta_bytes = std::size_t{256} << 20U; // an hour of slots of 1 ms
constexpr const char* endings[] = {".grid-meta", ".grid-data"};

result<nothing> read_head(const json_section& head, grid_capture& capture)
{
  const auto datatype = head.object.find("datatype");
  if (datatype == head.object.end() || *datatype != "cf32_le") {
    return head.wrong("datatype",
                      (datatype == head.object.end() ? "is missing" : "is " + shown_json(*datatype)) +
                          ", must be \"cf32_le\"");
  }
  const auto number = [&](const char* key, std::int64_t lowest, std::int64_t highest, std::int32_t& to) {
    const auto got = head.whole(key, lowest, highest, "");
    to = got ? static_cast<std::int32_t>(got.value()) : 0;
    return got ? result<nothing>(nothing{}) : result<nothing>(got.failure());
  };
  std::int32_t scs_khz = 0;
  std::int32_t pci = 0;
  const bool has_pci = head.object.contains("phys_cell_id");
  const bool has_exponent = head.object.contains("exponent");
  for (const auto& read :
       {number("scs_khz", 15, 120, scs_khz),
        number("nof_prb", 1, max_nof_prb, capture.nof_prb),
        number("nof_rx_ports", 1, 8, capture.nof_rx_ports),
        has_pci ? number("phys_cell_id", 0, 1007, pci) : result<nothing>(nothing{}),
        has_exponent ? number("exponent", -60, 60, capture.exponent) : result<nothing>(nothing{})}) {
    if (!read) {
      return read;
    }
  }
  if (has_pci) {
    capture.phys_cell_id = pci;
  }
  for (capture.scs.mu = 0; capture.scs.mu < 4; ++capture.scs.mu) {
    if (capture.scs.scs_hz() == 1000 * scs_khz) {
      return nothing{};
    }
  }
  return head.wrong("scs_khz", "is " + std::to_string(scs_khz) + ", must be 15, 30, 60 or 120");
}

result<grid_capture_slot> read_slot(const json_section& entry, numerology scs)
{
  const auto sfn = entry.whole("sfn", 0, nof_sfn - 1, "");
  if (!sfn) {
    return sfn.failure();
  }
  const auto slot = entry.whole("slot", 0, scs.slots_per_frame() - 1, "");
  if (!slot) {
    return slot.failure();
  }
  const auto offset = entry.whole("offset", 0, std::int64_t{1} << 52U, "");
  if (!offset) {
    return offset.failure();
  }
  return grid_capture_slot{{static_cast<std::int32_t>(sfn.value()), static_cast<std::int32_t>(slot.value())},
                           offset.value()};
}

result<nothing> read_slots(const json& document, grid_capture& capture)
{
  const auto slots = document.find("slots");
  if (slots == document.end() || !slots->is_array()) {
    return error{capture.name + ": slots",
                 slots == document.end() ? "is missing, must be a list"
                                         : "is " + shown_json(*slots) + ", must be a list"};
  }
  for (std::size_t i = 0; i < slots->size(); ++i) {
    const json& entry = (*slots)[i];
    const std::string where = capture.name + ": slots[" + std::to_string(i) + "]";
    if (!entry.is_object()) {
      return error{where, "is " + shown_json(entry) + ", must be an object with sfn, slot and offset"};
    }
    const auto slot = read_slot({entry, where + "."}, capture.scs);
    if (!slot) {
      return slot.failure();
    }
    if (slot.value().offset > capture.nof_values - capture.values_per_slot()) {
      ++capture.nof_cut;
    } else {
      capture.slots.push_back(slot.value());
    }
  }
  return nothing{};
}

} // namespace

bool is_grid_path(const std::string& path)
{
  return path.ends_with(endings[0]) || path.ends_with(endings[1]);
}

result<grid_capture>
parse_grid_capture(std::string_view meta, const std::string& name, std::int64_t data_bytes)
{
  const auto parsed = parse_bounded_json(meta, name, {max_meta_bytes, 8});
  if (!parsed) {
    return parsed.failure();
  }
  const json& document = parsed.value();
  const auto head = document.is_object() ? document.find("grid") : document.end();
  if (head == document.end() || !head->is_object()) {
    return error{name + ": grid", "is missing, must be an object with scs_khz, nof_prb and nof_rx_ports"};
  }
  grid_capture capture;
  capture.name = name;
  if (const auto read = read_head({*head, name + ": grid."}, capture); !read) {
    return read.failure();
  }
  capture.nof_values = data_bytes / static_cast<std::int64_t>(sizeof(cf32));
  capture.nof_spare_bytes = static_cast<std::int32_t>(data_bytes % static_cast<std::int64_t>(sizeof(cf32)));
  if (const auto read = read_slots(document, capture); !read) {
    return read.failure();
  }
  return capture;
}

result<grid_capture> read_grid_capture(const std::string& path)
{
  const std::string base =
      is_grid_path(path) ? path.substr(0, path.size() - std::string_view(endings[0]).size()) : path;
  const auto meta = read_text_file(base + endings[0], max_meta_bytes);
  if (!meta) {
    return meta.failure();
  }
  const auto bytes = plain_file_bytes(base + endings[1]);
  if (!bytes) {
    return bytes.failure();
  }
  auto capture = parse_grid_capture(meta.value(), base + endings[0], bytes.value());
  if (capture) {
    capture.value().data_path = base + endings[1];
  }
  return capture;
}

result<nothing> grid_writer::finish()
{
  nlohmann::ordered_json meta;
  auto& head = meta["grid"];
  head["datatype"] = "cf32_le";
  head["scs_khz"] = capture_.scs.scs_hz() / 1000;
  head["nof_prb"] = capture_.nof_prb;
  head["nof_rx_ports"] = capture_.nof_rx_ports;
  if (capture_.phys_cell_id) {
    head["phys_cell_id"] = *capture_.phys_cell_id;
  }
  head["exponent"] = capture_.exponent;
  head["description"] = description_;
  std::string text = meta.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  text.resize(text.rfind('}')); // one line a slot
  text.erase(text.find_last_not_of(" \n") + 1);
  text += ",\n  \"slots\": [";
  const char* separator = "\n    ";
  for (const grid_capture_slot& slot : capture_.slots) {
    text += separator +
            nlohmann::ordered_json{{"sfn", slot.slot.sfn}, {"slot", slot.slot.slot}, {"offset", slot.offset}}
                .dump();
    separator = ",\n    ";
  }
  text += "\n  ]\n}\n";
  const bool has_data = std::fclose(file_.release()) == 0;
  const bool is_written = write_text_file(capture_.name, has_data ? text : std::string()) && has_data;
  return is_written ? result<nothing>(nothing{}) : error{capture_.name + ":", "cannot be written"};
}

} // namespace pado::io
