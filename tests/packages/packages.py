# SPDX-License-Identifier: BSD-3-Clause
"""Installs what was built, and makes Debian packages of it."""

import glob
import os
import shutil
import subprocess
import sys
import unittest

SKIPPED = 77  # what CTest takes for "skipped"
SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("RAILYARD_BUILD", os.path.join(SOURCE, "build", "release"))
PACKAGES = ["railyard", "railyard-lab", "railyard-agent"]
PROGRAMS = {"railyard": ["railyard"], "railyard-lab": ["railyard-lab"],
            "railyard-agent": ["railyard-agent", "railyard-softswitch"]}


def run(*command, **options):
    """What it printed; an error with that where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def install(component, prefix):
    run("cmake", "--install", BUILD, "--component", component, "--prefix", prefix)


def make_packages(folder):
    """The paths of the .deb files."""
    run("cpack", "-G", "DEB", "-B", folder, "--config", os.path.join(BUILD, "CPackConfig.cmake"))
    shutil.rmtree(os.path.join(folder, "_CPack_Packages"))
    return sorted(glob.glob(os.path.join(folder, "*.deb")))


def need(command):
    if shutil.which(command) is None:
        print(f"skipped: there is no {command}; tools/setup installs it")
        sys.exit(SKIPPED)


def main():
    result = unittest.main(exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.testsRun == len(result.skipped) else 0)
