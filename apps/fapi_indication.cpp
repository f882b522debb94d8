// SPDX-License-Identifier: Apache-2.0
#include "apps/fapi_indication.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

constexpr std::uint16_t rx_data_indication_id = 0x85;
constexpr std::uint16_t crc_indication_id = 0x86;
constexpr std::uint8_t no_rapid = 0xFF; // not a contention-free random access
constexpr std::int16_t invalid_signed = INT16_MIN;
constexpr std::uint16_t invalid_unsigned = UINT16_MAX;

/// Little-endian fields one after the other.
class byte_writer {
public:
  void u8(std::uint64_t value) { add(value, 1); }
  void u16(std::uint64_t value) { add(value, 2); }
  void u32(std::uint64_t value) { add(value, 4); }
  void bytes(const std::vector<std::uint8_t>& from) { text_.append(from.begin(), from.end()); }
  /// The header of a message list with one message, and the message.
  std::string message(std::uint16_t id, std::int32_t phy_id) const
  {
    byte_writer out;
    out.u8(1);
    out.u8(static_cast<std::uint64_t>(phy_id));
    out.u16(id);
    out.u32(text_.size());
    return out.text_ + text_;
  }

private:
  void add(std::uint64_t value, int nof_bytes)
  {
    for (int i = 0; i < nof_bytes; ++i) {
      text_ += static_cast<char>(value >> (8 * i) & 0xFFU);
    }
  }
  std::string text_;
};

std::int64_t clamped(double value, std::int64_t lowest, std::int64_t highest)
{
  return std::isfinite(value)
             ? std::clamp<std::int64_t>(std::llround(std::clamp(value, -1e9, 1e9)), lowest, highest)
             : lowest;
}

/// UL measurements as FAPI encodes them.
struct measurement {
  std::int16_t sinr = invalid_signed;    ///< 0.002 dB
  std::uint16_t ta = invalid_unsigned;   ///< T_A of a timing advance command: 31 is no change
  std::int16_t ta_ns = invalid_signed;   ///< ns
  std::uint16_t rssi = invalid_unsigned; ///< not measured
  std::uint16_t rsrp = invalid_unsigned; ///< 0.1 dB above -128 dBFS
};

measurement measured(const pusch_report& pusch, numerology scs)
{
  // TS 38.213, 4.2: a command moves by (T_A - 31) * 16 * 64 / 2^mu in units of Tc.
  const double step_us = 16.0 * 64.0 / static_cast<double>(1 << scs.mu) / (480000.0 * 4096.0) * 1e6;
  // Grid units are integer samples times 2^-12: 32767 is 8.
  const double full_scale_db = 20.0 * std::log10(8.0);
  const double ta_us = static_cast<double>(pusch.ta_us);
  measurement out;
  out.sinr = static_cast<std::int16_t>(clamped(static_cast<double>(pusch.sinr_db) / 0.002, -32767, 32767));
  out.ta = static_cast<std::uint16_t>(clamped(31.0 + ta_us / step_us, 0, 63));
  out.ta_ns = static_cast<std::int16_t>(clamped(1000.0 * ta_us, -16800, 16800));
  out.rsrp = static_cast<std::uint16_t>(
      clamped((static_cast<double>(pusch.rsrp_db) - full_scale_db + 128.0) / 0.1, 0, 1280));
  return out;
}

measurement measurement_of(const pusch_report& pusch, numerology scs, indication_of what)
{
  return what == indication_of::decoded && !pusch.dtx ? measured(pusch, scs) : measurement{};
}

/// Bit i: code block i failed. The report knows how many held, not which, unless all or none did: then the
/// status of code blocks is left out (NumCb 0), as FAPI allows.
std::int32_t known_code_blocks(const pusch_report& pusch)
{
  const bool is_known = pusch.nof_cb_ok == pusch.nof_cb || pusch.nof_cb_ok == 0;
  return is_known && pusch.nof_cb > 1 ? pusch.nof_cb : 0;
}

void add_slot(byte_writer& out, const slot_report& report)
{
  out.u16(static_cast<std::uint64_t>(report.slot.sfn));
  out.u16(static_cast<std::uint64_t>(report.slot.slot));
}

