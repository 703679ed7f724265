// Functions over Java's regular expressions. A constant pattern is compiled when the call is bound,
// so that a wrong one is found before anything runs; others are compiled once a batch.
#include <map>

#include "expr/code_points.h"
#include "expr/expression.h"
#include "expr/families.h"
#include "expr/java_regex.h"
#include "expr/kernels.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;
using enum data::TypeKind;
using Text = std::string_view;

struct RegexData : CallData {
  explicit RegexData(JavaRegex compiled) : regex(std::move(compiled)) {}

  JavaRegex regex;
};

// The regexes of one kernel run: the constant one, or those that the rows have. Owned by one
// thread.
class Regexes {
 public:
  explicit Regexes(const KernelInput& in)
      : constant_(static_cast<const RegexData*>(in.call.resolution.data.get())) {}

  // Null after the row failed.
  const JavaRegex* get(Row& row, Text pattern) {
    if (constant_ != nullptr) {
      return &constant_->regex;
    }
    const auto found = compiled_.find(pattern);
    if (found != compiled_.end()) {
      return &found->second;
    }
    Result<JavaRegex> regex = JavaRegex::compile(pattern);
    if (!regex) {
      row.fail(regex.error().code() == ErrorCode::kUnsupported ? EvalError::kUnsupported
                                                               : EvalError::kInvalidRegexPattern);
      return nullptr;
    }
    if (compiled_.size() >= kCompiledMax) {
      compiled_.clear();
    }
    return &compiled_.emplace(pattern, *std::move(regex)).first->second;
  }

 private:
  static constexpr std::size_t kCompiledMax = 64;

  const RegexData* constant_;
  std::map<std::string, JavaRegex, std::less<>> compiled_;
};

// Resolves a call whose argument 1 is a pattern: compiles it when it is constant.
std::optional<Resolution> regex_signature(CallSite& call,
                                          const Type& result,
                                          std::initializer_list<Type> types,
                                          Kernel kernel,
                                          bool always_nullable = false) {
  std::optional<Resolution> resolution = signature(call, result, types, kernel, always_nullable);
  const std::optional<Value> pattern = call.constant(1);
  if (!resolution || !pattern || pattern->is_null()) {
    return resolution;
  }
  Result<JavaRegex> regex = JavaRegex::compile(pattern->string());
  if (!regex) {
    return call.fail("INVALID_PARAMETER_VALUE.PATTERN",
                     "22023",
                     std::string(call.name()) + ": " + regex.error().message() + ": '" +
                         pattern->string() + "'");
  }
  resolution->data = std::make_shared<RegexData>(*std::move(regex));
  return resolution;
}

// Gives an argument that was left out its default.
void add_default(CallSite& call, std::size_t count, TypeKind kind, Value value) {
  if (call.count() < count) {
    call.args().push_back(make_literal(Type(kind), std::move(value), call.where()));
  }
}

bool check_group(Row& row, const JavaRegex& regex, std::int32_t group) {
  if (group >= 0 && group <= regex.group_count()) {
    return true;
  }
  row.fail(EvalError::kInvalidRegexGroup);
  return false;
}

Text group_text(Text text, const RegexMatch& match, std::int32_t group) {
  const RegexMatch::Group& found = match.groups[static_cast<std::size_t>(group)];
  return found.begin < 0 ? Text()
                         : text.substr(static_cast<std::size_t>(found.begin),
                                       static_cast<std::size_t>(found.end - found.begin));
}

data::ColumnPtr regexp_like_kernel(const KernelInput& in) {
  Regexes regexes(in);
  return map_rows<bool, Text, Text>(in, [&](Row& row, Text text, Text pattern) {
    const JavaRegex* regex = regexes.get(row, pattern);
    return regex != nullptr && regex->found_in(text);
  });
}

std::optional<Resolution> resolve_regexp_like(CallSite& call) {
  return regex_signature(call, Type(kBoolean), {Type(kString)}, regexp_like_kernel);
}

data::ColumnPtr regexp_extract_kernel(const KernelInput& in) {
  Regexes regexes(in);
  return map_rows<View, Text, Text, std::int32_t>(
      in, [&](Row& row, Text text, Text pattern, std::int32_t group) {
        const JavaRegex* regex = regexes.get(row, pattern);
        RegexMatch match;
        if (regex == nullptr || !check_group(row, *regex, group) ||
            !regex->find(text, 0, group, match)) {
          return View{};
        }
        return View{group_text(text, match, group)};
      });
}

std::optional<Resolution> resolve_regexp_extract(CallSite& call) {
  add_default(call, 3, kInt, Value(std::int64_t{1}));
  return regex_signature(
      call, Type(kString), {Type(kString), Type(kString), Type(kInt)}, regexp_extract_kernel);
}

