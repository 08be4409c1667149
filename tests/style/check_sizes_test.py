# SPDX-License-Identifier: BSD-3-Clause
"""check_sizes.py finds what it is for."""

import unittest
import check_sizes


def lengths(source):
    return [length for _, length in check_sizes.functions_of(source)]


class FunctionsOf(unittest.TestCase):
    def test_free_functions_members_and_templates_are_counted_from_brace_to_brace(self):
        self.assertEqual(lengths("namespace a {\nint f(int x) {\n  return x;\n}\n"
                                 "struct S {\n  template <class T>\n  void g() const {\n    h();\n    i();\n  }\n};\n}\n"), [3, 4])

    def test_braces_inside_do_not_end_a_function(self):
        self.assertEqual(lengths("void f() {\n  if (x) {\n    y({1, 2});\n  }\n  auto l = [] { return 1; };\n}\n"), [6])

    def test_braces_in_text_and_comments_do_not_count(self):
        self.assertEqual(lengths('void f() {\n  a("}{");  // }\n  b(\'}\'); /* } */\n}\nvoid g() {}\n'), [4, 1])

    def test_a_constructors_initialisers_are_not_its_body(self):
        self.assertEqual(lengths("S::S(int a)\n    : a_(a), b_{a} {\n  c();\n}\n"), [3])

    def test_default_arguments_and_initialised_members_are_no_functions(self):
        self.assertEqual(lengths("struct S {\n  int a{0};\n  T t = {1, f(2)};\n};\nvoid f(T t = {}) {\n}\n"), [2])


class Findings(unittest.TestCase):
    def test_what_reaches_a_limit_is_found(self):
        body = "  x();\n" * (check_sizes.FUNCTION_LIMIT - 2)
        self.assertEqual(len(list(check_sizes.size_findings("a.cc", "void f() {\n" + body + "}\n"))), 1)
        self.assertEqual(len(list(check_sizes.size_findings("a.cc", "void f() {\n" + body[7:] + "}\n"))), 0)
        self.assertEqual(len(list(check_sizes.size_findings("a.cc", "\n" * check_sizes.FILE_LIMIT))), 1)

    def test_files_are_named_as_their_folder_names_them(self):
        self.assertEqual(list(check_sizes.name_findings("traffic/a_b.cc")), [])
        self.assertEqual(list(check_sizes.name_findings("ns3-modules/a-b.cc")), [])
        self.assertEqual(len(list(check_sizes.name_findings("traffic/a-b.cc"))), 1)
        self.assertEqual(len(list(check_sizes.name_findings("ns3-modules/a_b.cc"))), 1)

    def test_files_that_nothing_uses_are_found(self):
        sources = {"a/used.h": "", "a/near.h": "", "a/dead.h": "", "b/used.h": "", "a/dead.cc": "", "b/built.cc": "",
                   "a/built.cc": '#include "a/used.h"\n#include "near.h"\n', "a/b/built.cc": ""}
        listed = check_sizes.listed_by({"a/CMakeLists.txt": "library(x SOURCES built.cc b/built.cc)"})
        self.assertEqual([f.split(":")[0] for f in check_sizes.unused_findings(sources, listed)],
                         ["a/dead.h", "b/used.h", "a/dead.cc", "b/built.cc"])


unittest.main()
