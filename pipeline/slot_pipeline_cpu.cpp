// SPDX-License-Identifier: Apache-2.0
#include "pipeline/front_end.h"
#include "pipeline/slot_pipeline.h"

namespace pado::pipeline {

template <>
struct slot_pipeline<backend::cpu>::state {
  state(const slot_pipeline_plan& p, view<std::int8_t, 1> s, const clock& c)
      : plan(p), soft(s), time(c), program(p.program), arenas(p), stages(p), front(p)
  {
  }

  slot_pipeline_plan plan;
  view<std::int8_t, 1> soft;
  const clock& time;
  phy::slot_program program;
  slot_arenas<backend::cpu> arenas;
  slot_stages<backend::cpu> stages;
  front_end front;

  slot_tasks<backend::cpu> tasks() const
  {
    return {program.gold.all(),
            program.dmrs_ls.all(),
            program.estimates.all(),
            program.pdus.all(),
            program.tiles.all(),
            program.uci.all(),
            program.small_blocks.all(),
            program.polar.all(),
            program.polar_codes.all(),
            program.rate_dematch.all(),
            program.blocks.all(),
            program.tbs.all()};
  }
};

template <>
slot_pipeline<backend::cpu>::slot_pipeline(const slot_pipeline_plan& plan,
                                           view<std::int8_t, 1> soft,
                                           const clock& time)
    : state_(std::make_unique<state>(plan, soft, time))
{
}

template <>
slot_pipeline<backend::cpu>::~slot_pipeline() = default;

template <>
void slot_pipeline<backend::cpu>::run(const uplink_slot& slot,
                                      const slot_plan& plan,
                                      std::span<const phy::harq_place> places,
                                      slot_report& report) noexcept
{
  state& s = *state_;
  const std::int64_t begin = s.time.now_ns();
  std::int64_t last = begin;
  const auto done = [&](stage_id stage) {
    const std::int64_t now = s.time.now_ns();
    report.stage_ns[static_cast<std::size_t>(stage)] = now - last;
    last = now;
  };
  phy::compile_slot(s.plan.program, plan, places, s.program);
  const view<const ch16, 3> grid = s.front.run(slot);
  done(stage_id::front_end);
  run_stages<backend::cpu>(
      s.stages, s.tasks(), {grid, slot.received, s.soft, s.plan.program.sizes}, s.arenas, {}, done);
  report.stage_ns[static_cast<std::size_t>(stage_id::total)] = last - begin;
  build_report(slot,
               plan,
               s.program,
               {s.arenas.info.as(s.program.tbs.size()),
                s.arenas.quality.as(s.program.tiles.size(), phy::max_nof_layers),
                s.arenas.uci_bits.as(s.program.nof_uci_bits),
                s.arenas.small_block_status.as(s.program.small_blocks.size()),
                s.arenas.polar_status.as(s.program.polar.size()),
                s.arenas.tb_status.as(s.program.tbs.size()),
                s.arenas.payload.as(s.program.nof_payload_bytes)},
               report);
}

template <>
const phy::slot_program& slot_pipeline<backend::cpu>::program() const
{
  return state_->program;
}

} // namespace pado::pipeline
