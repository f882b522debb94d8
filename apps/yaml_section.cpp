// SPDX-License-Identifier: Apache-2.0
#include "apps/yaml_section.h"
#include "core/nearest.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace pado::apps {

namespace {

constexpr std::size_t max_yaml_bytes = std::size_t{1} << 20U;
constexpr std::size_t max_list = 1024;

std::string shown(std::string_view text)
{
  std::string out;
  for (const char c : text.substr(0, 40)) {
    out += c >= ' ' && c <= '~' ? c : '?';
  }
  return out.empty() ? "empty" : out;
}

std::string range_text(const number_range& range)
{
  return "must be in " + std::to_string(range.lowest) + ".." + std::to_string(range.highest) +
         (range.remark.empty() ? "" : " (" + range.remark + ")");
}

/// 273, -3, 0x0100 and whole numbers like 3.5e9; nothing else.
std::optional<std::int64_t> whole_number(const std::string& text)
{
  const bool is_hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const char* begin = text.data() + (is_hex ? 2 : 0);
  const char* end = text.data() + text.size();
  std::int64_t number = 0;
  const auto got = std::from_chars(begin, end, number, is_hex ? 16 : 10);
  if (got.ec == std::errc() && got.ptr == end && begin != end) {
    return number;
  }
  double real = 0.0;
  const auto real_got = std::from_chars(text.data(), end, real);
  const bool is_whole = real_got.ec == std::errc() && real_got.ptr == end && real == std::floor(real);
  return is_whole && std::abs(real) < 9.0e15 ? std::optional(static_cast<std::int64_t>(real)) : std::nullopt;
}

std::string what_it_is(const YAML::Node& node)
{
  switch (node.Type()) {
  case YAML::NodeType::Scalar:
    return shown(node.Scalar());
  case YAML::NodeType::Sequence:
    return "a list";
  case YAML::NodeType::Map:
    return "a block of keys";
  default:
    return "empty";
  }
}

/// Lets a document pass without keeping anything.
class no_events final : public YAML::EventHandler {
public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void
  OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override
  {
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override
  {
  }
  void OnMapEnd() override {}
};

/// YAML::Load() takes the first document and says nothing of the rest, YAML::LoadAll() of yaml-cpp 0.7 does
/// not return when a bracket or comma lies between documents. So one document is parsed and the rest looked
/// at.
bool is_one_document(const std::string& text)
{
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  no_events events;
  parser.HandleNextDocument(events);
  return !parser;
}

} // namespace

struct yaml_section::state {
  YAML::Node node;
  std::string file;
  std::string path;
  std::vector<std::string> known;
  std::optional<error> wrong;
  std::optional<error> missing;

