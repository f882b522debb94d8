// SPDX-License-Identifier: Apache-2.0
// links: pado_live
#include "apps/live_json.h"
#include "apps/live_metrics.h"
#include "apps/top_view.h"
#include "tests/fuzz/fuzz_check.h"
#include <algorithm>

using pado::fuzz::require;

/// Any text is a status or one error; a status can be shown on any screen, moves no cursor, and is read back
/// as it is written.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = pado::apps::parse_live_json(text);
  if (!read) {
    require(!read.failure().text().empty());
    return 0;
  }
  const std::string written = pado::apps::live_json(read.value());
  const auto again = pado::apps::parse_live_json(written);
  require(again && pado::apps::live_json(again.value()) == written);
  const std::string frame =
      pado::apps::top_frame(again.value(), &read.value(), {80, 24, false, false, "fuzz"});
  require(std::count(frame.begin(), frame.end(), '\n') <= 24);
  require(frame.find('\x1b') == std::string::npos);
  require(!pado::apps::live_metrics(read.value()).empty());
  return 0;
}
