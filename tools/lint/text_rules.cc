// Rules about what stands in the text: banned words, TRY in braces, comments.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "lint/rules.h"

namespace millrace::lint {

namespace {

struct Banned {
  std::string_view text;
  std::string_view use;
};

/// In the code of C++ files, as whole words.
constexpr std::array kBannedCode = {
    Banned{"std::regex", "RE2"},
    Banned{"throw", "return an Error (base/result.h)"},
    Banned{"std::thread", "base::Thread (base/thread.h)"},
    Banned{"std::jthread", "base::Thread (base/thread.h)"},
    Banned{"pthread_create", "base::Thread (base/thread.h)"},
    Banned{"detach", "a Thread that is joined"},
    Banned{"sleep_for", "a Clock and a Wakeup that can be notified"},
    Banned{"sleep_until", "a Clock and a Wakeup that can be notified"},
    Banned{"usleep", "a Clock and a Wakeup that can be notified"},
    Banned{"nanosleep", "a Clock and a Wakeup that can be notified"},
    Banned{"std::cout", "MR_LOG, or fmt::print for data on stdout"},
    Banned{"std::cerr", "MR_LOG"},
    Banned{"rand(", "Random& (base/random.h)"},
    Banned{"srand(", "Random& (base/random.h)"},
    Banned{"std::random_device", "Random& (base/random.h)"},
    Banned{"std::mt19937", "Random& (base/random.h)"},
    Banned{"std::mt19937_64", "Random& (base/random.h)"},
    Banned{"system_clock::now", "Clock& (base/clock.h)"},
    Banned{"steady_clock::now", "Clock& (base/clock.h)"},
    Banned{"clock_gettime", "Clock& (base/clock.h)"},
    Banned{"gettimeofday", "Clock& (base/clock.h)"},
    Banned{"getrandom", "Random& (base/random.h)"},
    Banned{"co_await", "a loop or a state machine"},
    Banned{"co_return", "a loop or a state machine"},
    Banned{"co_yield", "a loop or a state machine"},
};

bool is_word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The next place of `word` as a whole word, or npos. A `(` at its end stands for itself.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t from) {
  for (std::size_t at = text.find(word, from); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_word_char(text[at - 1]);
    const bool ends = word.ends_with('(') || end == text.size() || !is_word_char(text[end]);
    if (begins && ends) {
      return at;
    }
  }
  return std::string_view::npos;
}

/// What is no use of the banned thing: a member of that name, or std::thread::id.
bool is_other_use(std::string_view code, const Banned& banned, std::size_t at) {
  const std::string_view after = code.substr(at + banned.text.size());
  if (banned.text == "std::thread") {
    return after.starts_with("::");
  }
  if (banned.text == "detach") {
    return at == 0 || (code[at - 1] != '.' && code[at - 1] != '>') || !after.starts_with("()");
  }
  if (banned.text.ends_with('(')) {
    const std::string_view before = code.substr(0, at);
    return before.ends_with('.') || before.ends_with("->") ||
           (before.ends_with("::") && !before.ends_with("std::"));
  }
  return false;
}

/// Stands before the C library of a program under test: it has the very functions that are banned.
bool is_preload(std::string_view path) {
  return path.starts_with("tests/e2e/preload/");
}

bool is_build_file(std::string_view path) {
  return path.ends_with("CMakeLists.txt") || path.ends_with(".cmake") ||
         path.ends_with("CMakePresets.json") || path.ends_with(".sh");
}

// --- TRY in braces ---------------------------------------------------------------------------

/// The last word or character before `at`, blanks skipped.
std::string_view token_before(std::string_view code, std::size_t at) {
  while (at > 0 && std::isspace(static_cast<unsigned char>(code[at - 1])) != 0) {
    --at;
  }
  std::size_t begin = at;
  while (begin > 0 && is_word_char(code[begin - 1])) {
    --begin;
  }
  return begin == at && at > 0 ? code.substr(at - 1, 1) : code.substr(begin, at - begin);
}

/// From the end of the statement before to `at`.
std::string_view statement_before(std::string_view code, std::size_t at) {
  const std::size_t end = at == 0 ? 0 : code.find_last_of(";{}", at - 1);
  const std::size_t begin = end == std::string_view::npos ? 0 : end + 1;
  return code.substr(std::min(begin, at), at - std::min(begin, at));
}

/// Whether the `{` at this place begins a block (a body), not an initialiser.
bool begins_block(std::string_view code, std::size_t at) {
  static constexpr std::array<std::string_view, 14> kBefore = {"",
                                                               ")",
                                                               "{",
                                                               "}",
                                                               ";",
                                                               ":",
                                                               "]",
                                                               "else",
                                                               "do",
                                                               "try",
                                                               "const",
                                                               "noexcept",
                                                               "override",
                                                               "mutable"};
  static constexpr std::array<std::string_view, 7> kHeads = {
      "struct", "class", "enum", "union", "namespace", "extern", "requires"};
  const std::string_view before = token_before(code, at);
  if (std::find(kBefore.begin(), kBefore.end(), before) != kBefore.end() || before == "final") {
    return true;
  }
  const std::string_view statement = statement_before(code, at);
  for (const std::string_view head : kHeads) {
    if (find_word(statement, head, 0) != std::string_view::npos) {
      return true;
    }
  }
  const std::size_t arrow = statement.rfind("->");
  const std::size_t bracket = statement.rfind(')');
  return arrow != std::string_view::npos && bracket != std::string_view::npos &&
         statement.substr(bracket + 1, arrow - bracket - 1).find_first_not_of(" \n") ==
             std::string_view::npos;
}

/// Preprocessor lines made blank: a macro's body is no statement of the file.
std::string without_directives(std::string_view code) {
  std::string out(code);
  bool inside = false;
  std::size_t begin = 0;
  while (begin < out.size()) {
    const std::size_t end = std::min(out.find('\n', begin), out.size());
    const std::string_view line = std::string_view(out).substr(begin, end - begin);
    const std::size_t first = line.find_first_not_of(' ');
    const bool directive = inside || (first != std::string_view::npos && line[first] == '#');
    inside = directive && line.ends_with('\\');
    if (directive) {
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(begin),
                out.begin() + static_cast<std::ptrdiff_t>(end),
                ' ');
    }
    begin = end + 1;
  }
  return out;
}

