// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstdint>
#include <string>

namespace pado::apps {

/// The body of http://host:port/target, at most 16 MiB, all within the time. Plain HTTP/1.0: what `pado top`
/// needs of its own server, without another 15 s of compiling Beast. \errors what the system said, no HTTP,
/// or the status when it is not 200
result<std::string>
http_get(const std::string& host, std::uint16_t port, const std::string& target, std::int64_t timeout_ns);

} // namespace pado::apps
