# SPDX-License-Identifier: BSD-3-Clause
# Debian's own ns3Config.cmake fails unless package `ns3` (its helper binaries) is installed beside
# libns3-dev, and its pkg-config files want GSL and SQLite. Railyard needs three libraries of it.
find_path(Ns3_INCLUDE_DIR ns3/core-module.h)
set(Ns3_COMPONENT_NAMES core network stats)
foreach(component IN LISTS Ns3_COMPONENT_NAMES)
  find_library(Ns3_${component}_LIBRARY NAMES ns3-${component} ns3.37-${component})
  list(APPEND Ns3_LIBRARY_VARIABLES Ns3_${component}_LIBRARY)
endforeach()

# The headers do not say which release they are of; the library's name does (libns3-core.so.37).
get_filename_component(Ns3_core_file "${Ns3_core_LIBRARY}" REALPATH)
if(Ns3_core_file MATCHES "\\.so\\.([0-9]+)$")
  set(Ns3_VERSION 3.${CMAKE_MATCH_1})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Ns3
  REQUIRED_VARS Ns3_INCLUDE_DIR ${Ns3_LIBRARY_VARIABLES}
  VERSION_VAR Ns3_VERSION
  REASON_FAILURE_MESSAGE "tools/setup installs Debian's libns3-dev")

if(Ns3_FOUND)
  foreach(component IN LISTS Ns3_COMPONENT_NAMES)
    if(NOT TARGET ns3::${component})
      add_library(ns3::${component} SHARED IMPORTED)
      set_target_properties(ns3::${component} PROPERTIES
        IMPORTED_LOCATION "${Ns3_${component}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${Ns3_INCLUDE_DIR}"
        # Debian builds ns-3 with logging; the layout of some classes depends on it.
        INTERFACE_COMPILE_DEFINITIONS NS3_LOG_ENABLE)
    endif()
  endforeach()
  set_property(TARGET ns3::network PROPERTY INTERFACE_LINK_LIBRARIES ns3::core ns3::stats)
endif()
