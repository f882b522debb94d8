// SPDX-License-Identifier: Apache-2.0
#include "pipeline/blind_receiver.h"
#include <algorithm>

namespace pado::pipeline {

namespace {

constexpr std::int32_t max_blocks = 640; ///< code blocks of one slot: 4 layers of 256QAM on 273 PRB need 152
constexpr float loud = 4.0F;             ///< over the noise floor

slot_pipeline_plan for_grids(slot_pipeline_plan plan)
{
  plan.ofdm.reset();
  return plan;
}

/// PRBs of each symbol that something found lies on.
using explained_prbs = std::vector<std::vector<bool>>;

explained_prbs
explained(const std::vector<phy::blind_finding>& found, std::int32_t nof_prb, std::int32_t grid_start)
{
  explained_prbs out(nof_symbols_per_slot, std::vector<bool>(static_cast<std::size_t>(nof_prb), false));
  for (const phy::blind_finding& one : found) {
    if (!one.is_proven) {
      continue;
    }
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      // An allocation's other symbols may be its leakage; whatever is there is not another UE's DM-RS.
      for (std::int32_t i = 0; i < one.pdu.rb_size; ++i) {
        const std::int32_t prb = one.pdu.bwp_start + one.pdu.rb_start + i - grid_start;
        out[static_cast<std::size_t>(symbol)][static_cast<std::size_t>(prb)] = true;
      }
    }
  }
  return out;
}

/// The widest stretch of loud PRBs of a symbol where nothing was found.
prb_range loud_prbs(const phy::slot_spectrum& spectrum, const explained_prbs& known, std::int32_t symbol)
{
  prb_range best;
  std::int32_t begin = -1;
  for (std::int32_t prb = 0; prb <= spectrum.nof_prb(); ++prb) {
    const bool is_loud =
        prb < spectrum.nof_prb() && !known[static_cast<std::size_t>(symbol)][static_cast<std::size_t>(prb)] &&
        std::max(spectrum.power(symbol, 0, prb), spectrum.power(symbol, 1, prb)) > loud * spectrum.floor();
    if (is_loud && begin < 0) {
      begin = prb;
    } else if (!is_loud && begin >= 0) {
      best = prb - begin > best.size() ? prb_range{begin, prb} : best;
      begin = -1;
    }
  }
  return best;
}

bool is_loud_somewhere(const phy::slot_spectrum& spectrum, const explained_prbs& known)
{
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    if (loud_prbs(spectrum, known, symbol).size() >= 2) {
      return true;
    }
  }
  return false;
}

} // namespace

blind_receiver::blind_receiver(const slot_pipeline_plan& plan,
                               std::function<std::vector<phy::code_option>(const pusch_pdu&)> codes,
                               const clock& time,
                               std::function<void(const phy::blind_step&)> explain)
    : plan_(for_grids(plan)), soft_(static_cast<std::size_t>(max_blocks) * phy::soft_stride), front_(plan),
      receiver_(plan_, soft_.as(max_blocks * phy::soft_stride), time),
      search_(plan.program,
              {std::move(codes),
               [this](view<const ch16, 3> grid, const slot_plan& what) { return prove(grid, what); },
               std::move(explain)})
{
}

void blind_receiver::decode(view<const ch16, 3> grid, const slot_plan& plan)
{
  std::vector<phy::harq_place> places;
  std::int32_t next = 0;
  for (const pusch_pdu& pdu : plan.pusch) {
    const result<std::int32_t> count = phy::nof_code_blocks(plan_.program, pdu);
    const bool has_room = count && next + count.value() <= max_blocks;
    places.push_back({has_room ? static_cast<std::int64_t>(next) * phy::soft_stride : -1, false});
    next += has_room ? count.value() : 0;
  }
  uplink_slot slot;
  slot.slot = plan.slot;
  slot.grid = grid;
  receiver_.run(slot, plan, places, report_);
  decoded_ = plan.pusch;
}

std::vector<bool> blind_receiver::prove(view<const ch16, 3> grid, const slot_plan& plan)
{
  decode(grid, plan);
  std::vector<bool> holds(plan.pusch.size(), false);
  for (const pusch_report& report : report_.pusch) {
    // All zeros satisfy a CRC, and a code word of zeros is what silence may look like.
    const bool has_content = std::any_of(
        report.payload.begin(), report.payload.end(), [](std::uint8_t byte) { return byte != 0; });
    holds[static_cast<std::size_t>(report.plan_index)] = report.tb_crc_ok && has_content;
    if (report.tb_crc_ok && has_content) {
      proven_.push_back(report);
    }
  }
  return holds;
}

