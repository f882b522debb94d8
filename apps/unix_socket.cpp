// SPDX-License-Identifier: Apache-2.0
#include "apps/unix_socket.h"
#include "core/errno_text.h"
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace pado::apps {

namespace {

sockaddr_un address_of(const std::string& path)
{
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

template <class Call>
int with_address(const std::string& path, const Call& call)
{
  const sockaddr_un address = address_of(path);
  // The system's own view of an address of any family.
  return call(static_cast<const sockaddr*>(static_cast<const void*>(&address)),
              static_cast<socklen_t>(sizeof(address)));
}

} // namespace

std::optional<std::string> unix_path_of(const std::string& name)
{
  constexpr const char* scheme = "unix:";
  if (name.rfind(scheme, 0) != 0) {
    return std::nullopt;
  }
  return name.substr(std::strlen(scheme));
}

std::optional<error> check_unix_path(const std::string& path)
{
  const std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty() || path.size() > longest) {
    return error{"unix:" + path, "must be unix:PATH with a path of 1.." + std::to_string(longest) + " bytes"};
  }
  return std::nullopt;
}

int connect_unix(const std::string& path)
{
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0 &&
      with_address(path, [&](const sockaddr* to, socklen_t n) { return connect(fd, to, n); }) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

result<int> listen_unix(const std::string& path)
{
  struct stat found = {};
  if (lstat(path.c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode)) {
      return error{"unix:" + path, "is there and is no socket: move it away, or choose another path"};
    }
    const int other = connect_unix(path);
    if (other >= 0) {
      close(other);
      return error{"unix:" + path, "has another process that listens on it"};
    }
    unlink(path.c_str());
  }
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const bool is_bound =
      fd >= 0 && with_address(path, [&](const sockaddr* to, socklen_t n) { return bind(fd, to, n); }) == 0;
  if (!is_bound || listen(fd, 1) != 0) {
    const error why = {"unix:" + path, std::string("cannot be listened on: ") + errno_text(errno)};
    if (fd >= 0) {
      close(fd);
    }
    return why;
  }
  return fd;
}

int accept_unix(int listening)
{
  return accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

} // namespace pado::apps
