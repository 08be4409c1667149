// SPDX-License-Identifier: BSD-3-Clause
// Fields of JSON that others wrote: absent, or as a string where a number is expected, depending on the
// version. Nothing here is recursive: a hostile file nests as deep as it likes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

namespace railyard::trace {

// The member, or null where there is none.
const nlohmann::json& field(const nlohmann::json& object, const char* key);

// Strings and numbers as they are, lists of numbers as "[0, 1]"; "" for anything else.
std::string text_of(const nlohmann::json& value);

// A number, or a string of digits.
int64_t integer_of(const nlohmann::json& value, int64_t otherwise = -1);
double number_of(const nlohmann::json& value, double otherwise = 0);

// The whole file. The error names it, and the byte where it breaks.
tl::expected<nlohmann::json, std::string> read_json(const std::string& path);

// Objects one after another, with or without line breaks between them, as loggers append them.
tl::expected<std::vector<nlohmann::json>, std::string> read_json_objects(const std::string& path);

}  // namespace railyard::trace