enum class Bracket : unsigned char {
  kRound,
  kBlock,
  kInitialiser
};

void check_tries(const SourceFile& file, std::vector<Finding>& findings) {
  const std::string code = without_directives(file.code);
  std::vector<Bracket> open;
  for (std::size_t at = 0; at < code.size(); ++at) {
    const char c = code[at];
    if (c == '(' || c == '[') {
      open.push_back(Bracket::kRound);
    } else if (c == '{') {
      open.push_back(begins_block(code, at) ? Bracket::kBlock : Bracket::kInitialiser);
    } else if (c == ')' || c == ']' || c == '}') {
      if (!open.empty()) {
        open.pop_back();
      }
    } else if (c == 'T' &&
               (find_word(std::string_view(code).substr(0, at + 4), "TRY(", at) == at ||
                find_word(std::string_view(code).substr(0, at + 10), "TRY_DOING(", at) == at)) {
      const auto inner = std::find_if(
          open.rbegin(), open.rend(), [](Bracket bracket) { return bracket != Bracket::kRound; });
      if (inner != open.rend() && *inner == Bracket::kInitialiser) {
        findings.push_back({.rule = "try-in-braces",
                            .path = file.path,
                            .line = line_at(code, at),
                            .message = "TRY inside braces leaks on g++ 12",
                            .use = "a variable of its own: `auto value = TRY(…);`"});
      }
    }
  }
}

// --- comments --------------------------------------------------------------------------------

/// TODO(#123):
bool has_issue(std::string_view after) {
  if (!after.starts_with("(#")) {
    return false;
  }
  std::size_t at = 2;
  while (at < after.size() && std::isdigit(static_cast<unsigned char>(after[at])) != 0) {
    ++at;
  }
  return at > 2 && after.substr(at).starts_with("):");
}

