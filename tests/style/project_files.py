# SPDX-License-Identifier: BSD-3-Clause
"""The project's own files, as git knows them."""

import os
import subprocess
import sys

SKIPPED = 77


def project_files(*patterns):
    """Tracked files, and new ones that are not ignored, that match any of the git pathspecs."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    try:
        listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        print("skipped, git does not list the files:", getattr(error, "stderr", None) or error)
        sys.exit(SKIPPED)
    return sorted({path for path in listing.split("\0") if path and os.path.isfile(path)})
