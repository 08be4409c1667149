// SPDX-License-Identifier: BSD-3-Clause
// One row a parameter. A settings struct declares each of its fields once, as a row with name, unit, range,
// help and source; the scenario loader's checks and errors, --help, the JSON schema, the reference page and
// the ns-3 Attributes are all made from these rows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/units/priority_set.h"
#include "traffic/units/quantity.h"

namespace railyard {

// The type a parameter has in a scenario file; how its text is parsed and printed follows from it.
enum class ParameterKind : uint8_t { Bool, Integer, Real, Time, Size, Rate, Choice, Priorities, Map, Text };

std::string_view name_of(ParameterKind kind);

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

using DscpMap = std::array<uint8_t, 64>;
using PriorityMap = std::array<uint8_t, kPriorities>;

// A field that is a scoped enumeration, whatever its type. Its values are 0, 1, ...
struct ChoiceField {
  void* at = nullptr;
  uint32_t (*get)(const void* at) = nullptr;
  void (*set)(void* at, uint32_t value) = nullptr;

  template <class E>
  static ChoiceField of(E* field) {
    return {field, [](const void* from) { return static_cast<uint32_t>(*static_cast<const E*>(from)); },
            [](void* to, uint32_t value) { *static_cast<E*>(to) = static_cast<E>(value); }};
  }
};

// A parameter of the settings struct `Owner`.
template <class Owner>
struct Parameter {
  using Choice = std::function<ChoiceField(Owner&)>;
  using Field =
      std::variant<bool Owner::*, uint32_t Owner::*, int32_t Owner::*, uint64_t Owner::*, double Owner::*,
                   SimTime Owner::*, Bytes Owner::*, BitRate Owner::*, PrioritySet Owner::*, DscpMap Owner::*,
                   PriorityMap Owner::*, std::string Owner::*, Choice>;

  // Not an aggregate: g++ 12 crashes on a default member initialiser of `choices`.
  Parameter(std::string_view name, Field field, double minimum, double maximum, std::string_view help,
            std::string_view source, std::vector<std::string_view> choices = {})
      : name(name),
        field(field),
        minimum(minimum),
        maximum(maximum),
        help(help),
        source(source),
        choices(std::move(choices)) {}

  // Of a scoped enumeration: the names of its values, in their order.
  template <class E, class = std::enable_if_t<std::is_enum_v<E>>>
  Parameter(std::string_view name, E Owner::*field, std::string_view help, std::string_view source,
            std::vector<std::string_view> names)
      : Parameter(name, Choice([field](Owner& owner) { return ChoiceField::of(&(owner.*field)); }), 0, 0,
                  help, source, std::move(names)) {}

  std::string_view name;  // as users write it: the field's standard name
  Field field;
  double minimum;           // in the field's base unit: bytes, bits/s, picoseconds; of a map's values
  double maximum;           // or kUnlimited
  std::string_view help;    // one sentence, no full stop
  std::string_view source;  // where name and default come from: standard, paper section, datasheet
  std::vector<std::string_view>
      choices;  // names of the values 0, 1, ... of an enumeration, or of a uint32_t that is an index
};

// Every settings struct S that users can set provides `const std::vector<Parameter<S>>& parameters_of(const
// S*)`, found by argument-dependent lookup. The default of a parameter is what a default-constructed S holds.

// A row together with one object's field: what code that serves every struct handles. It must not outlive
// them.
class BoundParameter {
 public:
  template <class Owner>
  BoundParameter(const Parameter<Owner>& row, Owner& owner)
      : name(row.name),
        minimum(row.minimum),
        maximum(row.maximum),
        help(row.help),
        source(row.source),
        choices(row.choices),
        field_(std::visit([&](const auto& member) { return bind_to(owner, member); }, row.field)) {}

  ParameterKind kind() const;

  // Sets the field from `text`. The error is one sentence without the place: the caller adds it.
  //   Bool true, false         Priorities "3,4" or "none"
  //   Choice one of its names  Map "26:3" or "0-7:0,8-15:1"; entries that are not named stay as they are
  tl::expected<void, std::string> set(std::string_view text) const;

  // The value as set() reads it back, onto a default-constructed object.
  std::string text() const;

  // The field where it is of this kind, otherwise null: for what is done to all times, or all rates, alike.
  SimTime* as_time() const;
  BitRate* as_rate() const;

  // What `visitor` makes of the field: it is called with a const reference to it. Maps and enumerations lie
  // beyond any one type, and come as their text.
  template <class Visitor>
  decltype(auto) visit(Visitor&& visitor) const {
    return std::visit(
        [&](const auto& field) {
          if constexpr (std::is_pointer_v<std::decay_t<decltype(field)>>)
            return visitor(std::as_const(*field));
          else
            return visitor(text());
        },
        field_);
  }

  // "1 to 8", "at least 64B", or empty where every value of the type is allowed.
  std::string range() const;

  std::string_view name;
  double minimum;
  double maximum;
  std::string_view help;
  std::string_view source;
  std::vector<std::string_view> choices;

 private:
  struct MapField {
    uint8_t* values;
    size_t size;
  };
  using Field = std::variant<bool*, uint32_t*, int32_t*, uint64_t*, double*, SimTime*, Bytes*, BitRate*,
                             PrioritySet*, std::string*, MapField, ChoiceField>;
  template <class Owner, class Member>
  static Field bind_to(Owner& owner, const Member& member) {
    if constexpr (std::is_member_pointer_v<Member>)
      return erase(&(owner.*member));
    else
      return member(owner);
  }
  template <class T>
  static Field erase(T* field) {
    return field;
  }
  template <size_t N>
  static Field erase(std::array<uint8_t, N>* map) {
    return MapField{map->data(), N};
  }

  tl::expected<uint32_t, std::string> choice_of(std::string_view text) const;
  tl::expected<void, std::string> set_map(std::string_view text, MapField map) const;
  std::string limit_text(double limit) const;

  Field field_;
};

// The rows of `owner`'s type, bound to it.
template <class Owner>
std::vector<BoundParameter> bind(Owner& owner) {
  std::vector<BoundParameter> bound;
  for (const Parameter<Owner>& row : parameters_of(static_cast<const Owner*>(nullptr)))
    bound.emplace_back(row, owner);
  return bound;
}

template <class Owner>
ParameterKind kind_of(const Parameter<Owner>& row) {
  Owner owner{};
  return BoundParameter(row, owner).kind();
}

template <class Owner>
tl::expected<void, std::string> set_from_text(const Parameter<Owner>& row, Owner& owner,
                                              std::string_view text) {
  return BoundParameter(row, owner).set(text);
}

template <class Owner>
std::string text_of(const Parameter<Owner>& row, const Owner& owner) {
  Owner copy = owner;
  return BoundParameter(row, copy).text();
}

}  // namespace railyard
