// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/ldpc_decode/ldpc_decode_body.h"

namespace pado::phy {

namespace {
constexpr std::size_t message_bytes = body::ldpc_max_messages * sizeof(ldpc_message);
}

template <>
ldpc_decode<backend::cpu>::ldpc_decode(const ldpc_decode_plan& plan)
    : config_(plan.config), tables_(1), work_(body::ldpc_scratch_bytes + message_bytes)
{
  tables_[0] = plan.tables;
}

template <>
void ldpc_decode<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  const host_block block(work_.data(), body::ldpc_scratch_bytes);
  auto* messages = reinterpret_cast<ldpc_message*>(work_.data() + body::ldpc_scratch_bytes);
  for (int t = 0; t < in.tasks.extent(0); ++t) {
    const ldpc_decode_task& task = in.tasks(t);
    const body::ldpc_memory memory{tables_.data(),
                                   in.soft.data() + task.soft_begin,
                                   messages,
                                   out.bytes.data() + task.bytes_begin,
                                   &out.status(t)};
    body::ldpc_decode(block, task, memory, config_.stop);
  }
}

} // namespace pado::phy
