#include "config/yaml.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/utf8.h"
#include "config/codes.h"
#include "config/detail/text.h"
#include "config/option_table.h"
#include "config/text_positions.h"

namespace millrace::config {

namespace {

std::size_t count_nodes(const YamlNode& node) {
  std::size_t count = 1;
  for (const YamlNode& item : node.items) {
    count += count_nodes(item);
  }
  for (const YamlEntry& entry : node.entries) {
    count += 1 + count_nodes(entry.value);
  }
  return count;
}

/// How many maps and lists stand in each other.
std::size_t height(const YamlNode& node) {
  if (!node.is_map() && !node.is_list()) {
    return 0;
  }
  std::size_t below = 0;
  for (const YamlNode& item : node.items) {
    below = std::max(below, height(item));
  }
  for (const YamlEntry& entry : node.entries) {
    below = std::max(below, height(entry.value));
  }
  return below + 1;
}

/// Builds the tree from the parser's events. After a limit it ignores what comes: events cannot be
/// stopped without an exception. Owned by one thread.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const TextPositions& positions,
              const std::string& file,
              const YamlOptions& options,
              Diagnostics& diagnostics)
      : positions_(positions), file_(file), options_(options), diagnostics_(diagnostics) {}

  void OnDocumentStart(const YAML::Mark& mark) override {  // NOLINT: the library's name
    if (++documents_ == 2) {
      stop(kYamlSyntax, where(mark), "a second document begins here", "keep one document a file");
    }
  }

  void OnDocumentEnd() override {}  // NOLINT: the library's name

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {  // NOLINT
    add(make(YamlKind::kNull, mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {  // NOLINT
    if (stopped_) {
      return;
    }
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      report(kYamlSyntax, where(mark), "an alias inside its own anchor", "write the value out");
      add(make(YamlKind::kNull, mark), 0);
      return;
    }
    if (stack_.size() + found->second.height > options_.max_depth) {
      stop_deep(mark);
      return;
    }
    nodes_ += found->second.nodes;
    if (check_nodes(mark)) {
      add(found->second.node, 0);
    }
  }

  void OnScalar(const YAML::Mark& mark,  // NOLINT: the library's name
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override {
    if (stopped_) {
      return;
    }
    YamlNode node = make(YamlKind::kScalar, mark);
    node.text = value;
    node.plain = tag == "?";
    if (tag != "?" && tag != "!") {
      node.tag = tag;
    }
    locate_scalar(node, mark);
    const bool is_key = !stack_.empty() && stack_.back().node.is_map() && !stack_.back().has_key;
    if (options_.substitution != nullptr && !is_key && value.find('$') != std::string::npos) {
      substitute_scalar(node);
    }
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark,  // NOLINT: the library's name
                       const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlKind::kList, mark, tag, anchor);
  }

  void OnSequenceEnd() override { close(); }  // NOLINT: the library's name

  void OnMapStart(const YAML::Mark& mark,  // NOLINT: the library's name
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlKind::kMap, mark, tag, anchor);
  }

  void OnMapEnd() override { close(); }  // NOLINT: the library's name

  [[nodiscard]] bool complete() const { return !stopped_; }

  /// What was built; after a syntax error, the open maps and lists as far as they came.
  YamlNode take() {
    while (!stack_.empty()) {
      finish_top();
    }
    return std::move(root_);
  }

 private:
  struct Frame {
    YamlNode node;
    YamlNode key;
    bool has_key = false;
    YAML::anchor_t anchor = 0;
    std::map<std::string, std::size_t, std::less<>> keys = {};  // And the entry of each.
  };

  struct Anchor {
    YamlNode node;
    std::size_t nodes = 0;
    std::size_t height = 0;
  };

  /// The offset in the text; the library counts columns in bytes.
  [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const {
    if (mark.line < 0 || mark.column < 0) {
      return 0;
    }
    const std::size_t line = positions_.offset_of({.line = mark.line + 1, .column = 1});
    return std::min(line + static_cast<std::size_t>(mark.column), positions_.text().size());
  }

  [[nodiscard]] SourceSpan where(const YAML::Mark& mark) const {
    const TextPlace place = positions_.at(offset(mark));
    return {.file = file_, .line = place.line, .column = place.column};
  }

  YamlNode make(YamlKind kind, const YAML::Mark& mark) {
    YamlNode node;
    node.kind = kind;
    const TextPlace place = positions_.at(offset(mark));
    node.line = place.line;
    node.column = place.column;
    node.file = &file_;
    return node;
  }

  void report(std::string_view code, SourceSpan at, std::string message, std::string help) {
    diagnostics_.add({.code = std::string(code),
                      .where = std::move(at),
                      .message = std::move(message),
                      .help = std::move(help)});
  }

  void stop(std::string_view code, SourceSpan at, std::string message, std::string help) {
    if (!stopped_) {
      report(code, std::move(at), std::move(message), std::move(help));
    }
    stopped_ = true;
  }

  void stop_deep(const YAML::Mark& mark) {
    stop(kYamlLimit,
         where(mark),
         fmt::format("nested deeper than {}", options_.max_depth),
         "make the document flatter");
  }

  bool check_nodes(const YAML::Mark& mark) {
    if (nodes_ <= options_.max_nodes) {
      return true;
    }
    stop(kYamlLimit,
         where(mark),
         fmt::format("more than {} values, aliases counted as often as they are used",
                     options_.max_nodes),
         "split the file");
    return false;
  }

  /// Finds where a scalar's text begins (behind anchor and tag) and ends, if it ends on its line.
  void locate_scalar(YamlNode& node, const YAML::Mark& mark) {
    const std::string_view text = positions_.text();
    std::size_t at = offset(mark);
    while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
      at = std::min(text.find_first_of(" \t\r\n", at), text.size());
      at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    }
    std::size_t end = at;
    verbatim_ = at;
    if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
      verbatim_ = at + 1;
      end = end_of_quoted(at);
    } else if (text.substr(at).starts_with(node.text)) {
      end = at + node.text.size();
    }
    if (!text.substr(verbatim_).starts_with(node.text)) {
      verbatim_ = std::string_view::npos;
    }
    const SourceSpan span = positions_.span({}, at, end);
    node.line = span.line;
    node.column = span.column;
    node.end = span.end;
  }

