// URLs: their parts and their percent encoding.
#include <algorithm>

#include "base/utf8.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/unicode_case.h"

namespace millrace::expr {
namespace {

using data::Type;
using enum data::TypeKind;
using Text = std::string_view;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// As java.net.URLEncoder: a form's encoding, with '+' for a space.
std::string url_encode(Row&, Text text) {
  static constexpr Text kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alphanumeric(c) || Text(".-*_").find(c) != Text::npos) {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kDigits[byte >> 4U]);
      out.push_back(kDigits[byte & 0xFU]);
    }
  }
  return out;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> decode_url(Text text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out.push_back(text[at] == '+' ? ' ' : text[at]);
      continue;
    }
    const int high = at + 2 < text.size() ? digit_of(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? digit_of(text[at + 2]) : -1;
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(high * 16 + low));
    at += 2;
  }
  return to_valid_utf8(out);
}

std::string url_decode(Row& row, Text text) {
  std::optional<std::string> decoded = decode_url(text);
  if (!decoded) {
    row.fail(EvalError::kInvalidUrl);
    return {};
  }
  return *std::move(decoded);
}

std::string try_url_decode(Row& row, Text text) {
  std::optional<std::string> decoded = decode_url(text);
  if (!decoded) {
    row.set_null();
    return {};
  }
  return *std::move(decoded);
}

// The parts of a URI (RFC 2396, appendix B); a part that is not there has no value.
struct Url {
  std::optional<Text> scheme;
  std::optional<Text> authority;
  Text path;
  std::optional<Text> query;
  std::optional<Text> fragment;
};

bool is_scheme(Text text) {
  if (text.empty() || !is_alphanumeric(text[0]) || digit_of(text[0]) == text[0] - '0') {
    return false;
  }
  return std::ranges::all_of(
      text, [](char c) { return is_alphanumeric(c) || c == '+' || c == '-' || c == '.'; });
}

// java.net.URI refuses spaces, control characters and some marks, and half escapes.
bool has_only_uri_characters(Text text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte <= 0x20 || byte == 0x7F || Text("\"<>\\^`{|}").find(text[at]) != Text::npos) {
      return false;
    }
    if (text[at] == '%' &&
        (at + 2 >= text.size() || digit_of(text[at + 1]) < 0 || digit_of(text[at + 2]) < 0)) {
      return false;
    }
  }
  return true;
}

