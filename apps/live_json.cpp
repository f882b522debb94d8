// SPDX-License-Identifier: Apache-2.0
#include "apps/live_json.h"
#include "apps/rounded_json.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace pado::apps {

void add_sending_counts(nlohmann::ordered_json& to, const live_status::cell_status& cell)
{
  to["cplane_sent"] = cell.cplane_sent;
  to["cplane_late"] = cell.cplane_late;
  to["advice_used"] = cell.advice_used;
  to["advice_fallback"] = cell.advice_fallback;
  to["plans"] = cell.plans;
  to["plans_late"] = cell.plans_late;
  to["plans_early"] = cell.plans_early;
  to["plans_twice"] = cell.plans_twice;
  to["plans_lost"] = cell.plans_lost;
  to["slots_unpolled"] = cell.slots_unpolled;
  to["slots_undecided"] = cell.slots_undecided;
  to["reports_lost"] = cell.reports_lost;
  to["max_cycle_us"] = microseconds_of(cell.max_cycle_ns);
  to["cycles_over_slot"] = cell.cycles_over_slot;
}

namespace {

using json = nlohmann::ordered_json;

constexpr std::array<const char*, 4> outcome_names = {"waiting", "decoded", "failed", "not_received"};

json counts_json(const std::vector<std::pair<std::string, std::uint64_t>>& counts)
{
  json out = json::object();
  for (const auto& [name, count] : counts) {
    out[name] = count;
  }
  return out;
}

json law_json(const law_status& law)
{
  return {{"what", law.what},
          {"received", law.received},
          {"accepted", law.accepted},
          {"dropped", counts_json(law.dropped)}};
}

json flow_json(const flow_status& flow)
{
  return {{"cell", flow.cell},
          {"port", flow.port},
          {"eaxc", flow.eaxc},
          {"is_prach", flow.is_prach},
          {"messages", flow.messages},
          {"lost", flow.lost},
          {"reordered", flow.reordered},
          {"repeated", flow.repeated},
          {"corrupt", flow.corrupt},
          {"on_time", flow.on_time},
          {"early", flow.early},
          {"late", flow.late},
          {"duplicate", flow.duplicate},
          {"window_begin_us", flow.window_begin_us},
          {"window_end_us", flow.window_end_us},
          {"bin_us", flow.bin_us},
          {"arrivals", flow.arrivals}};
}

json cell_json(const live_status::cell_status& cell)
{
  json out = {{"name", cell.name},
              {"sfn", cell.now.sfn},
              {"slot", cell.now.slot},
              {"nof_prb", cell.nof_prb},
              {"slots_complete", cell.slots_complete},
              {"slots_incomplete", cell.slots_incomplete},
              {"slots_without_data", cell.slots_without_data},
              {"slots_shed", cell.slots_shed},
              {"slots_decoded", cell.slots_decoded},
              {"deadline_misses", cell.deadline_misses},
              {"nof_tb", cell.nof_tb},
              {"nof_tb_failed", cell.nof_tb_failed},
              {"nof_dtx", cell.nof_dtx}};
  add_sending_counts(out, cell);
  return out;
}

json latency_json(const histogram_status& latency)
{
  return {{"count", latency.count},
          {"p50", microseconds_of(latency.p50_ns)},
          {"p99", microseconds_of(latency.p99_ns)},
          {"p99.9", microseconds_of(latency.p999_ns)},
          {"max", microseconds_of(latency.max_ns)}};
}

json ue_json(const ue_status& ue)
{
  return {{"cell", ue.cell},
          {"rnti", ue.rnti},
          {"nof_tb", ue.nof_tb},
          {"nof_tb_failed", ue.nof_tb_failed},
          {"nof_dtx", ue.nof_dtx},
          {"nof_tb_recent", ue.nof_tb_recent},
          {"nof_tb_recent_failed", ue.nof_tb_recent_failed},
          {"sinr_db", rounded(static_cast<double>(ue.sinr_db), 1e3)},
          {"ta_us", rounded(static_cast<double>(ue.ta_us), 1e3)},
          {"cfo_hz", rounded(static_cast<double>(ue.cfo_hz), 1e3)},
          {"mcs_index", ue.mcs_index},
          {"mcs_table", ue.mcs_table},
          {"nof_layers", ue.nof_layers},
          {"throughput_mbps", rounded(static_cast<double>(ue.throughput_mbps), 1e3)}};
}

json grant_json(const grant_status& grant)
{
  return {{"cell", grant.cell},
          {"sfn", grant.slot.sfn},
          {"slot", grant.slot.slot},
          {"rnti", grant.rnti},
          {"rb_start", grant.prbs.begin},
          {"rb_size", grant.prbs.size()},
          {"state", name_of(grant.state)}};
}

template <class T, class Row>
json array_of(const std::vector<T>& values, const Row& row)
{
  json out = json::array();
  for (const T& value : values) {
    out.push_back(row(value));
  }
  return out;
}

/// Values out of an object that may hold anything.
class fields {
public:
  explicit fields(const json& object) : object_(object) {}