  /// The offset after the closing quote of the scalar that begins at `at`.
  [[nodiscard]] std::size_t end_of_quoted(std::size_t at) const {
    const std::string_view text = positions_.text();
    const char quote = text[at];
    for (std::size_t i = at + 1; i < text.size() && text[i] != '\n'; ++i) {
      if (text[i] == '\\' && quote == '"') {
        ++i;
      } else if (text[i] == quote) {
        if (quote == '\'' && i + 1 < text.size() && text[i + 1] == quote) {
          ++i;
          continue;
        }
        return i + 1;
      }
    }
    return at;
  }

  void substitute_scalar(YamlNode& node) {
    Diagnostics found;
    const Substituted result =
        substitute(node.text, SubstitutionSyntax::kPlain, *options_.substitution, file_, found);
    const TextPositions inner(node.text);
    for (Diagnostic diagnostic : found.all()) {
      if (verbatim_ == std::string_view::npos || diagnostic.where.line != 1) {
        diagnostic.where = node.where();
      } else {
        const SourceSpan& at = diagnostic.where;
        const std::size_t begin = inner.offset_of({.line = 1, .column = at.column});
        const std::size_t end =
            at.end == 0 ? begin : inner.offset_of({.line = 1, .column = at.end});
        diagnostic.where = positions_.span(file_, verbatim_ + begin, verbatim_ + end);
      }
      diagnostics_.add(std::move(diagnostic));
    }
    node.secret = result.has_secrets();
    node.text = result.text;
  }

  void open(YamlKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (stopped_) {
      ++ignored_;
      return;
    }
    if (stack_.size() >= options_.max_depth) {
      stop_deep(mark);
      ++ignored_;
      return;
    }
    YamlNode node = make(kind, mark);
    if (tag != "?" && tag != "!") {
      node.tag = tag;
    }
    stack_.push_back({.node = std::move(node), .key = {}, .anchor = anchor});
  }

  void close() {
    if (ignored_ > 0) {
      --ignored_;
      return;
    }
    if (!stack_.empty()) {
      finish_top();
    }
  }

