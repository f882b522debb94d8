// SPDX-License-Identifier: Apache-2.0
// links: pado_apps
// What the search without a schedule finds, beside what the receiver decodes with the schedule of the same
// slots: one UE on a carrier of 51 PRB, one port, flat channel, AWGN. The search knows the cell's identity
// and nothing of the UE; every slot is searched as if it were the first one.
//   blind_detection_bench [SLOTS_PER_POINT] [OUT.json]
// Points lie around the SNR of 10 % BLER of each case, which is looked for first. All points grow together;
// the file is written again after every slot of each, so that a run can be stopped.
#include "apps/blind_session.h"
#include "core/clock.h"
#include "mac/mcs/mcs_table.h"
#include "pipeline/blind_receiver.h"
#include "tests/pipeline/scene.h"
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <string>

using namespace pado;

namespace {

constexpr std::array<float, 9> offsets_db = {-1.0F, -0.5F, -0.25F, 0.0F, 0.25F, 0.5F, 1.0F, 2.0F, 3.0F};
constexpr std::int32_t carrier_prb = 51;

struct detection_case {
  const char* name;
  int table;
  int mcs;
  std::int32_t nof_prb;
};
constexpr std::array<detection_case, 6> cases = {detection_case{"QPSK R 0.12, 51 PRB", 0, 0, 51},
                                                 detection_case{"QPSK R 0.59, 6 PRB", 0, 8, 6},
                                                 detection_case{"16QAM R 0.64, 24 PRB", 0, 16, 24},
                                                 detection_case{"64QAM R 0.75, 12 PRB", 0, 23, 12},
                                                 detection_case{"64QAM R 0.93, 51 PRB", 0, 28, 51},
                                                 detection_case{"256QAM R 0.93, 51 PRB", 1, 27, 51}};

struct detection_point {
  float snr_db = 0.0F;
  std::int32_t nof_slots = 0;
  std::int32_t nof_decoded = 0; ///< with the schedule
  std::int32_t nof_found = 0;   ///< without: the right RNTI, proven or with a score that is reported
  std::int32_t nof_proven = 0;  ///< without: the right payload
  std::int32_t nof_false = 0;   ///< without: anything else that is reported
};

struct case_result {
  detection_case what;
  pusch_pdu pdu;
  float at_10_percent_db = 0.0F;
  std::vector<detection_point> points;
};

phy::slot_limits limits()
{
  phy::slot_limits out = test::limits_of(carrier_prb, 1);
  out.max_pdus = 32;
  return out;
}

pusch_pdu pdu_of(const detection_case& what)
{
  const mac::mcs_entry entry = mac::mcs_of(what.table, what.mcs);
  pusch_pdu pdu = test::pdu_with(
      (carrier_prb - what.nof_prb) / 3, what.nof_prb, entry.qam_mod_order, entry.target_code_rate());
  pdu.bwp_size = carrier_prb;
  pdu.mcs_table = static_cast<std::uint8_t>(what.table);
  pdu.mcs_index = static_cast<std::uint8_t>(what.mcs);
  pdu.data_scrambling_id = pdu.dmrs_scrambling_id;
  return pdu;
}

class detection_bench {
public:
  detection_bench() : receiver_(limits())
  {
    pipeline::slot_pipeline_config config;
    config.limits = limits();
    search_ = std::make_unique<pipeline::blind_receiver>(
        pipeline::plan_slot_pipeline(config).value(), apps::codes_of, time_);
  }

  /// SNR of 10 % BLER, to a tenth of a dB.
  float find_threshold(const pusch_pdu& pdu)
  {
    float low = -12.0F;
    float high = 36.0F;
    while (high - low > 0.1F) {
      const float middle = 0.5F * (low + high);
      std::int32_t nof_decoded = 0;
      for (std::int32_t slot = 0; slot < 60; ++slot) {
        nof_decoded += decode(make(pdu, middle, slot)) ? 1 : 0;
      }
      (nof_decoded >= 54 ? high : low) = middle;
    }
    return std::round(10.0F * high) / 10.0F;
  }

  void add_slot(const pusch_pdu& pdu, detection_point& to)
  {
    const test::scene scene = make(pdu, to.snr_db, 1000 + to.nof_slots);
    to.nof_decoded += decode(scene) ? 1 : 0;
    uplink_slot received;
    received.slot = scene.plan.slot;
    received.grid = scene.as_view();
    phy::blind_knowledge known;
    known.identities = {{pdu.dmrs_scrambling_id, 0}, {pdu.dmrs_scrambling_id, 1}};
    known.data_ids = {pdu.dmrs_scrambling_id};
    const pipeline::blind_slot out = search_->run(received, known);
    bool is_found = false;
    bool is_proven = false;
    bool is_false = false;
    for (std::size_t i = 0; i < out.found.size(); ++i) {
      const phy::blind_finding& one = out.found[i];
      const bool is_reported = one.match.z >= phy::least_z_likely || phy::proves_ue(one);
      const bool is_right = one.pdu.rnti == pdu.rnti;
      is_found = is_found || (is_reported && is_right);
      is_proven = is_proven ||
                  (is_reported && is_right && one.is_proven && out.reports[i].payload == scene.payloads[0]);
      is_false = is_false || (is_reported && !is_right);
    }
    ++to.nof_slots;
    to.nof_found += is_found ? 1 : 0;
    to.nof_proven += is_proven ? 1 : 0;
    to.nof_false += is_false ? 1 : 0;
  }

private:
  static test::scene make(const pusch_pdu& pdu, float snr_db, std::int32_t number)
  {
    return test::make_scene(
        limits(), {number % 1024, number % 20}, {{pdu}}, snr_db, static_cast<std::uint32_t>(number + 1));
  }

