#include "connect/http/detail/settings.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/bytes.h"
#include "http/url.h"

namespace millrace::connect::http::detail {
namespace {

using config::OptionType;
using config::OptionValues;

constexpr std::string_view kPointerHelp =
    "a JSON pointer begins with / and names one key or index after the other: /data/items.";

bool is_pointer(std::string_view text) {
  if (text.empty() || !text.starts_with('/')) {
    return false;
  }
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) {
      return false;
    }
  }
  return true;
}

// RFC 9110 §5.6.2.
bool is_header_name(std::string_view name) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return is_ascii_letter(c) || is_ascii_digit(c) || kOthers.find(c) != std::string_view::npos;
  });
}

std::vector<config::Option> request_options() {
  return {
      {.name = "url",
       .type = OptionType::kUrl,
       .required = true,
       .sentence = "The address that is asked.",
       .example = "https://randomuser.me/api/"},
      {.name = "method",
       .type = OptionType::kEnum,
       .default_value = "GET",
       .choices = {"GET", "POST"},
       .sentence = "The method of the request."},
      {.name = "header.*",
       .also = {"headers.*"},
       .secret = true,
       .sentence = "A header that is sent with each request.",
       .example = "application/json"},
      {.name = "param.*",
       .also = {"params.*"},
       .sentence = "A parameter that is put into the query of the address."},
      {.name = "body", .sentence = "The body of a POST."},
      {.name = "username", .sentence = "User of basic authentication."},
      {.name = "password", .secret = true, .sentence = "Password of basic authentication."},
      {.name = "token", .secret = true, .sentence = "Token of bearer authentication."},
  };
}

std::vector<config::Option> answer_options() {
  return {
      {.name = "interval",
       .type = OptionType::kDuration,
       .default_value = "1 s",
       .minimum = "0 s",
       .maximum = "30 d",
       .unit = "s",
       .sentence = "From the start of one round to the start of the next; 0 s: back to "
                   "back.",
       .example = "10 s"},
      {.name = "rounds",
       .type = OptionType::kInt,
       .minimum = "1",
       .sentence = "The source ends after so many rounds."},
      {.name = "format",
       .type = OptionType::kEnum,
       .default_value = "json",
       .choices = {"json", "ndjson", "text"},
       .sentence = "What the answer is: one JSON text, one a line, or any text."},
      {.name = "records",
       .also = {"root"},
       .sentence = "JSON pointer to the list of records in the answer; without it the "
                   "whole answer is one record, or each element of a list.",
       .example = "/results"},
      {.name = "key",
       .also = {"id"},
       .sentence = "JSON pointer, in a record, to what becomes its key.",
       .example = "/login/uuid"},
      {.name = "next",
       .sentence = "JSON pointer, in the answer, to the address of the next page.",
       .example = "/info/next"},
      {.name = "paging",
       .type = OptionType::kEnum,
       .choices = {"link"},
       .sentence = "link: the next page is named by a Link header with rel=\"next\"."},
      {.name = "pageParameter",
       .sentence = "Parameter that is given the number of the page, until a page is empty.",
       .example = "page"},
      {.name = "firstPage",
       .type = OptionType::kInt,
       .default_value = "1",
       .minimum = "0",
       .sentence = "Number of the first page."},
      {.name = "maxPages",
       .type = OptionType::kInt,
       .default_value = "10000",
       .minimum = "1",
       .sentence = "A round ends after so many pages."},
  };
}

std::vector<config::Option> limit_options() {
  return {
      {.name = "timeout",
       .type = OptionType::kDuration,
       .default_value = "60 s",
       .minimum = "10 ms",
       .maximum = "1 h",
       .unit = "s",
       .sentence = "How long a request may take in all."},
      {.name = "connectTimeout",
       .type = OptionType::kDuration,
       .default_value = "5 s",
       .minimum = "10 ms",
       .maximum = "10 min",
       .unit = "s",
       .sentence = "How long a connection may take."},
      {.name = "firstByteTimeout",
       .type = OptionType::kDuration,
       .default_value = "30 s",
       .minimum = "10 ms",
       .maximum = "1 h",
       .unit = "s",
       .sentence = "How long an answer may take to begin."},
      {.name = "maxBytes",
       .type = OptionType::kBytes,
       .default_value = "10 MB",
       .minimum = "1",
       .maximum = "1 GiB",
       .sentence = "A larger answer fails."},
      {.name = "retries",
       .type = OptionType::kInt,
       .default_value = "5",
       .minimum = "0",
       .maximum = "1000",
       .sentence = "How often a request that failed is tried again within a round."},
      {.name = "retryWait",
       .type = OptionType::kDuration,
       .default_value = "500 ms",
       .minimum = "1 ms",
       .maximum = "1 h",
       .unit = "s",
       .sentence = "First pause before a new try; it doubles, and half of it is random."},
      {.name = "retryWaitMax",
       .type = OptionType::kDuration,
       .default_value = "60 s",
       .minimum = "1 ms",
       .maximum = "1 d",
       .unit = "s",
       .sentence = "Longest pause before a new try."},
      {.name = "retryAfterMax",
       .type = OptionType::kDuration,
       .default_value = "10 min",
       .minimum = "0 s",
       .maximum = "30 d",
       .unit = "s",
       .sentence = "A server that asks for a longer pause ends the round."},
      {.name = "allowEmpty",
       .type = OptionType::kBool,
       .default_value = "false",
       .sentence = "An answer without records is good news, not a failure."},
      {.name = "allowPrivate",
       .type = OptionType::kBool,
       .default_value = "false",
       .sentence = "Pages named by the answer may lead to another host in a private network."},
      {.name = "verifyTls",
       .type = OptionType::kBool,
       .default_value = "true",
       .sentence = "Check the certificate of the server."},
      {.name = "caFile", .sentence = "Certificates to trust instead of the system's."},
  };
}

}  // namespace

