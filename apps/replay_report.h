// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/replay_session.h"
#include <memory>
#include <string>

namespace pado::apps {

/// What `pado replay --report` draws, gathered while slots are decoded. A long capture is thinned: of the
/// blocks and of the power every k-th slot is kept, k a power of two that doubles when there are too many;
/// counts, rates and percentiles are of all. The page says so.
class replay_report {
public:
  explicit replay_report(const replay_session& session);
  ~replay_report();

  /// As spectator of the session, then as its listener.
  void see(const slot_report& report, const uplink_slot& slot);
  void add(const slot_report& report, const pipeline::decision_loop::decision& made);

  /// Everything as one JSON object; "summary" is summary_json().
  std::string data_json(replay_session& session, const std::string& about) const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace pado::apps
