// SPDX-License-Identifier: Apache-2.0
#include "apps/replay_report.h"
#include "apps/fapi_json.h"
#include "apps/replay_print.h"
#include "apps/rounded_json.h"
#include "apps/signal_report.h"
#include "apps/thinned.h"
#include "pipeline/front_end.h"
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t max_slots = 1500;    ///< of the charts over time
constexpr std::size_t max_columns = 240;   ///< of the map and of the received power
constexpr std::size_t max_bins = 120;      ///< of the error rate over time
constexpr std::int32_t max_prb_rows = 137; ///< of the received power: wider carriers are averaged in pairs
constexpr int nof_probability_bins = 10;

/// One decoded block, as the charts need it.
struct block {
  std::uint16_t rnti;
  std::uint16_t rb_start, rb_size;
  std::uint8_t mcs;
  bool is_ok, is_combined;
  float sinr_db, ta_us, cfo_hz, iterations;
};

struct drawn_slot {
  slot_id slot;
  double time_ms = 0.0;
  std::vector<block> blocks;
};

/// Mean power of each row of PRBs of a slot, dB in grid units.
struct power_column {
  slot_id slot;
  std::vector<float> db;
};

/// Blocks sent and lost.
struct outcome {
  std::int64_t count = 0, failed = 0;

  void add(bool is_ok)
  {
    ++count;
    failed += is_ok ? 0 : 1;
  }
  outcome& operator+=(const outcome& other)
  {
    count += other.count;
    failed += other.failed;
    return *this;
  }
};

/// What a piece of advice said about the MCS that came, and what came of it.
struct calibration {
  std::int64_t count = 0, succeeded = 0;
  double predicted = 0.0;
};

std::vector<float> powers(view<const ch16, 3> grid, std::int32_t prb_per_row)
{
  const std::int32_t nof_prb = grid.extent(2) / nof_subcarriers_per_prb;
  const std::int32_t nof_rows = (nof_prb + prb_per_row - 1) / prb_per_row;
  std::vector<double> sums(static_cast<std::size_t>(nof_rows));
  for (std::int32_t port = 0; port < grid.extent(0); ++port) {
    for (std::int32_t symbol = 0; symbol < grid.extent(1); ++symbol) {
      for (std::int32_t k = 0; k < grid.extent(2); ++k) {
        sums[static_cast<std::size_t>(k / nof_subcarriers_per_prb / prb_per_row)] +=
            static_cast<double>(norm(to_cf32(grid(port, symbol, k))));
      }
    }
  }
  std::vector<float> db;
  for (std::int32_t row = 0; row < nof_rows; ++row) {
    const std::int32_t prbs = std::min(prb_per_row, nof_prb - row * prb_per_row);
    const double mean =
        sums[static_cast<std::size_t>(row)] /
        (static_cast<double>(prbs) * nof_subcarriers_per_prb * grid.extent(0) * grid.extent(1));
    db.push_back(static_cast<float>(10.0 * std::log10(mean)));
  }
  return db;
}

} // namespace

struct replay_report::state {
  state(const pipeline::slot_pipeline_plan& plan, const cell_config& cell)
      : front(plan), signal(plan), scs(cell.carrier.scs),
        prb_per_row((cell.carrier.nof_prb + max_prb_rows - 1) / max_prb_rows)
  {
  }

  pipeline::front_end front;
  signal_report signal;
  numerology scs;
  std::int32_t prb_per_row;
  thinned<power_column> power{max_columns};
  thinned<drawn_slot> slots{max_slots};
  std::vector<drawn_slot> last; ///< a ring of the last slots, for the map
  std::size_t nof_slots = 0;
  std::int64_t nof_blocks = 0;
  slot_id slot_before;
  std::int64_t slots_since_first = 0;
  std::map<std::uint16_t, summed_bins<outcome>> over_time;
  std::map<std::int32_t, outcome> by_sinr; ///< whole dB
  std::map<std::uint16_t, link_advice> advice;
  std::array<calibration, nof_probability_bins> calibrations;
  slot_grants grants;

  void add_block(const pusch_report& pusch, drawn_slot& to);
  void add_advice(const pusch_report& pusch);
  std::vector<drawn_slot> last_in_order() const;
  json bler_json() const;
  json advice_json() const;
};

