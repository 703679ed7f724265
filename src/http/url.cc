#include "http/url.h"

#include <algorithm>
#include <memory>

#include "base/ascii.h"
#include "http/detail/curl_library.h"

namespace millrace::http {
namespace {

using detail::curl;

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string form_decode(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decode(spaced);
}

bool is_plain(char c) {
  return is_ascii_letter(c) || is_ascii_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

struct UrlCleanup {
  void operator()(CURLU* url) const { curl().url_cleanup(url); }
};

using CurlUrl = std::unique_ptr<CURLU, UrlCleanup>;

std::optional<std::string> url_part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl().url_get(url, part, &text, flags) != CURLUE_OK || text == nullptr) {
    return std::nullopt;
  }
  std::string copy(text);
  curl().free(text);
  return copy;
}

CurlUrl parse_url(std::string_view text) {
  CurlUrl url(curl().url());
  if (url == nullptr ||
      curl().url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), 0) != CURLUE_OK) {
    return nullptr;
  }
  const std::optional<std::string> scheme = url_part(url.get(), CURLUPART_SCHEME);
  return scheme == "http" || scheme == "https" ? std::move(url) : nullptr;
}

}  // namespace

std::string percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                        hex_value(text[i + 2]) >= 0;
    if (!escape) {
      decoded.push_back(text[i]);
      continue;
    }
    decoded.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
    i += 2;
  }
  return decoded;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_plain(c)) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(kDigits[byte >> 4U]);
    encoded.push_back(kDigits[byte & 15U]);
  }
  return encoded;
}

QueryParameters parse_query(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty() && parameters.size() < kQueryParametersMax) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    if (part.empty()) {
      continue;
    }
    const std::size_t equals = std::min(part.find('='), part.size());
    parameters.emplace_back(form_decode(part.substr(0, equals)),
                            form_decode(part.substr(std::min(equals + 1, part.size()))));
  }
  return parameters;
}

const std::string* find_parameter(const QueryParameters& parameters, std::string_view name) {
  const auto found = std::find_if(parameters.rbegin(),
                                  parameters.rend(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  return found == parameters.rend() ? nullptr : &found->second;
}

std::string with_parameter(std::string_view url, std::string_view name, std::string_view value) {
  const std::size_t hash = std::min(url.find('#'), url.size());
  const std::string_view fragment = url.substr(hash);
  const std::string_view whole = url.substr(0, hash);
  const std::size_t mark = std::min(whole.find('?'), whole.size());
  std::string_view query = whole.substr(std::min(mark + 1, whole.size()));
  const std::string wanted = percent_encode(name) + "=" + percent_encode(value);

  std::string parts;
  bool placed = false;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const bool same = form_decode(part.substr(0, part.find('='))) == name;
    if (part.empty() || (same && placed)) {
      continue;
    }
    parts.append(parts.empty() ? "" : "&").append(same ? std::string_view(wanted) : part);
    placed = placed || same;
  }
  if (!placed) {
    parts.append(parts.empty() ? "" : "&").append(wanted);
  }
  return std::string(whole.substr(0, mark)) + "?" + parts + std::string(fragment);
}

std::optional<std::string> origin_of(std::string_view url) {
  const CurlUrl parsed = parse_url(url);
  if (parsed == nullptr) {
    return std::nullopt;
  }
  const std::optional<std::string> scheme = url_part(parsed.get(), CURLUPART_SCHEME);
  const std::optional<std::string> host = url_part(parsed.get(), CURLUPART_HOST);
  const std::optional<std::string> port =
      url_part(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!scheme || !host || !port) {
    return std::nullopt;
  }
  return *scheme + "://" + ascii_lower(*host) + ":" + *port;
}

std::string shown_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t slash = std::min(url.find('/', host), url.size());
  const std::size_t at = url.substr(0, slash).rfind('@');
  if (at == std::string_view::npos || at < host) {
    return std::string(url);
  }
  return std::string(url.substr(0, host)) + std::string(url.substr(at + 1));
}

std::optional<std::string> resolve_url(std::string_view base, std::string_view reference) {
  const CurlUrl url = parse_url(base);
  if (url == nullptr ||
      curl().url_set(url.get(), CURLUPART_URL, std::string(reference).c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  const std::optional<std::string> scheme = url_part(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return std::nullopt;
  }
  return url_part(url.get(), CURLUPART_URL);
}

}  // namespace millrace::http
