// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/temporary_folder.h"
#include <cstdio>
#include <doctest/doctest.h>
#include <fstream>
#include <string>
#include <vector>

namespace pado::test {

inline std::string output_of(const std::string& command)
{
  std::string out;
  std::FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char part[4096];
  for (std::size_t n = 1; n != 0;) {
    n = std::fread(part, 1, sizeof(part), pipe);
    out.append(part, n);
  }
  pclose(pipe);
  return out;
}

/// The first browser of this machine; empty without one: then a test says "skipped:".
inline std::string browser()
{
  std::string found = output_of("command -v chromium || command -v google-chrome || true");
  return found.substr(0, found.find('\n'));
}

/// The document as the browser has it after three seconds of its time; what it complained about goes to
/// `complaints`.
inline std::string document_of(const std::string& program, const std::string& url, std::string& complaints)
{
  const temporary_folder folder;
  const std::string document =
      output_of("HOME=" + folder.file("") + " timeout 120 " + program +
                " --headless=new --no-sandbox --disable-gpu --no-first-run --disable-dev-shm-usage "
                "--enable-logging=stderr"
                " --virtual-time-budget=3000 --user-data-dir=" +
                folder.file("profile") + " --dump-dom " + url + " 2>" + folder.file("log"));
  std::ifstream log(folder.file("log"));
  for (std::string line; std::getline(log, line);) {
    if (line.find("CONSOLE") != std::string::npos) {
      complaints += line + "\n";
    }
  }
  return document;
}

/// The tag that has all of these attributes, up to its '>'; empty without one.
inline std::string tag_with(const std::string& document, const std::vector<std::string>& attributes)
{
  for (std::size_t at = document.find('<'); at != std::string::npos; at = document.find('<', at + 1)) {
    const std::string tag = document.substr(at, document.find('>', at) - at);
    bool has_all = true;
    for (const std::string& attribute : attributes) {
      has_all = has_all && tag.find(attribute) != std::string::npos;
    }
    if (has_all) {
      return tag;
    }
  }
  return "";
}

inline std::string attribute_of(const std::string& tag, const std::string& name)
{
  const std::size_t at = tag.find(" " + name + "=\"");
  if (at == std::string::npos) {
    return "(none)";
  }
  const std::size_t begin = at + name.size() + 3;
  return tag.substr(begin, tag.find('"', begin) - begin);
}

inline std::string value_at(const std::string& document, const std::vector<std::string>& attributes)
{
  return attribute_of(tag_with(document, attributes), "data-value");
}

} // namespace pado::test
