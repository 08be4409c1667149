// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace railyard {

// Line and column count from 1; 0 where there is no place, such as for a value that is a default.
struct Place {
  int line = 0;
  int column = 0;
};

}  // namespace railyard
