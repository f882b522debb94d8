// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "io/port/open_port.h"
#include "io/port/port.h"
#include <memory>
#include <string_view>

namespace pado::io {

/// Where the two ends of in-memory ports find each other, by name. Outlives all its ports.
///
/// Each end receives into memory of its own port_config; a sender that finds it full, or nobody at the other
/// end, counts unsent. An end may be closed and opened again, with the same limits. Frames are Ethernet
/// frames, stamped by the sender's clock. The ends may be used by two threads, and opened by any.
class ring_exchange {
public:
  ring_exchange();
  ~ring_exchange();
  ring_exchange(const ring_exchange&) = delete;
  ring_exchange& operator=(const ring_exchange&) = delete;

  /// \errors two ends are open already; the end was opened before with other limits. May throw
  ///         std::bad_alloc, std::system_error
  result<std::unique_ptr<port>> open(std::string_view name, const port_config& config);

  struct state;

private:
  std::unique_ptr<state> state_;
};

} // namespace pado::io
