// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <string>

namespace pado::test {

/// Metrics in the text format of Prometheus 0.0.4, read strictly.
struct exposition {
  std::map<std::string, std::string> types; ///< by family
  std::map<std::string, double> samples;    ///< by name and labels as written: `a{b="c"}`

  double at(const std::string& sample) const
  {
    const auto found = samples.find(sample);
    return found == samples.end() ? std::nan("") : found->second;
  }
};

namespace exposition_detail {

inline std::size_t name_end(const std::string& line, std::size_t at)
{
  while (at < line.size() &&
         (std::isalnum(static_cast<unsigned char>(line[at])) != 0 || line[at] == '_' || line[at] == ':')) {
    ++at;
  }
  return at;
}

/// Behind `name="value",...}`; npos: not so.
inline std::size_t labels_end(const std::string& line, std::size_t at)
{
  for (;;) {
    const std::size_t equals = name_end(line, at);
    if (equals == at || line.compare(equals, 2, "=\"") != 0) {
      return std::string::npos;
    }
    at = equals + 2;
    while (at < line.size() && line[at] != '"') {
      at += line[at] == '\\' ? 2 : 1;
    }
    if (at + 1 >= line.size()) {
      return std::string::npos;
    }
    if (line[at + 1] == '}') {
      return at + 2;
    }
    if (line[at + 1] != ',') {
      return std::string::npos;
    }
    at += 2;
  }
}

/// The family that a sample belongs to: without the suffixes of a histogram.
inline std::string family_of(const exposition& all, const std::string& name)
{
  for (const char* suffix : {"_bucket", "_sum", "_count"}) {
    const std::size_t at = name.rfind(suffix);
    if (at != std::string::npos && at + std::string(suffix).size() == name.size() &&
        all.types.count(name.substr(0, at)) != 0) {
      return name.substr(0, at);
    }
  }
  return name;
}

} // namespace exposition_detail

/// Nothing, and `why` says which line, when the text breaks a rule of the format.
inline std::optional<exposition> read_exposition(const std::string& text, std::string& why)
{
  using namespace exposition_detail; // NOLINT(google-build-using-namespace)
  exposition out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    why = line;
    if (line.rfind("# TYPE ", 0) == 0) {
      std::istringstream words(line.substr(7));
      std::string name, type;
      words >> name >> type;
      if ((type != "counter" && type != "gauge" && type != "histogram") ||
          !out.types.emplace(name, type).second) {
        return std::nullopt;
      }
      continue;
    }
    if (line.empty() || line[0] == '#') {
      continue;
    }
    const std::size_t end = name_end(line, 0);
    const std::size_t value = end < line.size() && line[end] == '{' ? labels_end(line, end + 1) : end;
    if (end == 0 || value >= line.size() || line[value] != ' ' ||
        out.types.count(family_of(out, line.substr(0, end))) == 0) {
      return std::nullopt;
    }
    char* rest = nullptr;
    const double number = std::strtod(line.c_str() + value + 1, &rest); // takes +Inf and NaN too
    if (*rest != '\0' || !out.samples.emplace(line.substr(0, value), number).second) {
      return std::nullopt;
    }
  }
  why.clear();
  return out;
}

} // namespace pado::test
