// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace pado::apps {

/// Lines out of the chunks of a stream. Holds at most one unfinished line; one that is too long is passed
/// over to its end and counted, so memory stays bounded whatever comes.
class line_cutter {
public:
  explicit line_cutter(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  /// Calls `each` with every line that ends in the chunk, without its end; empty lines are left out.
  void take(std::string_view chunk, const std::function<void(std::string_view)>& each);
  /// Another stream begins: the unfinished line is forgotten.
  void restart();

  std::uint64_t nof_too_long() const { return nof_too_long_; }

private:
  void end_line(std::string_view line, const std::function<void(std::string_view)>& each);

  std::size_t max_line_bytes_;
  std::string begun_;
  bool is_skipping_ = false; ///< inside a line that is too long
  std::uint64_t nof_too_long_ = 0;
};

} // namespace pado::apps
