# SPDX-License-Identifier: BSD-3-Clause
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# -ffp-contract=off: a fused multiply-add in one translation unit and not in another would make the same
# rate computation differ between the two engines, and results depend on the machine.
add_compile_options(-Wall -Wextra -Werror -ffp-contract=off)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

set(RAILYARD_SANITIZE "" CACHE STRING "Sanitizers to build with, e.g. address,undefined or thread")
if(RAILYARD_SANITIZE)
  add_compile_options(-fsanitize=${RAILYARD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${RAILYARD_SANITIZE})
endif()
