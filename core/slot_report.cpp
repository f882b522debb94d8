// SPDX-License-Identifier: Apache-2.0
#include "core/slot_report.h"

namespace pado {

const char* name_of(stage_id stage)
{
  static constexpr std::array<const char*, nof_stages> names = {"front_end",
                                                                "sequences",
                                                                "dmrs_ls",
                                                                "channel_estimate",
                                                                "equalise",
                                                                "uci",
                                                                "rate_dematch",
                                                                "ldpc_decode",
                                                                "tb_assemble",
                                                                "total"};
  return names[static_cast<std::size_t>(stage)];
}

} // namespace pado
