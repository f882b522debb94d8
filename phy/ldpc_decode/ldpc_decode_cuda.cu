// SPDX-License-Identifier: Apache-2.0
#include "core/cuda/device_block.h"
#include "phy/ldpc_decode/ldpc_decode_body.h"
#include <new>

namespace pado::phy {

namespace {

constexpr std::size_t message_bytes = body::ldpc_max_messages * sizeof(ldpc_message);

// Messages of a high-rate block (6 rows of z = 384) stay beside the evidence in shared memory, longer ones go
// to global memory, where the L2 cache holds them.
constexpr std::size_t shared_messages = 6 * static_cast<std::size_t>(max_lifting_size);
constexpr std::size_t shared_bytes = body::ldpc_scratch_bytes + shared_messages * sizeof(ldpc_message);
// Every device of compute capability 8.0 and up has 99 KB a block; above 48 KB it must be asked for.
static_assert(shared_bytes <= 96 * 1024, "a block of some devices does not have that much");

__global__ void ldpc_decode_kernel(ldpc_decode<backend::cuda>::input in,
                                   ldpc_decode<backend::cuda>::output out,
                                   const ldpc_tables* tables,
                                   ldpc_message* messages,
                                   ldpc_stop stop)
{
  const device_block block;
  const ldpc_decode_task& task = in.tasks(blockIdx.x);
  const bool is_small = static_cast<std::size_t>(task.nof_rows) * task.z <= shared_messages;
  ldpc_message* own = is_small ? block.array<ldpc_message>(body::ldpc_scratch_bytes, shared_messages)
                               : messages + blockIdx.x * body::ldpc_max_messages;
  const body::ldpc_memory memory{tables,
                                 in.soft.data() + task.soft_begin,
                                 own,
                                 out.bytes.data() + task.bytes_begin,
                                 &out.status(blockIdx.x)};
  body::ldpc_decode(block, task, memory, stop);
}

} // namespace

template <>
ldpc_decode<backend::cuda>::ldpc_decode(const ldpc_decode_plan& plan)
    : config_(plan.config), tables_(1), work_(static_cast<std::size_t>(plan.config.max_tasks) * message_bytes)
{
  const bool has_tables =
      cudaMemcpy(tables_.data(), &plan.tables, sizeof(ldpc_tables), cudaMemcpyHostToDevice) == cudaSuccess;
  const bool has_shared = cudaFuncSetAttribute(ldpc_decode_kernel,
                                               cudaFuncAttributeMaxDynamicSharedMemorySize,
                                               static_cast<int>(shared_bytes)) == cudaSuccess;
  if (!has_tables || !has_shared) {
    throw std::bad_alloc();
  }
}

template <>
void ldpc_decode<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept
{
  if (in.tasks.extent(0) == 0) {
    return;
  }
  ldpc_decode_kernel<<<static_cast<unsigned>(in.tasks.extent(0)), max_lifting_size, shared_bytes, q.stream>>>(
      in, out, tables_.data(), reinterpret_cast<ldpc_message*>(work_.data()), config_.stop);
}

} // namespace pado::phy