data::ColumnPtr regexp_extract_all_kernel(const KernelInput& in) {
  Regexes regexes(in);
  return map_values(in, [&](Row& row, std::span<const Value> args) {
    const JavaRegex* regex = regexes.get(row, args[1].string());
    const auto group = static_cast<std::int32_t>(args[2].integer());
    if (regex == nullptr || !check_group(row, *regex, group)) {
      return Value();
    }
    data::ValueList found;
    const Text text = args[0].string();
    regex->for_each_match(text, 0, group, [&](const RegexMatch& match) {
      found.emplace_back(std::string(group_text(text, match, group)));
      return true;
    });
    return Value(std::move(found));
  });
}

std::optional<Resolution> resolve_regexp_extract_all(CallSite& call) {
  add_default(call, 3, kInt, Value(std::int64_t{1}));
  return regex_signature(call,
                         Type::array(Type(kString)),
                         {Type(kString), Type(kString), Type(kInt)},
                         regexp_extract_all_kernel);
}

data::ColumnPtr regexp_count_kernel(const KernelInput& in) {
  Regexes regexes(in);
  return map_rows<std::int32_t, Text, Text>(in, [&](Row& row, Text text, Text pattern) {
    const JavaRegex* regex = regexes.get(row, pattern);
    std::int32_t count = 0;
    if (regex != nullptr) {
      regex->for_each_match(text, 0, 0, [&](const RegexMatch&) {
        ++count;
        return true;
      });
    }
    return count;
  });
}

std::optional<Resolution> resolve_regexp_count(CallSite& call) {
  return regex_signature(call, Type(kInt), {Type(kString)}, regexp_count_kernel);
}

// The first match, null when there is none; an empty one counts as none.
data::ColumnPtr regexp_substr_kernel(const KernelInput& in) {
  Regexes regexes(in);
  return map_rows<View, Text, Text>(in, [&](Row& row, Text text, Text pattern) {
    const JavaRegex* regex = regexes.get(row, pattern);
    RegexMatch match;
    if (regex == nullptr || !regex->find(text, 0, 0, match) || match.begin() == match.end()) {
      row.set_null();
      return View{};
    }
    return View{group_text(text, match, 0)};
  });
}

std::optional<Resolution> resolve_regexp_substr(CallSite& call) {
  return regex_signature(
      call, Type(kString), {Type(kString)}, regexp_substr_kernel, /*always_nullable=*/true);
}

data::ColumnPtr regexp_instr_kernel(const KernelInput& in) {
  Regexes regexes(in);
  return map_rows<std::int32_t, Text, Text>(in, [&](Row& row, Text text, Text pattern) {
    const JavaRegex* regex = regexes.get(row, pattern);
    RegexMatch match;
    if (regex == nullptr || !regex->find(text, 0, 0, match)) {
      return 0;
    }
    return static_cast<std::int32_t>(count_code_points(text.substr(0, match.begin())) + 1);
  });
}

std::optional<Resolution> resolve_regexp_instr(CallSite& call) {
  return regex_signature(
      call, Type(kInt), {Type(kString), Type(kString), Type(kInt)}, regexp_instr_kernel);
}

std::string replace_all(
    Row& row, const JavaRegex& regex, Text text, Text replacement, std::size_t from) {
  const std::optional<RegexReplacement> with = RegexReplacement::parse(replacement, regex);
  if (!with) {
    row.fail(EvalError::kInvalidParameterValue);
    return {};
  }
  std::string out;
  std::size_t copied = 0;
  regex.for_each_match(text, from, regex.group_count(), [&](const RegexMatch& match) {
    out.append(text.substr(copied, match.begin() - copied));
    with->append_to(out, text, match);
    copied = match.end();
    return out.size() <= kStringBytesMax;
  });
  if (out.size() > kStringBytesMax) {
    row.fail(EvalError::kTooManyElements);
    return {};
  }
  return out.append(text.substr(copied));
}

data::ColumnPtr regexp_replace_kernel(const KernelInput& in) {
  Regexes regexes(in);
  return map_rows<std::string, Text, Text, Text, std::int32_t>(
      in, [&](Row& row, Text text, Text pattern, Text replacement, std::int32_t position) {
        const JavaRegex* regex = regexes.get(row, pattern);
        if (regex == nullptr) {
          return std::string();
        }
        if (position < 1) {
          row.fail(EvalError::kInvalidParameterValue);
          return std::string();
        }
        const std::size_t from = skip_code_points(text, 0, position - 1);
        if (position > 1 && from >= text.size()) {
          return std::string(text);
        }
        return replace_all(row, *regex, text, replacement, from);
      });
}

