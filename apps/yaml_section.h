// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace YAML {
class Node;
}

namespace pado::apps {

/// What a number may be, for a message as well as for the check.
struct number_range {
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
  std::string remark; ///< behind the range, in brackets
};

/// One block of keys of a YAML file.
///
/// Each read() names its key; finish() then refuses every key that no read() named, with the nearest one that
/// was. The first thing wrong is kept: an unknown key before a wrong value before a missing key, because a
/// typing error in a key also makes that key missing.
class yaml_section {
public:
  /// path  "carrier", empty for the top of the file
  yaml_section(const YAML::Node& node, std::string file, std::string path);
  yaml_section(yaml_section&&) noexcept;
  ~yaml_section();

  bool has(const char* key);
  void require(const char* key, const std::string& what);

  void read(const char* key, std::int64_t& to, const number_range& range);
  void read(const char* key, std::int32_t& to, const number_range& range);
  void read(const char* key, std::string& to);
  void read(const char* key, std::vector<std::int64_t>& to, const number_range& range);
  /// One of `names`; the index of the one that stands there.
  void read_choice(const char* key, std::size_t& to, const std::vector<std::string>& names);

  /// A block below a key: nothing when the key is not there or is not a block.
  std::optional<yaml_section> block(const char* key);
  /// The blocks of a list.
  std::vector<yaml_section> blocks(const char* key);
  /// A block of numbers and words as JSON text: {"RNTI": 17921}.
  std::string flat_json(const char* key);

  /// "cell.yaml:14: carrier.nof_prb": what stands in front of a message about a key.
  std::string where(const char* key) const;
  void wrong(const char* key, const std::string& what);

  std::optional<error> finish() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Calls `use` with the one YAML document in text.
/// \errors not YAML, nested too deep, several documents, nothing in it, not a block of keys
std::optional<error> with_yaml(std::string_view text,
                               const std::string& name,
                               std::optional<error> (*use)(yaml_section, void*),
                               void* context);

} // namespace pado::apps
