// Codes, encodings and measures of strings: hex, base64, encode, levenshtein, soundex, mask, …
#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "base/utf8.h"
#include "expr/code_points.h"
#include "expr/encoding_text.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/unicode_case.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using enum data::TypeKind;
using Text = std::string_view;

// --- Codes

std::int32_t ascii(Row&, Text text) {
  std::size_t at = 0;
  return text.empty() ? 0 : static_cast<std::int32_t>(next_code_point(text, at));
}

std::string chr(Row&, std::int64_t code) {
  std::string out;
  if (code >= 0) {
    append_utf8(out, static_cast<char32_t>(code & 0xFF));
  }
  return out;
}

std::string hex_of_integer(Row&, std::int64_t value) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  auto bits = static_cast<std::uint64_t>(value);
  do {
    out.insert(out.begin(), kDigits[bits & 0xFU]);
    bits >>= 4U;
  } while (bits != 0);
  return out;
}

std::string hex_of_bytes(Row&, Text bytes) {
  return upper_hex(bytes);
}

std::optional<Resolution> resolve_hex(CallSite& call) {
  if (call.type(0).is_string_or_binary()) {
    return signature(call, Type(kString), {call.type(0)}, kRowKernel<hex_of_bytes>);
  }
  return signature(call, Type(kString), {Type(kBigInt)}, kRowKernel<hex_of_integer>);
}

std::string or_null(Row& row, std::optional<std::string> value) {
  if (!value) {
    row.set_null();
    return {};
  }
  return *std::move(value);
}

std::string or_fail(Row& row, std::optional<std::string> value, EvalError error) {
  if (!value) {
    row.fail(error);
    return {};
  }
  return *std::move(value);
}

std::string unhex(Row& row, Text text) {
  return or_null(row, bytes_of_hex(text));
}

std::string base64(Row&, Text bytes) {
  return to_base64(bytes);
}

std::string unbase64(Row& row, Text text) {
  return or_fail(row, bytes_of_mime_base64(text), EvalError::kConversionInvalidInput);
}

std::string encode(Row& row, Text text, Text charset_name) {
  const std::optional<Charset> charset = charset_of(charset_name);
  if (!charset) {
    row.fail(EvalError::kInvalidParameterValue);
    return {};
  }
  return or_fail(row, encode_text(text, *charset), EvalError::kInvalidUtf8String);
}

std::string decode_charset(Row& row, Text bytes, Text charset_name) {
  const std::optional<Charset> charset = charset_of(charset_name);
  if (!charset) {
    row.fail(EvalError::kInvalidParameterValue);
    return {};
  }
  return or_fail(row, decode_text(bytes, *charset), EvalError::kInvalidUtf8String);
}

// decode(e, search1, result1, …[, default]) is a CASE that takes nulls for equal.
std::optional<Resolution> resolve_decode(CallSite& call) {
  if (call.count() == 2) {
    return signature(
        call, Type(kString), {Type(kBinary), Type(kString)}, kRowKernel<decode_charset>);
  }
  const std::vector<ExpressionPtr>& args = call.args();
  std::vector<ExpressionPtr> branches;
  for (std::size_t i = 1; i + 1 < args.size(); i += 2) {
    branches.push_back(call.call("<=>", {args[0], args[i]}));
    branches.push_back(args[i + 1]);
  }
  if (args.size() % 2 == 0) {
    branches.push_back(args.back());
  }
  ExpressionPtr replacement = call.call("case", std::move(branches));
  if (replacement == nullptr) {
    return std::nullopt;
  }
  Resolution resolution;
  resolution.replacement = std::move(replacement);
  return resolution;
}

std::optional<std::string> binary_of(Text text, Text format) {
  const std::string lower = lower_text(format);
  if (lower == "hex") {
    return bytes_of_hex(text);
  }
  if (lower == "base64") {
    return from_base64(text);
  }
  return lower == "utf-8" || lower == "utf8" ? std::optional<std::string>(text) : std::nullopt;
}

std::string to_binary(Row& row, Text text, Text format) {
  return or_fail(row, binary_of(text, format), EvalError::kConversionInvalidInput);
}

std::string to_binary_hex(Row& row, Text text) {
  return to_binary(row, text, "hex");
}