  void finish_top() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    if (frame.node.is_map()) {
      merge(frame.node);
    }
    add(std::move(frame.node), frame.anchor, /*built=*/true);
  }

  void add(YamlNode node, YAML::anchor_t anchor, bool built = false) {
    if (stopped_ && !built) {
      return;
    }
    ++nodes_;
    if (anchor != 0) {
      Anchor& kept = anchors_[anchor];
      kept.node = node;
      kept.nodes = count_nodes(node);
      kept.height = height(node);
    }
    if (nodes_ > options_.max_nodes) {
      stop(kYamlLimit,
           node.where(),
           fmt::format("more than {} values", options_.max_nodes),
           "split the file");
    }
    if (stack_.empty()) {
      if (documents_ < 2) {
        root_ = std::move(node);
      }
      return;
    }
    Frame& top = stack_.back();
    if (top.node.is_list()) {
      top.node.items.push_back(std::move(node));
    } else if (!top.has_key) {
      top.key = std::move(node);
      top.has_key = true;
    } else {
      top.has_key = false;
      add_entry(top, std::move(node));
    }
  }

  void add_entry(Frame& top, YamlNode value) {
    if (!top.key.is_scalar() && !top.key.is_null()) {
      report(kYamlWrongKind,
             top.key.where(),
             fmt::format("a key must be a text, found {}", to_string(top.key.kind)),
             "a text with { or [ at its beginning needs quotes");
      return;
    }
    const bool is_merge = top.key.plain && top.key.text == "<<";
    if (!is_merge) {
      auto [first, fresh] = top.keys.try_emplace(top.key.text, top.node.entries.size());
      if (!fresh) {
        const SourceSpan other = top.node.entries[first->second].key.where();
        report(kYamlDuplicateKey,
               top.key.where(),
               fmt::format("key \"{}\" twice in one map, first at {}:{}:{}",
                           detail::shorten(top.key.text),
                           other.file,
                           other.line,
                           other.column),
               "keep one of them");
        return;
      }
    }
    top.node.entries.push_back({.key = std::move(top.key), .value = std::move(value)});
  }

  /// Replaces `<<: *base` and `<<: [*a, *b]` by the entries that are not there yet.
  void merge(YamlNode& map) {
    const auto is_merge = [](const YamlEntry& entry) {
      return entry.key.plain && entry.key.text == "<<";
    };
    if (std::none_of(map.entries.begin(), map.entries.end(), is_merge)) {
      return;
    }
    std::vector<YamlEntry> merged;
    std::vector<YamlEntry> own;
    for (YamlEntry& entry : map.entries) {
      (is_merge(entry) ? merged : own).push_back(std::move(entry));
    }
    map.entries = std::move(own);
    std::set<std::string, std::less<>> keys;
    for (const YamlEntry& entry : map.entries) {
      keys.insert(entry.key.text);
    }
    for (YamlEntry& entry : merged) {
      if (entry.value.is_list()) {
        for (YamlNode& item : entry.value.items) {
          merge_one(map, item, keys);
        }
      } else {
        merge_one(map, entry.value, keys);
      }
    }
  }

  void merge_one(YamlNode& map, YamlNode& base, std::set<std::string, std::less<>>& keys) {
    if (!base.is_map()) {
      report(kYamlWrongKind,
             base.where(),
             fmt::format("\"<<\" takes a map, found {}", to_string(base.kind)),
             "name an anchor of a map");
      return;
    }
    for (YamlEntry& entry : base.entries) {
      if (keys.insert(entry.key.text).second) {
        entry.merged = true;
        map.entries.push_back(std::move(entry));
      }
    }
  }

  const TextPositions& positions_;
  const std::string& file_;
  const YamlOptions& options_;
  Diagnostics& diagnostics_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Anchor> anchors_;
  YamlNode root_;
  std::size_t nodes_ = 0;
  std::size_t ignored_ = 0;
  std::size_t verbatim_ = std::string_view::npos;
  int documents_ = 0;
  bool stopped_ = false;
};

/// Offset of the first byte that no YAML text may have, or npos.
std::size_t find_bad_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
      return at;
    }
  }
  return std::string_view::npos;
}

