# SPDX-License-Identifier: BSD-3-Clause
# Part of cmake --install: the systemd units of `source`, which name the prefix, and what they are configured by.
set(bin ${CMAKE_INSTALL_PREFIX}/bin)
set(etc ${CMAKE_INSTALL_PREFIX}/etc)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(etc /etc)
endif()
foreach(player IN ITEMS railyard-agent railyard-softswitch)
  configure_file(${source}/${player}.service.in ${scratch}/${player}.service @ONLY)
  file(INSTALL ${scratch}/${player}.service DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
  file(INSTALL ${source}/${player} DESTINATION ${etc}/default)
endforeach()
