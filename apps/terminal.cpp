// SPDX-License-Identifier: Apache-2.0
#include "apps/terminal.h"
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <fmt/format.h>
#include <unistd.h>

namespace pado::apps {

namespace {

constexpr std::chrono::seconds first_drawing{2};
constexpr std::chrono::milliseconds between_drawings{200};
constexpr int bar_width = 24;

} // namespace

bool is_terminal(std::FILE* stream)
{
  return isatty(fileno(stream)) != 0;
}

std::string grouped(std::int64_t number)
{
  std::string digits = std::to_string(number);
  const std::size_t first = digits[0] == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, " ");
  }
  return digits;
}

std::string byte_size(std::int64_t bytes)
{
  constexpr std::array<const char*, 5> units = {"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) {
    return std::to_string(bytes) + " bytes";
  }
  double size = static_cast<double>(bytes) / 1000.0;
  std::size_t unit = 0;
  while (size >= 999.95 && unit + 1 < units.size()) {
    size /= 1000.0;
    ++unit;
  }
  return fmt::format("{:.1f} {}", size, units[unit]);
}

std::string runs(const std::vector<std::int32_t>& ascending)
{
  std::string text;
  for (std::size_t i = 0; i < ascending.size();) {
    std::size_t last = i;
    while (last + 1 < ascending.size() && ascending[last + 1] == ascending[last] + 1) {
      ++last;
    }
    text += (text.empty() ? "" : " ") + std::to_string(ascending[i]);
    if (last > i) {
      text += (last > i + 1 ? "-" : " ") + std::to_string(ascending[last]);
    }
    i = last + 1;
  }
  return text;
}

void text_table::add_row(std::vector<std::string> cells)
{
  assert(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::string text_table::text() const
{
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    widths.push_back(columns_[c].heading.size());
    for (const auto& row : rows_) {
      widths[c] = std::max(widths[c], row[c].size());
    }
  }
  std::string out;
  const auto add = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string cell = cell_of(c);
      const std::string space(widths[c] - cell.size(), ' ');
      line += "  " + (columns_[c].side == align::left ? cell + space : space + cell);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  add([&](std::size_t c) { return columns_[c].heading; });
  for (const auto& row : rows_) {
    add([&](std::size_t c) { return row[c]; });
  }
  return out;
}

progress_bar::progress_bar(std::string unit, std::int64_t total, bool is_wanted)
    : unit_(std::move(unit)), total_(total), is_wanted_(is_wanted && is_terminal(stderr)),
      begin_(clock::now()), next_(begin_ + first_drawing)
{
}

progress_bar::~progress_bar()
{
  if (is_drawn_) {
    std::fputs("\r\x1b[K", stderr); // the bar goes, the results stay
  }
}

std::string progress_bar::line(std::int64_t done, double seconds, const std::string& remark) const
{
  const double rate = seconds > 0.0 ? static_cast<double>(done) / seconds : 0.0;
  const std::string tail = remark.empty() ? "" : ", " + remark;
  if (total_ <= 0) {
    return fmt::format(
        "{} {}, {} {}/s{}", grouped(done), unit_, grouped(static_cast<std::int64_t>(rate)), unit_, tail);
  }
  const double part = std::clamp(static_cast<double>(done) / static_cast<double>(total_), 0.0, 1.0);
  const int filled = static_cast<int>(part * bar_width);
  std::string bar(static_cast<std::size_t>(filled), '=');
  bar += filled < bar_width ? ">" : "";
  bar.resize(bar_width, ' ');
  const double left = rate > 0.0 ? static_cast<double>(total_ - done) / rate : 0.0;
  return fmt::format("{:2.0f} % [{}]  {} of {} {}, {} {}/s, {:.0f} s left{}",
                     std::floor(100.0 * part),
                     bar,
                     grouped(done),
                     grouped(total_),
                     unit_,
                     grouped(static_cast<std::int64_t>(rate)),
                     unit_,
                     std::max(0.0, left),
                     tail);
}

void progress_bar::update(std::int64_t done, const std::string& remark)
{
  if (!is_wanted_) {
    return;
  }
  const auto now = clock::now();
  if (now < next_) {
    return;
  }
  next_ = now + between_drawings;
  is_drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  fmt::print(stderr, "\r{}\x1b[K", line(done, seconds, remark));
  std::fflush(stderr);
}

} // namespace pado::apps