/// Which PUSCH an entry of either message is about.
void add_subject(byte_writer& out, const pusch_report& pusch)
{
  out.u32(static_cast<std::uint64_t>(pusch.plan_index));
  out.u16(pusch.pdu.rnti);
  out.u8(no_rapid);
  out.u8(pusch.pdu.harq_process_id);
}

nlohmann::ordered_json message_json(const char* name, const slot_report& report)
{
  return {{"message", name}, {"phyId", report.cell}, {"SFN", report.slot.sfn}, {"Slot", report.slot.slot}};
}

nlohmann::ordered_json subject_json(const pusch_report& pusch)
{
  return {{"Handle", pusch.plan_index}, {"RNTI", pusch.pdu.rnti}, {"HarqID", pusch.pdu.harq_process_id}};
}

} // namespace

std::string crc_indication(const slot_report& report, numerology scs, indication_of what)
{
  if (report.pusch.empty()) {
    return {};
  }
  byte_writer out;
  add_slot(out, report);
  out.u16(report.pusch.size());
  for (const pusch_report& pusch : report.pusch) {
    add_subject(out, pusch);
    out.u8(pusch.tb_crc_ok ? 0 : 1);
    const std::int32_t nof_cb = known_code_blocks(pusch);
    out.u16(static_cast<std::uint64_t>(nof_cb));
    for (std::int32_t first = 0; first < nof_cb; first += 8) {
      const unsigned in_byte = (1U << std::min(8, nof_cb - first)) - 1U;
      out.u8(pusch.nof_cb_ok == 0 ? in_byte : 0U);
    }
    const measurement m = measurement_of(pusch, scs, what);
    out.u16(static_cast<std::uint16_t>(m.sinr));
    out.u16(m.ta);
    out.u16(static_cast<std::uint16_t>(m.ta_ns));
    out.u16(m.rssi);
    out.u16(m.rsrp);
  }
  return out.message(crc_indication_id, report.cell);
}

std::string rx_data_indication(const slot_report& report)
{
  if (report.pusch.empty()) {
    return {};
  }
  byte_writer out;
  add_slot(out, report);
  out.u16(0); // ControlLength: only with PDUs by offset
  out.u16(report.pusch.size());
  for (const pusch_report& pusch : report.pusch) {
    add_subject(out, pusch);
    out.u32(pusch.tb_crc_ok ? pusch.payload.size() : 0);
    out.u8(0); // the MAC PDU follows
    if (pusch.tb_crc_ok) {
      out.bytes(pusch.payload);
    }
  }
  return out.message(rx_data_indication_id, report.cell);
}

std::string crc_indication_json(const slot_report& report, numerology scs, indication_of what)
{
  if (report.pusch.empty()) {
    return {};
  }
  nlohmann::ordered_json out = message_json("CRC.indication", report);
  for (const pusch_report& pusch : report.pusch) {
    const measurement m = measurement_of(pusch, scs, what);
    nlohmann::ordered_json one = subject_json(pusch);
    one["TbCrcStatus"] = pusch.tb_crc_ok ? 0 : 1;
    one["NumCb"] = known_code_blocks(pusch);
    one["UL_SINR_Metric"] = m.sinr;
    one["TimingAdvanceOffset"] = m.ta;
    one["TimingAdvanceOffsetInNanoseconds"] = m.ta_ns;
    one["RSSI"] = m.rssi;
    one["RSRP"] = m.rsrp;
    out["crcs"].push_back(std::move(one));
  }
  return out.dump() + "\n";
}

std::string rx_data_indication_json(const slot_report& report)
{
  if (report.pusch.empty()) {
    return {};
  }
  nlohmann::ordered_json out = message_json("RX_DATA.indication", report);
  for (const pusch_report& pusch : report.pusch) {
    std::string hex;
    for (const std::uint8_t byte : pusch.payload) {
      hex += pusch.tb_crc_ok ? fmt::format("{:02x}", byte) : "";
    }
    nlohmann::ordered_json one = subject_json(pusch);
    one["PDULength"] = hex.size() / 2;
    one["PDU"] = hex;
    out["pdus"].push_back(std::move(one));
  }
  return out.dump() + "\n";
}

} // namespace pado::apps
