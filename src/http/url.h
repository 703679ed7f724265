// The parts of an address that we take apart ourselves. Source: RFC 3986; WHATWG URL (form
// encoding: `+` is a blank in a query).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::http {

/// %XX becomes a byte; a `%` without two digits stays as it is.
std::string percent_decode(std::string_view text);

/// Everything but letters, digits and `-._~` becomes %XX.
std::string percent_encode(std::string_view text);

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// "a=1&b&c=x%20y" in order of writing; at most kQueryParametersMax, further ones are dropped.
QueryParameters parse_query(std::string_view query);

inline constexpr std::size_t kQueryParametersMax = 256;

/// The value of the last parameter of that name; null when there is none.
const std::string* find_parameter(const QueryParameters& parameters, std::string_view name);

/// Sets one parameter in an address that may have a query and a fragment: replaces the first of
/// that name and drops the others, else appends.
std::string with_parameter(std::string_view url, std::string_view name, std::string_view value);

/// "https://example.org:8443" of an address, in small letters and with the port always written, to
/// compare two of them; nothing when it is no http or https address.
std::optional<std::string> origin_of(std::string_view url);

/// An address as it may be shown: without user, password, query and fragment, which may hold
/// secrets.
std::string shown_url(std::string_view url);

/// The address that `reference` means on the page `base` (RFC 3986 §5); nothing when it is no
/// http or https address.
std::optional<std::string> resolve_url(std::string_view base, std::string_view reference);

}  // namespace millrace::http
