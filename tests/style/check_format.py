# SPDX-License-Identifier: BSD-3-Clause
"""Every C++ file is as clang-format writes it."""

import subprocess
import sys
from project_files import project_files

files = project_files("*.h", "*.cc")
status = subprocess.run(["clang-format", "--dry-run", "-Werror", "--ferror-limit=3", *files]).returncode
if status != 0:
    print("to mend: tools/lint --fix")
sys.exit(status)