std::string try_to_binary(Row& row, Text text, Text format) {
  return or_null(row, binary_of(text, format));
}

std::string try_to_binary_hex(Row& row, Text text) {
  return try_to_binary(row, text, "hex");
}

template <Kernel kOne, Kernel kTwo, bool kNullable>
std::optional<Resolution> resolve_to_binary(CallSite& call) {
  return signature(call,
                   Type(kBinary),
                   {Type(kString), Type(kString)},
                   call.count() == 1 ? kOne : kTwo,
                   kNullable);
}

// --- Measures

std::vector<char32_t> code_points_of(Text text) {
  std::vector<char32_t> out;
  for (std::size_t at = 0; at < text.size();) {
    out.push_back(next_code_point(text, at));
  }
  return out;
}

// The product of both lengths is bounded, so that one row cannot stop a flow.
constexpr std::uint64_t kLevenshteinCellsMax = 100'000'000;

std::int32_t levenshtein(Row& row, Text left, Text right) {
  const std::vector<char32_t> a = code_points_of(left);
  const std::vector<char32_t> b = code_points_of(right);
  if (a.size() * b.size() > kLevenshteinCellsMax) {
    row.fail(EvalError::kTooManyElements);
    return 0;
  }
  std::vector<std::int32_t> distance(b.size() + 1);
  std::iota(distance.begin(), distance.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::int32_t diagonal = distance[0];
    distance[0] = static_cast<std::int32_t>(i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::int32_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = distance[j + 1];
      distance[j + 1] = std::min({substituted, diagonal + 1, distance[j] + 1});
    }
  }
  return distance.back();
}

std::int32_t levenshtein_up_to(Row& row, Text left, Text right, std::int32_t threshold) {
  const std::int32_t distance = levenshtein(row, left, right);
  return distance <= threshold ? distance : -1;
}

std::optional<Resolution> resolve_levenshtein(CallSite& call) {
  return signature(call,
                   Type(kInt),
                   {Type(kString), Type(kString), Type(kInt)},
                   call.count() == 2 ? kRowKernel<levenshtein> : kRowKernel<levenshtein_up_to>);
}

int letter_of(char c) {
  const char upper = static_cast<char>(c & ~0x20);
  return upper >= 'A' && upper <= 'Z' ? upper - 'A' : -1;
}

std::string soundex(Row&, Text text) {
  // H and W (7) do not part equal codes, vowels (0) do.
  static constexpr Text kCodes = "01230127022455012623017202";
  if (text.empty() || letter_of(text[0]) < 0) {
    return std::string(text);
  }
  const int first = letter_of(text[0]);
  std::string out(1, static_cast<char>('A' + first));
  char last = kCodes[static_cast<std::size_t>(first)];
  for (std::size_t i = 1; i < text.size() && out.size() < 4; ++i) {
    const int letter = letter_of(text[i]);
    const char code = letter < 0 ? '0' : kCodes[static_cast<std::size_t>(letter)];
    if (code == '7') {
      continue;
    }
    if (code != '0' && code != last) {
      out.push_back(code);
    }
    last = code;
  }
  out.resize(4, '0');
  return out;
}

bool luhn_check(Row&, Text digits) {
  int sum = 0;
  bool doubled = false;
  for (std::size_t i = digits.size(); i > 0; --i) {
    const char c = digits[i - 1];
    if (c < '0' || c > '9') {
      return false;
    }
    const int digit = (c - '0') * (doubled ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
    doubled = !doubled;
  }
  return !digits.empty() && sum % 10 == 0;
}

// --- Shape

std::string quote(Row&, Text text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out.push_back('\\');
    }
    out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

// mask(text[, upper[, lower[, digit[, other]]]]): a null replacement leaves its kind as it is.
struct MaskCharacters {
  std::optional<std::string> upper;
  std::optional<std::string> lower;
  std::optional<std::string> digit;
  std::optional<std::string> other;
};

std::string mask_text(Text text, const MaskCharacters& with) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t code_point = next_code_point(text, at);
    const std::optional<std::string>* replacement = &with.other;
    if (code_point < 0x10000) {
      if (is_upper_code_point(code_point)) {
        replacement = &with.upper;
      } else if (is_lower_code_point(code_point)) {
        replacement = &with.lower;
      } else if (is_digit_code_point(code_point)) {
        replacement = &with.digit;
      }
    }
    out.append(replacement->has_value() ? Text(**replacement) : text.substr(begin, at - begin));
  }
  return out;
}