/// A comment of one blank and a statement. Examples in essays are indented further.
bool is_commented_code(std::string_view line) {
  const std::size_t first = line.find_first_not_of(' ');
  if (first == std::string_view::npos || !line.substr(first).starts_with("// ")) {
    return false;
  }
  const std::string_view text = line.substr(first + 3);
  if (text.starts_with(' ') || text.find('`') != std::string_view::npos) {
    return false;
  }
  const std::string_view name = text.substr(0, text.find('('));
  const bool call = text.ends_with(");") && text.find(": ") == std::string_view::npos &&
                    std::count(name.begin(), name.end(), ' ') <= 2;
  const bool assignment = text.ends_with(";") && text.find(" = ") != std::string_view::npos;
  const bool flow = text.ends_with(") {") || text == "}" || text.starts_with("return ");
  return call || assignment ||
         (flow && (text.ends_with("{") || text.ends_with(";") || text == "}"));
}

void check_lines(const SourceFile& file, std::vector<Finding>& findings) {
  std::string_view rest = file.text;
  for (int line = 1; !rest.empty(); ++line) {
    const std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    const auto add = [&](std::string_view rule, std::string_view message, std::string_view use) {
      findings.push_back({.rule = std::string(rule),
                          .path = file.path,
                          .line = line,
                          .message = std::string(message),
                          .use = std::string(use)});
    };
    if (find_word(text, "FIXME", 0) != std::string_view::npos) {
      add("fixme", "FIXME", "an issue and `TODO(#123):`, or mend it");
    }
    const std::size_t todo = find_word(text, "TODO", 0);
    if (todo != std::string_view::npos && !has_issue(text.substr(todo + 4))) {
      add("todo", "TODO without issue", "`TODO(#123): …`");
    }
    if (is_cpp(file.path) && is_commented_code(text)) {
      add("commented-code", "code in a comment", "nothing: git keeps what was removed");
    }
  }
}

}  // namespace

void check_banned_text(const Tree& tree, std::vector<Finding>& findings) {
  for (const SourceFile& file : tree.files()) {
    const auto add = [&](std::string_view text, std::string_view use, std::size_t at) {
      findings.push_back({.rule = "banned-text",
                          .path = file.path,
                          .line = line_at(file.text, at),
                          .message = fmt::format("`{}` is banned", text),
                          .use = std::string(use)});
    };
    if (is_build_file(file.path)) {
      constexpr std::string_view kNative = "-march=native";
      for (std::size_t at = file.text.find(kNative); at != std::string::npos;
           at = file.text.find(kNative, at + 1)) {
        add(kNative, "run-time dispatch (target_clones)", at);
      }
    }
    if (!is_cpp(file.path) || is_preload(file.path)) {
      continue;
    }
    for (const Banned& banned : kBannedCode) {
      for (std::size_t at = find_word(file.code, banned.text, 0); at != std::string_view::npos;
           at = find_word(file.code, banned.text, at + 1)) {
        if (!is_other_use(file.code, banned, at)) {
          add(banned.text, banned.use, at);
        }
      }
    }
  }
}

void check_try_in_braces(const Tree& tree, std::vector<Finding>& findings) {
  for (const SourceFile& file : tree.files()) {
    if (is_cpp(file.path)) {
      check_tries(file, findings);
    }
  }
}

void check_comments(const Tree& tree, std::vector<Finding>& findings) {
  static constexpr std::array<std::string_view, 10> kEnds = {
      ".cc", ".h", ".cmake", ".txt", ".sh", ".py", ".js", ".css", ".html", ".sql"};
  for (const SourceFile& file : tree.files()) {
    const bool data = file.path.starts_with("tests/corpus/") ||
                      (file.path.ends_with(".txt") && !file.path.ends_with("CMakeLists.txt"));
    const bool code = std::any_of(
        kEnds.begin(), kEnds.end(), [&](std::string_view end) { return file.path.ends_with(end); });
    if (code && !data) {
      check_lines(file, findings);
    }
  }
}

}  // namespace millrace::lint
