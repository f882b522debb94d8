// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace pado::apps {

/// Whether a person looks at this stream. A pipe gets no progress bar.
bool is_terminal(std::FILE* stream);

/// 694412 as "694 412".
std::string grouped(std::int64_t number);

/// Bytes in the unit that gives 1 to 999: "802.8 MB".
std::string byte_size(std::int64_t bytes);

/// Numbers as runs: {0, 1, 2, 5} is "0-2 5".
std::string runs(const std::vector<std::int32_t>& ascending);

/// Columns as wide as their widest cell, two spaces apart.
class text_table {
public:
  enum class align : std::uint8_t { left, right };
  struct column {
    std::string heading;
    align side = align::left;
  };

  explicit text_table(std::vector<column> columns) : columns_(std::move(columns)) {}

  /// As many cells as columns.
  void add_row(std::vector<std::string> cells);
  /// Heading and rows, each line indented by two spaces.
  std::string text() const;
  bool is_empty() const { return rows_.empty(); }

private:
  std::vector<column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// One line on standard error, from the third second on, that goes away in the end. Only for a terminal.
///
///   46 % [==========>             ]  11 420 of 24 800 slots, 2 910 slots/s, 5 s left
class progress_bar {
public:
  /// `unit` is what is counted ("frames"); total 0: not known, then there is neither bar nor time left.
  progress_bar(std::string unit, std::int64_t total, bool is_wanted);
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  /// Cheap: looks at the clock and draws five times a second. `remark` is put behind.
  void update(std::int64_t done, const std::string& remark = {});
  /// The line that update() would draw after `seconds`.
  std::string line(std::int64_t done, double seconds, const std::string& remark) const;

private:
  using clock = std::chrono::steady_clock;

  std::string unit_;
  std::int64_t total_;
  bool is_wanted_;
  bool is_drawn_ = false;
  clock::time_point begin_;
  clock::time_point next_;
};

} // namespace pado::apps
