// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/import_schedule.h"
#include "core/result.h"
#include <string_view>

namespace pado::apps {

/// What was found in a file of FAPI messages.
struct fapi_message_counts {
  std::int64_t messages = 0;
  std::int64_t ul_tti = 0;         ///< UL_TTI.request
  std::int64_t elsewhere = 0;      ///< messages of another kind
  std::int64_t not_understood = 0; ///< in remarks
};

/// Reads UL_TTI.request messages, one JSON object a line or one list of them, into a schedule
/// (docs/import.md). \errors a list that is not JSON: a line that is not is a remark
result<fapi_message_counts>
read_fapi_messages(std::string_view text, const std::string& name, import_schedule& to, log_remarks& remarks);

} // namespace pado::apps
