// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/view.h"
#include <cstdint>
#include <memory>

namespace pado::phy {

enum class fft_direction : std::uint8_t { forward, inverse };

/// What planning may cost.
enum class fft_effort : std::uint8_t {
  measure,  ///< tries algorithms: 0.1 s for small sizes, seconds above 16384 points; for stages that run all
            ///< day
  estimate, ///< at once, up to twice as slow in use; for tools that transform a file once
};

/// Transforms of one size, fixed at configuration time.
struct fft_config {
  std::int32_t size = 0;  ///< 1..65536, fast when a product of small primes
  std::int32_t batch = 0; ///< rows of one run, 1..4096
  fft_direction direction = fft_direction::forward;
  fft_effort effort = fft_effort::measure; ///< of the CPU library
};

/// A checked configuration. Plain data, host memory, immutable.
struct fft_plan {
  fft_config config;
};
result<fft_plan> plan_fft(const fft_config& config);

/// Discrete Fourier transform of each row, by the library of the back end (FFTW, cuFFT). Not scaled in either
/// direction.
///
/// in.x    [row][sample]  cf32, dense, first row aligned to 16 bytes as every buffer is; not changed
/// out.y   [row][bin]     cf32, dense, likewise: y(k) = sum over n of x(n) exp(-j 2 pi k n / size), +j when
/// inverse
///
/// The two must not overlap.
///
/// \errors  none in run(); the constructor throws std::runtime_error when the library makes no plan
template <backend B>
class fft {
public:
  struct input {
    view<const cf32, 2, memory_of<B>> x;
  };
  struct output {
    view<cf32, 2, memory_of<B>> y;
  };

  /// Measures which algorithm is fastest here: about 0.1 s the first time that a process plans a size. Safe
  /// on any thread; later run() calls of different objects may run at the same time.
  explicit fft(const fft_plan& plan);
  ~fft();
  fft(const fft&) = delete;
  fft& operator=(const fft&) = delete;

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  struct state; ///< the library's plan
  std::unique_ptr<state> state_;
};
template <>
fft<backend::cpu>::fft(const fft_plan& plan);
template <>
fft<backend::cpu>::~fft();
template <>
void fft<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
fft<backend::cuda>::fft(const fft_plan& plan);
template <>
fft<backend::cuda>::~fft();
template <>
void fft<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
