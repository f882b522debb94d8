// SPDX-License-Identifier: Apache-2.0
#include "apps/iq_timing.h"
#include "apps/terminal.h"
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pado::apps {

namespace {

constexpr std::size_t max_segments_shown = 8;

std::int64_t nof_timed(const iq_timing& timing)
{
  std::int64_t count = 0;
  for (const segment_timing& one : timing.segments) {
    count += one.is_timed ? 1 : 0;
  }
  return count;
}

std::string carrier_text(const iq_timing& timing)
{
  if (!timing.carrier_hz) {
    return "as the recording's centre frequency says";
  }
  return fmt::format("that of {:.3f} kHz or any multiple of 1.92 MHz more{}",
                     static_cast<double>(*timing.carrier_hz) / 1000.0,
                     timing.carriers.size() > 1
                         ? fmt::format(" (a guess: {} frequencies explain the DM-RS, no CRC chose one)",
                                       timing.carriers.size())
                         : std::string());
}

/// "1 in 10^12": a chance given by its natural logarithm.
std::string chance_text(float log_chance)
{
  return fmt::format("1e{:.0f}",
                     std::max(-300.0, std::floor(static_cast<double>(log_chance) / std::log(10.0))));
}

} // namespace

std::string timing_text(const iq_timing& timing)
{
  using align = text_table::align;
  text_table table({{"segment", align::right},
                    {"prefix z", align::right},
                    {"DM-RS", align::right},
                    {"by chance", align::right},
                    {"first sample", align::right},
                    {"slot", align::right},
                    {"called", align::right}});
  std::size_t nof_shown = 0;
  for (const segment_timing& one : timing.segments) {
    if (nof_shown++ >= max_segments_shown) {
      break;
    }
    table.add_row({std::to_string(one.segment),
                   fmt::format("{:.1f}", static_cast<double>(one.prefix_z)),
                   one.is_timed ? std::to_string(one.nof_dmrs) : "none",
                   one.is_timed ? chance_text(one.log_chance) : "-",
                   one.is_timed ? grouped(one.whole.sample_begin) : "-",
                   one.is_timed ? std::to_string(one.whole.slot->slot) : "-",
                   one.is_timed ? fmt::format("{}.{}", one.whole.slot->sfn, one.whole.slot->slot) : "-"});
  }
  std::string out = "\nTiming, found in the samples\n" + table.text();
  if (timing.segments.size() > max_segments_shown) {
    out +=
        fmt::format("  and {} more: all of them with --json\n", timing.segments.size() - max_segments_shown);
  }
  out +=
      fmt::format("\n  {} kHz, {} PRB, N_ID {}, carrier {:+.0f} Hz off; symbol phase {} (agreement {:.2f})\n",
                  timing.scs.scs_hz() / 1000,
                  timing.nof_prb,
                  timing.identity.scrambling_id,
                  timing.cfo_hz,
                  carrier_text(timing),
                  static_cast<double>(timing.carrier_agreement));
  out += fmt::format("  {} of {} segment{} timed; the SFN is not in the signal: it begins at 0 here\n",
                     nof_timed(timing),
                     timing.segments.size(),
                     timing.segments.size() == 1 ? "" : "s");
  return out;
}

std::string timing_json(const iq_timing& timing)
{
  std::string out;
  for (const segment_timing& one : timing.segments) {
    nlohmann::ordered_json line = {{"type", "segment_timing"},
                                   {"segment", one.segment},
                                   {"prefix_z", one.prefix_z},
                                   {"is_timed", one.is_timed}};
    if (one.is_timed) {
      line["dmrs_symbols"] = one.nof_dmrs;
      line["log_chance"] = one.log_chance;
      line["sample_begin"] = one.whole.sample_begin;
      line["slot"] = one.whole.slot->slot;
      line["made_up_sfn"] = one.whole.slot->sfn;
      line["delay_samples"] = one.delay_samples;
    }
    out += line.dump() + "\n";
  }
  nlohmann::ordered_json line = {{"type", "timing"},
                                 {"scs_khz", timing.scs.scs_hz() / 1000},
                                 {"nof_prb", timing.nof_prb},
                                 {"dmrs_scrambling_id", timing.identity.scrambling_id},
                                 {"cfo_hz", timing.cfo_hz},
                                 {"prefix_z", timing.prefix_z},
                                 {"carrier_agreement", timing.carrier_agreement},
                                 {"is_sfn_known", false}};
  if (timing.carrier_hz) {
    line["carrier_modulo_1920000_hz"] = *timing.carrier_hz;
    line["nof_carriers"] = timing.carriers.size();
  }
  return out + line.dump() + "\n";
}

} // namespace pado::apps
