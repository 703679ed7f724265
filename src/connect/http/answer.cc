#include "connect/http/detail/answer.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/ascii.h"
#include "http/url.h"

namespace millrace::connect::http::detail {
namespace {

using connector::FeedFailure;
using millrace::http::FetchOutcome;
using millrace::http::FetchReply;
using millrace::http::shown_url;

std::string class_of(FetchOutcome outcome) {
  return "HTTP_" + ascii_upper(millrace::http::to_string(outcome));
}

bool may_pass(FetchOutcome outcome) {
  return outcome != FetchOutcome::kBadUrl && outcome != FetchOutcome::kRefusedAddress &&
         outcome != FetchOutcome::kTooManyRedirects && outcome != FetchOutcome::kTooLarge;
}

bool is_retryable_status(int status) {
  constexpr int kStatuses[] = {408, 425, 429, 500, 502, 503, 504};
  return std::ranges::find(kStatuses, status) != std::end(kStatuses);
}

bool looks_like_html(const FetchReply& reply) {
  return ascii_lower(reply.header("content-type")).starts_with("text/html") ||
         trim_blanks(std::string_view(reply.body).substr(0, 1024)).starts_with('<');
}

std::int64_t asked_wait_ms(const FetchReply& reply, std::int64_t now_ms) {
  constexpr std::int64_t kSecondsMax = 10'000'000'000;
  const std::int64_t retry_s =
      millrace::http::parse_retry_after_s(reply.header("retry-after"), now_ms);
  if (retry_s >= 0) {
    return std::min(retry_s, kSecondsMax) * 1000;
  }
  if (reply.header("ratelimit-remaining") != "0") {
    return -1;
  }
  const std::string_view text = reply.header("ratelimit-reset");
  std::int64_t reset_s = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), reset_s);
  const bool good = problem == std::errc() && end == text.data() + text.size() && reset_s >= 0;
  return good ? std::min(reset_s, kSecondsMax) * 1000 : -1;
}

Answer failed(const FetchReply& reply, std::string error_class, std::string reason) {
  FeedFailure failure{.error_class = std::move(error_class), .reason = std::move(reason)};
  failure.bytes = reply.body.substr(0, connector::kFailureBytesMax);
  failure.headers.emplace_back("millrace.url", shown_url(reply.url));
  if (reply.status != 0) {
    failure.headers.emplace_back("millrace.status", std::to_string(reply.status));
  }
  Answer answer;
  answer.failure = std::move(failure);
  answer.retryable = true;
  return answer;
}

std::vector<std::string_view> cut_lines(std::string_view body) {
  std::vector<std::string_view> lines;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    const std::string_view line = trim_blanks(body.substr(0, end));
    if (!line.empty()) {
      lines.push_back(line);
    }
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return lines;
}

connector::JsonSlices cut_body(std::string& body,
                               const Settings& settings,
                               connector::JsonSlicer& slicer) {
  switch (settings.format) {
    case BodyFormat::kJson:
      return slicer.cut(body, settings.slices);
    case BodyFormat::kNdjson: {
      connector::JsonSlices slices;
      slices.records = cut_lines(body);
      return slices;
    }
    case BodyFormat::kText: {
      connector::JsonSlices slices;
      if (!body.empty()) {
        slices.records.push_back(body);
      }
      return slices;
    }
  }
  return {};
}

std::string_view class_of(connector::SliceProblem problem) {
  switch (problem) {
    case connector::SliceProblem::kNone:
    case connector::SliceProblem::kNotJson:
      return "INVALID_JSON";
    case connector::SliceProblem::kNoSuchPlace:
      return "RECORDS_NOT_FOUND";
    case connector::SliceProblem::kNotAList:
      return "RECORDS_NOT_A_LIST";
  }
  return "INVALID_JSON";
}

