// SPDX-License-Identifier: Apache-2.0
// ctest: golden
// links: pado_apps
#include "apps/commands.h"
#include "tests/support/temporary_folder.h"
#include <CLI/CLI.hpp>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace pado::apps; // NOLINT(google-build-using-namespace)
using pado::test::temporary_folder;

namespace {

/// Runs `pado ARGUMENTS` in this process.
int run(const std::vector<std::string>& arguments)
{
  CLI::App app("pado", "pado");
  int exit_code = -1;
  add_import_command(app, exit_code);
  add_replay_command(app, exit_code);
  add_inspect_command(app, exit_code);
  add_conform_command(app, exit_code);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend())); // CLI11 takes it from its end
  } catch (const CLI::ParseError&) {
    return exit_wrong_use;
  }
  return exit_code;
}

/// Whether a file is a page about something.
bool is_page(const std::string& path, const std::string& about)
{
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str().rfind("<!doctype html>", 0) == 0 && text.str().find(about) != std::string::npos;
}

} // namespace

TEST_CASE("import: as a command, and the commands that follow it, with pages")
{
  const temporary_folder folder;
  const std::string dump = PADO_SOURCE_DIR "/testvectors/ocudu_gnb_dump/";
  const std::string lab = folder.file("lab.grid-meta");
  CHECK(run({"import", dump + "gnb.log", dump + "rx_symbols.cf32", "-o", lab, "--quiet"}) == exit_done);
  for (const char* name : {"lab.grid-meta", "lab.grid-data", "slots.jsonl", "cell.yaml"}) {
    CHECK(std::filesystem::exists(folder.file(name)));
  }
  CHECK(run({"replay",
             lab,
             "--cell",
             folder.file("cell.yaml"),
             "--schedule",
             folder.file("slots.jsonl"),
             "--check",
             "--quiet",
             "--report",
             folder.file("r.html")}) == exit_done);
  CHECK(is_page(folder.file("r.html"), "\"kind\":\"replay\""));
  CHECK(run({"inspect",
             lab,
             "--quiet",
             "--cell-out",
             folder.file("again.yaml"),
             "--report",
             folder.file("i.html")}) == exit_done);
  CHECK(is_page(folder.file("i.html"), "\"type\":\"port_power\""));
  CHECK(run({"conform",
             "--suite",
             "vectors",
             "--dir",
             PADO_SOURCE_DIR "/testvectors/cases",
             "--json",
             "--report",
             folder.file("c.html")}) == exit_done);
  CHECK(is_page(folder.file("c.html"), "11 passed, 0 failed"));
  CHECK(run({"replay",
             lab,
             "--cell",
             folder.file("cell.yaml"),
             "--schedule",
             folder.file("slots.jsonl"),
             "--quiet",
             "--report",
             "/nowhere/r.html"}) == exit_wrong_use);
}

TEST_CASE("import: wrong use gives exit code 2, a file in which nothing is understood 1")
{
  const temporary_folder folder;
  CHECK(run({"import"}) == exit_wrong_use);
  CHECK(run({"import", folder.write("a.log", "x\n")}) == exit_wrong_use);
  CHECK(run({"import", folder.file("none"), "-o", folder.file("b")}) == exit_wrong_use);
  CHECK(run({"import", folder.file("a.log"), "-o", folder.file("b"), "--scs-khz", "17"}) == exit_wrong_use);
  CHECK(run({"import", folder.file("a.log"), "-o", folder.file("b"), "--rx-ports", "9"}) == exit_wrong_use);
  CHECK(run({"import", folder.file("a.log"), "-o", folder.file("b"), "--json"}) == exit_negative);
  CHECK_FALSE(std::filesystem::exists(folder.file("slots.jsonl")));
}
