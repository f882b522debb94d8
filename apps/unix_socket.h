// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <optional>
#include <string>

namespace pado::apps {

/// PATH of "unix:PATH"; nothing for another name.
std::optional<std::string> unix_path_of(const std::string& name);
/// \errors empty, or longer than the system takes
std::optional<error> check_unix_path(const std::string& path);

/// Non-blocking stream sockets; -1 when it did not work.
int connect_unix(const std::string& path);
/// Removes a socket that nobody listens on any more, and listens.
/// \errors the path is there and is no socket; another process listens there; what the system said
result<int> listen_unix(const std::string& path);
int accept_unix(int listening);

} // namespace pado::apps
