// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace railyard {

// The error of a tl::expected<..., std::string>: a sentence that names the place and the remedy.
template <class... Arguments>
tl::unexpected<std::string> error(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
  return tl::unexpected<std::string>(fmt::format(text, std::forward<Arguments>(arguments)...));
}

}  // namespace railyard
