# SPDX-License-Identifier: BSD-3-Clause
# Part of cmake --install: the manual page and the completion of `program`, called `name`, made in `scratch`.
function(print_as format file)
  execute_process(COMMAND ${program} --help-as ${format} OUTPUT_FILE ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

print_as(man ${scratch}/${name}.1)
execute_process(COMMAND gzip --best --no-name --force ${scratch}/${name}.1 COMMAND_ERROR_IS_FATAL ANY)
file(INSTALL ${scratch}/${name}.1.gz DESTINATION ${CMAKE_INSTALL_PREFIX}/share/man/man1)
print_as(bash-completion ${scratch}/${name})
file(INSTALL ${scratch}/${name} DESTINATION ${CMAKE_INSTALL_PREFIX}/share/bash-completion/completions)