data::ColumnPtr mask_kernel(const KernelInput& in) {
  return map_values(
      in,
      [](Row&, std::span<const data::Value> args) {
        if (args[0].is_null()) {
          return data::Value();
        }
        const auto given = [&](std::size_t index, std::optional<std::string> otherwise) {
          if (index >= args.size()) {
            return otherwise;
          }
          return args[index].is_null() ? std::nullopt
                                       : std::optional<std::string>(args[index].string());
        };
        return data::Value(mask_text(args[0].string(),
                                     {.upper = given(1, "X"),
                                      .lower = given(2, "x"),
                                      .digit = given(3, "n"),
                                      .other = given(4, std::nullopt)}));
      },
      /*see_nulls=*/true);
}

std::optional<Resolution> resolve_mask(CallSite& call) {
  return signature(call, Type(kString), {Type(kString)}, mask_kernel);
}

// --- Sentences

bool is_word_code_point(char32_t code_point) {
  if (code_point < 0x80) {
    return (code_point >= '0' && code_point <= '9') ||
           letter_of(static_cast<char>(code_point)) >= 0 || code_point == '_';
  }
  // Above ASCII: all but the blocks of punctuation.
  return code_point >= 0xC0 && !(code_point >= 0x2000 && code_point < 0x2C00) &&
         !(code_point >= 0x3000 && code_point < 0x3040) && code_point != 0xD7 && code_point != 0xF7;
}

bool is_sentence_end(char32_t code_point) {
  return code_point == '.' || code_point == '!' || code_point == '?' || code_point == 0x3002;
}

// A mark that a word may hold between two letters: "don't", "3.5".
bool joins_word(Text text, std::size_t next, char32_t code_point) {
  if ((code_point != '\'' && code_point != '.' && code_point != ',') || next >= text.size()) {
    return false;
  }
  return is_word_code_point(next_code_point(text, next));
}

data::Value sentences_of(Text text) {
  data::ValueList sentences;
  data::ValueList words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) {
      words.emplace_back(std::move(word));
      word.clear();
    }
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t code_point = next_code_point(text, at);
    if (is_word_code_point(code_point) || (!word.empty() && joins_word(text, at, code_point))) {
      word.append(text.substr(begin, at - begin));
      continue;
    }
    end_word();
    if (is_sentence_end(code_point) && !words.empty()) {
      sentences.emplace_back(std::move(words));
      words.clear();
    }
  }
  end_word();
  if (!words.empty()) {
    sentences.emplace_back(std::move(words));
  }
  return data::Value(std::move(sentences));
}

data::ColumnPtr sentences_kernel(const KernelInput& in) {
  return map_values(
      in, [](Row&, std::span<const data::Value> args) { return sentences_of(args[0].string()); });
}

std::optional<Resolution> resolve_sentences(CallSite& call) {
  const Type words = Type::array(Type(kString), /*contains_null=*/false);
  return signature(
      call, Type::array(words, /*contains_null=*/false), {Type(kString)}, sentences_kernel);
}

// --- UTF-8

bool is_valid(Row&, Text text) {
  return is_valid_utf8(text);
}

std::string make_valid(Row&, Text text) {
  return to_valid_utf8(text);
}

View validate(Row& row, Text text) {
  if (!is_valid_utf8(text)) {
    row.fail(EvalError::kInvalidUtf8String);
  }
  return {text};
}

View try_validate(Row& row, Text text) {
  if (!is_valid_utf8(text)) {
    row.set_null();
  }
  return {text};
}

// BINARY is looked at as it is: a cast to STRING must not repair it first.
template <Kernel kKernel, TypeKind kResult, bool kNullable>
std::optional<Resolution> resolve_utf8(CallSite& call) {
  const Type type(call.type(0).kind() == kBinary ? kBinary : kString);
  return signature(call, Type(kResult), {type}, kKernel, kNullable);
}

