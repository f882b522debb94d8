// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/vector_case.h"
#include <nlohmann/json.hpp>

namespace pado::apps {

/// A case while it is read. For the sources of vector_case alone: it brings in the whole JSON library.
struct case_reader {
  std::string name;
  nlohmann::json document;
  array_source& arrays;
};

/// The entry of `arrays` with this name, checked and loaded; nothing when there is none.
result<std::optional<vector_array>> find_array(const case_reader& from, const std::string& array_name);

} // namespace pado::apps
