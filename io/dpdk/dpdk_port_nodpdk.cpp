// SPDX-License-Identifier: Apache-2.0
#include "io/dpdk/dpdk_name.h"
#include "io/dpdk/dpdk_port.h"
#include <string>

namespace pado::io {

result<std::unique_ptr<port>> open_dpdk_port(std::string_view name, const port_config&)
{
  return dpdk_error(std::string(name),
                    "cannot be opened, this build has no DPDK: install libdpdk-dev and configure again "
                    "(PADO_DPDK=ON says why it fails)");
}

bool has_dpdk() noexcept
{
  return false;
}

} // namespace pado::io
