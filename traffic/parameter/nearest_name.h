// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace railyard {

// The name that `mistyped` was probably meant to be: the nearest by edit distance, transpositions counted as
// one edit, within a third of its length; or what the field calls so (kmin is green_min_threshold). Empty
// when there is none.
std::string_view nearest_name(std::string_view mistyped, const std::vector<std::string_view>& names);

// "; did you mean 'link_rate'?", or empty. For the end of an error sentence.
std::string did_you_mean(std::string_view mistyped, const std::vector<std::string_view>& names);

}  // namespace railyard
