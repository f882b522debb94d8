// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/channel_estimate/channel_estimate_body.h"
#include <new>

namespace pado::phy {

namespace {

using stage = channel_estimate<backend::cuda>;
using work_memory = channel_estimate_work<memory::device>;

/// The block's task, port and layer; nothing to do where the task has fewer layers.
__device__ bool find_place(const stage::input& in, body::layer_place& at)
{
  at = {static_cast<int>(blockIdx.x), static_cast<int>(blockIdx.y), static_cast<int>(blockIdx.z)};
  return at.layer < in.tasks(at.task).nof_layers;
}

__global__ void delay_kernel(stage::input in, work_memory work)
{
  body::layer_place at;
  if (find_place(in, at)) {
    body::measure_delay<memory::device>(device_block(), at, in, work.measures(at.task, at.port, at.layer));
  }
}

__global__ void measure_kernel(stage::input in, work_memory work)
{
  body::layer_place at;
  if (find_place(in, at)) {
    const channel_estimate_task& task = in.tasks(at.task);
    const int nof_ports = in.ls.extent(0);
    const int peer = task.peer_task[at.layer];
    const body::delay_turns delay = {body::coarse_turns(task, work, at.task, nof_ports),
                                     peer >= 0 ? body::coarse_turns(in.tasks(peer), work, peer, nof_ports)
                                               : 0.0F};
    body::measure_channel<memory::device>(
        device_block(), at, in, delay, work.measures(at.task, at.port, at.layer));
  }
}

__global__ void decide_kernel(stage::input in, stage::output out, work_memory work)
{
  const int t = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (t < in.tasks.extent(0)) {
    body::decide(in.tasks(t), work, t, in.ls.extent(0), out.info(t));
  }
}

__global__ void filter_kernel(stage::input in, stage::output out, work_memory work)
{
  body::layer_place at;
  if (find_place(in, at)) {
    body::filter_channel(device_block(), at, in, work, out.h);
  }
}

__global__ void residual_kernel(stage::input in, stage::output out, work_memory work)
{
  body::layer_place at;
  if (find_place(in, at)) {
    body::measure_residual(device_block(), at, in, work, out);
  }
}

__global__ void finish_kernel(stage::input in, stage::output out, work_memory work)
{
  const int t = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (t < in.tasks.extent(0)) {
    body::finish(in.tasks(t), work, t, in.ls.extent(0), out.info(t));
  }
}

} // namespace

template <>
channel_estimate<backend::cuda>::channel_estimate(const channel_estimate_plan& plan)
    : config_(plan.config), scratch_bytes_(plan.scratch_bytes), filters_(plan.filters.size()),
      coefficients_(plan.coefficients.size()),
      measures_(static_cast<std::size_t>(config_.max_tasks * config_.nof_rx_ports * max_nof_layers)),
      decisions_(static_cast<std::size_t>(config_.max_tasks))
{
  // More dynamic shared memory than 48 KiB must be asked for, once for each kernel.
  const auto bytes = static_cast<int>(scratch_bytes_);
  const bool is_ready =
      cudaMemcpy(filters_.data(),
                 plan.filters.data(),
                 plan.filters.size() * sizeof(channel_filter),
                 cudaMemcpyHostToDevice) == cudaSuccess &&
      cudaMemcpy(coefficients_.data(),
                 plan.coefficients.data(),
                 plan.coefficients.size() * sizeof(float),
                 cudaMemcpyHostToDevice) == cudaSuccess &&
      cudaFuncSetAttribute(measure_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes) ==
          cudaSuccess &&
      cudaFuncSetAttribute(filter_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes) == cudaSuccess;
  if (!is_ready) {
    throw std::bad_alloc();
  }
}

template <>
void channel_estimate<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  const auto nof_tasks = static_cast<unsigned>(in.tasks.extent(0));
  if (nof_tasks == 0) {
    return;
  }
  // The host does not know the tasks' layer counts: blocks of layers that are not there end at once.
  const dim3 all(nof_tasks, static_cast<unsigned>(in.ls.extent(0)), max_nof_layers);
  const unsigned few = (nof_tasks + 31) / 32;
  const work_memory memory = work();
  delay_kernel<<<all, block_threads, 0, q.stream>>>(in, memory);
  measure_kernel<<<all, block_threads, scratch_bytes_, q.stream>>>(in, memory);
  decide_kernel<<<few, 32, 0, q.stream>>>(in, out, memory);
  filter_kernel<<<all, 2 * block_threads, scratch_bytes_, q.stream>>>(in, out, memory);
  residual_kernel<<<all, block_threads, 0, q.stream>>>(in, out, memory);
  finish_kernel<<<few, 32, 0, q.stream>>>(in, out, memory);
}

} // namespace pado::phy
