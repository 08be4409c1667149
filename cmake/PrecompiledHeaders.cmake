# SPDX-License-Identifier: BSD-3-Clause
# Headers that cost more to parse than most of our files cost to compile. Measured with g++ 12 -O3, a small file:
# a test with gmock 1.5 s, from a precompiled header 0.5 s; an ns-3 module's file 1.0 s, then 0.6 s. yaml-cpp,
# nlohmann-json and CLI11 (5.8 s) are as heavy, but few files see them (tests/style holds that).

# railyard_precompiled_header(name [HEADERS ...] [DEPS ...]): a target whose header others reuse.
function(railyard_precompiled_header name)
  cmake_parse_arguments(ARG "" "" "HEADERS;DEPS" ${ARGN})
  set(source ${PROJECT_BINARY_DIR}/precompiled/${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "// only carries the precompiled header\n")
  add_library(${name} OBJECT EXCLUDE_FROM_ALL ${source})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
  target_compile_options(${name} PRIVATE -Wno-error=invalid-pch)
endfunction()

# railyard_use_precompiled_header(target name)
function(railyard_use_precompiled_header target name)
  target_precompile_headers(${target} REUSE_FROM ${name})
  # A target whose definitions do not go with the header's parses the headers itself: slower, not wrong.
  target_compile_options(${target} PRIVATE -Wno-error=invalid-pch)
endfunction()

if(RAILYARD_TESTS)
  railyard_precompiled_header(railyard_pch_gtest
    HEADERS <gmock/gmock.h> <gtest/gtest.h> <string> <vector>
    DEPS GTest::gmock)
endif()
railyard_precompiled_header(railyard_pch_ns3
  HEADERS <ns3/core-module.h> <string> <vector>
  DEPS ns3::core)