/// Decodes everything that was found together, unless the search has just done that.
void blind_receiver::report_found(view<const ch16, 3> grid, blind_slot& out)
{
  slot_plan plan;
  plan.slot = out.slot;
  for (const phy::blind_finding& one : out.found) {
    plan.pusch.push_back(one.pdu);
  }
  const bool is_decoded =
      std::equal(plan.pusch.begin(), plan.pusch.end(), decoded_.begin(), decoded_.end(), phy::is_same_grant);
  if (!is_decoded) {
    decode(grid, plan);
  }
  out.stage_ns = report_.stage_ns;
  out.reports.resize(out.found.size());
  for (std::size_t i = 0; i < out.found.size(); ++i) {
    out.reports[i].pdu = plan.pusch[i];
  }
  for (const pusch_report& report : report_.pusch) {
    out.reports[static_cast<std::size_t>(report.plan_index)] = report;
  }
  for (std::size_t i = 0; i < out.found.size(); ++i) {
    if (!out.found[i].is_proven || out.reports[i].tb_crc_ok) {
      continue;
    }
    // As it was proven: together with a UE on the same PRBs that could not be proven itself.
    const auto proven = std::find_if(proven_.begin(), proven_.end(), [&](const pusch_report& report) {
      return phy::is_same_grant(report.pdu, out.found[i].pdu);
    });
    if (proven != proven_.end()) {
      out.reports[i] = *proven;
    }
  }
}

blind_slot blind_receiver::run(const uplink_slot& slot, const phy::blind_knowledge& knowledge)
{
  const view<const ch16, 3> grid = front_.run(slot);
  blind_slot out;
  out.slot = slot.slot;
  proven_.clear();
  decoded_.clear();
  out.found = search_.run(grid, slot.slot, knowledge);
  out.nof_unexplained = search_.nof_unexplained();
  out.failed_grants = search_.failed_grants();
  if (!out.found.empty()) {
    report_found(grid, out);
  }
  const phy::slot_spectrum& spectrum = search_.spectrum();
  const explained_prbs known = explained(out.found, spectrum.nof_prb(), plan_.program.limits.grid_start_crb);
  if (std::all_of(known[0].begin(), known[0].end(), [](bool one) { return one; })) {
    out.is_loud = true;
    return out;
  }
  out.is_open = is_loud_somewhere(spectrum, known);
  out.is_loud =
      out.is_open ||
      is_loud_somewhere(spectrum, explained({}, spectrum.nof_prb(), plan_.program.limits.grid_start_crb));
  return out;
}

std::vector<phy::identity_match> blind_receiver::find_identities(const uplink_slot& slot,
                                                                 const std::vector<phy::blind_finding>& found,
                                                                 std::span<const std::int32_t> slots)
{
  // First DM-RS symbols of the usual mappings before the others.
  constexpr std::int32_t order[] = {2, 3, 0, 7, 11, 10, 4, 5, 6, 8, 9, 1, 12, 13};
  constexpr float enough = 1e-6F;
  phy::slot_spectrum spectrum;
  spectrum.load(front_.run(slot), plan_.program.limits.grid_start_crb);
  explained_prbs known = explained(found, spectrum.nof_prb(), plan_.program.limits.grid_start_crb);
  std::vector<phy::identity_match> matches;
  while (matches.size() < 3) {
    phy::identity_match best;
    for (const std::int32_t symbol : order) {
      const prb_range prbs = loud_prbs(spectrum, known, symbol);
      if (prbs.size() < 3) {
        continue;
      }
      const phy::identity_match match = phy::find_identity(spectrum, {prbs, slots, {&symbol, 1}});
      best = match.chance < best.chance ? match : best;
      if (best.chance < enough) {
        break;
      }
    }
    if (best.chance >= enough) {
      break;
    }
    matches.push_back(best);
    std::vector<phy::identity_map> map(1);
    map[0].identity = best.identity;
    map[0].map.make(spectrum, best.slot, best.identity);
    for (const phy::dmrs_run& run : phy::find_dmrs_runs(map, {})) {
      for (std::vector<bool>& row : known) {
        std::fill(row.begin() + run.prbs.begin, row.begin() + run.prbs.end, true);
      }
    }
  }
  return matches;
}

} // namespace pado::pipeline
