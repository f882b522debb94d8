// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/ldpc_decode/ldpc_schedule.h"
#include <cstddef>

namespace pado::phy {

/// The kernel of a resolved level, or nothing for portable.
const ldpc_kernel* ldpc_kernel_of(simd_level level);

/// One code block through a hand-tuned kernel: load, iterate, decide, CRC. A view of memory that the stage
/// owns.
class ldpc_frame {
public:
  /// memory   ldpc_arrays_bytes + sizeof(ldpc_schedule) bytes, aligned to 64
  ldpc_frame(const ldpc_kernel& kernel, const ldpc_tables& tables, std::byte* memory);

  /// Once, before the first decode(): the schedule is made for nothing yet.
  void clear();

  ldpc_decode_status
  decode(const ldpc_decode_task& task, const std::int8_t* soft, std::uint8_t* bytes, ldpc_stop stop);

private:
  std::uint64_t load_own(const ldpc_decode_task& task, const std::int8_t* soft);
  void load_columns(const std::int8_t* soft);

  const ldpc_kernel& kernel_;
  const ldpc_tables& tables_;
  ldpc_schedule& schedule_;
  ldpc_arrays arrays_;
};

} // namespace pado::phy
