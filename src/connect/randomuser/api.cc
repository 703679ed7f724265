#include "connect/randomuser/api.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "http/url.h"

namespace millrace::connect::randomuser {
namespace {

constexpr std::size_t kSeedBytesMax = 256;

std::uint64_t number_or(const std::string* text,
                        std::uint64_t least,
                        std::uint64_t most,
                        std::uint64_t fallback) {
  if (text == nullptr) {
    return fallback;
  }
  std::uint64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [stopped, problem] = std::from_chars(text->data(), end, value);
  const bool good = problem == std::errc() && stopped == end && value >= least && value <= most;
  return good ? value : fallback;
}

FieldSet parse_fields(std::string_view names) {
  FieldSet fields = 0;
  const std::string lower = ascii_lower(names);
  std::string_view rest = lower;
  while (!rest.empty()) {
    std::string_view name = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    name = name.substr(0, name.find_last_not_of(' ') + 1);
    if (const std::optional<Field> field = find_field(name)) {
      fields = static_cast<FieldSet>(fields | (1U << static_cast<unsigned>(*field)));
    }
  }
  return fields;
}

}  // namespace

ApiQuery parse_api_query(std::string_view query) {
  const http::QueryParameters parameters = http::parse_query(query);
  const auto get = [&](std::string_view name) {
    return http::find_parameter(parameters, name);
  };
  ApiQuery parsed;
  parsed.page.results = static_cast<std::uint32_t>(number_or(get("results"), 1, kResultsMax, 1));
  parsed.page.page = number_or(get("page"), 1, INT64_MAX, 1);
  parsed.page.info = get("noinfo") == nullptr;
  if (const std::string* seed = get("seed"); seed != nullptr && !seed->empty()) {
    parsed.choice.seed = seed->substr(0, kSeedBytesMax);
    parsed.named_seed = true;
  }
  if (const std::string* codes = get("nat")) {
    parsed.choice.nationalities = parse_nationalities(*codes);
  }
  if (const std::string* gender = get("gender")) {
    if (ascii_lower(*gender) == "male") {
      parsed.choice.gender = Gender::kMale;
    } else if (ascii_lower(*gender) == "female") {
      parsed.choice.gender = Gender::kFemale;
    }
  }
  if (const std::string* names = get("inc"); names != nullptr && !names->empty()) {
    parsed.choice.fields = parse_fields(*names);
  }
  if (const std::string* names = get("exc")) {
    parsed.choice.fields = static_cast<FieldSet>(parsed.choice.fields & ~parse_fields(*names));
  }
  const std::string* format = get("format");
  const std::string form = format == nullptr ? "" : ascii_lower(*format);
  if (form == "pretty" || form == "prettyjson") {
    parsed.page.layout = Layout::kPretty;
  } else if (!form.empty() && form != "json") {
    parsed.unknown_format = form.substr(0, 20);
  }
  return parsed;
}

ApiAnswer Api::answer(std::string_view query) {
  ApiQuery asked = parse_api_query(query);
  if (!asked.unknown_format.empty()) {
    return {.status = 400,
            .body = R"({"error":"This format is not made here; ask for json or pretty."})"};
  }
  const std::int64_t wait_ms = take_allowance(asked.page.results);
  if (wait_ms > 0) {
    return {.status = 429,
            .retry_after_s = (wait_ms + 999) / 1000,
            .body = fmt::format(
                "{{\"error\": \"Whoa, ease up there cowboy. You've requested {} users in the last "
                "minute. Help us keep this service free and spare some bandwidth for other users "
                "please :)\"}}",
                options_.users_per_window)};
  }
  if (!asked.named_seed) {
    asked.choice.seed = make_seed();
  }
  return {.body = Generator(std::move(asked.choice)).answer(asked.page)};
}

std::int64_t Api::take_allowance(std::uint64_t users) {
  if (options_.users_per_window == 0) {
    return 0;
  }
  const std::int64_t now_ms = clock_.monotonic_ns() / 1'000'000;
  const MutexLock lock(mutex_);
  while (!grants_.empty() && grants_.front().at_ms + options_.window_ms <= now_ms) {
    granted_ -= grants_.front().users;
    grants_.pop_front();
  }
  if (granted_ + users > options_.users_per_window) {
    const std::int64_t until =
        grants_.empty() ? options_.window_ms : grants_.front().at_ms + options_.window_ms - now_ms;
    return std::max<std::int64_t>(until, 1);
  }
  granted_ += users;
  grants_.push_back({.at_ms = now_ms, .users = users});
  return 0;
}

std::string Api::make_seed() {
  std::uint64_t number = 0;
  {
    const MutexLock lock(mutex_);
    number = seeds_made_++;
  }
  return fmt::format("{:016x}", xxh64(std::to_string(number), options_.seed));
}

}  // namespace millrace::connect::randomuser
