#include "connect/faker/detail/row.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/json_text.h"

namespace millrace::connect::faker::detail {
namespace {

using config::OptionValues;

constexpr std::string_view kTypes[] = {"string", "number", "boolean"};

bool is_path(std::string_view path) {
  const bool empty_part =
      path.starts_with('.') || path.ends_with('.') || path.find("..") != std::string_view::npos;
  return !path.empty() && !empty_part && std::ranges::count(path, '.') < kFieldDepthMax;
}

// The field of a path such as "home.city", made where it is missing; null when it is none.
Field* find_or_make(std::vector<Field>& fields, std::string_view path) {
  std::vector<Field>* level = &fields;
  while (is_path(path)) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::string_view name = path.substr(0, dot);
    auto found = std::ranges::find(*level, name, &Field::name);
    if (found == level->end()) {
      level->push_back({.name = std::string(name)});
      found = level->end() - 1;
    }
    if (dot == path.size()) {
      return &*found;
    }
    level = &found->fields;
    path.remove_prefix(dot + 1);
  }
  return nullptr;
}

class Reader {
 public:
  Reader(const OptionValues& values, Diagnostics& diagnostics)
      : values_(values), diagnostics_(diagnostics) {}

  std::vector<Field> read() {
    for_each("fields.*.expression", [this](Field& field, const OptionValues::Match& match) {
      read_expression(field, match);
    });
    for_each("fields.*.type",
             [this](Field& field, const OptionValues::Match& match) { read_type(field, match); });
    for_each("fields.*.null-rate", [](Field& field, const OptionValues::Match& match) {
      field.null_rate = config::parse_double(match.value).value_or(0);
    });
    for_each("fields.*.length", [](Field& field, const OptionValues::Match& match) {
      field.length = config::parse_int(match.value);
    });
    if (fields_.empty()) {
      add("MR6306",
          {},
          "a faker source has no field",
          "add 'fields.name.expression' = '#{Name.fullName}'.");
    }
    finish(fields_, "");
    return std::move(fields_);
  }

 private:
  template <class Take>
  void for_each(std::string_view option, Take take) {
    for (const OptionValues::Match& match : values_.matching(option)) {
      Field* field = find_or_make(fields_, match.star);
      if (field == nullptr) {
        add("MR6307",
            match.where,
            fmt::format("no name of a field: \"{}\"", match.star),
            fmt::format("names are separated by single dots, at most {} of them.", kFieldDepthMax));
        continue;
      }
      take(*field, match);
    }
  }

  void add(std::string_view code, const SourceSpan& where, std::string message, std::string help) {
    diagnostics_.add({.code = std::string(code),
                      .where = where,
                      .message = std::move(message),
                      .help = std::move(help)});
  }

  void read_expression(Field& field, const OptionValues::Match& match) {
    std::vector<ExpressionProblem> problems;
    field.expression = Expression::parse(match.value, problems);
    for (ExpressionProblem& problem : problems) {
      add(problem.code, match.where, std::move(problem.message), std::move(problem.help));
    }
    if (!field.expression) {
      // Stands for the broken one, so that nothing else is reported of this field.
      field.expression = Expression::parse("", problems);
      return;
    }
    switch (field.expression->kind()) {
      case ValueKind::kText:
        field.type = FieldType::kText;
        return;
      case ValueKind::kNumber:
        field.type = FieldType::kNumber;
        return;
      case ValueKind::kBoolean:
        field.type = FieldType::kBoolean;
        return;
    }
  }

