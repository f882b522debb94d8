// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pado::test {

/// A port of the loopback that nobody has. kind: SOCK_STREAM or SOCK_DGRAM
inline std::uint16_t free_port(int kind)
{
  const int link = socket(AF_INET, kind, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  REQUIRE(bind(link, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(getsockname(link, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(link);
  return ntohs(address.sin_port);
}

} // namespace pado::test
