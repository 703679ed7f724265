// Feeds a small right tree, breaks one rule at a time and sees it fire.
#include <map>

#include <gtest/gtest.h>

#include "lint/rules.h"

namespace millrace::lint {
namespace {

using Files = std::map<std::string, std::string>;

Files right() {
  return {
      {"src/base/CMakeLists.txt", "millrace_module(base PUBLIC_LIBS fmt::fmt)\n"},
      {"src/base/base.h", "#pragma once\n"},
      {"src/base/base.cc", "#include \"base/base.h\"\n"},
      {"src/log/CMakeLists.txt", "millrace_module(log DEPS base)\n"},
      {"src/log/log.h", "#pragma once\n#include \"base/base.h\"\n"},
      {"src/log/log.cc", "#include \"log/log.h\"\n"},
      {"src/log/log_test.cc", "#include \"log/log.h\"\n"},
      {"src/log/detail/part.h", "#pragma once\n"},
      {"src/log/tail.h", "#pragma once\n#include \"log/detail/part.h\"\n"},
      {"src/log/tail.cc", "#include \"log/tail.h\"\n"},
      {"src/log/tail_test.cc", "#include \"log/tail.h\"\n"},
      {"docs/ARCHITECTURE.md",
       "# A\n\n| module | what |\n| --- | --- |\n| `base` | b |\n| `log` | l |\n\n| `no` | x |\n"}};
}

/// "path:line rule" of each finding.
std::vector<std::string> findings(const Files& files, const std::vector<Exemption>& exempt = {}) {
  std::vector<SourceFile> list;
  for (const auto& [path, text] : files) {
    list.push_back({.path = path, .text = text});
  }
  std::vector<std::string> found;
  for (const Finding& finding : lint(Tree(std::move(list)), exempt)) {
    EXPECT_FALSE(finding.use.empty()) << to_string(finding);
    found.push_back(finding.path + ":" + std::to_string(finding.line) + " " + finding.rule);
  }
  return found;
}

using Found = std::vector<std::string>;

/// The findings when src/base/base.cc holds this below its include.
Found in_code(const std::string& text) {
  Files files = right();
  files["src/base/base.cc"] += text;
  Found found;
  for (const std::string& finding : findings(files)) {
    found.push_back(finding.substr(finding.find(':') + 1));
  }
  return found;
}

TEST(Lint, right_tree_has_no_findings) {
  EXPECT_EQ(findings(right()), Found{});
}

TEST(Lint, banned_text_fires) {
  for (const char* code : {"std::regex r;",
                           "throw x;",
                           "std::thread t;",
                           "std::jthread t;",
                           "t.detach();",
                           "sleep_for(x);",
                           "std::cout << 1;",
                           "int a = rand();",
                           "std::rand();",
                           "std::mt19937 m;",
                           "auto t = std::chrono::system_clock::now();",
                           "co_await x;"}) {
    EXPECT_EQ(in_code(code), Found{"2 banned-text"}) << code;
  }
}

TEST(Lint, banned_text_spares_comments_literals_and_other_names) {
  for (const char* code : {"// throw\n",
                           "/* std::cout\n throw */\n",
                           "auto s = \"throw \\\" throw\";",
                           "auto s = R\"x(throw \" throw)x\";",
                           "auto n = 1'000; auto c = '\"'; auto t = \"throw\";",
                           "rethrow(x); int throw_it;",
                           "std::thread::hardware_concurrency();",
                           "random.rand(); p->rand(); kernels::rand();",
                           "void detach();"}) {
    EXPECT_EQ(in_code(code), Found{}) << code;
  }
  EXPECT_EQ(in_code("auto c = '\"'; throw x;"), Found{"2 banned-text"});
}

TEST(Lint, native_code_in_build_files_fires) {
  Files files = right();
  files["src/log/CMakeLists.txt"] += "\n# -march=native\n";
  EXPECT_EQ(findings(files), Found{"src/log/CMakeLists.txt:3 banned-text"});
}

TEST(Lint, try_in_braces_fires) {
  for (const char* code :
       {"auto f() {\n  return Page{name, TRY(read())};\n}",
        "auto f() {\n  auto p = Page{.a = f(TRY(read()))};\n}",
        "auto f() {\n  std::vector<int> v = {TRY(read())};\n}",
        "auto f() {\n  g({TRY_DOING(read(), \"x\")});\n}",
        "auto f() -> Result<int> {\n  return std::vector<int>{TRY(read())};\n}"}) {
    EXPECT_EQ(in_code(code), Found{"3 try-in-braces"}) << code;
  }
}

TEST(Lint, try_in_blocks_is_fine) {
  const char* const blocks =
      "Result<int> f() {\n  auto a = TRY(g());\n  if (x) {\n    TRY(h(TRY(i())));\n  } else {\n"
      "    TRY(j());\n  }\n  switch (a) {\n    case 1: {\n      TRY(k());\n    }\n  }\n}";
  for (const char* code :
       {blocks,
        "namespace x {\nstruct S : T<int> {\n  Result<void> f() const {\n    TRY(g());\n  }\n};\n}",
        "class C final {\n  Result<void> f() noexcept override {\n    TRY(g());\n  }\n};",
        "auto f = [](int a) -> Result<std::vector<int>> {\n  TRY(g());\n};",
        "auto p = Page{[] {\n  TRY(g());\n}};",
        "C::C() : a_(1), b_{2} {\n  do {\n    TRY(g());\n  } while (false);\n}",
        "#define TRY(x) \\\n  Page { TRY(x) }\n"}) {
    EXPECT_EQ(in_code(code), Found{}) << code;
  }
}

TEST(Lint, comments_fire) {
  EXPECT_EQ(in_code("// TODO: later\n"), Found{"2 todo"});
  EXPECT_EQ(in_code("// TODO(#12): later\n"), Found{});
  EXPECT_EQ(in_code("// FIXME(#12): later\n"), Found{"2 fixme"});
  EXPECT_EQ(in_code("  // run(fast);\n"), Found{"2 commented-code"});
  EXPECT_EQ(in_code("  // int a = b;\n"), Found{"2 commented-code"});
  EXPECT_EQ(in_code("// if (a) {\n"), Found{"2 commented-code"});
  EXPECT_EQ(in_code("//   run(fast);\n// Waits; then runs.\n// As `f(x);`\n// what is called by "
                    "its names (a, b);\n"),
            Found{});
}

TEST(Lint, include_of_an_undeclared_module_fires) {
  Files files = right();
  files["src/base/base.cc"] += "#include \"log/log.h\"\n";
  EXPECT_EQ(findings(files), Found{"src/base/base.cc:2 includes"});
}

TEST(Lint, include_of_a_private_header_fires) {
  Files files = right();
  files["src/sql/CMakeLists.txt"] = "millrace_module(sql DEPS log)";
  files["src/sql/a_test.cc"] = "#include \"log/log.h\"\n";
  files["src/sql/a.h"] = "#include \"log/detail/part.h\"\n";
  files["src/sql/b.h"] = "#include \"sql/a.h\"\n";
  files["src/sql/b_test.cc"] = "#include \"sql/b.h\"\n";
  files["docs/ARCHITECTURE.md"] = "| module |\n| `base`, `log` |\n| `sql` |\n";
  EXPECT_EQ(findings(files), Found{"src/sql/a.h:1 includes"});
}

TEST(Lint, include_of_nothing_fires) {
  EXPECT_EQ(in_code("#include \"base/none.h\"\n"), Found{"2 includes"});
  EXPECT_EQ(in_code("#include \"base.h\"\n"), Found{"2 includes"});
}

TEST(Lint, generated_headers_are_there) {
  Files files = right();
  files["src/base/CMakeLists.txt"] = "millrace_module(base\n  GENERATED codes.h codes.cc\n  HOT)\n";
  files["src/base/base.cc"] += "#include \"base/codes.h\"\n";
  EXPECT_EQ(findings(files), Found{});
  files["src/base/CMakeLists.txt"] =
      "set(made\n  codes.h codes.cc)\nmillrace_module(base GENERATED ${made})\n";
  EXPECT_EQ(findings(files), Found{});
}

TEST(Lint, unused_dep_fires) {
  Files files = right();
  files["src/log/log.h"] = "#pragma once\n";
  EXPECT_EQ(findings(files), Found{"src/log/CMakeLists.txt:1 includes"});
  files["src/log/CMakeLists.txt"] = "millrace_module(log TEST_DEPS base)\n";
  EXPECT_EQ(findings(files), Found{"src/log/CMakeLists.txt:1 includes"});
  files["src/log/log_test.cc"] += "#include \"base/base.h\"\n";
  EXPECT_EQ(findings(files), Found{});
}

TEST(Lint, nested_modules_are_known_by_their_path) {
  Files files = right();
  files["src/connect/http/CMakeLists.txt"] = "millrace_module(connect/http DEPS log)";
  files["src/connect/http/feed.h"] = "#include \"log/log.h\"\n";
  files["src/connect/http/feed.cc"] = "#include \"connect/http/feed.h\"\n";
  files["src/connect/http/feed_test.cc"] = "#include \"connect/http/feed.h\"\n";
  files["docs/ARCHITECTURE.md"] = "| module |\n| `base`, `log` |\n| `connect/http` |\n";
  EXPECT_EQ(findings(files), Found{});
}

TEST(Lint, include_cycle_fires) {
  Files files = right();
  files["src/log/detail/part.h"] += "#include \"log/tail.h\"\n";
  EXPECT_EQ(findings(files), Found{"src/log/tail.h:2 include-cycle"});
}

TEST(Lint, module_table_must_equal_the_folders) {
  Files files = right();
  files["docs/ARCHITECTURE.md"] =
      "| module | what |\n| `base` | b |\n| `base` | b |\n| `wal` | w |\n";
  EXPECT_EQ(findings(files),
            (Found{"docs/ARCHITECTURE.md:1 module-table",
                   "docs/ARCHITECTURE.md:3 module-table",
                   "docs/ARCHITECTURE.md:4 module-table"}));
  files.erase("docs/ARCHITECTURE.md");
  EXPECT_EQ(findings(files), Found{"docs/ARCHITECTURE.md:1 module-table"});
}

TEST(Lint, file_names_and_length_fire) {
  Files files = right();
  files["tools/StringUtils.py"] = "";
  files["tools/long.sh"] = std::string(801, '\n');
  files["tools/right.sh"] = std::string(800, '\n');
  files["docs/util.md"] = std::string(900, '\n');
  EXPECT_EQ(findings(files),
            (Found{"tools/StringUtils.py:1 file-name", "tools/long.sh:801 file-length"}));
}

TEST(Lint, source_without_test_fires_where_tests_are_demanded) {
  Files files = right();
  files.erase("src/log/tail_test.cc");
  EXPECT_EQ(findings(files), Found{"src/log/tail.cc:1 test"});
}

TEST(Lint, decoder_without_fuzzer_fires) {
  Files files = right();
  files["src/base/frame_decoder.h"] = "";
  files["src/base/frame_decoder.cc"] = "#include \"base/frame_decoder.h\"\n";
  EXPECT_EQ(findings(files), Found{"src/base/frame_decoder.cc:1 fuzz"});
  files["src/base/frame_fuzz.cc"] = "#include \"base/frame_decoder.h\"\n";
  EXPECT_EQ(findings(files), Found{"src/base/frame_fuzz.cc:1 fuzz"});
  files["tests/corpus/base/frame/one"] = "x";
  EXPECT_EQ(findings(files), Found{});
}

TEST(Lint, dead_files_fire) {
  Files files = right();
  files["src/base/lonely.h"] = "#pragma once\n";
  files["src/base/lonely.cc"] = "#include \"base/lonely.h\"\n";
  files["tests/corpus/base/gone/one"] = "x";
  EXPECT_EQ(findings(files), (Found{"tests/corpus/base/gone/one:1 dead-file"}));
  files.erase("src/base/lonely.cc");
  EXPECT_EQ(findings(files).size(), 2U);
}

TEST(Lint, file_outside_of_every_module_fires) {
  Files files = right();
  files["src/stray/a.cc"] = "";
  EXPECT_EQ(findings(files), Found{"src/stray/a.cc:1 includes"});
}

TEST(Lint, exemptions_excuse_and_must_be_needed) {
  Files files = right();
  files["src/base/base.cc"] += "throw x;\n";
  EXPECT_EQ(findings(files, {{"banned-text", "src/base/base.cc", "why"}}), Found{});
  EXPECT_EQ(findings(files, {{"banned-text", "src/base/", "why"}}), Found{});
  EXPECT_EQ(findings(files, {{"banned-text", "src/log/", "why"}}),
            (Found{"src/base/base.cc:2 banned-text", "tools/lint/rules.cc:1 exemption"}));
}

TEST(Lint, finding_names_place_and_replacement) {
  EXPECT_EQ(to_string({.rule = "r", .path = "a.cc", .line = 3, .message = "no", .use = "yes"}),
            "a.cc:3: no; use yes [r]");
}

}  // namespace
}  // namespace millrace::lint
