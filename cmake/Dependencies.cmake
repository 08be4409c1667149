# SPDX-License-Identifier: BSD-3-Clause
# Every dependency is a Debian 12 package; tools/setup installs them.
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(tl-expected 1.0 REQUIRED)
find_package(Boost 1.74 REQUIRED)  # headers: Boost.Math, Boost.Asio
find_package(Ns3 3.37 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal>=2.30)

if(RAILYARD_TESTS)
  find_package(GTest 1.12 REQUIRED)
  find_package(benchmark 1.7 REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
if(NOT RAILYARD_SIMULATOR_ONLY)
  find_package(OpenSSL 3.0 REQUIRED)  # TLS of the lab's control sessions; never beside ns-3 in one binary
  pkg_check_modules(DPDK REQUIRED IMPORTED_TARGET libdpdk>=22.11)
  find_package(prometheus-cpp REQUIRED)  # 1.0; its CMake files do not say so
endif()
