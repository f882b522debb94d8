// SPDX-License-Identifier: Apache-2.0
#include "phy/fft/fft.h"
#include <cufft.h>
#include <stdexcept>

namespace pado::phy {

static_assert(sizeof(cf32) == sizeof(cufftComplex));

template <>
struct fft<backend::cuda>::state {
  fft_config config;
  cufftHandle plan = 0;
};

template <>
fft<backend::cuda>::fft(const fft_plan& plan) : state_(std::make_unique<state>())
{
  state_->config = plan.config;
  if (cufftPlan1d(&state_->plan, plan.config.size, CUFFT_C2C, plan.config.batch) != CUFFT_SUCCESS) {
    throw std::runtime_error("cuFFT makes no plan for " + std::to_string(plan.config.batch) + " rows of " +
                             std::to_string(plan.config.size) + " points");
  }
}

template <>
fft<backend::cuda>::~fft()
{
  cufftDestroy(state_->plan);
}

template <>
void fft<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  // A failed enqueue is a sticky error of the stream, which the pipeline sees when it waits (STYLE section
  // 5).
  cufftSetStream(state_->plan, q.stream);
  auto* x = const_cast<cufftComplex*>(
      reinterpret_cast<const cufftComplex*>(in.x.data())); // C2C out of place keeps it
  cufftExecC2C(state_->plan,
               x,
               reinterpret_cast<cufftComplex*>(out.y.data()),
               state_->config.direction == fft_direction::forward ? CUFFT_FORWARD : CUFFT_INVERSE);
}

} // namespace pado::phy