std::string help_for_syntax(std::string_view line) {
  if (line.find('\t') != std::string_view::npos) {
    return "indent with spaces; YAML refuses tabs";
  }
  return "most often the indentation, or a text with \": \" or \"#\" that needs quotes";
}

std::string_view line_of(std::string_view text, std::size_t offset) {
  const std::size_t before = text.substr(0, offset).rfind('\n');
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

void run_parser(std::string_view text,
                const TextPositions& positions,
                const std::string& file,
                TreeBuilder& builder,
                YamlDocument& document,
                Diagnostics& diagnostics) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (builder.complete() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    const std::size_t line =
        positions.offset_of({.line = std::max(error.mark.line, 0) + 1, .column = 1});
    const std::size_t offset =
        std::min(line + static_cast<std::size_t>(std::max(error.mark.column, 0)), text.size());
    const TextPlace place = positions.at(offset);
    if (builder.complete()) {
      diagnostics.add({.code = std::string(kYamlSyntax),
                       .where = {.file = file, .line = place.line, .column = place.column},
                       .message = "YAML: " + error.msg,
                       .help = help_for_syntax(line_of(text, offset))});
    }
    document.complete = false;
  } catch (const std::exception& error) {
    diagnostics.add({.code = std::string(kYamlSyntax),
                     .where = {.file = file, .line = 1, .column = 1},
                     .message = std::string("YAML: ") + error.what()});
    document.complete = false;
  }
}

}  // namespace

std::string_view to_string(YamlKind kind) {
  switch (kind) {
    case YamlKind::kNull:
      return "nothing";
    case YamlKind::kScalar:
      return "a text";
    case YamlKind::kList:
      return "a list";
    case YamlKind::kMap:
      return "a map";
  }
  return "nothing";
}

YamlNode::YamlNode() = default;
YamlNode::YamlNode(const YamlNode& other) = default;
YamlNode::YamlNode(YamlNode&& other) noexcept = default;
YamlNode& YamlNode::operator=(const YamlNode& other) = default;
YamlNode& YamlNode::operator=(YamlNode&& other) noexcept = default;
YamlNode::~YamlNode() = default;

SourceSpan YamlNode::where() const {
  return {
      .file = file == nullptr ? std::string{} : *file, .line = line, .column = column, .end = end};
}

const YamlEntry* YamlNode::entry(std::string_view key) const {
  for (const YamlEntry& candidate : entries) {
    if (candidate.key.text == key) {
      return &candidate;
    }
  }
  return nullptr;
}

const YamlNode* YamlNode::find(std::string_view key) const {
  const YamlEntry* found = entry(key);
  return found == nullptr ? nullptr : &found->value;
}

YamlDocument parse_yaml(std::string_view text,
                        const std::string& file,
                        Diagnostics& diagnostics,
                        const YamlOptions& options) {
  YamlDocument document;
  document.file = std::make_unique<const std::string>(file);
  const auto refuse = [&](std::string_view code, SourceSpan at, std::string message) {
    diagnostics.add(
        {.code = std::string(code), .where = std::move(at), .message = std::move(message)});
    document.complete = false;
  };
  if (text.size() > options.max_bytes) {
    refuse(kYamlLimit,
           {.file = file, .line = 1, .column = 1},
           fmt::format("the file has {}, at most {} are read",
                       format_bytes(static_cast<std::int64_t>(text.size())),
                       format_bytes(static_cast<std::int64_t>(options.max_bytes))));
    return document;
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  const TextPositions positions(text);
  if (!is_valid_utf8(text)) {
    refuse(kNotUtf8, {.file = file, .line = 1, .column = 1}, "the file is not UTF-8 text");
    return document;
  }
  if (const std::size_t bad = find_bad_byte(text); bad != std::string_view::npos) {
    refuse(kNotUtf8,
           positions.span(file, bad, bad + 1),
           fmt::format("a control character (0x{:02x})", static_cast<unsigned char>(text[bad])));
    return document;
  }
  TreeBuilder builder(positions, *document.file, options, diagnostics);
  run_parser(text, positions, file, builder, document, diagnostics);
  document.complete = document.complete && builder.complete();
  document.root = builder.take();
  return document;
}

}  // namespace millrace::config
