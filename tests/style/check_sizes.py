# SPDX-License-Identifier: BSD-3-Clause
"""The limits of docs/style.md: functions shorter than 70 lines, files than 400, files named as their folder
names them, and no C++ file that nothing builds or includes.

Prints one line a finding, as file:line: what is wrong and what would be right.
"""

import os
import re
import sys
from project_files import project_files

FUNCTION_LIMIT = 70
FILE_LIMIT = 400
BLANKED = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def without_text(source):
    """The source with comments, strings and preprocessor lines blanked, its lines where they were."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])
    return PREPROCESSOR.sub(blank, BLANKED.sub(blank, source))


def opens_scope(head):
    """Whether a brace after this text holds declarations: those of a namespace, a class or the like."""
    return SCOPE.search(head) is not None and "(" not in re.sub(r"(alignas|__attribute__|decltype)\s*\([^()]*\)", "", head)


def functions_of(source):
    """(first line, lines) of each function at namespace or class scope, from its opening brace to its closing."""
    code = without_text(source)
    start_of_head = 0
    stack = []  # of the open braces: True where declarations are inside, None in an initialiser
    body_from = None
    line = 1
    for at, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char == ";" and all(stack):
            start_of_head = at + 1
        elif char == "{":
            head = code[start_of_head:at]
            if not all(stack):
                stack.append(False)
            elif not head or not head[-1].isspace():
                stack.append(None)  # member{value}: clang-format puts a blank before a body's brace only
            else:
                stack.append(opens_scope(head))
                if stack[-1]:
                    start_of_head = at + 1
                elif ")" in head:
                    body_from = line
        elif char == "}" and stack:
            closed = stack.pop()
            if all(stack) and closed is not None:
                start_of_head = at + 1
                if body_from is not None:
                    yield body_from, line - body_from + 1
                    body_from = None


def size_findings(path, source):
    lines = source.count("\n")
    if lines >= FILE_LIMIT:
        yield f"{path}:1: {lines} lines; shorter than {FILE_LIMIT} is right, ask what it is two of"
    for first, length in functions_of(source):
        if length >= FUNCTION_LIMIT:
            yield f"{path}:{first}: a function of {length} lines; shorter than {FUNCTION_LIMIT} is right"


def name_findings(path):
    stem = os.path.splitext(os.path.basename(path))[0]
    dashed = path.startswith("ns3-modules/")
    wanted = r"[a-z0-9]+(-[a-z0-9]+)*" if dashed else r"[a-z0-9]+(_[a-z0-9]+)*"
    if re.fullmatch(wanted, stem) is None:
        yield f"{path}:1: named {stem}; here files are named {'like-this' if dashed else 'like_this'}"


def listed_by(lists):
    """The paths, from the root, that the words of every CMakeLists.txt and algorithms.list may mean."""
    return {os.path.normpath(os.path.join(os.path.dirname(path), word))
            for path, text in lists.items() for word in re.split(r"[\s()]+", text) if word}


def unused_findings(sources, listed):
    """`listed`: the paths that are built, each as it is, without .cc or without _fuzz.cc."""
    included = {os.path.normpath(os.path.join(folder, header)) for path, source in sources.items()
                for header in INCLUDE.findall(source) for folder in ("", os.path.dirname(path))}
    for path in sources:
        if path.endswith(".h") and path not in included:
            yield f"{path}:1: no file includes it; delete it"
        elif path.endswith(".cc") and not listed & {path, path[:-len(".cc")], path[:-len("_fuzz.cc")]}:
            yield f"{path}:1: no CMakeLists.txt builds it; delete it, or name it there"


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def main():
    sources = {path: text_of(path) for path in project_files("*.h", "*.cc")}
    listed = listed_by({path: text_of(path) for path in project_files("*CMakeLists.txt", "*algorithms.list")})
    findings = list(unused_findings(sources, listed))
    for path, source in sources.items():
        findings += size_findings(path, source)
        findings += name_findings(path)
    print("\n".join(sorted(findings)) or "nothing found")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