const config::OptionTable& option_table() {
  static const config::OptionTable kTable = [] {
    config::OptionTable made{
        .subject = "http source",
        .options = request_options(),
        .foreign = {{"every", "interval"}, {"poll_interval", "interval"}, {"uri", "url"}},
        .groups = {{.names = {"next", "paging", "pageParameter"}, .required = false},
                   {.names = {"username", "token"}, .required = false}}};
    for (const auto& further : {answer_options(), limit_options()}) {
      made.options.insert(made.options.end(), further.begin(), further.end());
    }
    return made;
  }();
  return kTable;
}

Settings read_settings(const OptionValues& values) {
  Settings settings;
  millrace::http::FetchRequest& request = settings.request;
  request.url = values.text("url");
  for (const OptionValues::Match& match : values.matching("param.*")) {
    request.url = millrace::http::with_parameter(request.url, match.star, match.value);
  }
  request.method = values.text("method");
  for (const OptionValues::Match& match : values.matching("header.*")) {
    request.headers.emplace_back(match.star, match.value);
  }
  if (values.given("username")) {
    request.headers.emplace_back(
        "Authorization",
        "Basic " + to_base64(values.text("username") + ":" +
                             (values.given("password") ? values.text("password") : "")));
  }
  if (values.given("token")) {
    request.headers.emplace_back("Authorization", "Bearer " + values.text("token"));
  }
  request.body = values.given("body") ? values.text("body") : "";
  request.limits.total_ms = values.duration_ms("timeout");
  request.limits.connect_ms = values.duration_ms("connectTimeout");
  request.limits.first_byte_ms = values.duration_ms("firstByteTimeout");
  request.limits.body_bytes = static_cast<std::size_t>(values.bytes("maxBytes"));
  request.verify_tls = values.flag("verifyTls");
  request.ca_file = values.given("caFile") ? values.text("caFile") : "";

  settings.interval_ms = values.duration_ms("interval");
  settings.format = static_cast<BodyFormat>(values.choice("format"));
  settings.slices.records = values.given("records") ? values.text("records") : "";
  settings.slices.key = values.given("key") ? values.text("key") : "";
  if (values.given("next")) {
    settings.paging = Paging::kPointer;
    settings.slices.next = values.text("next");
  } else if (values.given("paging")) {
    settings.paging = Paging::kLinkHeader;
  } else if (values.given("pageParameter")) {
    settings.paging = Paging::kParameter;
    settings.page_parameter = values.text("pageParameter");
  }
  settings.page_first = static_cast<std::uint64_t>(values.integer("firstPage"));
  settings.pages_max = static_cast<std::uint64_t>(values.integer("maxPages"));
  if (values.given("rounds")) {
    settings.rounds_max = static_cast<std::uint64_t>(values.integer("rounds"));
  }
  settings.retries = static_cast<int>(values.integer("retries"));
  settings.retry_wait_ms = values.duration_ms("retryWait");
  settings.retry_wait_max_ms = values.duration_ms("retryWaitMax");
  settings.retry_after_max_ms = values.duration_ms("retryAfterMax");
  settings.allow_empty = values.flag("allowEmpty");
  settings.allow_private = values.flag("allowPrivate");
  return settings;
}

void check_settings(const OptionValues& values, Diagnostics& diagnostics) {
  if (values.given("url") && !millrace::http::origin_of(values.text("url"))) {
    diagnostics.add({.code = "MR6201",
                     .where = values.where("url"),
                     .message = fmt::format("no http or https address: \"{}\"", values.text("url")),
                     .help = "write it as https://host/path."});
  }
  for (const std::string_view name : {"records", "key", "next"}) {
    if (values.given(name) && !is_pointer(values.text(name))) {
      diagnostics.add({.code = "MR6202",
                       .where = values.where(name),
                       .message = fmt::format("no JSON pointer: \"{}\"", values.text(name)),
                       .help = std::string(kPointerHelp)});
    }
    const bool json = values.choice("format") == static_cast<std::size_t>(BodyFormat::kJson);
    if (values.given(name) && !json) {
      diagnostics.add(
          {.code = "MR6203",
           .where = values.where(name),
           .message = fmt::format(
               "option \"{}\" needs format \"json\", not \"{}\"", name, values.text("format")),
           .help = "leave one of the two out."});
    }
  }
  for (const OptionValues::Match& match : values.matching("header.*")) {
    const bool clean =
        match.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
    if (!is_header_name(match.star) || !clean) {
      diagnostics.add({.code = "MR6204",
                       .where = match.where,
                       .message = fmt::format("no header: \"{}\"", match.star),
                       .help = "a name has letters, digits and dashes; a value is one line."});
    }
  }
  if (values.given("body") && values.text("method") != "POST") {
    diagnostics.add({.code = "MR6205",
                     .where = values.where("body"),
                     .message = "a body is sent by a POST only",
                     .help = "add 'method' = 'POST'."});
  }
  if (values.given("password") && !values.given("username")) {
    diagnostics.add({.code = "MR6206",
                     .where = values.where("password"),
                     .message = "a password needs a user",
                     .help = "add 'username' = '…'."});
  }
}

}  // namespace millrace::connect::http::detail
