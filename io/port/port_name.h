// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pado::io {

/// The name of a port in its parts: "pcap:lab.pcap,loop=3".
struct port_name {
  struct option {
    std::string key;
    std::string value;
  };
  std::string whole;
  std::string scheme; ///< "pcap"
  std::string target; ///< "lab.pcap"
  std::vector<option> options;

  /// The value of an option, if it is given.
  std::optional<std::string_view> value_of(std::string_view key) const;
  /// An error about this port: `port "pcap:lab.pcap,loop=3" <what>`.
  error wrong(const std::string& what) const;
};

/// \errors no colon, no target, an option without "=", an option twice
result<port_name> parse_port_name(std::string_view name);

/// \errors an option that is none of `known`, with the nearest one
result<nothing> check_options(const port_name& name, const std::vector<std::string>& known);

/// The number of an option, `otherwise` without it.
/// \errors not a whole number in least..most
result<std::int64_t> number_of(const port_name& name,
                               std::string_view key,
                               std::int64_t otherwise,
                               std::int64_t least,
                               std::int64_t most);

} // namespace pado::io
