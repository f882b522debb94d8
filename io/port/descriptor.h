// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

namespace pado::io {

/// An open file, socket or event of the system; closed with the object. Move only.
class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept
  {
    std::swap(number_, other.number_);
    return *this;
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor();

  int number() const noexcept { return number_; } ///< negative: none

private:
  int number_ = -1;
};

/// Sleeps until something can be read, or the time is over: then false. Takes pending errors of a socket (an
/// interface that went down) off it and sleeps on.
bool wait_readable(int number, std::int64_t timeout_ns) noexcept;

/// Sleeps.
void sleep_ns(std::int64_t duration_ns) noexcept;

} // namespace pado::io
