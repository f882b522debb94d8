// SPDX-License-Identifier: Apache-2.0
#include "io/port/port_name.h"
#include "core/nearest.h"
#include <algorithm>
#include <charconv>

namespace pado::io {

std::optional<std::string_view> port_name::value_of(std::string_view key) const
{
  for (const option& one : options) {
    if (one.key == key) {
      return one.value;
    }
  }
  return std::nullopt;
}

error port_name::wrong(const std::string& what) const
{
  return {"port \"" + whole + "\"", what};
}

result<port_name> parse_port_name(std::string_view name)
{
  port_name parsed;
  parsed.whole = name;
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) {
    return parsed.wrong("has no scheme, must be SCHEME:..., for example udp:192.168.1.20:4991 or raw:eth0");
  }
  parsed.scheme = name.substr(0, colon);
  std::string_view rest = name.substr(colon + 1);
  std::size_t comma = std::min(rest.find(','), rest.size());
  parsed.target = rest.substr(0, comma);
  if (parsed.target.empty()) {
    return parsed.wrong("has nothing after '" + parsed.scheme + ":'");
  }
  while (comma < rest.size()) {
    rest = rest.substr(comma + 1);
    comma = std::min(rest.find(','), rest.size());
    const std::string_view text = rest.substr(0, comma);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
      return parsed.wrong("has '" + std::string(text) + "' after a comma, must be KEY=VALUE");
    }
    const std::string key(text.substr(0, equals));
    if (parsed.value_of(key)) {
      return parsed.wrong("has '" + key + "' twice");
    }
    parsed.options.push_back({key, std::string(text.substr(equals + 1))});
  }
  return parsed;
}

result<nothing> check_options(const port_name& name, const std::vector<std::string>& known)
{
  for (const port_name::option& one : name.options) {
    if (std::find(known.begin(), known.end(), one.key) == known.end()) {
      return name.wrong("has the unknown option '" + one.key + "'. " +
                        (known.empty() ? name.scheme + ": takes none" : suggestion(one.key, known)));
    }
  }
  return nothing{};
}

result<std::int64_t> number_of(const port_name& name,
                               std::string_view key,
                               std::int64_t otherwise,
                               std::int64_t least,
                               std::int64_t most)
{
  const auto text = name.value_of(key);
  if (!text) {
    return otherwise;
  }
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failed != std::errc{} || end != text->data() + text->size() || value < least || value > most) {
    return name.wrong("has " + std::string(key) + "=" + std::string(*text) + ", must be in " +
                      std::to_string(least) + ".." + std::to_string(most));
  }
  return value;
}

} // namespace pado::io
