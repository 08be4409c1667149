// SPDX-License-Identifier: BSD-3-Clause
// Reads YAML maps by lists of the keys they may have, and collects every error with its place.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "tools/scenario/scenario.h"
#include "traffic/parameter/parameter.h"

namespace railyard {

Place place_of(const YAML::Node& node);

// A key that a map may have, and what is done with its value.
struct Key {
  std::string_view name;
  std::function<void(const YAML::Node& value)> read;
  bool may_be_empty = false;
};

class YamlReader {
 public:
  // `file` stands in front of every error.
  explicit YamlReader(std::string file) : file_(std::move(file)) {}

  // Calls the keys' functions in the order of the file. Unknown, duplicate and merge keys are errors. An
  // empty node is an empty map. `what` names the map in errors: "a job".
  void read_map(const YAML::Node& node, std::string_view what, const std::vector<Key>& keys);

  // The same for keys that are names of the user's own.
  void read_named(const YAML::Node& node, std::string_view what,
                  const std::function<void(const YAML::Node& name, const YAML::Node& value)>& read);

  // Sets parameters: a scalar, a list where the type is a set of priorities, a map where it is a map.
  Key key_of(BoundParameter parameter);
  std::vector<Key> keys_of(const std::vector<BoundParameter>& parameters);

  // Calls `read` for each element; anything but a list is an error.
  void read_list(const YAML::Node& node, std::string_view key,
                 const std::function<void(const YAML::Node&)>& read);

  // The scalar's text; an error otherwise.
  bool read_scalar(const YAML::Node& node, std::string_view key, std::string& text);

  void error(Place place, std::string_view message);
  void error(const YAML::Node& node, std::string_view message) { error(place_of(node), message); }

  bool has_errors() const { return !errors_.empty(); }
  // "file:line:column: message", in the order of the file.
  std::vector<std::string> errors() const;

 private:
  struct Error {
    Place place;
    std::string message;
  };
  bool is_map(const YAML::Node& node, std::string_view what);
  bool is_new_key(const YAML::Node& key, std::string_view what, std::vector<std::string>& seen);
  void unknown_key(const YAML::Node& key, std::string_view what, const std::vector<Key>& keys);
  void set(const BoundParameter& parameter, const YAML::Node& at, std::string_view text);
  void set_map(const BoundParameter& parameter, const YAML::Node& map);

  std::string file_;
  std::vector<Error> errors_;
};

}  // namespace railyard
