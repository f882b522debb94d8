// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/blind_session.h"
#include "pipeline/slot_receiver.h"

namespace pado::apps {

/// Decodes blocks together that fail alone: transmissions of one UE and one block size, each found by its
/// score without a good CRC.
class blind_combiner {
public:
  /// Samples of the slot of a finding; null when they were not kept.
  using samples = std::function<const uplink_slot*(const found_pusch&)>;

  explicit blind_combiner(const pipeline::slot_pipeline_plan& plan) : receiver_(plan, nof_harq_blocks) {}

  /// Tries each transmission with earlier ones: with one alone, and with up to three that lie equally far
  /// apart. What holds is proven, gets its report and the number of its block.
  ///
  /// pusch  in the order of time
  void run(std::vector<found_pusch>& pusch, const samples& of);

private:
  static constexpr std::int32_t nof_harq_blocks = 1024;

  bool try_chain(std::vector<found_pusch>& pusch, const std::vector<std::size_t>& chain, const samples& of);
  slot_plan plan_of(const std::vector<found_pusch>& pusch, std::size_t target, bool is_first) const;

  pipeline::slot_receiver<backend::cpu> receiver_;
  std::int32_t next_block_ = 0;
};

} // namespace pado::apps
