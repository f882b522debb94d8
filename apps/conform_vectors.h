// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/backend.h"
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pado::apps {

enum class conform_verdict : std::uint8_t { pass, fail, unsupported };

/// The verdict on one PDU of one vector case.
struct conform_result {
  std::string case_id;
  std::int32_t slot_index = 0; ///< in the case
  std::int32_t pdu = 0;        ///< in the slot
  std::string input;           ///< "x_tf" or "x_tf_bfp9"
  conform_verdict verdict = conform_verdict::fail;
  std::string detail; ///< figures of a pass, the first difference of a failure, what is not supported
};

/// Runs every case below a folder, in the order of their names. A case that cannot be read is one failure.
///
/// each   called once a PDU and input
/// \errors names the folder when there is no case in it
std::vector<conform_result> run_vector_suite(const std::string& folder,
                                             backend where,
                                             const std::function<void(const conform_result&)>& each);

} // namespace pado::apps
