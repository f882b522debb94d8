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

blind_slot blind_receiver::run(const uplink_slot& slot, const phy::blind_knowledge& knowledge)
{
  const view<const ch16, 3> grid = front_.run(slot);
  blind_slot out;
  out.slot = slot.slot;
  proven_.clear();
  out.found = search_.run(grid, slot.slot, knowledge);
  out.nof_unexplained = search_.nof_unexplained();
  phy::slot_spectrum spectrum;
  spectrum.load(grid, plan_.program.limits.grid_start_crb);
  const std::int32_t start = plan_.program.limits.grid_start_crb;
  out.is_loud = is_loud_somewhere(spectrum, explained({}, spectrum.nof_prb(), start));
  out.is_open = is_loud_somewhere(spectrum, explained(out.found, spectrum.nof_prb(), start));
  for (const phy::blind_finding& one : out.found) {
    // As it was proven: together with the UEs on the same PRBs, whether they could be proven or not.
    const auto is_it = [&](const pusch_report& report) {
      const pusch_pdu& pdu = report.pdu;
      return pdu.rnti == one.pdu.rnti && pdu.rb_start == one.pdu.rb_start && pdu.rb_size == one.pdu.rb_size &&
             pdu.dmrs_ports == one.pdu.dmrs_ports && pdu.tb_size_bytes == one.pdu.tb_size_bytes;
    };
    const auto report = std::find_if(proven_.begin(), proven_.end(), is_it);
    out.reports.emplace_back();
    out.reports.back().pdu = one.pdu;
    if (report != proven_.end()) {
      out.reports.back() = *report;
    }
  }
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
