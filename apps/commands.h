// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pado::apps {

/// Exit codes of every command.
inline constexpr int exit_done = 0;
inline constexpr int exit_negative = 1;  ///< it ran, and the verdict is no
inline constexpr int exit_wrong_use = 2; ///< arguments or input

} // namespace pado::apps