std::optional<Answer> judge_reply(const FetchReply& reply, BodyFormat format) {
  if (!reply.answered()) {
    Answer answer = failed(reply, class_of(reply.outcome), reply.problem);
    answer.retryable = may_pass(reply.outcome);
    return answer;
  }
  if (reply.status < 200 || reply.status > 299) {
    Answer answer =
        failed(reply,
               fmt::format("HTTP_STATUS_{}", reply.status),
               fmt::format("{} answered with status {}", shown_url(reply.url), reply.status));
    answer.retryable = is_retryable_status(reply.status);
    return answer;
  }
  if (format != BodyFormat::kText && looks_like_html(reply)) {
    return failed(reply,
                  "HTML_ANSWER",
                  shown_url(reply.url) + " answered with a page of HTML, not with data");
  }
  if (trim_blanks(reply.body).empty() && format == BodyFormat::kJson) {
    return failed(reply, "EMPTY_ANSWER", shown_url(reply.url) + " answered with nothing");
  }
  return std::nullopt;
}

void fill_records(Answer& answer,
                  const connector::JsonSlices& slices,
                  const FetchReply& reply,
                  std::int64_t now_ms) {
  const connector::Headers headers = {{"millrace.url", shown_url(reply.url)},
                                      {"millrace.status", std::to_string(reply.status)}};
  answer.records.reserve(slices.records.size());
  for (std::size_t i = 0; i < slices.records.size(); ++i) {
    connector::FeedRecord& record = answer.records.emplace_back();
    record.value = slices.records[i];
    record.timestamp_ms = now_ms;
    record.headers = headers;
    if (i < slices.keys.size()) {
      record.key = slices.keys[i];
    }
  }
}

}  // namespace

Answer read_answer(FetchReply reply,
                   const Settings& settings,
                   connector::JsonSlicer& slicer,
                   std::int64_t now_ms,
                   bool may_be_empty) {
  if (reply.answered() && reply.status == 304) {
    Answer unchanged;
    unchanged.unchanged = true;
    return unchanged;
  }
  const std::int64_t wait_ms = asked_wait_ms(reply, now_ms);
  if (std::optional<Answer> bad = judge_reply(reply, settings.format)) {
    bad->wait_ms = wait_ms;
    return std::move(*bad);
  }
  const connector::JsonSlices slices = cut_body(reply.body, settings, slicer);
  if (slices.problem != connector::SliceProblem::kNone) {
    return failed(reply, std::string(class_of(slices.problem)), slices.reason);
  }
  if (slices.records.empty() && !may_be_empty) {
    return failed(reply, "EMPTY_ANSWER", shown_url(reply.url) + " answered without any record");
  }
  Answer answer;
  answer.wait_ms = wait_ms;
  fill_records(answer, slices, reply, now_ms);
  const std::optional<std::string> next =
      settings.paging == Paging::kLinkHeader ? find_next_link(reply.headers) : slices.next;
  if (next && !next->empty()) {
    answer.next = millrace::http::resolve_url(reply.url, *next);
    if (!answer.next) {
      return failed(
          reply, "NEXT_PAGE_INVALID", "the address of the next page is none: " + shown_url(*next));
    }
  }
  return answer;
}

std::optional<std::string> find_next_link(const millrace::http::HeaderList& headers) {
  for (const auto& [name, value] : headers) {
    std::string_view rest = name == "link" ? std::string_view(value) : std::string_view{};
    while (true) {
      const std::size_t open = rest.find('<');
      const std::size_t close = rest.find('>', std::min(open, rest.size()));
      if (close == std::string_view::npos) {
        break;
      }
      const std::string_view target = rest.substr(open + 1, close - open - 1);
      rest.remove_prefix(close + 1);
      const std::string parameters =
          ascii_lower(rest.substr(0, std::min(rest.find('<'), rest.size())));
      const bool is_next = parameters.find("rel=\"next\"") != std::string::npos ||
                           parameters.find("rel=next") != std::string::npos;
      if (is_next) {
        return std::string(target);
      }
    }
  }
  return std::nullopt;
}

}  // namespace millrace::connect::http::detail
