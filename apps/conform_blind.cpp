// SPDX-License-Identifier: Apache-2.0
#include "apps/conform_blind.h"
#include "apps/blind_explain.h"
#include "apps/blind_session.h"
#include "apps/memory_source.h"
#include "apps/replay_session.h"
#include "pipeline/slot_engine.h"
#include <fmt/format.h>
#include <map>
#include <set>

namespace pado::apps {

result<stored_slots> receive_scenario(const scenario_config& scenario, const std::vector<planned_slot>& slots)
{
  const auto plan = plan_generate(scenario);
  if (!plan) {
    return plan.failure();
  }
  slot_maker maker(plan.value());
  const std::int32_t ports = scenario.cell.carrier.nof_rx_ports;
  const std::int32_t width = nof_subcarriers_per_prb * scenario.cell.carrier.nof_prb;
  const auto size = static_cast<std::size_t>(ports) * nof_symbols_per_slot * width;
  const buffer<cf32> rx(size);
  const buffer<ch16> grid(size);
  stored_slots out;
  for (const planned_slot& slot : slots) {
    const auto made = maker.make_grid(slot, rx.as(ports, nof_symbols_per_slot, width));
    if (!made) {
      return made.failure();
    }
    for (std::size_t i = 0; i < size; ++i) {
      grid[i] = to_ch16(rx[i]);
    }
    uplink_slot received;
    received.slot = slot.schedule.plan.slot;
    received.grid = grid.as(ports, nof_symbols_per_slot, width);
    out.push_back(std::make_unique<pipeline::stored_slot>());
    out.back()->store(received);
  }
  return out;
}

namespace {

/// One block: slot, RNTI, payload.
using block_id = std::tuple<std::int32_t, std::int32_t, std::uint16_t, std::vector<std::uint8_t>>;

/// Blocks that the receiver decodes when it has the schedule, from one transmission or several.
std::set<block_id> decode_with_schedule(const pipeline::slot_pipeline_plan& plan,
                                        const stored_slots& slots,
                                        const std::vector<planned_slot>& truth,
                                        const clock& time)
{
  std::set<block_id> out;
  std::size_t at = 0;
  pipeline::slot_engine<backend::cpu> engine(
      plan, {1, 1024}, time, [&](const slot_report& report, const uplink_slot& slot) {
        for (const pusch_report& one : report.pusch) {
          const auto& expected = truth[at].schedule.expected[static_cast<std::size_t>(one.plan_index)];
          if (one.tb_crc_ok && expected.transmitted.value_or(true)) {
            out.insert({slot.slot.sfn, slot.slot.slot, one.pdu.rnti, one.payload});
          }
        }
        ++at;
      });
  for (std::size_t i = 0; i < slots.size(); ++i) {
    engine.feed(slots[i]->slot(), truth[i].schedule.plan);
  }
  engine.finish();
  return out;
}

void compare(const blind_result& found,
             const std::set<block_id>& decodable,
             const std::vector<planned_slot>& truth,
             blind_verdict& verdict)
{
  std::set<block_id> got;
  for (const found_pusch& one : found.pusch) {
    if (!one.finding.is_proven) {
      continue;
    }
    const block_id id = {one.slot.sfn, one.slot.slot, one.finding.pdu.rnti, one.report.payload};
    got.insert(id);
    verdict.nof_combined += one.report.combined && decodable.count(id) != 0 ? 1 : 0;
    bool is_sent = false;
    for (const planned_slot& slot : truth) {
      for (std::size_t i = 0; i < slot.schedule.plan.pusch.size(); ++i) {
        const auto& expected = slot.schedule.expected[i];
        is_sent = is_sent || (slot.schedule.plan.slot == one.slot && expected.transmitted.value_or(true) &&
                              slot.schedule.plan.pusch[i].rnti == one.finding.pdu.rnti &&
                              expected.payload == one.report.payload);
      }
    }
    verdict.nof_false += is_sent ? 0 : 1;
    if (!is_sent) {
      verdict.missed += fmt::format("{}false 0x{:04x} in {}.{} {} z {:.1f} {:.1f}, {} bytes",
                                    verdict.missed.empty() ? "" : ", ",
                                    one.finding.pdu.rnti,
                                    one.slot.sfn,
                                    one.slot.slot,
                                    allocation_text(one.finding.pdu),
                                    static_cast<double>(one.finding.match.z),
                                    static_cast<double>(one.finding.code.z),
                                    one.finding.pdu.tb_size_bytes);
    }
  }
  std::map<std::uint16_t, bool> is_complete;
  for (const block_id& id : decodable) {
    const bool is_found = got.count(id) != 0;
    ++verdict.nof_blocks;
    verdict.nof_found += is_found ? 1 : 0;
    auto& all = is_complete.try_emplace(std::get<2>(id), true).first->second;
    all = all && is_found;
    if (!is_found) {
      verdict.missed += fmt::format("{}0x{:04x} in {}.{}",
                                    verdict.missed.empty() ? "" : ", ",
                                    std::get<2>(id),
                                    std::get<0>(id),
                                    std::get<1>(id));
    }
  }
  for (const auto& [rnti, all] : is_complete) {
    ++verdict.nof_ues;
    verdict.nof_ues_found += all ? 1 : 0;
  }
}

void print_truth(const std::vector<planned_slot>& slots, const std::set<block_id>& decodable)
{
  for (const planned_slot& slot : slots) {
    for (std::size_t i = 0; i < slot.schedule.plan.pusch.size(); ++i) {
      const pusch_pdu& pdu = slot.schedule.plan.pusch[i];
      const slot_id at = slot.schedule.plan.slot;
      const bool is_decodable =
          decodable.count({at.sfn, at.slot, pdu.rnti, *slot.schedule.expected[i].payload}) != 0;
      fmt::print("  {}.{} sent    {}: RNTI 0x{:04x} MCS {} of table {} rv {} {} bytes{}\n",
                 at.sfn,
                 at.slot,
                 allocation_text(pdu),
                 pdu.rnti,
                 pdu.mcs_index,
                 pdu.mcs_table,
                 pdu.rv_index,
                 pdu.tb_size_bytes,
                 is_decodable ? "" : ", does not decode");
    }
  }
}

result<blind_verdict> run_scenario(std::int32_t number, const blind_suite_options& options)
{
  blind_verdict verdict;
  verdict.scenario = number;
  const auto scenario = parse_scenario_file(blind_scenario(number), fmt::format("blind {}", number));
  if (!scenario) {
    return scenario.failure();
  }
  const auto slots = plan_slots(scenario.value());
  if (!slots) {
    return slots.failure();
  }
  const auto received = receive_scenario(scenario.value(), slots.value());
  if (!received) {
    return received.failure();
  }
  cell_config cell = scenario.value().cell;
  cell.static_grants.clear();
  const auto plan = plan_blind_receiver(cell);
  if (!plan) {
    return plan.failure();
  }
  const steady_clock time;
  const std::set<block_id> decodable =
      decode_with_schedule(plan.value(), received.value(), slots.value(), time);
  std::vector<uplink_slot> inputs;
  for (const auto& slot : received.value()) {
    inputs.push_back(slot->slot());
  }
  memory_source source(std::move(inputs));
  blind_options how;
  how.nof_workers = options.nof_workers;
  if (options.has_steps) {
    print_truth(slots.value(), decodable);
    how.nof_workers = 1;
    how.explain = [](const phy::blind_step& step) { fmt::print("  {}\n", blind_step_text(step)); };
  }
  const auto found = discover(source, plan.value(), cell, how, time);
  if (!found) {
    return found.failure();
  }
  compare(found.value(), decodable, slots.value(), verdict);
  verdict.about = fmt::format("{} PRB, {} kHz, {} ports, {} UEs, {} slots",
                              cell.carrier.nof_prb,
                              cell.carrier.scs.scs_hz() / 1000,
                              cell.carrier.nof_rx_ports,
                              scenario.value().ues.size(),
                              slots.value().size());
  return verdict;
}

} // namespace

result<nothing> run_blind_suite(std::int32_t first,
                                std::int32_t count,
                                const blind_suite_options& options,
                                const std::function<void(const blind_verdict&)>& each)
{
  for (std::int32_t number = first; number < first + count; ++number) {
    const result<blind_verdict> verdict = run_scenario(number, options);
    if (!verdict) {
      return verdict.failure();
    }
    each(verdict.value());
  }
  return nothing{};
}

} // namespace pado::apps
