// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/rate_dematch/dematch_kernel.h"
#include "phy/rate_dematch/rate_dematch_body.h"
#include <algorithm>
#include <cstring>

namespace pado::phy {

namespace {

const dematch_kernel* kernel_of(simd_level level)
{
#if defined(__x86_64__)
  if (level == simd_level::avx512) {
    return &dematch_kernel_avx512();
  }
  if (level == simd_level::avx2) {
    return &dematch_kernel_avx2();
  }
#endif
  assert(level == simd_level::portable);
  return nullptr;
}

/// Walks the circular buffer: positions that follow each other are added as one run.
class circular_walk {
public:
  circular_walk(const rate_dematch_task& task, std::int8_t* d, const dematch_kernel& kernel)
      : fillers_(task), nof_circular_(task.nof_circular), position_(task.k0), d_(d), kernel_(kernel)
  {
  }

  void add(const std::int8_t* x, std::int32_t n)
  {
    while (n > 0) {
      if (position_ >= fillers_.begin && position_ < fillers_.end) {
        position_ = fillers_.end;
      }
      if (position_ >= nof_circular_) {
        position_ = 0;
        continue;
      }
      const std::int32_t end =
          position_ < fillers_.begin && fillers_.size() > 0 ? fillers_.begin : nof_circular_;
      const std::int32_t run = std::min(n, end - position_);
      kernel_.add(d_ + position_, x, run);
      position_ += run;
      x += run;
      n -= run;
    }
  }

private:
  body::dematch_fillers fillers_;
  std::int32_t nof_circular_;
  std::int32_t position_;
  std::int8_t* d_;
  const dematch_kernel& kernel_;
};

void dematch(const rate_dematch_task& t,
             const std::int8_t* llr,
             std::int8_t* soft,
             const dematch_kernel& kernel)
{
  constexpr std::int32_t piece = 1024; // stays in the L1 cache between gathering and adding
  alignas(64) std::int8_t gathered[piece];
  const auto nof_unsent = static_cast<std::size_t>(2 * t.z);
  const auto nof_coded = static_cast<std::size_t>(t.nof_coded);
  std::memset(soft, 0, t.is_combined != 0 ? nof_unsent : nof_unsent + nof_coded);
  circular_walk walk(t, soft + nof_unsent, kernel);
  const std::int32_t nof_symbols = t.nof_llr / t.qam_mod_order;
  for (std::int32_t i = 0; i < t.qam_mod_order; ++i) {
    for (std::int32_t j = 0; j < nof_symbols; j += piece) {
      const std::int32_t n = std::min(piece, nof_symbols - j);
      kernel.gather(llr + j * t.qam_mod_order, t.qam_mod_order, i, n, gathered);
      walk.add(gathered, n);
    }
  }
  if (t.filler_begin < t.filler_end) {
    std::memset(
        soft + 2 * t.z + t.filler_begin, 127, static_cast<std::size_t>(t.filler_end - t.filler_begin));
  }
}

} // namespace

template <>
void rate_dematch<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  const dematch_kernel* kernel = kernel_of(resolve(plan_.config.simd));
  const host_block block;
  for (int i = 0; i < in.tasks.extent(0); ++i) {
    const rate_dematch_task& t = in.tasks(i);
    if (kernel == nullptr) {
      body::rate_dematch(block, t, in.llr, out.soft);
      continue;
    }
    assert(t.nof_llr % t.qam_mod_order == 0 && t.llr_begin + t.nof_llr <= in.llr.extent(0));
    assert(t.soft_begin + 2 * t.z + t.nof_coded <= out.soft.extent(0));
    dematch(t, in.llr.data() + t.llr_begin, out.soft.data() + t.soft_begin, *kernel);
  }
}

} // namespace pado::phy