  int line_of(const char* key) const
  {
    for (const auto& entry : node) {
      if (entry.first.IsScalar() && entry.first.Scalar() == key) {
        return entry.first.Mark().line + 1;
      }
    }
    return node.Mark().line + 1;
  }
  std::string prefix() const { return path.empty() ? "" : path + "."; }
};

yaml_section::yaml_section(const YAML::Node& node, std::string file, std::string path)
    : state_(std::make_unique<state>(state{node, std::move(file), std::move(path), {}, {}, {}}))
{
}
yaml_section::yaml_section(yaml_section&&) noexcept = default;
yaml_section::~yaml_section() = default;

std::string yaml_section::where(const char* key) const
{
  return state_->file + ":" + std::to_string(state_->line_of(key)) + ": " + state_->prefix() + key;
}

void yaml_section::wrong(const char* key, const std::string& what)
{
  if (!state_->wrong) {
    state_->wrong = error{where(key), what};
  }
}

bool yaml_section::has(const char* key)
{
  if (std::find(state_->known.begin(), state_->known.end(), key) == state_->known.end()) {
    state_->known.emplace_back(key);
  }
  return state_->node.IsMap() && state_->node[key].IsDefined();
}

void yaml_section::require(const char* key, const std::string& what)
{
  if (!has(key) && !state_->missing) {
    state_->missing = error{where(key), "is missing, " + what};
  }
}

void yaml_section::read(const char* key, std::int64_t& to, const number_range& range)
{
  if (!has(key)) {
    return;
  }
  const YAML::Node value = state_->node[key];
  const auto number = value.IsScalar() ? whole_number(value.Scalar()) : std::nullopt;
  if (!number || *number < range.lowest || *number > range.highest) {
    wrong(key, "is " + what_it_is(value) + ", " + range_text(range));
    return;
  }
  to = *number;
}

void yaml_section::read(const char* key, std::int32_t& to, const number_range& range)
{
  std::int64_t wide = to;
  read(key, wide, range);
  to = static_cast<std::int32_t>(wide);
}

void yaml_section::read(const char* key, std::string& to)
{
  if (!has(key)) {
    return;
  }
  const YAML::Node value = state_->node[key];
  if (!value.IsScalar() || value.Scalar().empty()) {
    wrong(key, "is " + what_it_is(value) + ", must be text");
    return;
  }
  to = value.Scalar();
}

void yaml_section::read(const char* key, std::vector<std::int64_t>& to, const number_range& range)
{
  if (!has(key)) {
    return;
  }
  const YAML::Node value = state_->node[key];
  if (!value.IsSequence() || value.size() > max_list) {
    wrong(key,
          "is " + what_it_is(value) + ", must be a list of numbers in " + std::to_string(range.lowest) +
              ".." + std::to_string(range.highest) + ", as in [0, 1]");
    return;
  }
  to.clear();
  for (const auto& entry : value) {
    const auto number = entry.IsScalar() ? whole_number(entry.Scalar()) : std::nullopt;
    if (!number || *number < range.lowest || *number > range.highest) {
      wrong(key, "holds " + what_it_is(entry) + ", each " + range_text(range));
      return;
    }
    to.push_back(*number);
  }
}

void yaml_section::read_choice(const char* key, std::size_t& to, const std::vector<std::string>& names)
{
  if (!has(key)) {
    return;
  }
  const YAML::Node value = state_->node[key];
  const auto found = value.IsScalar() ? std::find(names.begin(), names.end(), value.Scalar()) : names.end();
  if (found == names.end()) {
    std::string all;
    for (const std::string& name : names) {
      all += (all.empty() ? "" : ", ") + name;
    }
    wrong(key, "is " + what_it_is(value) + ", must be one of: " + all);
    return;
  }
  to = static_cast<std::size_t>(found - names.begin());
}

std::optional<yaml_section> yaml_section::block(const char* key)
{
  if (!has(key)) {
    return std::nullopt;
  }
  const YAML::Node value = state_->node[key];
  if (!value.IsMap()) {
    wrong(key, "is " + what_it_is(value) + ", must be a block of keys");
    return std::nullopt;
  }
  return yaml_section(value, state_->file, state_->prefix() + key);
}

std::vector<yaml_section> yaml_section::blocks(const char* key)
{
  std::vector<yaml_section> all;
  if (!has(key)) {
    return all;
  }
  const YAML::Node value = state_->node[key];
  if (!value.IsSequence() || value.size() > max_list) {
    wrong(key,
          "is " + what_it_is(value) + ", must be a list of at most " + std::to_string(max_list) + " blocks");
    return all;
  }
  for (const auto& entry : value) {
    const std::string path = state_->prefix() + key + "[" + std::to_string(all.size()) + "]";
    if (!entry.IsMap()) {
      wrong(key,
            "holds " + what_it_is(entry) + " at [" + std::to_string(all.size()) +
                "], must be a block of keys");
      return all;
    }
    all.emplace_back(entry, state_->file, path);
  }
  return all;
}

std::string yaml_section::flat_json(const char* key)
{
  if (!has(key)) {
    return "{}";
  }
  const YAML::Node value = state_->node[key];
  if (!value.IsMap() || value.size() > max_list) {
    wrong(key, "is " + what_it_is(value) + ", must be a block of keys");
    return "{}";
  }
  std::string text;
  for (const auto& entry : value) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const auto number = entry.second.IsScalar() ? whole_number(entry.second.Scalar()) : std::nullopt;
    const bool is_plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
    if (!is_plain || !number) {
      wrong(key,
            "holds " + shown(name) + ": " + what_it_is(entry.second) +
                ", must be a FAPI name and a whole number");
      return "{}";
    }
    text += (text.empty() ? "\"" : ", \"") + name + "\": " + std::to_string(*number);
  }
  return "{" + text + "}";
}

std::optional<error> yaml_section::finish() const
{
  std::vector<std::string> seen;
  for (const auto& entry : state_->node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : what_it_is(entry.first);
    const std::string at = state_->file + ":" + std::to_string(entry.first.Mark().line + 1) + ":";
    if (std::find(state_->known.begin(), state_->known.end(), key) == state_->known.end()) {
      const std::string in = state_->path.empty() ? "" : " in " + state_->path;
      return error{at, "unknown key '" + shown(key) + "'" + in + ". " + suggestion(key, state_->known)};
    }
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      return error{at, "key '" + state_->prefix() + shown(key) + "' stands twice, keep one"};
    }
    seen.push_back(key);
  }
  return state_->wrong ? state_->wrong : state_->missing;
}

std::optional<error> with_yaml(std::string_view text,
                               const std::string& name,
                               std::optional<error> (*use)(yaml_section, void*),
                               void* context)
{
  if (text.size() > max_yaml_bytes) {
    return error{name + ":",
                 "has " + std::to_string(text.size()) + " bytes, at most " + std::to_string(max_yaml_bytes) +
                     " are read"};
  }
  try {
    if (!is_one_document(std::string(text))) {
      return error{name + ":", "goes on behind its end, must hold one document"};
    }
    const YAML::Node document = YAML::Load(std::string(text));
    if (!document.IsMap()) {
      return error{name + ":", "is " + what_it_is(document) + ", must be a block of keys"};
    }
    return use(yaml_section(document, name, ""), context);
  } catch (const YAML::Exception& failure) {
    const std::string line = failure.mark.line >= 0 ? std::to_string(failure.mark.line + 1) + ":" : "";
    return error{name + ":" + line, "not YAML: " + failure.msg};
  }
}

} // namespace pado::apps