std::vector<drawn_slot> replay_report::state::last_in_order() const
{
  const std::size_t oldest = nof_slots > max_columns ? nof_slots % max_columns : 0;
  std::vector<drawn_slot> out(last.begin() + static_cast<std::ptrdiff_t>(oldest), last.end());
  out.insert(out.end(), last.begin(), last.begin() + static_cast<std::ptrdiff_t>(oldest));
  return out;
}

json replay_report::state::bler_json() const
{
  json out = json::object();
  for (const auto& [rnti, bins] : over_time) {
    json list = json::array();
    const double bin_ms = static_cast<double>(bins.width() * scs.slot_ns()) / 1e6;
    for (std::size_t i = 0; i < bins.bins().size(); ++i) {
      const outcome& one = bins.bins()[i];
      if (one.count > 0) {
        list.push_back({{"time_ms", (static_cast<double>(i) + 0.5) * bin_ms},
                        {"tb", one.count},
                        {"failed", one.failed}});
      }
    }
    out[std::to_string(rnti)] = {{"bin_ms", bin_ms}, {"bins", list}};
  }
  return out;
}

json replay_report::state::advice_json() const
{
  json out = json::array();
  for (const calibration& one : calibrations) {
    if (one.count > 0) {
      out.push_back({{"predicted", one.predicted / static_cast<double>(one.count)},
                     {"tb", one.count},
                     {"tb_ok", one.succeeded}});
    }
  }
  return out;
}

void replay_report::state::add_advice(const pusch_report& pusch)
{
  const auto said = advice.find(pusch.pdu.rnti);
  if (said == advice.end() || pusch.combined || pusch.pdu.mcs_index >= said->second.nof_mcs) {
    return;
  }
  const double p = static_cast<double>(said->second.success_probability[pusch.pdu.mcs_index]);
  const auto bin = static_cast<std::size_t>(
      std::clamp(static_cast<int>(p * nof_probability_bins), 0, nof_probability_bins - 1));
  ++calibrations[bin].count;
  calibrations[bin].succeeded += pusch.tb_crc_ok ? 1 : 0;
  calibrations[bin].predicted += p;
}

void replay_report::state::add_block(const pusch_report& pusch, drawn_slot& to)
{
  ++nof_blocks;
  to.blocks.push_back({pusch.pdu.rnti,
                       pusch.pdu.rb_start,
                       pusch.pdu.rb_size,
                       pusch.pdu.mcs_index,
                       pusch.tb_crc_ok,
                       pusch.combined,
                       pusch.sinr_db,
                       pusch.ta_us,
                       pusch.cfo_hz,
                       pusch.ldpc_iterations_mean});
  over_time.try_emplace(pusch.pdu.rnti, max_bins).first->second.at(slots_since_first).add(pusch.tb_crc_ok);
  if (std::isfinite(pusch.sinr_db)) {
    by_sinr[static_cast<std::int32_t>(std::floor(std::clamp(pusch.sinr_db, -40.0F, 80.0F)))].add(
        pusch.tb_crc_ok);
  }
  add_advice(pusch);
}

replay_report::replay_report(const replay_session& session)
    : state_(std::make_unique<state>(session.plan(), session.cell()))
{
}
replay_report::~replay_report() = default;

void replay_report::see(const slot_report& report, const uplink_slot& slot)
{
  const bool wants_power = state_->power.wants();
  const bool wants_signal = state_->signal.wants(report);
  if (!wants_power && !wants_signal) {
    return;
  }
  const view<const ch16, 3> grid = state_->front.run(slot);
  if (wants_power) {
    state_->power.put({report.slot, powers(grid, state_->prb_per_row)});
  }
  if (wants_signal) {
    state_->signal.see(report, grid);
  }
}

void replay_report::add(const slot_report& report, const pipeline::decision_loop::decision& made)
{
  state& s = *state_;
  if (s.nof_slots > 0) {
    s.slots_since_first += std::max(0, distance(s.slot_before, report.slot, s.scs));
  }
  s.slot_before = report.slot;
  drawn_slot slot;
  slot.slot = report.slot;
  slot.time_ms = static_cast<double>(s.slots_since_first * s.scs.slot_ns()) / 1e6;
  for (const pusch_report& pusch : report.pusch) {
    s.add_block(pusch, slot);
  }
  for (const link_advice& advice : made.advice) {
    s.advice[advice.rnti] = advice;
  }
  if (made.grants != nullptr && !made.grants->pusch.empty()) {
    s.grants = *made.grants;
  }
  if (s.last.size() < max_columns) {
    s.last.push_back(slot);
  } else {
    s.last[s.nof_slots % max_columns] = slot;
  }
  ++s.nof_slots;
  if (s.slots.wants()) {
    s.slots.put(std::move(slot));
  }
}

