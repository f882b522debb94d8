// SPDX-License-Identifier: Apache-2.0
#include "apps/cell_file.h"
#include "apps/fapi_json.h"
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

/// Lines of YAML with a remark behind a value where there is one.
class yaml_text {
public:
  explicit yaml_text(const std::map<std::string, std::string>& notes) : notes_(notes) {}

  void block(const std::string& name)
  {
    text_ += name + ":\n";
    block_ = name;
  }
  void value(const std::string& key, const std::string& text)
  {
    const auto note = notes_.find(block_ + "." + key);
    text_ += "  " + key + ": " + text + (note == notes_.end() ? "" : "  # " + note->second) + "\n";
  }
  void value(const std::string& key, std::int64_t number) { value(key, std::to_string(number)); }
  void line(const std::string& text) { text_ += text + "\n"; }
  std::string text() const { return text_; }

private:
  const std::map<std::string, std::string>& notes_;
  std::string text_;
  std::string block_;
};

/// JSON text is YAML text.
std::string quoted(const std::string& text)
{
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <class Number>
std::string list(const std::vector<Number>& numbers)
{
  std::string text;
  for (const Number number : numbers) {
    text += (text.empty() ? "" : ", ") + std::to_string(number);
  }
  return "[" + text + "]";
}

void write_fronthaul(yaml_text& out, const fronthaul_config& fronthaul)
{
  constexpr const char* methods[] = {"none", "bfp", "block_scaling", "mu_law", "modulation"};
  out.block("fronthaul");
  out.value("eaxc_pusch", list(fronthaul.eaxc_pusch));
  if (!fronthaul.eaxc_prach.empty()) {
    out.value("eaxc_prach", list(fronthaul.eaxc_prach));
  }
  if (fronthaul.vlan) {
    out.value("vlan", *fronthaul.vlan);
  }
  out.value("comp_method", methods[static_cast<std::size_t>(fronthaul.comp_method)]);
  out.value("comp_width", fronthaul.comp_width);
  out.value("comp_header", fronthaul.header == comp_header::dynamic ? "dynamic" : "static");
  if (fronthaul.window) {
    const ta4_window& window = *fronthaul.window;
    out.value("window_us", list(std::vector{window.begin_us, window.end_us}));
    out.value("window_from", name_of(window.from));
    out.value("outside_window", name_of(window.outside));
  }
  if (fronthaul.clock) {
    out.value("clock", name_of(*fronthaul.clock));
  }
  if (fronthaul.gps_alpha != 0) {
    out.value("gps_alpha", fronthaul.gps_alpha);
  }
  if (fronthaul.gps_beta != 0) {
    out.value("gps_beta", fronthaul.gps_beta);
  }
  if (fronthaul.udp_port) {
    out.value("udp_port", *fronthaul.udp_port);
  }
}

void write_tdd(yaml_text& out, const tdd_config& tdd)
{
  std::string pattern;
  for (const slot_kind kind : tdd.slots) {
    pattern += "DSU"[static_cast<std::size_t>(kind)];
  }
  out.block("tdd");
  out.value("pattern", pattern);
  out.value("special_downlink_symbols", tdd.special_downlink_symbols);
  out.value("special_uplink_symbols", tdd.special_uplink_symbols);
}

std::string mac_text(const io::mac_address& mac)
{
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : mac) {
    text += text.empty() ? "" : ":";
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return '"' + text + '"';
}

void write_link(yaml_text& out, const radio_link_config& link)
{
  out.block("link");
  out.value("du_mac", mac_text(link.du_mac));
  out.value("ru_mac", mac_text(link.ru_mac));
  out.value("priority", link.priority);
  out.value("cplane", link.has_cplane ? "yes" : "no");
  out.value("prbs", link.is_granted_only ? "granted" : "carrier");
  out.value("guard", link.has_guard ? "yes" : "no");
  out.value("t1a_us", list(std::vector{link.t1a_min_us, link.t1a_max_us}));
}

void write_prach(yaml_text& out, const std::vector<prach_config>& occasions)
{
  out.block("prach");
  for (const prach_config& prach : occasions) {
    out.line("  - slots: " + list(prach.slots));
    const auto add = [&](const char* key, std::int32_t number) {
      out.line(std::string("    ") + key + ": " + std::to_string(number));
    };
    add("period_frames", prach.period_frames);
    add("frame", prach.frame);
    add("start_symbol", prach.start_symbol);
    add("repetitions", prach.repetitions);
    if (prach.scs_hz != 0) {
      add("scs_hz", prach.scs_hz);
    }
    add("first_prb", prach.first_prb);
    add("fft_size", prach.fft_size);
    add("time_offset_ts", prach.time_offset_ts);
  }
}

void write_grants(yaml_text& out, const cell_config& cell)
{
  out.block("static_grants");
  for (const static_grant& grant : cell.static_grants) {
    out.line("  - slots: " + list(grant.slots));
    out.line("    fapi:");
    const nlohmann::ordered_json fapi = pusch_to_fapi(grant.pusch, cell.carrier.scs);
    for (const auto& [key, number] : fapi.items()) {
      out.line("      " + key + ": " + number.dump());
    }
  }
}

} // namespace

const char* name_of(window_from from)
{
  return from == window_from::symbol_end ? "symbol_end" : "symbol_begin";
}

const char* name_of(outside_window outside)
{
  return outside == outside_window::drop ? "drop" : "count";
}

const char* name_of(packet_clock clock)
{
  constexpr const char* names[] = {"utc", "tai", "fitted"};
  return names[static_cast<std::size_t>(clock)];
}

std::string write_cell_file(const cell_config& cell, const std::map<std::string, std::string>& notes)
{
  yaml_text out(notes);
  out.block("carrier");
  out.value("name", quoted(cell.carrier.name));
  out.value("scs_khz", cell.carrier.scs.scs_hz() / 1000);
  out.value("nof_prb", cell.carrier.nof_prb);
  out.value("grid_start_crb", cell.carrier.grid_start_crb);
  out.value("nof_rx_ports", cell.carrier.nof_rx_ports);
  out.value("centre_hz", cell.carrier.centre_hz);
  out.value("phys_cell_id", cell.carrier.phys_cell_id);
  if (cell.fronthaul) {
    write_fronthaul(out, *cell.fronthaul);
  }
  if (cell.iq) {
    out.block("iq");
    out.value("sample_rate_hz", cell.iq->sample_rate_hz);
    out.value("fft_size", cell.iq->fft_size);
    if (cell.iq->cfo_hz != 0) {
      out.value("cfo_hz", cell.iq->cfo_hz);
    }
  }
  if (cell.has_grid) {
    out.line("grid: yes");
  }
  if (cell.tdd) {
    write_tdd(out, *cell.tdd);
  }
  out.block("receiver");
  out.value("ldpc_iterations", cell.receiver.ldpc_iterations);
  if (cell.model) {
    out.block("model");
    out.value("path", quoted(cell.model->path));
    out.value("budget_us", cell.model->budget_us);
  }
  out.block("mac");
  out.value("k2", cell.mac.k2);
  out.value("max_ues_per_slot", cell.mac.max_ues_per_slot);
  out.value("min_prb", cell.mac.min_prb);
  if (!cell.mac.ues.empty()) {
    out.value("ues", list(cell.mac.ues));
  }
  if (cell.link) {
    write_link(out, *cell.link);
  }
  if (!cell.prach.empty()) {
    write_prach(out, cell.prach);
  }
  if (!cell.static_grants.empty()) {
    write_grants(out, cell);
  }
  return out.text();
}

} // namespace pado::apps
