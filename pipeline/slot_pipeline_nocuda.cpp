// SPDX-License-Identifier: Apache-2.0
#include "pipeline/slot_pipeline.h"
#include <stdexcept>

namespace pado::pipeline {

namespace {
constexpr const char* not_compiled_in =
    "not compiled in. Build with: cmake --preset cuda (needs the CUDA toolkit)";
}

std::optional<error> check_backend(backend wanted)
{
  if (wanted == backend::cpu) {
    return std::nullopt;
  }
  return error{"--backend cuda:", not_compiled_in};
}

/// Nothing: no object of this back end can be made here.
template <>
struct slot_pipeline<backend::cuda>::state {
};

template <>
slot_pipeline<backend::cuda>::slot_pipeline(const slot_pipeline_plan&,
                                            view<std::int8_t, 1, memory::device>,
                                            const clock&)
{
  throw std::runtime_error(std::string("--backend cuda: ") + not_compiled_in);
}

template <>
slot_pipeline<backend::cuda>::~slot_pipeline() = default;

template <>
void slot_pipeline<backend::cuda>::run(const uplink_slot&,
                                       const slot_plan&,
                                       std::span<const phy::harq_place>,
                                       slot_report& report) noexcept
{
  report.is_faulted = true;
}

} // namespace pado::pipeline
