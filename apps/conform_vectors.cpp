// SPDX-License-Identifier: Apache-2.0
#include "apps/conform_vectors.h"
#include "apps/cell_receiver.h"
#include "apps/replay_check.h"
#include "apps/vector_case.h"
#include "pipeline/slot_receiver.h"
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <optional>

namespace pado::apps {

namespace {

constexpr std::int32_t nof_harq_blocks = 512; ///< code blocks; the largest vector has 38 in a slot

/// Which of a case's two forms of the same samples is decoded.
enum class input_form : std::uint8_t { grid, packets };

const char* name_of(input_form form)
{
  return form == input_form::grid ? "x_tf" : "x_tf_bfp9";
}

std::string figures(const pusch_report& report)
{
  const std::size_t uci = report.harq_ack.bits.size() + report.csi1.bits.size() + report.csi2.bits.size();
  return fmt::format("SINR {:.1f} dB, {:.1f} iterations, TA {:.3f} us, CFO {:.0f} Hz{}{}",
                     report.sinr_db,
                     report.ldpc_iterations_mean,
                     report.ta_us,
                     report.cfo_hz,
                     report.combined ? ", combined" : "",
                     uci > 0 ? fmt::format(", {} bits of UCI", uci) : std::string());
}

/// A pass with other bytes is always wrong. A failed CRC is wrong only where the reference's held.
void judge(const pusch_report& report, const pdu_expectation& expected, conform_result& out)
{
  const bool must_decode = expected.crc_ok.value_or(expected.payload.has_value());
  out.verdict = conform_verdict::fail;
  if (!report.tb_crc_ok) {
    out.verdict = must_decode ? conform_verdict::fail : conform_verdict::pass;
    out.detail = fmt::format("{} ({} of {} code blocks hold, {})",
                             must_decode ? "CRC fails" : "not decoded, nor by the reference",
                             report.nof_cb_ok,
                             report.nof_cb,
                             figures(report));
  } else if (!expected.payload) {
    out.detail = "CRC holds, but the reference decoded nothing and the payload is unknown";
  } else if (report.payload != *expected.payload) {
    const auto [mine, theirs] = std::mismatch(
        report.payload.begin(), report.payload.end(), expected.payload->begin(), expected.payload->end());
    out.detail =
        fmt::format("CRC holds, but the payload differs from byte {} on", mine - report.payload.begin());
  } else if (const std::string uci = uci_difference(report, expected); !uci.empty()) {
    out.detail = uci;
  } else {
    out.verdict = conform_verdict::pass;
    out.detail = figures(report);
  }
}

class suite {
public:
  suite(backend where, const std::function<void(const conform_result&)>& each) : where_(where), each_(each) {}

  void run_case(const std::string& folder)
  {
    result<vector_case> read = read_vector_case(folder);
    if (!read) {
      // A case of another channel is whole, there is only no receiver for it yet.
      const bool is_refused = read.failure().what.find("must be a slot grid") != std::string::npos;
      add({std::filesystem::path(folder).filename().string(),
           0,
           0,
           "",
           is_refused ? conform_verdict::unsupported : conform_verdict::fail,
           read.failure().text()});
      return;
    }
    const vector_case& one = read.value();
    run_form(one, input_form::grid);
    const bool has_packets = std::any_of(
        one.slots.begin(), one.slots.end(), [](const vector_slot& slot) { return !slot.sections.empty(); });
    if (has_packets) {
      run_form(one, input_form::packets);
    }
  }

  std::vector<conform_result> take() { return std::move(results_); }

private:
  void run_form(const vector_case& one, input_form form)
  {
    const result<pipeline::slot_pipeline_plan> plan = plan_receiver(cell_of(one), 8);
    if (!plan) {
      add({one.id, 0, 0, name_of(form), conform_verdict::fail, plan.failure().text()});
      return;
    }
    if (where_ == backend::cuda) {
      run_slots<backend::cuda>(one, form, plan.value());
    } else {
      run_slots<backend::cpu>(one, form, plan.value());
    }
  }

  template <backend B>
  void run_slots(const vector_case& one, input_form form, const pipeline::slot_pipeline_plan& plan)
  {
    pipeline::slot_receiver<B> receiver(plan, nof_harq_blocks);
    for (std::size_t index = 0; index < one.slots.size(); ++index) {
      const scheduled_slot& scheduled = one.slots[index].schedule;
      const uplink_slot input = form == input_form::grid ? grid_input(one, index) : packet_input(one, index);
      const slot_report report = receiver.run(input, scheduled.plan);
      conform_result line{
          one.id, static_cast<std::int32_t>(index), 0, name_of(form), conform_verdict::fail, ""};
      for (const pusch_report& pusch : report.pusch) {
        const auto at = static_cast<std::size_t>(pusch.plan_index);
        line.pdu = scheduled.pdu_index[at];
        judge(pusch, scheduled.expected[at], line);
        add(line);
      }
      for (const unsupported_pdu& pdu : report.unsupported) {
        line.pdu = -1;
        line.verdict = conform_verdict::unsupported;
        line.detail = fmt::format("{} of RNTI {}: {}", pdu.kind, pdu.rnti, pdu.why);
        add(line);
      }
    }
  }

  void add(const conform_result& line)
  {
    results_.push_back(line);
    each_(line);
  }

  backend where_;
  const std::function<void(const conform_result&)>& each_;
  std::vector<conform_result> results_;
};

} // namespace

std::vector<std::string> vector_cases(const std::string& folder)
{
  std::vector<std::string> cases;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (std::filesystem::exists(entry.path() / "case.json", ignored)) {
      cases.push_back(entry.path().string());
    }
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

std::vector<conform_result> run_vector_suite(const std::string& folder,
                                             backend where,
                                             const std::function<void(const conform_result&)>& each)
{
  suite all(where, each);
  for (const std::string& one : vector_cases(folder)) {
    all.run_case(one);
  }
  return all.take();
}

} // namespace pado::apps
