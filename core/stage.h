// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend.h"
#include <concepts>
#include <type_traits>

namespace pado {

/// What the pipeline needs of a stage: plain input and output of views, and a run() that does not throw.
template <class S, backend B>
concept stage = requires(S s, const typename S::input& in, const typename S::output& out, queue<B> q)
{
  {
    s.run(in, out, q)
  }
  noexcept->std::same_as<void>;
}
&&std::is_trivially_copyable_v<typename S::input>&& std::is_trivially_copyable_v<typename S::output>;

} // namespace pado
