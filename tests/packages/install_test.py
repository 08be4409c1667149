# SPDX-License-Identifier: BSD-3-Clause
"""cmake --install: what it puts where runs from there, and knows nothing of the tree that it was built in."""

import gzip
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from packages import BUILD, PACKAGES, PROGRAMS, SOURCE, install, main, run

ALL_PROGRAMS = [program for programs in PROGRAMS.values() for program in programs]
COMPLETE = """source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _${1//-/_}
printf '%s\\n' "${COMPREPLY[@]}"
"""


def content(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        return file.read()


def options_of(help_text):
    return set(re.findall(r"^\s+(?:-\w,)?(--[\w-]+)", help_text, re.MULTILINE))


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.prefix = tempfile.mkdtemp(prefix="railyard-install-")
        cls.addClassCleanup(shutil.rmtree, cls.prefix)
        for component in PACKAGES:
            install(component, cls.prefix)

    def path(self, *parts):
        return os.path.join(self.prefix, *parts)

    def files(self):
        return [os.path.join(folder, name) for folder, _, names in os.walk(self.prefix) for name in names]

    def run_installed(self, program, *arguments):
        return run(self.path("bin", program), *arguments, cwd=self.prefix)

    def complete(self, *words):
        script = self.path("share", "bash-completion", "completions", words[0])
        return run("bash", "-c", COMPLETE, "bash", script, *words).split()

    def commands_of(self, program):
        """Each command of the program: [] itself, ["run"], ["trace", "import"], ..."""
        ahead, found = [[]], []
        while ahead:
            command = ahead.pop()
            found.append(command)
            listed = self.run_installed(program, *command, "--help").partition("Subcommands:\n")[2]
            ahead += [[*command, name] for name in re.findall(r"^  ([\w-]+) ", listed, re.MULTILINE) if name != "lab"]
        return found

    def test_no_file_names_the_tree_or_the_build(self):
        for file in self.files():
            for folder in (SOURCE, BUILD):
                self.assertFalse(folder.encode() in content(file), f"{file} names {folder}")

    def test_the_agents_component_needs_no_simulator(self):
        alone = tempfile.mkdtemp(dir=self.prefix)
        self.addCleanup(shutil.rmtree, alone)
        install("railyard-agent", alone)
        self.assertEqual(sorted(os.listdir(os.path.join(alone, "bin"))), PROGRAMS["railyard-agent"])
        for program in PROGRAMS["railyard-agent"]:
            self.assertNotIn("ns3", run("readelf", "-d", os.path.join(alone, "bin", program)))

    def test_manual_pages_and_completions_have_every_option(self):
        for program in ALL_PROGRAMS:
            page = content(self.path("share", "man", "man1", f"{program}.1.gz")).decode().replace("\\-", "-")
            for command in self.commands_of(program):
                options = options_of(self.run_installed(program, *command, "--help"))
                self.assertIn("--help", options)
                offered = self.complete(program, *command, "--")
                for option in options:
                    self.assertIn(option, page, f"{program} {command}")
                    self.assertIn(option, offered, f"{program} {command}")

    def test_completion_knows_commands_values_and_the_labs_own_program(self):
        self.assertEqual(self.complete("railyard", "trace", ""),
                         ["import", "show", "check", "convert", "stats", "scale"])
        self.assertEqual(self.complete("railyard", "run", "--engine", ""), ["window", "reference"])
        self.assertEqual(self.complete("railyard", "run", "some.yaml", ""), [])  # so that bash offers files
        lab = self.path("share", "bash-completion", "completions", "railyard-lab")
        found = run("bash", "-c", f"source {lab}; {COMPLETE}", "bash",
                    self.path("share", "bash-completion", "completions", "railyard"), "railyard", "lab", "sta")
        self.assertEqual(found.split(), ["status"])

    def test_nothing_of_the_machine_is_in_a_manual_page(self):
        for program in ALL_PROGRAMS:
            self.assertNotIn(os.uname().nodename.encode(), content(self.path("share", "man", "man1", f"{program}.1.gz")))

    def test_scenarios_are_found_and_in_order(self):
        lines = self.run_installed("railyard", "list", "scenarios").splitlines()
        shipped = [name for name in os.listdir(os.path.join(SOURCE, "scenarios")) if name.endswith(".yaml")]
        self.assertEqual(sorted(os.path.basename(line.split()[0]) for line in lines), sorted(shipped))
        for line in lines:
            self.assertTrue(line.startswith(self.path("share", "railyard", "scenarios")), line)
            self.run_installed("railyard", "validate", line.split()[0])

    def test_units_are_sound(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("there is no systemd-analyze; tools/setup installs it")
        for player in PROGRAMS["railyard-agent"]:
            unit = self.path("lib", "systemd", "system", f"{player}.service")
            self.assertIn(f"ExecStart={self.path('bin', player)} ", content(unit).decode())
            options = re.search(r"^EnvironmentFile=(.*)$", content(unit).decode(), re.MULTILINE)[1]
            self.assertIn(b'OPTIONS=""', content(options))
            manual = dict(os.environ, MANPATH=self.path("share", "man"))
            said = run("systemd-analyze", "verify", unit, env=manual)
            self.assertNotIn(player, said)  # it ends well for warnings, too, and names the unit

    def test_a_unit_whose_program_is_missing_would_be_noticed(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("there is no systemd-analyze; tools/setup installs it")
        unit = self.path("lib", "systemd", "system", "railyard-agent.service")
        broken = self.path("broken.service")
        with open(broken, "w", encoding="utf-8") as file:
            file.write(content(unit).decode().replace("bin/railyard-agent", "bin/railyard-agnet"))
        self.addCleanup(os.remove, broken)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", broken], capture_output=True, text=True)
        self.assertIn("railyard-agnet", done.stderr)


main()
