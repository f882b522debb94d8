// SPDX-License-Identifier: Apache-2.0
#include "apps/line_cutter.h"

namespace pado::apps {

void line_cutter::restart()
{
  begun_.clear();
  is_skipping_ = false;
}

void line_cutter::end_line(std::string_view line, const std::function<void(std::string_view)>& each)
{
  if (is_skipping_ || line.size() > max_line_bytes_) {
    ++nof_too_long_;
    is_skipping_ = false;
  } else if (!line.empty()) {
    each(line);
  }
}

void line_cutter::take(std::string_view chunk, const std::function<void(std::string_view)>& each)
{
  for (std::size_t end = 0; (end = chunk.find('\n')) != std::string_view::npos;
       chunk.remove_prefix(end + 1)) {
    if (begun_.empty()) {
      end_line(chunk.substr(0, end), each);
    } else {
      begun_.append(chunk.substr(0, end));
      end_line(begun_, each);
      begun_.clear();
    }
  }
  if (!is_skipping_) {
    begun_.append(chunk);
    is_skipping_ = begun_.size() > max_line_bytes_;
  }
  if (is_skipping_) {
    begun_.clear();
  }
}

} // namespace pado::apps
