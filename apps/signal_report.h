// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/slot_report.h"
#include "core/view.h"
#include "pipeline/slot_stages.h"
#include <memory>
#include <nlohmann/json_fwd.hpp>

namespace pado::apps {

/// The signal of each UE as the receiver sees it: constellation before the decision, channel over subcarriers
/// and over delay. From a few blocks of each UE, spread over the capture, through the receiver's own stages.
class signal_report {
public:
  explicit signal_report(const pipeline::slot_pipeline_plan& plan);
  ~signal_report();

  /// Once for each slot, in order: whether see() must follow.
  bool wants(const slot_report& report);
  /// [port][symbol][subcarrier] of that slot.
  void see(const slot_report& report, view<const ch16, 3> grid);

  /// {"RNTI": {"qam_bits", "blocks": [...], "channel": {...}, "delay": {...}}}, UEs without a block left out.
  nlohmann::ordered_json as_json() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace pado::apps
