# SPDX-License-Identifier: BSD-3-Clause
"""What no compiler checks: each file's licence line, and which folder may include what.

Prints one line a finding, as file:line: what is wrong and what would be right.
"""

import os
import re
import sys
from project_files import project_files

BSD, GPL = "BSD-3-Clause", "GPL-2.0-only"

# The longest folder that holds a file decides; but whatever includes GPL-2.0-only code is so too.
LICENCES = {
    "": BSD,
    "ns3-modules/": GPL,
    "tools/": GPL,
    "tools/experiment/": BSD,
    "tools/manual/": BSD,
    "tools/report/": BSD,
    "tools/scenario/": BSD,
    "scenarios/": GPL,
    "tests/benchmarks/": GPL,
    "tests/determinism/": GPL,
}
LICENSED = ["*.h", "*.c", "*.cc", "*.proto", "*CMakeLists.txt", "*.cmake", "*.sh", "*.py", "*.js", "*.mjs", "*.css",
            "scenarios/*.yaml", ".ci/run", "tools/setup", "tools/test", "tools/quickstart", "tools/lint",
            "tools/lab-demo", "dpdk-app/testbed/*"]
LICENCE_LINES = 3  # a shebang and an encoding line may stand before it

# Folder -> what its files must not include, and why.
FORBIDDEN_INCLUDES = [
    ("traffic/", r"ns3[/-]|rte_|tools/|dpdk-app/", "traffic/ knows no engine"),
    ("traffic/", r"sys/socket|netinet/|boost/asio", "traffic/ does no I/O on the wire"),
    ("traffic/pattern/", r"traffic/(protocol|fabric|run)/", "pattern/ knows no network"),
    ("traffic/protocol/", r"traffic/(pattern|fabric|run)/", "protocol/ knows neither pattern/ nor fabric/"),
    ("traffic/fabric/", r"traffic/(pattern|run)/", "fabric/ does not know what is sent"),
    ("ns3-modules/", r"tools/|rte_|dpdk-app/", "ns3-modules/ serves any ns-3 program"),
    ("dpdk-app/", r"ns3/|ns3-modules/", "the lab links no ns-3"),
    ("dpdk-app/agent/", r"dpdk-app/(softswitch|controller|validation)/", "players know nothing of each other"),
    ("dpdk-app/softswitch/", r"dpdk-app/(agent|controller|validation)/", "players know nothing of each other"),
    ("dpdk-app/controller/", r"dpdk-app/(agent|softswitch)/", "the controller knows players by session/ alone"),
    ("dpdk-app/session/", r"dpdk-app/(agent|softswitch|controller)/", "session/ is shared by all three"),
]
# More than half a second each to parse; only in the folder of the part that is built on it may a header include it.
HEAVY_HEADERS = [("yaml-cpp/", "tools/scenario/"), ("nlohmann/json.hpp", "tools/report/"),
                 ("CLI/", ("tools/railyard/", "dpdk-app/controller/")), ("boost/asio", "dpdk-app/control/")]
ALGORITHMS = "traffic/protocol/congestion/"
ORDINARY_WORDS = {"window"}  # names that mean something else elsewhere: only their files are looked for
CITED = "DCQCN paper"        # a source of values, not an algorithm
# A declaration of an int64_t that is named as an instant or as picoseconds.
BARE_TIME = re.compile(r"\bint64_t[>&]*\s+(?:/\* )?(\w*now|\w*Now|\w+_ps_?|k\w+Ps|\w+Ps|\w+_PS)\b")
INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')


def includes_of(lines):
    """(line number, header) of each include."""
    matches = ((number, INCLUDE.match(line)) for number, line in enumerate(lines, 1))
    return [(number, match[1]) for number, match in matches if match]


def licence_of(lines):
    """(line number, licence) of the licence line, or None."""
    for number, line in enumerate(lines[:LICENCE_LINES], 1):
        found = re.search(r"SPDX-License-Identifier: (\S+)", line)
        if found:
            return number, found[1]
    return None


def is_gpl(header):
    if header.startswith("ns3/"):
        return True
    licence = licence_of(lines_of(header)) if os.path.isfile(header) else None
    return licence is not None and licence[1] == GPL


def right_licence(path, lines):
    if any(is_gpl(header) for _, header in includes_of(lines)):
        return GPL
    return LICENCES[max((folder for folder in LICENCES if path.startswith(folder)), key=len)]


def licence_findings(path, lines):
    wanted = right_licence(path, lines)
    found = licence_of(lines)
    if found is None:
        yield f"{path}:1: no licence line; add SPDX-License-Identifier: {wanted}"
    elif found[1] != wanted:
        yield f"{path}:{found[0]}: licence {found[1]}, but {wanted} is right here (see LICENSE)"


def include_findings(path, lines):
    for number, header in includes_of(lines):
        for folder, headers, reason in FORBIDDEN_INCLUDES:
            if path.startswith(folder) and re.match(headers, header):
                yield f"{path}:{number}: includes {header}, but {reason}"
        for heavy, home in HEAVY_HEADERS:
            if path.endswith(".h") and header.startswith(heavy) and not path.startswith(home):
                yield f"{path}:{number}: includes {header}, which is slow to parse; include it in a .cc file"


def algorithms():
    """Name -> files of each congestion-control algorithm but the first, which is none."""
    rows = [line.split() for line in lines_of(ALGORITHMS + "algorithms.list") if re.match("[a-z]", line)]
    return {name: [name + ".h", *(companion.replace(".cc", ".h") for companion in companions), name + "_settings.h"]
            for name, *companions in rows[1:]}


def algorithm_findings(path, lines):
    """Only an algorithm's own folder names it: the rest goes through the table."""
    if path.startswith((ALGORITHMS, "tests/")) or "/test/" in path or "/examples/" in path:
        return
    for name, files in algorithms().items():
        own = {ALGORITHMS + file for file in files}
        word = re.compile(rf"(?<![a-z]){name}", re.I) if name not in ORDINARY_WORDS else re.compile(r"(?!)")
        for number, line in enumerate(lines, 1):
            include = INCLUDE.match(line)
            if (include and include[1] in own) or (word.search(line) and CITED not in line):
                yield f"{path}:{number}: names {name}, an algorithm; go through congestion_algorithms()"


def bare_time_findings(path, lines):
    """Times have the time type. Not bare: a raw clock's nanoseconds, and what a file or message holds."""
    if not path.startswith(("ns3-modules/", "dpdk-app/", "traffic/")):
        return
    for number, line in enumerate(lines, 1):
        for name in BARE_TIME.findall(line):
            yield f"{path}:{number}: {name} is a time, and an int64_t; make it a SimTime (traffic/units/quantity.h)"


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def main():
    findings = []
    for path in project_files(*LICENSED):
        findings += licence_findings(path, lines_of(path))
    for path in project_files("*.h", "*.cc"):
        findings += include_findings(path, lines_of(path))
        findings += bare_time_findings(path, lines_of(path))
    for path in project_files("*.h", "*.cc", "*.proto"):
        findings += algorithm_findings(path, lines_of(path))
    print("\n".join(findings) or "nothing found")
    return 1 if findings else 0


sys.exit(main())
