// SPDX-License-Identifier: Apache-2.0
// `pado conform --suite blind --dir`: vector cases with their PDUs withheld.
#include "apps/blind_explain.h"
#include "apps/blind_session.h"
#include "apps/conform_vectors.h"
#include "apps/memory_source.h"
#include "apps/vector_case.h"
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace pado::apps {

namespace {

constexpr const char* input_name = "blind";

class blind_vectors {
public:
  blind_vectors(const blind_suite_options& options, const std::function<void(const conform_result&)>& each)
      : options_(options), each_(each)
  {
  }

  void run_case(const std::string& folder)
  {
    const std::string id = std::filesystem::path(folder).filename().string();
    const result<vector_case> read = read_vector_case(folder);
    if (!read) {
      const bool is_refused = read.failure().what.find("must be a slot grid") != std::string::npos;
      add({id,
           0,
           -1,
           input_name,
           is_refused ? conform_verdict::unsupported : conform_verdict::fail,
           read.failure().text()});
      return;
    }
    const result<blind_result> found = search(read.value());
    if (!found) {
      add({id, 0, -1, input_name, conform_verdict::fail, found.failure().text()});
      return;
    }
    for (std::size_t i = 0; i < read.value().slots.size(); ++i) {
      compare(read.value(), i, found.value());
    }
  }

  std::vector<conform_result> take() { return std::move(results_); }

private:
  result<blind_result> search(const vector_case& one) const
  {
    const cell_config cell = cell_of(one);
    const auto plan = plan_blind_receiver(cell);
    if (!plan) {
      return plan.failure();
    }
    std::vector<uplink_slot> slots;
    for (std::size_t i = 0; i < one.slots.size(); ++i) {
      slots.push_back(grid_input(one, i));
    }
    memory_source source(std::move(slots));
    blind_options how;
    how.nof_workers = options_.has_steps ? 1 : options_.nof_workers;
    if (options_.has_steps) {
      how.explain = [](const phy::blind_step& step) { fmt::print("  {}\n", blind_step_text(step)); };
    }
    how.has_rnti_zero = true;
    const steady_clock time;
    return discover(source, plan.value(), cell, how, time);
  }

  void compare(const vector_case& one, std::size_t index, const blind_result& found)
  {
    const scheduled_slot& truth = one.slots[index].schedule;
    for (std::size_t pdu = 0; pdu < truth.plan.pusch.size(); ++pdu) {
      add(judge(one, index, pdu, found));
    }
    for (const unsupported_pdu& pdu : truth.plan.unsupported) {
      add({one.id,
           static_cast<std::int32_t>(index),
           -1,
           input_name,
           conform_verdict::unsupported,
           fmt::format("{} of RNTI {}: {}", pdu.kind, pdu.rnti, pdu.why)});
    }
    for (const found_pusch& f : found.pusch) {
      const bool is_sent = std::any_of(truth.expected.begin(), truth.expected.end(), [&](const auto& e) {
        return !e.payload ||
               f.report.payload == *e.payload; // unknown payloads cannot be told from false ones
      });
      // A PDU that is not supported may be found all the same.
      if (is_here(f, index) && f.finding.is_proven && !is_sent && truth.plan.unsupported.empty()) {
        add({one.id,
             static_cast<std::int32_t>(index),
             -1,
             input_name,
             conform_verdict::fail,
             fmt::format("RNTI {} found, {} bytes, which nobody sent",
                         f.finding.pdu.rnti,
                         f.finding.pdu.tb_size_bytes)});
      }
    }
  }

  /// Whether the reference failed on the same UE in every slot before.
  static bool follows_failures(const vector_case& one, std::size_t index, std::uint16_t rnti)
  {
    bool has_failed = false;
    for (std::size_t i = 0; i < index; ++i) {
      const scheduled_slot& line = one.slots[i].schedule;
      for (std::size_t pdu = 0; pdu < line.plan.pusch.size(); ++pdu) {
        if (line.plan.pusch[pdu].rnti == rnti) {
          has_failed = true;
          if (line.expected[pdu].crc_ok.value_or(line.expected[pdu].payload.has_value())) {
            return false;
          }
        }
      }
    }
    return has_failed;
  }

  static bool is_here(const found_pusch& f, std::size_t index)
  {
    return f.sample && *f.sample == static_cast<std::int64_t>(index);
  }

  static conform_result
  judge(const vector_case& one, std::size_t index, std::size_t pdu, const blind_result& found)
  {
    const scheduled_slot& truth = one.slots[index].schedule;
    const pusch_pdu& sent = truth.plan.pusch[pdu];
    const pdu_expectation& expected = truth.expected[pdu];
    conform_result line = {one.id,
                           static_cast<std::int32_t>(index),
                           truth.pdu_index[pdu],
                           input_name,
                           conform_verdict::fail,
                           ""};
    const bool must_decode = expected.crc_ok.value_or(expected.payload.has_value());
    for (const found_pusch& f : found.pusch) {
      const bool is_it = is_here(f, index) && f.finding.pdu.rnti == sent.rnti &&
                         f.finding.pdu.dmrs_ports == sent.dmrs_ports &&
                         f.finding.pdu.rb_start == sent.rb_start;
      if (!is_it) {
        continue;
      }
      const bool is_equal =
          f.finding.is_proven && (!expected.payload || f.report.payload == *expected.payload);
      line.verdict = is_equal || !must_decode ? conform_verdict::pass : conform_verdict::fail;
      line.detail = fmt::format("RNTI {}, {} bytes, rv {}, z {:.1f}{}{}",
                                f.finding.pdu.rnti,
                                f.finding.pdu.tb_size_bytes,
                                f.finding.pdu.rv_index,
                                static_cast<double>(f.finding.match.z),
                                f.report.combined ? ", combined" : "",
                                is_equal ? "" : ", not decoded");
      return line;
    }
    line.detail = must_decode ? "not found" : "not found; the reference decodes nothing here either";
    if (sent.transform_precoding) {
      line.verdict = conform_verdict::unsupported;
      line.detail += "; transform precoding is not searched";
    } else if (sent.uci.harq_ack_bits > 2 || sent.uci.csi1_bits > 0 || sent.uci.csi2_bits > 0) {
      line.verdict = conform_verdict::unsupported;
      line.detail += "; UCI that shifts the data is not searched";
    } else if (sent.rb_size < 2) {
      line.verdict = conform_verdict::unsupported;
      line.detail += "; the DM-RS of 1 PRB are too few to stand out";
    } else if (must_decode && follows_failures(one, index, sent.rnti)) {
      line.verdict = conform_verdict::unsupported;
      line.detail += "; decodes only together with earlier transmissions, which the reference cannot decode";
    } else if (!must_decode) {
      line.verdict = conform_verdict::pass;
    }
    return line;
  }

  void add(const conform_result& line)
  {
    results_.push_back(line);
    each_(line);
  }

  blind_suite_options options_;
  const std::function<void(const conform_result&)>& each_;
  std::vector<conform_result> results_;
};

} // namespace

std::vector<conform_result> run_blind_vectors(const std::string& folder,
                                              const blind_suite_options& options,
                                              const std::function<void(const conform_result&)>& each)
{
  blind_vectors all(options, each);
  for (const std::string& one : vector_cases(folder)) {
    all.run_case(one);
  }
  return all.take();
}

} // namespace pado::apps
