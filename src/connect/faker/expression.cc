#include "connect/faker/detail/expression.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/suggest.h"

namespace millrace::connect::faker::detail {
namespace {

constexpr std::string_view kOpen = "#{";
constexpr std::size_t kArgumentsMax = 1'000;

// The end of the directive that begins at `from`, past its arguments in quotes; npos: none.
std::size_t find_close(std::string_view text, std::size_t from) {
  bool quoted = false;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\'') {
      quoted = !quoted;
    } else if (text[i] == '}' && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

struct Directive {
  std::string_view name;
  std::vector<std::string> arguments;
};

// One argument in quotes at the start of `rest`, which moves behind it.
bool take_argument(std::string_view& rest, std::string& argument) {
  if (!rest.starts_with('\'')) {
    return false;
  }
  std::size_t i = 1;
  while (i < rest.size()) {
    if (rest[i] != '\'') {
      argument.push_back(rest[i]);
    } else if (i + 1 < rest.size() && rest[i + 1] == '\'') {
      argument.push_back('\'');
      ++i;
    } else {
      rest = trim_blanks(rest.substr(i + 1));
      return true;
    }
    ++i;
  }
  return false;
}

bool parse_arguments(std::string_view rest, std::vector<std::string>& arguments) {
  while (!rest.empty()) {
    std::string argument;
    if (!take_argument(rest, argument) || arguments.size() >= kArgumentsMax) {
      return false;
    }
    arguments.push_back(std::move(argument));
    if (rest.empty()) {
      return true;
    }
    if (!rest.starts_with(',')) {
      return false;
    }
    rest = trim_blanks(rest.substr(1));
    if (rest.empty()) {
      return false;
    }
  }
  return true;
}

ExpressionProblem unknown(std::string_view name) {
  std::vector<std::string> names;
  for (const Provider& provider : providers()) {
    names.emplace_back(provider.name);
  }
  return {.code = "MR6301",
          .message = fmt::format("unknown expression \"{}\"{}", name, did_you_mean(name, names)),
          .help =
              "expressions are those of Java Faker, such as #{Name.fullName}, "
              "#{Address.city}, #{number.numberBetween '1','100'}, #{regexify '[a-z]{5}'}."};
}

std::string help_of(const Provider& provider) {
  return provider.example.empty() ? fmt::format("write it as #{{{}}}.", provider.name)
                                  : fmt::format("an example is {}", provider.example);
}

Maker make_directive(std::string_view text,
                     ValueKind& kind,
                     std::vector<ExpressionProblem>& problems) {
  text = trim_blanks(text);
  const std::size_t end = std::min(text.find_first_of(" \t\n'"), text.size());
  const std::string_view name = text.substr(0, end);
  const Provider* provider = find_provider(name);
  if (provider == nullptr) {
    problems.push_back(unknown(name));
    return nullptr;
  }
  std::vector<std::string> arguments;
  if (!parse_arguments(trim_blanks(text.substr(end)), arguments)) {
    problems.push_back({.code = "MR6302",
                        .message = fmt::format("arguments of \"{}\" are texts in single quotes, "
                                               "separated by commas",
                                               provider->name),
                        .help = help_of(*provider)});
    return nullptr;
  }
  if (arguments.size() < provider->arguments_min || arguments.size() > provider->arguments_max) {
    problems.push_back({.code = "MR6303",
                        .message = fmt::format("\"{}\" takes {} to {} arguments, not {}",
                                               provider->name,
                                               provider->arguments_min,
                                               provider->arguments_max,
                                               arguments.size()),
                        .help = help_of(*provider)});
    return nullptr;
  }
  std::string problem;
  Maker maker = provider->make(arguments, problem);
  if (maker == nullptr) {
    problems.push_back({.code = "MR6304",
                        .message = fmt::format("\"{}\": {}", provider->name, problem),
                        .help = help_of(*provider)});
  }
  kind = provider->kind;
  return maker;
}

}  // namespace

std::optional<Expression> Expression::parse(std::string_view text,
                                            std::vector<ExpressionProblem>& problems) {
  const std::size_t before = problems.size();
  Expression expression;
  ValueKind kind = ValueKind::kText;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find(kOpen), text.size());
    if (open > 0) {
      expression.parts_.push_back({.text = std::string(text.substr(0, open)), .maker = nullptr});
      text.remove_prefix(open);
      continue;
    }
    const std::size_t close = find_close(text, kOpen.size());
    if (close == std::string_view::npos) {
      problems.push_back({.code = "MR6305",
                          .message = "a #{ without its }: \"" + std::string(text) + "\"",
                          .help = "write it as #{Name.fullName}."});
      break;
    }
    Maker maker = make_directive(text.substr(kOpen.size(), close - kOpen.size()), kind, problems);
    expression.parts_.push_back({.text = {}, .maker = std::move(maker)});
    text.remove_prefix(close + 1);
  }
  if (problems.size() > before) {
    return std::nullopt;
  }
  const bool single = expression.parts_.size() == 1 && expression.parts_[0].maker != nullptr;
  expression.kind_ = single ? kind : ValueKind::kText;
  return expression;
}

void Expression::append(Draw& draw, std::string& out) const {
  for (const Part& part : parts_) {
    if (part.maker == nullptr) {
      out.append(part.text);
    } else {
      part.maker(draw, out);
    }
  }
}

}  // namespace millrace::connect::faker::detail
