# SPDX-License-Identifier: BSD-3-Clause
include(GoogleTest)

# Everything that is generated before it is compiled: all that clang-tidy needs of a build.
add_custom_target(generated)

# railyard_library(name [SOURCES ...] [DEPS ...]): a static library, or header-only where there are no SOURCES.
# One with ns3::core among its DEPS is an ns-3 module: see railyard_ns3_module.
function(railyard_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ARG_DEPS})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${ARG_DEPS})
  endif()
  if(ARG_SOURCES AND "ns3::core" IN_LIST ARG_DEPS)
    railyard_ns3_module(${name})
  endif()
endfunction()

# Of a static library the linker takes only the objects that somebody calls, and so drops those whose one use is
# that NS_OBJECT_ENSURE_REGISTERED registers a TypeId: ns-3 could not find the type by its name. What uses an ns-3
# module therefore links its objects, all of them, ahead of the library.
function(railyard_ns3_module name)
  railyard_use_precompiled_header(${name} railyard_pch_ns3)
  # ns-3's fatal errors name the file: as it is called in the tree, wherever the tree was.
  target_compile_options(${name} PRIVATE -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
  target_link_libraries(${name} INTERFACE $<TARGET_OBJECTS:${name}>)
endfunction()

# railyard_test(name SOURCES ... [DEPS ...] [LABELS ...] [TIMED]): one GoogleTest binary; each of its tests is a CTest
# test, and where it is TIMED, by the wall clock, runs with no other beside it. The label is `unit` where none is given; tools/test leaves out soak, fuzz, scale and long unless told --all.
function(railyard_test name)
  if(NOT RAILYARD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "TIMED" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  railyard_use_precompiled_header(${name} railyard_pch_gtest)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin/tests)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE RAILYARD_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set(labels ${ARG_LABELS})
  if(NOT labels)
    set(labels unit)
  endif()
  # Several labels are a list, which gtest_discover_tests expands again and again: each time takes backslashes.
  string(REPLACE ";" [[\\\\\\\;]] labels "${labels}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
                       PROPERTIES LABELS "${labels}" RUN_SERIAL "${ARG_TIMED}")
endfunction()

# railyard_protobuf_library(name file.proto): the generated messages, included by the proto's path from the root.
function(railyard_protobuf_library name proto)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${proto})
  file(RELATIVE_PATH relative ${PROJECT_SOURCE_DIR} ${source})
  string(REGEX REPLACE "\\.proto$" ".pb" stem ${relative})
  set(out ${PROJECT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${out})
  add_custom_command(
    OUTPUT ${out}/${stem}.cc ${out}/${stem}.h
    COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR} --cpp_out=${out} ${relative}
    DEPENDS ${source}
    VERBATIM)
  add_custom_target(${name}_generated DEPENDS ${out}/${stem}.cc ${out}/${stem}.h)
  add_dependencies(generated ${name}_generated)
  add_library(${name} STATIC ${out}/${stem}.cc)
  target_compile_options(${name} PRIVATE -w)  # generated code is not ours to mend
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf)
endfunction()
