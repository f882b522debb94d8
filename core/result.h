// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace pado {

/// What is wrong with a configuration or an input: which field (or file and place), what it is, what would be
/// right.
struct error {
  std::string field; ///< "dmrs_ls.max_prb", "cell.yaml:14: carrier.nof_prb", "lab.pcap"
  std::string what;  ///< "is 276, must be in 1..275"

  /// One line for a person.
  std::string text() const { return field.empty() ? what : field + " " + what; }
};

/// A value or an error. Never both, never neither.
template <class T>
class result {
public:
  result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  result(error failure) : held_(std::in_place_index<1>, std::move(failure)) {}

  explicit operator bool() const { return held_.index() == 0; }
  T& value() &
  {
    assert(held_.index() == 0);
    return *std::get_if<0>(&held_);
  }
  const T& value() const&
  {
    assert(held_.index() == 0);
    return *std::get_if<0>(&held_);
  }
  T&& value() &&
  {
    assert(held_.index() == 0);
    return std::move(*std::get_if<0>(&held_));
  }
  const error& failure() const
  {
    assert(held_.index() == 1);
    return *std::get_if<1>(&held_);
  }

private:
  std::variant<T, error> held_;
};

/// For things that only succeed or fail.
struct nothing {};

} // namespace pado
