// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/ldpc_decode/ldpc_decode_body.h"
#include "phy/ldpc_decode/ldpc_frame.h"

namespace pado::phy {

namespace {

constexpr std::size_t message_bytes = body::ldpc_max_messages * sizeof(ldpc_message);
constexpr std::size_t body_bytes = body::ldpc_scratch_bytes + message_bytes;
constexpr std::size_t frame_bytes = ldpc_arrays_bytes + sizeof(ldpc_schedule);

} // namespace

template <>
ldpc_decode<backend::cpu>::ldpc_decode(const ldpc_decode_plan& plan)
    : config_(plan.config), tables_(1), work_(body_bytes > frame_bytes ? body_bytes : frame_bytes)
{
  config_.simd = resolve(plan.config.simd);
  tables_[0] = plan.tables;
  if (const ldpc_kernel* kernel = ldpc_kernel_of(config_.simd)) {
    ldpc_frame(*kernel, tables_[0], work_.data()).clear();
  }
}

template <>
void ldpc_decode<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  const ldpc_kernel* kernel = ldpc_kernel_of(config_.simd);
  for (int t = 0; t < in.tasks.extent(0); ++t) {
    const ldpc_decode_task& task = in.tasks(t);
    const std::int8_t* soft = in.soft.data() + task.soft_begin;
    std::uint8_t* bytes = out.bytes.data() + task.bytes_begin;
    if (kernel != nullptr) {
      out.status(t) = ldpc_frame(*kernel, tables_[0], work_.data()).decode(task, soft, bytes, config_.stop);
      continue;
    }
    const host_block block(work_.data(), body::ldpc_scratch_bytes);
    auto* messages = reinterpret_cast<ldpc_message*>(work_.data() + body::ldpc_scratch_bytes);
    body::ldpc_decode(block, task, {tables_.data(), soft, messages, bytes, &out.status(t)}, config_.stop);
  }
}

} // namespace pado::phy
