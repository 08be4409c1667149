# SPDX-License-Identifier: BSD-3-Clause
# Writes OUTPUT, a C++ file that defines a page's files, which HEADER declares in NAMESPACE, as arrays of bytes.
# FILES: kName=path, separated by "|".
string(REPLACE "|" ";" FILES "${FILES}")
set(text "// Written by embed_files.cmake.\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
foreach(entry IN LISTS FILES)
  string(REGEX MATCH "^([^=]+)=(.+)$" matched "${entry}")
  set(name ${CMAKE_MATCH_1})
  file(READ "${CMAKE_MATCH_2}" bytes HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND text "static const char ${name}Bytes[] = {${bytes}};\n"
                     "const std::string_view ${name}(${name}Bytes, sizeof ${name}Bytes);\n")
endforeach()
string(APPEND text "}  // namespace ${NAMESPACE}\n")
file(WRITE "${OUTPUT}" "${text}")
