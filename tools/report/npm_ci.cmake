# SPDX-License-Identifier: BSD-3-Clause
# Installs what SOURCE/package-lock.json pins into DESTINATION/node_modules.
find_program(NPM npm)
if(NOT NPM)
  message(FATAL_ERROR "npm is not installed; the report page needs it to fetch uPlot. On Debian: apt install npm "
                      "(tools/setup does so).")
endif()
file(COPY "${SOURCE}/package.json" "${SOURCE}/package-lock.json" DESTINATION "${DESTINATION}")
execute_process(
  COMMAND "${NPM}" ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
  WORKING_DIRECTORY "${DESTINATION}"
  RESULT_VARIABLE result
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "npm could not install uPlot, which the report page draws with:\n${output}\n"
                      "The first build needs the npm registry, or npm's cache, once; `npm ci` in ${DESTINATION} "
                      "tries again.")
endif()
# npm leaves the lock file's own time stamp alone: the build's step is done when this file is newer.
file(TOUCH "${DESTINATION}/installed")