  bool decode(const test::scene& scene)
  {
    const slot_report report = receiver_.run(scene);
    return report.pusch[0].tb_crc_ok && report.pusch[0].payload == scene.payloads[0];
  }

  steady_clock time_;
  test::receiver<backend::cpu> receiver_;
  std::unique_ptr<pipeline::blind_receiver> search_;
};

/// A share and its interval of 95 % (Wilson).
std::string share_text(const char* name, std::int32_t count, std::int32_t of)
{
  const double n = std::max(of, 1);
  const double p = count / n;
  constexpr double z = 1.96;
  const double middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
  const double half = z / (1.0 + z * z / n) * std::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
  return fmt::format("\"{}\": {}, \"{}_share\": {:.4f}, \"{}_95\": [{:.4f}, {:.4f}]",
                     name,
                     count,
                     name,
                     p,
                     name,
                     std::max(0.0, middle - half),
                     std::min(1.0, middle + half));
}

std::string json_of(const std::vector<case_result>& results, std::int32_t wanted)
{
  std::string out =
      fmt::format("{{\"bench\": \"blind_detection\", \"command\": \"blind_detection_bench {}\", "
                  "\"carrier_prb\": {}, \"ports\": 1, \"channel\": \"flat, AWGN\", "
                  "\"dmrs_symbols\": [2, 11], \"cases\": [\n",
                  wanted,
                  carrier_prb);
  for (std::size_t c = 0; c < results.size(); ++c) {
    const case_result& one = results[c];
    out += fmt::format(
        "  {{\"name\": \"{}\", \"mcs_table\": {}, \"mcs\": {}, \"nof_prb\": {}, \"tb_bytes\": {}, "
        "\"scan_10_percent_db\": {:.1f}, \"points\": [\n",
        one.what.name,
        one.what.table,
        one.what.mcs,
        one.what.nof_prb,
        one.pdu.tb_size_bytes,
        static_cast<double>(one.at_10_percent_db));
    for (std::size_t i = 0; i < one.points.size(); ++i) {
      const detection_point& point = one.points[i];
      out += fmt::format("    {{\"snr_db\": {:.2f}, \"slots\": {}, {}, {}, {}, \"false\": {}}}{}\n",
                         static_cast<double>(point.snr_db),
                         point.nof_slots,
                         share_text("decoded", point.nof_decoded, point.nof_slots),
                         share_text("found", point.nof_found, point.nof_slots),
                         share_text("proven", point.nof_proven, point.nof_slots),
                         point.nof_false,
                         i + 1 < one.points.size() ? "," : "");
    }
    out += fmt::format("  ]}}{}\n", c + 1 < results.size() ? "," : "");
  }
  return out + "]}\n";
}

bool write(const std::string& path, const std::string& text)
{
  if (path.empty()) {
    return std::fputs(text.c_str(), stdout) >= 0;
  }
  std::FILE* const file = std::fopen(path.c_str(), "w");
  return file != nullptr && std::fputs(text.c_str(), file) >= 0 && std::fclose(file) == 0;
}

} // namespace

int main(int argc, char** argv)
{
  const std::int32_t wanted = argc > 1 ? std::max(1, std::atoi(argv[1])) : 200;
  const std::string path = argc > 2 ? argv[2] : "";
  detection_bench bench;
  std::vector<case_result> results;
  for (const detection_case& what : cases) {
    case_result one = {what, pdu_of(what), 0.0F, {}};
    one.at_10_percent_db = bench.find_threshold(one.pdu);
    for (const float offset : offsets_db) {
      one.points.push_back({one.at_10_percent_db + offset, 0, 0, 0, 0, 0});
    }
    std::fprintf(stderr, "%s: 10 %% BLER at %.1f dB\n", what.name, static_cast<double>(one.at_10_percent_db));
    results.push_back(std::move(one));
  }
  for (std::int32_t round = 1; round <= wanted; ++round) {
    for (case_result& one : results) {
      for (detection_point& point : one.points) {
        bench.add_slot(one.pdu, point);
      }
    }
    std::fprintf(stderr, "\r%d of %d slots a point", round, wanted);
    if (!path.empty() && !write(path, json_of(results, wanted))) {
      std::fprintf(stderr, "\n%s cannot be written\n", path.c_str());
      return 2;
    }
  }
  return path.empty() && !write("", json_of(results, wanted)) ? 2 : 0;
}
