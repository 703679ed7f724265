#include "base/diagnostic.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/utf8.h"

namespace millrace {
namespace {

constexpr std::size_t kShownColumns = 160;  // of a line that is longer, the part around the column

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      return "note";
  }
  return "error";
}

// Line `number` (from 1) without its end, or nothing.
std::string_view line_of(std::string_view text, int number) {
  for (int line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return {};
    }
    text.remove_prefix(end + 1);
  }
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

// A stretch of a line, fit for a terminal.
struct Shown {
  std::string text;     // tabs kept, other control characters replaced
  std::string padding;  // what goes before the caret, tabs kept
};

Shown show(std::string_view line, std::size_t column) {
  const std::size_t skip = column > kShownColumns ? column - kShownColumns / 2 : 0;
  Shown shown;
  std::size_t index = 1;
  for (std::size_t at = 0; at < line.size() && index <= skip + kShownColumns; ++index) {
    const char32_t point = next_code_point(line, at);
    if (index <= skip) {
      continue;
    }
    const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    append_utf8(shown.text, control && point != '\t' ? U'\ufffd' : point);
    if (index < column) {
      shown.padding += point == '\t' ? '\t' : ' ';
    }
  }
  if (index < column) {
    shown.padding.append(std::min(column - index, kShownColumns), ' ');
  }
  return shown;
}

void append_source(std::string& out, const SourceSpan& where, std::string_view text) {
  const std::string_view line = line_of(text, where.line);
  const auto column = static_cast<std::size_t>(std::max(where.column, 1));
  const Shown shown = show(line, column);
  if (where.line > 1) {
    const Shown before = show(line_of(text, where.line - 1), 1);
    if (before.text.find_first_not_of(" \t") != std::string::npos) {
      fmt::format_to(std::back_inserter(out), "{:>5} | {}\n", where.line - 1, before.text);
    }
  }
  fmt::format_to(std::back_inserter(out), "{:>5} | {}\n", where.line, shown.text);
  if (where.column <= 0) {
    return;
  }
  const int wide = where.end > where.column ? where.end - where.column : 1;
  const std::size_t rest =
      utf8_length(shown.text) - std::min(utf8_length(shown.text), shown.padding.size());
  const std::size_t carets =
      std::clamp<std::size_t>(static_cast<std::size_t>(wide), 1, std::max<std::size_t>(rest, 1));
  fmt::format_to(
      std::back_inserter(out), "{:>5} | {}{}\n", "", shown.padding, std::string(carets, '^'));
}

void append_count(std::string& out, std::size_t count, std::string_view noun) {
  if (count == 0) {
    return;
  }
  if (!out.empty()) {
    out += ", ";
  }
  fmt::format_to(std::back_inserter(out), "{} {}{}", count, noun, count == 1 ? "" : "s");
}

void append_text_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.size() == 1 ? "\"" : ",\"";
  out += name;
  out += "\":";
  append_json_string(out, value);
}

}  // namespace

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::kError) {
    ++errors_;
  }
  if (all_.size() < kLimit) {
    all_.push_back(std::move(diagnostic));
  }
}

void Diagnostics::add_all(Diagnostics other) {
  std::size_t uncounted = other.errors_;
  for (Diagnostic& diagnostic : other.all_) {
    uncounted -= diagnostic.severity == Severity::kError ? 1 : 0;
    add(std::move(diagnostic));
  }
  errors_ += uncounted;
}

std::string format_diagnostic(const Diagnostic& diagnostic, const SourceTexts& texts) {
  const SourceSpan& where = diagnostic.where;
  std::string out;
  if (!where.file.empty()) {
    out += where.file;
    if (where.line > 0) {
      fmt::format_to(std::back_inserter(out), ":{}", where.line);
      if (where.column > 0) {
        fmt::format_to(std::back_inserter(out), ":{}", where.column);
      }
    }
    out += ": ";
  }
  if (diagnostic.severity != Severity::kError) {
    out += severity_name(diagnostic.severity);
    out += ": ";
  }
  out += diagnostic.message;
  out += '\n';
  const auto text = texts.find(where.file);
  if (text != texts.end() && where.line > 0) {
    append_source(out, where, text->second);
  }
  if (!diagnostic.help.empty() || !diagnostic.code.empty()) {
    out += "  ";
    if (!diagnostic.help.empty()) {
      out += "help: " + diagnostic.help;
      out += diagnostic.code.empty() ? "" : "  ";
    }
    out += diagnostic.code;
    out += '\n';
  }
  return out;
}

std::string format_diagnostics(const Diagnostics& diagnostics, const SourceTexts& texts) {
  std::string out;
  std::size_t warnings = 0;
  std::size_t notes = 0;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    warnings += diagnostic.severity == Severity::kWarning ? 1 : 0;
    notes += diagnostic.severity == Severity::kNote ? 1 : 0;
    out += format_diagnostic(diagnostic, texts);
    out += '\n';
  }
  std::string counts;
  append_count(counts, diagnostics.error_count(), "error");
  append_count(counts, warnings, "warning");
  append_count(counts, notes, "note");
  if (counts.empty()) {
    return out;
  }
  if (diagnostics.error_count() + warnings + notes > diagnostics.all().size()) {
    fmt::format_to(std::back_inserter(counts), " (the first {} shown)", diagnostics.all().size());
  }
  return out += counts + '\n';
}

std::string diagnostic_to_json(const Diagnostic& diagnostic) {
  const SourceSpan& where = diagnostic.where;
  std::string out = "{";
  append_text_member(out, "code", diagnostic.code);
  append_text_member(out, "severity", severity_name(diagnostic.severity));
  append_text_member(out, "class", diagnostic.error_class);
  append_text_member(out, "sqlstate", diagnostic.sqlstate);
  append_text_member(out, "file", where.file);
  fmt::format_to(std::back_inserter(out),
                 R"(,"line":{},"column":{},"end_column":{})",
                 where.line,
                 where.column,
                 where.end);
  append_text_member(out, "message", diagnostic.message);
  append_text_member(out, "help", diagnostic.help);
  return out += '}';
}

}  // namespace millrace