  const json& at(const char* key) const
  {
    static const json nothing_there;
    const auto found = object_.is_object() ? object_.find(key) : object_.end();
    return object_.is_object() && found != object_.end() ? *found : nothing_there;
  }
  template <class T>
  void integer(const char* key, T& out, std::int64_t low, std::int64_t high) const
  {
    const json& value = at(key);
    if (value.is_number_integer()) {
      const bool is_huge = value.is_number_unsigned() && value.get<std::uint64_t>() > max_int64;
      out = static_cast<T>(std::clamp(is_huge ? high : value.get<std::int64_t>(), low, high));
    }
  }
  template <class T>
  void integer(const char* key, T& out) const
  {
    integer(key, out, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
  }
  void count(const char* key, std::uint64_t& out) const
  {
    if (at(key).is_number_unsigned()) {
      out = at(key).get<std::uint64_t>();
    }
  }
  void real(const char* key, float& out) const
  {
    if (at(key).is_number()) {
      out = static_cast<float>(std::clamp(at(key).get<double>(), -1e9, 1e9));
    }
  }
  void microseconds(const char* key, std::int64_t& out_ns) const
  {
    if (at(key).is_number()) {
      out_ns = static_cast<std::int64_t>(std::llround(std::clamp(at(key).get<double>(), 0.0, 1e9) * 1000.0));
    }
  }
  void boolean(const char* key, bool& out) const { out = at(key).is_boolean() ? at(key).get<bool>() : out; }
  void text(const char* key, std::string& out) const { out = at(key).is_string() ? printable(at(key)) : out; }
  void counts(const char* key, std::vector<std::pair<std::string, std::uint64_t>>& out) const
  {
    if (at(key).is_object()) {
      for (const auto& [name, value] : at(key).items()) {
        out.emplace_back(printable(name), value.is_number_unsigned() ? value.get<std::uint64_t>() : 0);
      }
    }
  }
  template <class T>
  void rows(const char* key, std::vector<T>& out, T (*parse)(const fields&)) const
  {
    if (at(key).is_array()) {
      for (const json& row : at(key)) {
        out.push_back(parse(fields(row)));
      }
    }
  }
  /// A text from elsewhere must not move a terminal's cursor.
  static std::string printable(const std::string& text)
  {
    std::string out = text.substr(0, 200);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
  }

private:
  static constexpr std::uint64_t max_int64 = std::numeric_limits<std::int64_t>::max();
  const json& object_;
};

constexpr std::int32_t max_sfn = nof_sfn - 1;
constexpr std::int32_t max_slot = 159;
constexpr std::int32_t max_window_us = 1000000;

law_status parse_law(const fields& in)
{
  law_status out;
  in.text("what", out.what);
  in.count("received", out.received);
  in.count("accepted", out.accepted);
  in.counts("dropped", out.dropped);
  return out;
}

flow_status parse_flow(const fields& in)
{
  flow_status out;
  in.integer("cell", out.cell);
  in.integer("port", out.port);
  in.integer("eaxc", out.eaxc);
  in.boolean("is_prach", out.is_prach);
  in.count("messages", out.messages);
  in.count("lost", out.lost);
  in.count("reordered", out.reordered);
  in.count("repeated", out.repeated);
  in.count("corrupt", out.corrupt);
  in.count("on_time", out.on_time);
  in.count("early", out.early);
  in.count("late", out.late);
  in.count("duplicate", out.duplicate);
  in.integer("window_begin_us", out.window_begin_us, -max_window_us, max_window_us);
  in.integer("window_end_us", out.window_end_us, -max_window_us, max_window_us);
  in.integer("bin_us", out.bin_us, 0, max_window_us);
  if (in.at("arrivals").is_array()) {
    for (const json& count : in.at("arrivals")) {
      out.arrivals.push_back(count.is_number_unsigned() ? count.get<std::uint64_t>() : 0);
    }
  }
  return out;
}

live_status::cell_status parse_cell(const fields& in)
{
  live_status::cell_status out;
  in.text("name", out.name);
  in.integer("sfn", out.now.sfn, 0, max_sfn);
  in.integer("slot", out.now.slot, 0, max_slot);
  in.integer("nof_prb", out.nof_prb, 0, max_nof_prb);
  in.count("slots_complete", out.slots_complete);
  in.count("slots_incomplete", out.slots_incomplete);
  in.count("slots_without_data", out.slots_without_data);
  in.count("slots_shed", out.slots_shed);
  in.count("slots_decoded", out.slots_decoded);
  in.count("deadline_misses", out.deadline_misses);
  in.count("nof_tb", out.nof_tb);
  in.count("nof_tb_failed", out.nof_tb_failed);
  in.count("nof_dtx", out.nof_dtx);
  in.count("cplane_sent", out.cplane_sent);
  in.count("cplane_late", out.cplane_late);
  in.count("advice_used", out.advice_used);
  in.count("advice_fallback", out.advice_fallback);
  in.count("plans", out.plans);
  in.count("plans_late", out.plans_late);
  in.count("plans_early", out.plans_early);
  in.count("plans_twice", out.plans_twice);
  in.count("plans_lost", out.plans_lost);
  in.count("slots_unpolled", out.slots_unpolled);
  in.count("slots_undecided", out.slots_undecided);
  in.count("reports_lost", out.reports_lost);
  in.microseconds("max_cycle_us", out.max_cycle_ns);
  in.count("cycles_over_slot", out.cycles_over_slot);
  return out;
}

ue_status parse_ue(const fields& in)
{
  ue_status out;
  in.integer("cell", out.cell);
  in.integer("rnti", out.rnti);
  in.count("nof_tb", out.nof_tb);
  in.count("nof_tb_failed", out.nof_tb_failed);
  in.count("nof_dtx", out.nof_dtx);
  in.count("nof_tb_recent", out.nof_tb_recent);
  in.count("nof_tb_recent_failed", out.nof_tb_recent_failed);
  in.real("sinr_db", out.sinr_db);
  in.real("ta_us", out.ta_us);
  in.real("cfo_hz", out.cfo_hz);
  in.integer("mcs_index", out.mcs_index, 0, 31);
  in.integer("mcs_table", out.mcs_table, 0, 9);
  in.integer("nof_layers", out.nof_layers, 0, 8);
  in.real("throughput_mbps", out.throughput_mbps);
  return out;
}

grant_status parse_grant(const fields& in)
{
  grant_status out;
  std::int32_t size = 0;
  std::string state;
  in.integer("cell", out.cell);
  in.integer("sfn", out.slot.sfn, 0, max_sfn);
  in.integer("slot", out.slot.slot, 0, max_slot);
  in.integer("rnti", out.rnti);
  in.integer("rb_start", out.prbs.begin, 0, max_nof_prb);
  in.integer("rb_size", size, 0, max_nof_prb);
  out.prbs.end = std::min(max_nof_prb, out.prbs.begin + size);
  in.text("state", state);
  const auto found = std::find(outcome_names.begin(), outcome_names.end(), state);
  if (found != outcome_names.end()) {
    out.state = static_cast<grant_status::outcome>(found - outcome_names.begin());
  }
  return out;
}

} // namespace

const char* name_of(grant_status::outcome state)
{
  return outcome_names[static_cast<std::size_t>(state)];
}

std::string live_json(const live_status& status)
{
  json out;
  out["now_ns"] = status.now_ns;
  out["started_ns"] = status.started_ns;
  out["state"] = status.state;
  out["backend"] = status.backend;
  out["port"] = status.port;
  out["port_counts"] = counts_json(status.port_counts);
  out["packets"] = array_of(status.laws, law_json);
  out["flows"] = array_of(status.flows, flow_json);
  out["cells"] = array_of(status.cells, cell_json);
  out["latency_us"] = json::object();
  for (const histogram_status& latency : status.latencies) {
    out["latency_us"][latency.name] = latency_json(latency);
  }
  out["ues"] = array_of(status.ues, ue_json);
  out["grants"] = array_of(status.grants, grant_json);
  out["rss_bytes"] = status.rss_bytes;
  // A name that is no UTF-8 must not end the program.
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

result<live_status> parse_live_json(std::string_view text)
{
  const json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("state")) {
    return error{"status", "is not what pado run sends: a JSON object with the key 'state'"};
  }
  const fields in(parsed);
  live_status out;
  in.integer("now_ns", out.now_ns, 0, std::numeric_limits<std::int64_t>::max());
  in.integer("started_ns", out.started_ns, 0, std::numeric_limits<std::int64_t>::max());
  in.text("state", out.state);
  in.text("backend", out.backend);
  in.text("port", out.port);
  in.counts("port_counts", out.port_counts);
  in.rows("packets", out.laws, parse_law);
  in.rows("flows", out.flows, parse_flow);
  in.rows("cells", out.cells, parse_cell);
  if (in.at("latency_us").is_object()) {
    for (const auto& [name, value] : in.at("latency_us").items()) {
      histogram_status& latency = out.latencies.emplace_back();
      latency.name = fields::printable(name);
      const fields row(value);
      row.count("count", latency.count);
      row.microseconds("p50", latency.p50_ns);
      row.microseconds("p99", latency.p99_ns);
      row.microseconds("p99.9", latency.p999_ns);
      row.microseconds("max", latency.max_ns);
    }
  }
  in.rows("ues", out.ues, parse_ue);
  in.rows("grants", out.grants, parse_grant);
  in.count("rss_bytes", out.rss_bytes);
  return out;
}

} // namespace pado::apps
