// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/ru_emulator.h"
#include "core/result.h"
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace pado::apps {

/// What `pado ru` was asked for.
struct ru_options {
  std::vector<std::string> scenarios; ///< files, one a radio unit
  std::string capture;                ///< a unit that sends this file's packets again, instead of scenarios
  std::string cell;                   ///< cell.yaml of the capture
  std::vector<std::string> faults;    ///< as --fault, for all units; over `faults:` of the scenario
  std::int64_t fault_seed = -1;       ///< -1: the scenario's
  bool is_unsolicited = false;        ///< also where the scenario has C-plane
  std::optional<std::int32_t> gps_alpha; ///< instead of fronthaul.gps_alpha of the first unit
  std::optional<std::int32_t> gps_beta;
  std::string schedule_out;    ///< file for the schedule of the first scenario's period; empty: none
  std::string cell_out;        ///< file for the cell.yaml of the first scenario; empty: none
  bool is_closed_loop = false; ///< UEs of the first scenario obey the grants of its desk
  std::string truth_out;       ///< closed loop: what was sent, as a schedule; empty: none
  std::int32_t nof_workers = 1;
  /// While samples are made: slots done and to be done of one unit. False stops.
  std::function<bool(std::int64_t, std::int64_t)> progress;
};

/// Reads scenarios and makes their samples: the slow part, before anything is sent.
/// \errors what the readers and plan_ru_cell refuse; a fault that is not known; the schedule cannot be
/// written
result<ru_emulator_config> prepare_ru(const ru_options& options, const clock& time);

/// An emulator with its port in a thread of its own.
class ru_session {
public:
  /// `time` is the system clock or stands for it.
  ru_session(const ru_emulator_config& config,
             std::unique_ptr<io::port> link,
             const clock& time,
             const ru_loop_settings& how = {});
  ~ru_session();
  ru_session(const ru_session&) = delete;
  ru_session& operator=(const ru_session&) = delete;

  void start();
  /// Ends the thread; frames that are not due yet are not sent.
  void stop();

  /// Counters may be read while the thread runs, the rest of the emulator only when it does not.
  const ru_emulator& emulator() const noexcept { return emulator_; }
  const io::port& link() const noexcept { return *link_; }

private:
  std::unique_ptr<io::port> link_;
  ru_emulator emulator_;
  const clock& time_;
  ru_loop_settings how_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

/// Everything counted, as one JSON object with the names of docs/ru.md.
std::string ru_summary_json(const ru_emulator& emulator, const io::port& link);

} // namespace pado::apps
