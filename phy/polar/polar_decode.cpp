// SPDX-License-Identifier: Apache-2.0
#include "phy/polar/polar_decode.h"
#include "core/limits.h"
#include "phy/polar/polar_decode_body.h"
#include <bit>

namespace pado::phy {

result<polar_decode_plan> plan_polar_decode(const polar_decode_config& config)
{
  if (auto bad = check_range("polar_decode.list_size", config.list_size, 1, body::max_polar_paths)) {
    return *bad;
  }
  if (!std::has_single_bit(static_cast<unsigned>(config.list_size))) {
    return error{"polar_decode.list_size",
                 "is " + std::to_string(config.list_size) + ", must be 1, 2, 4 or 8"};
  }
  if (auto bad = check_range("polar_decode.max_log2_size", config.max_log2_size, 5, 10)) {
    return *bad;
  }
  if (auto bad = check_range("polar_decode.max_coded", config.max_coded, 18, max_polar_coded)) {
    return *bad;
  }
  polar_decode_plan plan{config};
  const auto paths = static_cast<std::size_t>(config.list_size);
  const std::size_t size = std::size_t{1} << config.max_log2_size;
  std::size_t end = 0;
  const auto place = [&end](std::size_t nof_bytes) {
    const std::size_t begin = end;
    end = (begin + nof_bytes + 63) / 64 * 64;
    return begin;
  };
  plan.channel = place(size * sizeof(float));
  plan.alpha = place(size * paths * sizeof(float));
  plan.codewords = place(2 * paths * size / 8);
  plan.paths = place(2 * paths * sizeof(body::polar_path));
  plan.fork = place(sizeof(body::polar_fork));
  plan.received = place(static_cast<std::size_t>(config.max_coded));
  plan.scratch_bytes = end;
  return plan;
}

} // namespace pado::phy
