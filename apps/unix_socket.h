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
/// \errors what the system said; another process listens there
result<int> listen_unix(const std::string& path);
int accept_unix(int listening);

} // namespace pado::apps
