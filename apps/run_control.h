// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/run_plan.h"
#include "apps/schedule_file.h"
#include <memory>
#include <string>
#include <vector>

namespace pado::apps {

class ru_grant_desk;

/// Everything that the command line of `pado run` says.
struct run_arguments {
  run_options options;
  std::string where = "auto";
  std::string port;
  std::string results;
  std::string grants;
  std::string fapi;
  bool is_fapi_json = false;
  std::vector<std::string> faults; ///< of the radio unit in this process
  std::string listen;              ///< empty: 127.0.0.1
  std::int32_t metrics_port = -1;  ///< -1: none, or with listen or has_page the usual one
  bool has_page = false;
  double seconds = 0.0; ///< 0: until a signal
  bool is_json = false;
  bool is_quiet = false;
};

/// The control thread of `pado run`: takes reports and writes them out, takes lines of a MAC, listens to
/// signals, shows the state.
class run_control {
public:
  run_control(const run_arguments& arguments, const clock& time);
  ~run_control();

  /// link  outlives this
  /// desk  UEs of a radio unit in this process that obey our grants, or null
  /// \errors everything wrong with the options, files and sockets
  result<nothing> open(io::port& link, std::shared_ptr<ru_grant_desk> desk);
  /// Until a signal, the time or the port's end.
  void run();
  /// Prints the summary.
  void finish();

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace pado::apps
