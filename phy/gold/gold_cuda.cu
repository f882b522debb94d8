// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/gold/gold_body.h"
#include <algorithm>

namespace pado::phy {

namespace {
constexpr int run_words = 8;                           // 32 bytes, one sector of memory a thread
constexpr int piece_words = block_threads * run_words; // what a block makes at a time

__global__ void gold_kernel(gold<backend::cuda>::input in, gold<backend::cuda>::output out)
{
  const gold_task task = in.tasks(blockIdx.y);
  const int nof_words = task.nof_words();
  for (int begin = static_cast<int>(blockIdx.x) * piece_words; begin < nof_words;
       begin += static_cast<int>(gridDim.x) * piece_words) {
    const int end = begin + piece_words < nof_words ? begin + piece_words : nof_words;
    body::gold(device_block(), task, begin, end, run_words, out.words);
  }
}
} // namespace

template <>
void gold<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (in.tasks.extent(0) == 0) {
    return;
  }
  // How long each task is only the device knows: enough blocks for the longest that the limits allow, at most
  // 32, and the short ones leave at once.
  const int nof_pieces = (plan_.config.max_words + piece_words - 1) / piece_words;
  const dim3 grid(static_cast<unsigned>(std::min(nof_pieces, 32)), static_cast<unsigned>(in.tasks.extent(0)));
  gold_kernel<<<grid, block_threads, 0, q.stream>>>(in, out);
}

} // namespace pado::phy