  void read_type(Field& field, const OptionValues::Match& match) {
    const std::string wanted = ascii_lower(match.value);
    const auto* found = std::ranges::find(kTypes, wanted);
    if (found != std::end(kTypes)) {
      field.type = static_cast<FieldType>(found - std::begin(kTypes));
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): kFieldDepthMax bounds it.
  void finish(std::vector<Field>& fields, const std::string& path) {
    for (Field& field : fields) {
      const std::string name = path.empty() ? field.name : path + "." + field.name;
      field.salt = xxh64(name);
      if (field.expression && !field.fields.empty()) {
        add("MR6308",
            {},
            fmt::format("field \"{}\" has an expression and fields of its own", name),
            "leave one of the two out.");
      } else if (!field.expression && field.fields.empty()) {
        add("MR6309",
            {},
            fmt::format("field \"{}\" has no expression", name),
            fmt::format("add 'fields.{}.expression'.", name));
      }
      field.is_map = field.length && field.fields.size() == 2 &&
                     std::ranges::count(field.fields, "key", &Field::name) == 1 &&
                     std::ranges::count(field.fields, "value", &Field::name) == 1;
      finish(field.fields, name);
    }
  }

  const OptionValues& values_;
  Diagnostics& diagnostics_;
  std::vector<Field> fields_;
};

bool is_json_number(std::string_view text) {
  // What makers and users' choices give: digits with a sign and a fraction, without leading zeros.
  std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  const std::string_view whole = digits.substr(0, digits.find('.'));
  const auto all_digits = [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, is_ascii_digit);
  };
  if (!all_digits(whole) || (whole.size() > 1 && whole[0] == '0')) {
    return false;
  }
  digits.remove_prefix(whole.size());
  return digits.empty() || all_digits(digits.substr(1));
}

void append_scalar(FieldType type, const std::string& text, std::string& out) {
  const bool literal = (type == FieldType::kNumber && is_json_number(text)) ||
                       (type == FieldType::kBoolean && (text == "true" || text == "false"));
  if (literal) {
    out.append(text);
  } else {
    append_json_string(out, text);
  }
}

void append_value(const Field& field, Draw& draw, std::string& out) {
  std::string text;
  field.expression->append(draw, text);
  append_scalar(field.type, text, out);
}

struct RowPlace {
  std::uint64_t seed;
  std::uint64_t row;
  std::int64_t now_ms;
};

Random random_of(const RowPlace& place, std::uint64_t salt) {
  std::array<char, 16> bytes{};
  store_le(bytes.data(), place.row);
  store_le(bytes.data() + 8, salt);
  return Random(xxh64({bytes.data(), bytes.size()}, place.seed));
}

void append_object(const std::vector<Field>& fields, const RowPlace& place, std::string& out);

void append_map(const Field& field, Draw& draw, std::string& out) {
  const Field* key = &*std::ranges::find(field.fields, "key", &Field::name);
  const Field* value = &*std::ranges::find(field.fields, "value", &Field::name);
  out.push_back('{');
  for (std::int64_t i = 0; i < field.length.value_or(0); ++i) {
    out.append(i == 0 ? "" : ",");
    std::string text;
    if (key->expression) {
      key->expression->append(draw, text);
    }
    append_json_string(out, text);
    out.push_back(':');
    if (value->expression) {
      append_value(*value, draw, out);
    } else {
      out.append("null");
    }
  }
  out.push_back('}');
}

// NOLINTNEXTLINE(misc-no-recursion): kFieldDepthMax bounds it.
void append_field(const Field& field, const RowPlace& place, std::string& out) {
  Random random = random_of(place, field.salt);
  Draw draw{.random = random, .now_ms = place.now_ms};
  if (field.null_rate > 0 && random.unit() < field.null_rate) {
    out.append("null");
  } else if (field.is_map) {
    append_map(field, draw, out);
  } else if (!field.expression) {
    append_object(field.fields, place, out);
  } else if (field.length) {
    out.push_back('[');
    for (std::int64_t i = 0; i < *field.length; ++i) {
      out.append(i == 0 ? "" : ",");
      append_value(field, draw, out);
    }
    out.push_back(']');
  } else {
    append_value(field, draw, out);
  }
}

// NOLINTNEXTLINE(misc-no-recursion)
void append_object(const std::vector<Field>& fields, const RowPlace& place, std::string& out) {
  out.push_back('{');
  for (std::size_t i = 0; i < fields.size(); ++i) {
    out.append(i == 0 ? "" : ",");
    append_json_string(out, fields[i].name);
    out.push_back(':');
    append_field(fields[i], place, out);
  }
  out.push_back('}');
}

}  // namespace

RowMaker RowMaker::read(const OptionValues& values, Diagnostics& diagnostics) {
  RowMaker maker;
  maker.fields_ = Reader(values, diagnostics).read();
  return maker;
}

void RowMaker::append(std::uint64_t seed,
                      std::uint64_t row,
                      std::int64_t now_ms,
                      std::string& out) const {
  append_object(fields_, {.seed = seed, .row = row, .now_ms = now_ms}, out);
}

}  // namespace millrace::connect::faker::detail
