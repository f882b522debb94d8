// SPDX-License-Identifier: Apache-2.0
#include "core/block.h"
#include "phy/tb_assemble/tb_assemble_body.h"
#include <cstring>
#include <span>

namespace pado::phy {

namespace {

// Block by block through the folding CRC instead of the body's runs that threads share.
void assemble(const tb_assemble_task& t,
              const std::uint8_t* in,
              std::uint8_t* payload,
              tb_assemble_status& status)
{
  std::uint32_t remainder = 0;
  std::int32_t copied = 0;
  for (std::int32_t r = 0; r < t.nof_blocks; ++r) {
    const std::uint8_t* block = in + static_cast<std::ptrdiff_t>(r) * t.block_stride;
    remainder = crc_of_bytes(t.tb_crc, std::span(block, static_cast<std::size_t>(t.block_bytes)), remainder);
    const std::int32_t left = t.payload_bytes - copied;
    const std::int32_t n = left < t.block_bytes ? left : t.block_bytes;
    std::memcpy(payload + copied, block, static_cast<std::size_t>(n));
    copied += n;
  }
  status.crc_ok = remainder == 0 && status.nof_blocks_ok == t.nof_blocks ? 1 : 0;
}

} // namespace

template <>
void tb_assemble<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu>) noexcept
{
  const host_block block;
  for (int i = 0; i < in.tasks.extent(0); ++i) {
    const tb_assemble_task& t = in.tasks(i);
    assert(t.nof_blocks * t.block_bytes == t.payload_bytes + polynomial_of(t.tb_crc).length / 8);
    tb_assemble_status status = body::assemble_status(block, t, in.blocks);
    assemble(t, in.bytes.data() + t.bytes_begin, out.payload.data() + t.payload_begin, status);
    out.status(i) = status;
  }
}

} // namespace pado::phy