std::optional<Resolution> resolve_regexp_replace(CallSite& call) {
  add_default(call, 4, kInt, Value(std::int64_t{1}));
  return regex_signature(call,
                         Type(kString),
                         {Type(kString), Type(kString), Type(kString), Type(kInt)},
                         regexp_replace_kernel);
}

// --- split

bool is_plain(Text pattern) {
  return pattern.find_first_of("\\[](){}.*+?^$|#") == Text::npos;
}

data::ValueList split_characters(Text text, std::int64_t limit) {
  data::ValueList parts;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool last = limit > 0 && static_cast<std::int64_t>(parts.size()) == limit - 1;
    const std::size_t next = last ? text.size() : skip_code_points(text, at, 1);
    parts.emplace_back(std::string(text.substr(at, next - at)));
    at = next;
  }
  if (parts.empty()) {
    parts.emplace_back(std::string());
  }
  return parts;
}

data::ValueList split_plain(Text text, Text delimiter, std::int64_t limit) {
  data::ValueList parts;
  std::size_t begin = 0;
  while (limit <= 0 || static_cast<std::int64_t>(parts.size()) < limit - 1) {
    const std::size_t found = text.find(delimiter, begin);
    if (found == Text::npos) {
      break;
    }
    parts.emplace_back(std::string(text.substr(begin, found - begin)));
    begin = found + delimiter.size();
  }
  parts.emplace_back(std::string(text.substr(begin)));
  return parts;
}

// As java.util.regex.Pattern.split: no empty first part for an empty match at the beginning.
data::ValueList split_regex(Text text, const JavaRegex& regex, std::int64_t limit) {
  data::ValueList parts;
  std::size_t begin = 0;
  regex.for_each_match(text, 0, 0, [&](const RegexMatch& match) {
    if (limit > 0 && static_cast<std::int64_t>(parts.size()) >= limit - 1) {
      return false;
    }
    if (match.end() == 0) {
      return true;
    }
    parts.emplace_back(std::string(text.substr(begin, match.begin() - begin)));
    begin = match.end();
    return true;
  });
  parts.emplace_back(std::string(text.substr(begin)));
  return parts;
}

data::ColumnPtr split_kernel(const KernelInput& in) {
  Regexes regexes(in);
  return map_values(in, [&](Row& row, std::span<const Value> args) {
    const Text text = args[0].string();
    const Text pattern = args[1].string();
    const std::int64_t limit = args[2].integer();
    if (pattern.empty()) {
      return Value(split_characters(text, limit));
    }
    if (is_plain(pattern)) {
      return Value(split_plain(text, pattern, limit));
    }
    const JavaRegex* regex = regexes.get(row, pattern);
    return regex == nullptr ? Value() : Value(split_regex(text, *regex, limit));
  });
}

std::optional<Resolution> resolve_split(CallSite& call) {
  add_default(call, 3, kInt, Value(std::int64_t{-1}));
  return regex_signature(call,
                         Type::array(Type(kString), /*contains_null=*/false),
                         {Type(kString), Type(kString), Type(kInt)},
                         split_kernel);
}

constexpr Function kRegexFunctions[] = {
    {"regexp_like",
     2,
     2,
     resolve_regexp_like,
     true,
     "regexp_like(str, regex) - whether a Java regular expression matches a part of str"},
    {"regexp", 2, 2, resolve_regexp_like, true, "regexp(str, regex) - as regexp_like"},
    {"rlike", 2, 2, resolve_regexp_like, true, "rlike(str, regex) - as regexp_like"},
    {"regexp_extract",
     2,
     3,
     resolve_regexp_extract,
     true,
     "regexp_extract(str, regex[, group]) - the group of the first match, '' when there is none"},
    {"regexp_extract_all",
     2,
     3,
     resolve_regexp_extract_all,
     true,
     "regexp_extract_all(str, regex[, group]) - the group of every match"},
    {"regexp_count",
     2,
     2,
     resolve_regexp_count,
     true,
     "regexp_count(str, regex) - how often the expression matches"},
    {"regexp_substr",
     2,
     2,
     resolve_regexp_substr,
     true,
     "regexp_substr(str, regex) - the first match, null when there is none"},
    {"regexp_instr",
     2,
     3,
     resolve_regexp_instr,
     true,
     "regexp_instr(str, regex) - the position of the first match, 0 when there is none"},
    {"regexp_replace",
     3,
     4,
     resolve_regexp_replace,
     true,
     "regexp_replace(str, regex, with[, pos]) - every match from pos replaced; $1 = group 1"},
    {"split",
     2,
     3,
     resolve_split,
     true,
     "split(str, regex[, limit]) - the parts between matches, at most limit of them"},
};

}  // namespace

std::span<const Function> regex_functions() {
  return kRegexFunctions;
}

}  // namespace millrace::expr
