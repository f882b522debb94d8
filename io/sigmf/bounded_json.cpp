// SPDX-License-Identifier: Apache-2.0
#include "io/sigmf/bounded_json.h"
#include "core/errno_text.h"
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/stat.h>
#include <vector>

namespace pado::io {

namespace {

/// Deepest nesting of brackets outside strings. Checked before parsing, because a document is also destroyed
/// and walked through, and neither should depend on what a stranger nested.
int depth_of(std::string_view text)
{
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      i += c == '\\' ? 1 : 0;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

std::string printable(std::string_view text)
{
  std::string out;
  for (const char c : text.substr(0, 40)) {
    out += c >= ' ' && c <= '~' ? c : '?';
  }
  return out;
}

struct close_file {
  void operator()(std::FILE* file) const
  {
    if (file != stdin) {
      std::fclose(file);
    }
  }
};

} // namespace

result<nlohmann::json>
parse_bounded_json(std::string_view text, const std::string& where, const json_limits& limits)
{
  if (text.size() > limits.max_bytes) {
    return error{where + ":",
                 "JSON of " + std::to_string(text.size()) + " bytes, at most " +
                     std::to_string(limits.max_bytes) + " are read"};
  }
  if (const int depth = depth_of(text); depth > limits.max_depth) {
    return error{where + ":",
                 "JSON nested " + std::to_string(depth) + " deep, at most " +
                     std::to_string(limits.max_depth) + " levels are read"};
  }
  std::string twice;
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    if (event == nlohmann::json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == nlohmann::json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == nlohmann::json::parse_event_t::key &&
               !keys.back().insert(parsed.get_ref<const std::string&>()).second && twice.empty()) {
      twice = parsed.get_ref<const std::string&>();
    }
    return true;
  };
  try {
    nlohmann::json document = nlohmann::json::parse(text.begin(), text.end(), watch);
    if (!twice.empty()) {
      return error{where + ":", "key '" + printable(twice) + "' appears twice in one object"};
    }
    return document;
  } catch (const nlohmann::json::parse_error& failure) {
    const std::size_t at = std::min(failure.byte, text.size());
    const std::size_t line_begin = at == 0 ? 0 : text.substr(0, at - 1).rfind('\n') + 1; // npos + 1 is 0
    const std::size_t column = at - line_begin;
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line_begin), '\n');
    const bool has_lines = text.find('\n') != std::string_view::npos;
    return error{where + ":",
                 "not JSON at " + (has_lines ? "line " + std::to_string(line) + ", " : "") + "column " +
                     std::to_string(column) + ", near '" + printable(text.substr(at < 10 ? 0 : at - 10, 20)) +
                     "'"};
  } catch (const nlohmann::json::exception& failure) {
    return error{where + ":", std::string("not usable JSON: ") + printable(failure.what())};
  }
}

result<std::string> read_text_file(const std::string& path, std::size_t max_bytes)
{
  const std::string where = (path == "-" ? "standard input" : path) + ":";
  const std::unique_ptr<std::FILE, close_file> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return error{where, std::string("cannot be opened: ") + errno_text(errno)};
  }
  struct stat about = {};
  if (fstat(fileno(file.get()), &about) == 0 && S_ISDIR(about.st_mode)) {
    return error{where, "is a folder, expected a file"};
  }
  std::string text;
  std::array<char, 65536> chunk{};
  while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    text.append(chunk.data(), got);
    if (text.size() > max_bytes) {
      return error{where, "is longer than " + std::to_string(max_bytes) + " bytes, the most that is read"};
    }
  }
  if (std::ferror(file.get()) != 0) {
    return error{where, std::string("cannot be read: ") + errno_text(errno)};
  }
  return text;
}

bool write_text_file(const std::string& path, std::string_view text)
{
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    return false;
  }
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fclose(file) == 0 && is_written;
}

result<std::int64_t> plain_file_bytes(const std::string& path)
{
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0) {
    return error{path + ":", std::string("cannot be opened: ") + errno_text(errno)};
  }
  if (!S_ISREG(about.st_mode)) {
    return error{path + ":", "is not a plain file"};
  }
  return static_cast<std::int64_t>(about.st_size);
}

} // namespace pado::io
