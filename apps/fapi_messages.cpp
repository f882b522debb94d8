// SPDX-License-Identifier: Apache-2.0
#include "apps/fapi_messages.h"
#include "apps/fapi_json.h"
#include "io/sigmf/bounded_json.h"
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

using nlohmann::json;

constexpr std::size_t max_message_bytes = std::size_t{16} << 20U;
constexpr std::size_t max_file_bytes = std::size_t{1} << 30U;
constexpr int max_depth = 16;
constexpr std::size_t max_pdus = 1024;

/// The first of these keys that is there.
const json* first_of(const json& object, std::initializer_list<const char*> keys)
{
  for (const char* key : keys) {
    if (const auto found = object.find(key); found != object.end()) {
      return &*found;
    }
  }
  return nullptr;
}

/// Fields of a PDU wherever they are nested (puschData, puschUci, ...): FAPI's names are each used once.
/// False when a name comes twice.
bool flatten(const json& from, nlohmann::ordered_json& to, int depth)
{
  for (const auto& [key, value] : from.items()) {
    if (value.is_object() && depth > 0) {
      if (!flatten(value, to, depth - 1)) {
        return false;
      }
    } else if (value.is_number()) {
      if (to.contains(key)) {
        return false;
      }
      to[key] = nlohmann::ordered_json::parse(value.dump());
    }
  }
  return true;
}

/// The kind of a PDU by PDUType, as number or name.
std::string kind_of(const json& pdu)
{
  constexpr const char* kinds[] = {"PRACH", "PUSCH", "PUCCH", "SRS"};
  const json* type = first_of(pdu, {"PDUType", "pduType", "pdu"});
  if (type == nullptr) {
    return "";
  }
  if (type->is_number_integer()) {
    const auto number = type->get<std::int64_t>();
    return number >= 0 && number < 4 ? kinds[number] : "";
  }
  for (const char* kind : kinds) {
    if (*type == kind) {
      return kind;
    }
  }
  return "";
}

class message_reader {
public:
  message_reader(import_schedule& to, log_remarks& remarks) : to_(to), remarks_(remarks) {}

  void take(const json& message, const std::string& where)
  {
    ++counts_.messages;
    if (!message.is_object()) {
      return refuse("message that is no object", where, shown(message));
    }
    const json* name = first_of(message, {"message", "Message", "msg", "messageType"});
    if (name != nullptr && *name != "UL_TTI.request" && *name != 129) { // 0x81
      ++counts_.elsewhere;
      return;
    }
    const json* pdus = first_of(message, {"PDUs", "pdus", "pduList"});
    const json* sfn = first_of(message, {"SFN", "sfn"});
    const json* slot = first_of(message, {"Slot", "slot"});
    const auto is_below = [](const json* number, std::int64_t end) {
      return number != nullptr && number->is_number_integer() && number->get<std::int64_t>() >= 0 &&
             number->get<std::int64_t>() < end;
    };
    if (!is_below(sfn, nof_sfn) || !is_below(slot, 160) || pdus == nullptr || !pdus->is_array() ||
        pdus->size() > max_pdus) {
      return refuse("UL_TTI.request without SFN, Slot and PDUs", where, shown(message));
    }
    ++counts_.ul_tti;
    for (std::size_t i = 0; i < pdus->size(); ++i) {
      add((*pdus)[i],
          {sfn->get<std::int32_t>(), slot->get<std::int32_t>()},
          where + "PDUs[" + std::to_string(i) + "]: ");
    }
  }

  void refuse(const std::string& what, const std::string& where, std::string_view text)
  {
    ++counts_.not_understood;
    remarks_.add(what, where, text);
  }
  void refuse_line(const std::string& where, std::string_view text)
  {
    ++counts_.messages;
    refuse("line that is not JSON", where, text);
  }
  const fapi_message_counts& counts() const { return counts_; }

private:
  void add(const json& entry, slot_id slot, const std::string& where)
  {
    const std::string kind = entry.is_object() ? kind_of(entry) : "";
    if (kind.empty()) {
      remarks_.add("PDU without a PDUType of 0..3", where, shown(entry));
      return;
    }
    nlohmann::ordered_json pdu;
    pdu["pdu"] = kind;
    pdu["fapi"] = nlohmann::ordered_json::object();
    if (!flatten(entry, pdu["fapi"], 3)) {
      remarks_.add("PDU with a name twice", where, shown(entry));
      return;
    }
    to_.add(slot, pdu, where, remarks_);
  }

  import_schedule& to_;
  log_remarks& remarks_;
  fapi_message_counts counts_;
};

} // namespace

result<fapi_message_counts>
read_fapi_messages(std::string_view text, const std::string& name, import_schedule& to, log_remarks& remarks)
{
  message_reader read(to, remarks);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '[') {
    const auto list = io::parse_bounded_json(text, name, {max_file_bytes, max_depth});
    if (!list) {
      return list.failure();
    }
    for (std::size_t i = 0; i < list.value().size(); ++i) {
      read.take(list.value()[i], name + ": [" + std::to_string(i) + "]: ");
    }
    return read.counts();
  }
  for (std::int64_t line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    const std::string where = name + ":" + std::to_string(line) + ": ";
    const auto message = io::parse_bounded_json(one, where, {max_message_bytes, max_depth});
    if (message) {
      read.take(message.value(), where);
    } else {
      read.refuse_line(where, one);
    }
  }
  return read.counts();
}

} // namespace pado::apps