constexpr Function kTextFunctions[] = {
    {"ascii",
     1,
     1,
     resolve_fixed<kRowKernel<ascii>, kInt, kString>,
     true,
     "ascii(str) - the code point of the first character"},
    {"chr",
     1,
     1,
     resolve_fixed<kRowKernel<chr>, kString, kBigInt>,
     true,
     "chr(n) - the character of code n modulo 256"},
    {"char",
     1,
     1,
     resolve_fixed<kRowKernel<chr>, kString, kBigInt>,
     true,
     "char(n) - the character of code n modulo 256"},
    {"hex", 1, 1, resolve_hex, true, "hex(expr) - an integer, string or binary in hexadecimal"},
    {"unhex",
     1,
     1,
     resolve_nullable<kRowKernel<unhex>, kBinary, kString>,
     true,
     "unhex(str) - the bytes that hexadecimal digits stand for, null when they are none"},
    {"base64",
     1,
     1,
     resolve_fixed<kRowKernel<base64>, kString, kBinary>,
     true,
     "base64(bin) - the bytes in base 64"},
    {"unbase64",
     1,
     1,
     resolve_fixed<kRowKernel<unbase64>, kBinary, kString>,
     true,
     "unbase64(str) - the bytes of a text in base 64"},
    {"encode",
     2,
     2,
     resolve_fixed<kRowKernel<encode>, kBinary, kString, kString>,
     true,
     "encode(str, charset) - the bytes of str in a character set"},
    {"decode",
     2,
     -1,
     resolve_decode,
     true,
     "decode(bin, charset) - the text of bytes; decode(e, search, result, …[, default]) - as CASE"},
    {"to_binary",
     1,
     2,
     resolve_to_binary<kRowKernel<to_binary_hex>, kRowKernel<to_binary>, false>,
     true,
     "to_binary(str[, 'hex'|'utf-8'|'base64']) - the bytes that str stands for"},
    {"try_to_binary",
     1,
     2,
     resolve_to_binary<kRowKernel<try_to_binary_hex>, kRowKernel<try_to_binary>, true>,
     true,
     "try_to_binary(str[, format]) - as to_binary, null when it is invalid"},
    {"levenshtein",
     2,
     3,
     resolve_levenshtein,
     true,
     "levenshtein(a, b[, max]) - edits between a and b, -1 when more than max"},
    {"soundex",
     1,
     1,
     resolve_fixed<kRowKernel<soundex>, kString, kString>,
     true,
     "soundex(str) - the Soundex code"},
    {"luhn_check",
     1,
     1,
     resolve_fixed<kRowKernel<luhn_check>, kBoolean, kString>,
     true,
     "luhn_check(str) - whether a number of digits passes Luhn's check"},
    {"quote",
     1,
     1,
     resolve_fixed<kRowKernel<quote>, kString, kString>,
     true,
     "quote(str) - in single quotes, those inside escaped"},
    {"mask",
     1,
     5,
     resolve_mask,
     true,
     "mask(str[, upper[, lower[, digit[, other]]]]) - letters and digits replaced"},
    {"sentences",
     1,
     3,
     resolve_sentences,
     true,
     "sentences(str) - an array of sentences, each an array of words"},
    {"is_valid_utf8",
     1,
     1,
     resolve_utf8<kRowKernel<is_valid>, kBoolean, false>,
     true,
     "is_valid_utf8(str) - whether str is valid UTF-8"},
    {"make_valid_utf8",
     1,
     1,
     resolve_utf8<kRowKernel<make_valid>, kString, false>,
     true,
     "make_valid_utf8(str) - str with invalid bytes replaced by U+FFFD"},
    {"validate_utf8",
     1,
     1,
     resolve_utf8<kRowKernel<validate>, kString, false>,
     true,
     "validate_utf8(str) - str, or an error when it is not valid UTF-8"},
    {"try_validate_utf8",
     1,
     1,
     resolve_utf8<kRowKernel<try_validate>, kString, true>,
     true,
     "try_validate_utf8(str) - str, or null when it is not valid UTF-8"},
};

}  // namespace

std::span<const Function> text_functions() {
  return kTextFunctions;
}

}  // namespace millrace::expr
