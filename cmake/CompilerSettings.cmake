# SPDX-License-Identifier: BSD-3-Clause
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g -D_GLIBCXX_ASSERTIONS")
# What the sanitizer presets use: fast enough for whole scenarios, line numbers in reports, assertions on.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -D_GLIBCXX_ASSERTIONS")

# -ffp-contract=off: a fused multiply-add in one translation unit and not in another would make the same
# rate computation differ between the two engines, and results depend on the machine.
# -Wno-psabi: packets are 32-byte aligned and passed by value; g++ notes at each that GCC 4.6 did so differently.
add_compile_options(-Wall -Wextra -Werror -Wno-psabi -ffp-contract=off)

find_program(LLD ld.lld)
if(LLD)
  add_link_options(-fuse-ld=lld)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without these, ccache does not cache what is compiled against a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  add_compile_options(-fpch-preprocess)
endif()

set(RAILYARD_SANITIZE "" CACHE STRING "Sanitizers to build with, e.g. address,undefined or thread")
if(RAILYARD_SANITIZE)
  add_compile_options(
    -fsanitize=${RAILYARD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    # g++ 12 sees uninitialised reads in the sanitizers' own instrumentation of std::optional and std::variant.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=${RAILYARD_SANITIZE})
endif()