namespace {

/// Blocks as columns: {"time_ms": [...], "rnti": [...], ...}.
json columns_of(const std::vector<drawn_slot>& slots)
{
  json out;
  for (const char* key : {"time_ms",
                          "slot",
                          "rnti",
                          "rb_start",
                          "rb_size",
                          "mcs_index",
                          "tb_crc_ok",
                          "combined",
                          "sinr_db",
                          "ta_us",
                          "cfo_hz",
                          "ldpc_iterations"}) {
    out[key] = json::array();
  }
  for (const drawn_slot& slot : slots) {
    for (const block& one : slot.blocks) {
      out["time_ms"].push_back(rounded(slot.time_ms, 1e3));
      out["slot"].push_back(text_of(slot.slot));
      out["rnti"].push_back(one.rnti);
      out["rb_start"].push_back(one.rb_start);
      out["rb_size"].push_back(one.rb_size);
      out["mcs_index"].push_back(one.mcs);
      out["tb_crc_ok"].push_back(one.is_ok ? 1 : 0);
      out["combined"].push_back(one.is_combined ? 1 : 0);
      out["sinr_db"].push_back(rounded(static_cast<double>(one.sinr_db), 1e2));
      out["ta_us"].push_back(rounded(static_cast<double>(one.ta_us), 1e3));
      out["cfo_hz"].push_back(rounded(static_cast<double>(one.cfo_hz), 1e1));
      out["ldpc_iterations"].push_back(rounded(static_cast<double>(one.iterations), 1e2));
    }
  }
  return out;
}

json power_json(const thinned<power_column>& power, std::int32_t prb_per_row)
{
  json out;
  out["every"] = power.stride();
  out["prb_per_row"] = prb_per_row;
  out["slots"] = json::array();
  out["db"] = json::array();
  for (const power_column& column : power.kept()) {
    out["slots"].push_back(text_of(column.slot));
    json row = json::array();
    for (const float db : column.db) {
      row.push_back(rounded(static_cast<double>(db), 1e1));
    }
    out["db"].push_back(row);
  }
  return out;
}

json grants_json(const slot_grants& grants)
{
  json out = json::array();
  for (const pusch_pdu& pdu : grants.pusch) {
    out.push_back({{"slot", text_of(grants.slot)},
                   {"rnti", pdu.rnti},
                   {"rb_start", pdu.rb_start},
                   {"rb_size", pdu.rb_size},
                   {"mcs_index", pdu.mcs_index},
                   {"layers", pdu.nof_layers},
                   {"tb_size_bytes", pdu.tb_size_bytes}});
  }
  return out;
}

} // namespace

std::string replay_report::data_json(replay_session& session, const std::string& about) const
{
  const state& s = *state_;
  json out;
  out["kind"] = "replay";
  out["about"] = about;
  out["source"] = session.source().describe();
  const carrier_config& carrier = session.cell().carrier;
  out["cell"] = {{"name", carrier.name},
                 {"scs_khz", carrier.scs.scs_hz() / 1000},
                 {"nof_prb", carrier.nof_prb},
                 {"nof_rx_ports", carrier.nof_rx_ports}};
  out["duration_ms"] =
      s.nof_slots > 0 ? static_cast<double>((s.slots_since_first + 1) * carrier.scs.slot_ns()) / 1e6 : 0.0;
  out["summary"] = json::parse(summary_json(session));
  out["blocks"] = columns_of(s.slots.kept());
  out["blocks_every"] = s.slots.stride();
  out["nof_blocks"] = s.nof_blocks;
  out["map"] = columns_of(s.last_in_order());
  out["map_slots"] = s.last.size();
  out["power"] = power_json(s.power, s.prb_per_row);
  out["signal"] = s.signal.as_json();
  out["bler"] = s.bler_json();
  out["by_sinr"] = json::array();
  for (const auto& [db, one] : s.by_sinr) {
    out["by_sinr"].push_back({{"sinr_db", db}, {"tb", one.count}, {"failed", one.failed}});
  }
  out["advice"] = s.advice_json();
  out["grants"] = grants_json(s.grants);
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace pado::apps
