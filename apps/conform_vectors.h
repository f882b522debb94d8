// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/conform_blind.h"
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

/// The same cases with their PDUs withheld: searched, and what is found compared with them. The search knows
/// the carrier and the cell identity. What it does not find is a failure, except where the PDU is not
/// supported or where the reference receiver decodes nothing either; `detail` says so.
std::vector<conform_result> run_blind_vectors(const std::string& folder,
                                              const blind_suite_options& options,
                                              const std::function<void(const conform_result&)>& each);

/// Folders of cases below a folder, in the order of their names.
std::vector<std::string> vector_cases(const std::string& folder);

} // namespace pado::apps
