// SPDX-License-Identifier: BSD-3-Clause
// One row a parameter. A settings struct declares each of its fields once, as a row with name, unit, range, help
// and source; the scenario loader's checks and errors, --help, the JSON schema, the reference page and the ns-3
// Attributes are all made from these rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/units/quantity.h"

namespace railyard {

// The type a parameter has in a scenario file; how its text is parsed and printed follows from it.
enum class ParameterKind : uint8_t { Bool, Integer, Real, Time, Size, Rate, Choice };

std::string_view name_of(ParameterKind kind);

// A parameter of the settings struct `Owner`.
template <class Owner>
struct Parameter {
  using Field = std::variant<bool Owner::*, uint32_t Owner::*, int32_t Owner::*, uint64_t Owner::*,
                             double Owner::*, SimTime Owner::*, Bytes Owner::*, BitRate Owner::*>;
  std::string_view name;    // as users write it: the field's standard name
  Field field;
  double minimum;           // in the field's base unit: bytes, bits/s, picoseconds
  double maximum;
  std::string_view help;    // one sentence, no full stop
  std::string_view source;  // where name and default come from: standard, paper section, datasheet
  std::vector<std::string_view> choices = {};  // names of the values 0, 1, ... of a uint32_t that is an enumeration
};

// Every settings struct S that users can set provides `const std::vector<Parameter<S>>& parameters_of(S*)`, found
// by argument-dependent lookup. The default of a parameter is what a default-constructed S holds.

template <class Owner>
ParameterKind kind_of(const Parameter<Owner>& row);

// Sets the row's field of `owner` from `text`. The error is one sentence without the place: the caller adds it.
template <class Owner>
tl::expected<void, std::string> set_from_text(const Parameter<Owner>& row, Owner& owner, std::string_view text);

// The value as set_from_text reads it back.
template <class Owner>
std::string text_of(const Parameter<Owner>& row, const Owner& owner);

}  // namespace railyard
