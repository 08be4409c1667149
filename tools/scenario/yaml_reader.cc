// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/yaml_reader.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "traffic/parameter/nearest_name.h"

namespace railyard {
namespace {

std::string_view type_name(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return "a map";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Scalar:
      return "a single value";
    default:
      return "empty";
  }
}

bool is_list_of_scalars(const YAML::Node& node) {
  return node.IsSequence() &&
         std::all_of(node.begin(), node.end(), [](const YAML::Node& element) { return element.IsScalar(); });
}

bool is_map_of_scalars(const YAML::Node& node) {
  return node.IsMap() && std::all_of(node.begin(), node.end(), [](const auto& entry) {
           return entry.first.IsScalar() && entry.second.IsScalar();
         });
}

}  // namespace

Place place_of(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  return {mark.line + 1, mark.column + 1};
}

void YamlReader::error(Place place, std::string_view message) {
  errors_.push_back({place, std::string(message)});
}

std::vector<std::string> YamlReader::errors() const {
  std::vector<Error> sorted = errors_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Error& a, const Error& b) {
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
  });
  std::vector<std::string> texts;
  for (const Error& e : sorted)
    texts.push_back(e.place.line == 0
                        ? fmt::format("{}: {}", file_, e.message)
                        : fmt::format("{}:{}:{}: {}", file_, e.place.line, e.place.column, e.message));
  return texts;
}

bool YamlReader::is_map(const YAML::Node& node, std::string_view what) {
  if (node.IsMap()) return true;
  if (node.IsDefined() && !node.IsNull())
    error(node, fmt::format("{} must be a map of keys, this is {}", what, type_name(node)));
  return false;
}

bool YamlReader::is_new_key(const YAML::Node& key, std::string_view what, std::vector<std::string>& seen) {
  if (!key.IsScalar()) {
    error(key, fmt::format("a key of {} must be a word, this is {}", what, type_name(key)));
  } else if (key.Scalar() == "<<") {
    error(key, "merge keys (<<) are not supported: write the values out");
  } else if (std::find(seen.begin(), seen.end(), key.Scalar()) != seen.end()) {
    error(key, fmt::format("'{}' is given twice", key.Scalar()));  // yaml-cpp keeps both and finds the first
  } else {
    seen.push_back(key.Scalar());
    return true;
  }
  return false;
}

void YamlReader::unknown_key(const YAML::Node& key, std::string_view what, const std::vector<Key>& keys) {
  std::vector<std::string_view> names;
  for (const Key& k : keys) names.push_back(k.name);
  const std::string suggestion = did_you_mean(key.Scalar(), names);
  const std::string hint =
      suggestion.empty() ? fmt::format("; it may have {}", fmt::join(names, ", ")) : suggestion;
  error(key, fmt::format("unknown key '{}' in {}{}", key.Scalar(), what, hint));
}

void YamlReader::read_map(const YAML::Node& node, std::string_view what, const std::vector<Key>& keys) {
  if (!is_map(node, what)) return;
  std::vector<std::string> seen;
  for (const auto& entry : node) {
    if (!is_new_key(entry.first, what, seen)) continue;
    const auto key =
        std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == entry.first.Scalar(); });
    if (key == keys.end()) {
      unknown_key(entry.first, what, keys);
    } else if (entry.second.IsNull() && !key->may_be_empty) {
      error(entry.first, fmt::format("{}: the value is missing", key->name));
    } else {
      key->read(entry.second);
    }
  }
}

void YamlReader::read_named(const YAML::Node& node, std::string_view what,
                            const std::function<void(const YAML::Node&, const YAML::Node&)>& read) {
  if (!is_map(node, what)) return;
  std::vector<std::string> seen;
  for (const auto& entry : node)
    if (is_new_key(entry.first, what, seen)) read(entry.first, entry.second);
}

void YamlReader::read_list(const YAML::Node& node, std::string_view key,
                           const std::function<void(const YAML::Node&)>& read) {
  if (!node.IsSequence())
    return error(node, fmt::format("{}: this must be a list, it is {}", key, type_name(node)));
  for (const YAML::Node& element : node) read(element);
}

bool YamlReader::read_scalar(const YAML::Node& node, std::string_view key, std::string& text) {
  if (!node.IsScalar()) {
    error(node, fmt::format("{}: this must be a single value, it is {}", key, type_name(node)));
    return false;
  }
  text = node.Scalar();
  return true;
}

void YamlReader::set(const BoundParameter& parameter, const YAML::Node& at, std::string_view text) {
  if (const auto done = parameter.set(text); !done)
    error(at, fmt::format("{}: {}", parameter.name, done.error()));
}

void YamlReader::set_map(const BoundParameter& parameter, const YAML::Node& map) {
  read_named(map, parameter.name, [&](const YAML::Node& key, const YAML::Node& value) {
    if (value.IsScalar())
      set(parameter, key, fmt::format("{}:{}", key.Scalar(), value.Scalar()));
    else
      error(key, fmt::format("{}: an entry is a number and a number, such as 26: 3", parameter.name));
  });
}

Key YamlReader::key_of(BoundParameter parameter) {
  const auto read = [this, parameter](const YAML::Node& value) {
    const ParameterKind kind = parameter.kind();
    if (kind == ParameterKind::Map && value.IsMap()) return set_map(parameter, value);
    const bool takes_list = kind == ParameterKind::Priorities || kind == ParameterKind::Text;
    if (takes_list && is_list_of_scalars(value)) {
      std::vector<std::string> elements;
      for (const YAML::Node& element : value) elements.push_back(element.Scalar());
      return set(parameter, value, elements.empty() ? "none" : fmt::format("{}", fmt::join(elements, ",")));
    }
    if (kind == ParameterKind::Text && is_map_of_scalars(value)) {
      std::vector<std::string> entries;
      read_named(value, parameter.name, [&](const YAML::Node& name, const YAML::Node& entry) {
        entries.push_back(fmt::format("{}:{}", name.Scalar(), entry.Scalar()));
      });
      return set(parameter, value, entries.empty() ? "none" : fmt::format("{}", fmt::join(entries, ",")));
    }
    std::string text;
    if (read_scalar(value, parameter.name, text)) set(parameter, value, text);
  };
  return {parameter.name, read};
}

std::vector<Key> YamlReader::keys_of(const std::vector<BoundParameter>& parameters) {
  std::vector<Key> keys;
  for (const BoundParameter& parameter : parameters) keys.push_back(key_of(parameter));
  return keys;
}

}  // namespace railyard
