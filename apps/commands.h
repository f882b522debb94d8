// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace pado::apps {

/// Exit codes of every command.
inline constexpr int exit_done = 0;
inline constexpr int exit_negative = 1;  ///< it ran, and the verdict is no
inline constexpr int exit_wrong_use = 2; ///< arguments or input

/// Each adds one subcommand to `app`; its callback leaves the exit code behind.
void add_inspect_command(CLI::App& app, int& exit_code);
void add_import_command(CLI::App& app, int& exit_code);
void add_replay_command(CLI::App& app, int& exit_code);
void add_generate_command(CLI::App& app, int& exit_code);
void add_run_command(CLI::App& app, int& exit_code);
void add_conform_command(CLI::App& app, int& exit_code);
void add_top_command(CLI::App& app, int& exit_code);
void add_ru_command(CLI::App& app, int& exit_code);

} // namespace pado::apps