std::optional<Url> split_url(Text text) {
  if (!has_only_uri_characters(text)) {
    return std::nullopt;
  }
  Url url;
  if (const std::size_t hash = text.find('#'); hash != Text::npos) {
    url.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  const std::size_t colon = text.find_first_of(":/?");
  if (colon != Text::npos && text[colon] == ':') {
    if (!is_scheme(text.substr(0, colon)) || colon + 1 == text.size()) {
      return std::nullopt;
    }
    url.scheme = text.substr(0, colon);
    text = text.substr(colon + 1);
    if (text[0] != '/') {
      return url;  // Opaque, as mailto:
    }
  }
  if (const std::size_t mark = text.find('?'); mark != Text::npos) {
    url.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (text.starts_with("//")) {
    const std::size_t slash = text.find('/', 2);
    url.authority = text.substr(2, slash - 2);
    text = slash == Text::npos ? Text() : text.substr(slash);
  }
  url.path = text;
  return url;
}

std::optional<Text> user_of(const Url& url) {
  const std::size_t at = url.authority ? url.authority->rfind('@') : Text::npos;
  return at == Text::npos ? std::nullopt : std::optional(url.authority->substr(0, at));
}

std::optional<Text> host_of(const Url& url) {
  if (!url.authority) {
    return std::nullopt;
  }
  Text host = *url.authority;
  if (const std::size_t at = host.rfind('@'); at != Text::npos) {
    host = host.substr(at + 1);
  }
  if (host.starts_with("[")) {
    return host.substr(0, host.find(']') == Text::npos ? Text::npos : host.find(']') + 1);
  }
  host = host.substr(0, host.find(':'));
  return host.empty() ? std::nullopt : std::optional(host);
}

// The value of "key=…" in a query.
std::optional<Text> query_value(Text query, Text key) {
  for (std::size_t begin = 0; begin <= query.size();) {
    const std::size_t end = std::min(query.find('&', begin), query.size());
    const Text pair = query.substr(begin, end - begin);
    if (pair.starts_with(key) && pair.size() > key.size() && pair[key.size()] == '=') {
      return pair.substr(key.size() + 1);
    }
    begin = end + 1;
  }
  return std::nullopt;
}

std::optional<std::string> part_of(const Url& url, Text part) {
  const auto copy = [](std::optional<Text> text) {
    return text ? std::optional<std::string>(*text) : std::nullopt;
  };
  if (part == "HOST") {
    return copy(host_of(url));
  }
  if (part == "PATH") {
    return std::string(url.path);
  }
  if (part == "QUERY") {
    return copy(url.query);
  }
  if (part == "REF") {
    return copy(url.fragment);
  }
  if (part == "PROTOCOL") {
    return copy(url.scheme);
  }
  if (part == "AUTHORITY") {
    return copy(url.authority);
  }
  if (part == "USERINFO") {
    return copy(user_of(url));
  }
  if (part == "FILE") {
    return std::string(url.path) + (url.query ? "?" + std::string(*url.query) : "");
  }
  return std::nullopt;
}

std::string parse_url_part(Row& row, Text text, Text part, std::optional<Text> key, bool strict) {
  const std::optional<Url> url = split_url(text);
  if (!url) {
    if (strict) {
      row.fail(EvalError::kInvalidUrl);
    }
    row.set_null();
    return {};
  }
  std::optional<std::string> value;
  if (!key) {
    value = part_of(*url, part);
  } else if (part == "QUERY" && url->query) {
    if (const auto found = query_value(*url->query, *key)) {
      value = std::string(*found);
    }
  }
  if (!value) {
    row.set_null();
    return {};
  }
  return *std::move(value);
}

template <bool kStrict>
std::string parse_url(Row& row, Text text, Text part) {
  return parse_url_part(row, text, part, std::nullopt, kStrict);
}

template <bool kStrict>
std::string parse_url_query(Row& row, Text text, Text part, Text key) {
  return parse_url_part(row, text, part, key, kStrict);
}

template <bool kStrict>
std::optional<Resolution> resolve_parse_url(CallSite& call) {
  return signature(
      call,
      Type(kString),
      {Type(kString)},
      call.count() == 2 ? kRowKernel<parse_url<kStrict>> : kRowKernel<parse_url_query<kStrict>>,
      /*always_nullable=*/true);
}

constexpr Function kUrlFunctions[] = {
    {"url_encode",
     1,
     1,
     resolve_fixed<kRowKernel<url_encode>, kString, kString>,
     true,
     "url_encode(str) - as a form is encoded"},
    {"url_decode",
     1,
     1,
     resolve_fixed<kRowKernel<url_decode>, kString, kString>,
     true,
     "url_decode(str) - the text of an encoded form"},
    {"try_url_decode",
     1,
     1,
     resolve_nullable<kRowKernel<try_url_decode>, kString, kString>,
     true,
     "try_url_decode(str) - as url_decode, null when it is invalid"},
    {"parse_url",
     2,
     3,
     resolve_parse_url<true>,
     true,
     "parse_url(url, 'HOST'|'PATH'|'QUERY'|'REF'|'PROTOCOL'|'FILE'|'AUTHORITY'|'USERINFO'[, key])"},
    {"try_parse_url",
     2,
     3,
     resolve_parse_url<false>,
     true,
     "try_parse_url(url, part[, key]) - as parse_url, null when it is no URL"},
};

}  // namespace

std::span<const Function> url_functions() {
  return kUrlFunctions;
}

}  // namespace millrace::expr
