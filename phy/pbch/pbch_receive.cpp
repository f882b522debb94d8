// SPDX-License-Identifier: Apache-2.0
#include "phy/pbch/pbch_receive.h"
#include "phy/pbch/pbch_payload.h"
#include <algorithm>
#include <array>

namespace pado::phy {

pbch_receiver::pbch_receiver()
    : demod_(plan_pbch_demod({1}).value()), decode_(plan_polar_decode({8, 9, pbch_coded_bits}).value()),
      code_(1), words_(nof_pbch_words)
{
  code_[0] = plan_polar_code(pbch_code_config()).value();
}

pbch_report pbch_receiver::receive(view<const cf32, 2> grid, std::int32_t pci, std::int32_t likely_candidates)
{
  make_pbch_words(pci, words_);
  const view<const cf32, 3> block(grid.data(), 1, grid.extent(0), grid.extent(1));
  assert(grid.stride(0) == grid.extent(1));
  pbch_report report;
  for (const int nof_candidates : {likely_candidates, 12 - likely_candidates}) {
    report = decode(block, {0, pci, nof_candidates, 0, 0});
    if (report.content) {
      break;
    }
  }
  return report;
}

pbch_report pbch_receiver::decode(view<const cf32, 3> grid, const pbch_demod_task& task)
{
  std::array<std::int8_t, pbch_coded_bits> llr{};
  pbch_demod_status heard{};
  demod_.run({view<const pbch_demod_task, 1>(&task, 1),
              grid,
              view<const std::uint32_t, 1>(words_.data(), words_.size())},
             {view<std::int8_t, 1>(llr.data(), llr.size()), view<pbch_demod_status, 1>(&heard, 1)},
             {});
  pbch_payload payload{};
  const polar_decode_task block{0, 0, 0, polar_crc::crc24c};
  polar_decode_status status{};
  decode_.run(
      {view<const polar_decode_task, 1>(&block, 1),
       code_.as(1),
       view<const std::int8_t, 1>(llr.data(), llr.size())},
      {view<std::uint8_t, 1>(payload.data(), payload.size()), view<polar_decode_status, 1>(&status, 1)},
      {});
  pbch_report report;
  report.pilot_metric = heard.pilot_metric;
  report.phase_step_rad = heard.phase_step_rad;
  report.penalty = status.penalty;
  if (status.crc_ok == 0) {
    return report;
  }
  auto content = unpack_pbch_payload(payload, task.pci, heard.time_hypothesis % task.nof_candidates);
  // With 4 candidates the DM-RS says the half frame too. With 8 it does not, and hypotheses 0..3 look alike
  // in both.
  const int half_frame_heard = heard.time_hypothesis / 4;
  const bool is_consistent = task.nof_candidates == 8 || (content && content->half_frame == half_frame_heard);
  if (content && is_consistent) {
    report.content = content;
    report.nof_candidates = task.nof_candidates;
  }
  return report;
}

} // namespace pado::phy
