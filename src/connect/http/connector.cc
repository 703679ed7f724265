#include "connect/http/connector.h"

#include <memory>

#include "connect/http/detail/http_feed.h"
#include "connect/http/detail/settings.h"

namespace millrace::connect::http {
namespace {

connector::FeedGuarantee guarantee(const config::OptionValues& values) {
  return detail::HttpFeed::promise(detail::read_settings(values));
}

Result<std::unique_ptr<connector::Feed>> make_feed(const config::OptionValues& values,
                                                   const connector::FeedContext& context) {
  return std::unique_ptr<connector::Feed>(std::make_unique<detail::HttpFeed>(
      detail::read_settings(values), context.clock, context.seed));
}

}  // namespace

const connector::ConnectorInfo& http_connector() {
  static const connector::ConnectorInfo kInfo{
      .name = "http",
      .description = "A web service that is asked again and again.",
      .options = &detail::option_table(),
      .format = connector::ValueFormat::kJson,
      .finite = [](const config::OptionValues&) { return true; },
      .check = detail::check_settings,
      .guarantee = guarantee,
      .make_feed = make_feed,
  };
  return kInfo;
}

}  // namespace millrace::connect::http
