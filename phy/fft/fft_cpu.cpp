// SPDX-License-Identifier: Apache-2.0
#include "core/buffer.h"
#include "phy/fft/fft.h"
#include <fftw3.h>
#include <mutex>
#include <stdexcept>

namespace pado::phy {

namespace {

static_assert(sizeof(cf32) == sizeof(fftwf_complex));

/// FFTW's planner is one for the process and may be used by one thread at a time; executing a plan needs no
/// lock.
std::mutex& planner_mutex()
{
  static std::mutex mutex;
  return mutex;
}

fftwf_complex* fftw_pointer(const cf32* data)
{
  return reinterpret_cast<fftwf_complex*>(
      const_cast<cf32*>(data)); // FFTW_PRESERVE_INPUT keeps the promise of const
}

} // namespace

template <>
struct fft<backend::cpu>::state {
  fft_config config;
  fftwf_plan plan = nullptr;
};

template <>
fft<backend::cpu>::fft(const fft_plan& plan) : state_(std::make_unique<state>())
{
  const fft_config& config = plan.config;
  const std::size_t nof_values = static_cast<std::size_t>(config.size) * config.batch;
  const buffer<cf32> in(nof_values);
  const buffer<cf32> out(nof_values);
  const int size = config.size;
  const std::scoped_lock lock(planner_mutex());
  state_->config = config;
  // FFTW_MEASURE runs 1.2 to 2 times as fast as FFTW_ESTIMATE (256 to 4096 points); FFTW_UNALIGNED would
  // leave out SIMD and run four times as slow, hence the contract's alignment.
  state_->plan = fftwf_plan_many_dft(
      1,
      &size,
      config.batch,
      fftw_pointer(in.data()),
      nullptr,
      1,
      size,
      fftw_pointer(out.data()),
      nullptr,
      1,
      size,
      config.direction == fft_direction::forward ? FFTW_FORWARD : FFTW_BACKWARD,
      (config.effort == fft_effort::measure ? FFTW_MEASURE : FFTW_ESTIMATE) | FFTW_PRESERVE_INPUT);
  if (state_->plan == nullptr) {
    throw std::runtime_error("FFTW makes no plan for " + std::to_string(config.size) + " points");
  }
}

template <>
fft<backend::cpu>::~fft()
{
  const std::scoped_lock lock(planner_mutex());
  fftwf_destroy_plan(state_->plan);
}

template <>
void fft<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  [[maybe_unused]] const auto is_planned = [this](const auto& rows) {
    const fft_config& config = state_->config;
    return rows.extent(0) == config.batch && rows.extent(1) == config.size &&
           (rows.extent(0) == 1 || rows.stride(0) == config.size) &&
           reinterpret_cast<std::uintptr_t>(rows.data()) % 16 == 0;
  };
  assert(is_planned(in.x) && is_planned(out.y));
  fftwf_execute_dft(state_->plan, fftw_pointer(in.x.data()), fftw_pointer(out.y.data()));
}

} // namespace pado::phy
