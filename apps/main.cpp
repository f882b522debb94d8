// SPDX-License-Identifier: Apache-2.0
#include "apps/commands.h"
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

namespace {

/// The instruction set that every source was compiled for (x86-64-v3); AVX-512 is chosen where it is used.
bool has_base_instructions()
{
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
#else
  return true;
#endif
}

} // namespace

int main(int argc, char** argv)
{
  if (!has_base_instructions()) {
    std::fprintf(stderr,
                 "pado: this processor lacks AVX2, FMA or BMI2 (x86-64-v3), which pado is compiled for\n");
    return pado::apps::exit_wrong_use;
  }
  int exit_code = pado::apps::exit_done;
  try {
    CLI::App app("pado: uplink signal processing for 5G NR, from captures to transport blocks", "pado");
    app.require_subcommand(1);
    pado::apps::add_inspect_command(app, exit_code);
    pado::apps::add_replay_command(app, exit_code);
    pado::apps::add_import_command(app, exit_code);
    pado::apps::add_generate_command(app, exit_code);
    pado::apps::add_run_command(app, exit_code);
    pado::apps::add_conform_command(app, exit_code);
    pado::apps::add_top_command(app, exit_code);
    pado::apps::add_ru_command(app, exit_code);
    try {
      app.parse(argc, argv);
    } catch (const CLI::Success& asked) { // --help
      return app.exit(asked);
    } catch (const CLI::ParseError& wrong) {
      app.exit(wrong);
      return pado::apps::exit_wrong_use;
    }
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "pado: %s\n", failure.what());
    return pado::apps::exit_wrong_use;
  }
  return exit_code;
}
