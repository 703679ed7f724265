#include "connect/faker/connector.h"

#include <memory>
#include <utility>

#include "base/hash.h"
#include "connect/faker/detail/row.h"
#include "connector/sequence_feed.h"

namespace millrace::connect::faker {
namespace {

using config::OptionType;
using config::OptionValues;

const config::OptionTable& options() {
  static const config::OptionTable kTable{
      .subject = "faker source",
      .options =
          {
              {.name = "fields.*.expression",
               .sentence = "What a field is made of; a dot in its name makes an object.",
               .example = "#{Name.fullName}"},
              {.name = "fields.*.null-rate",
               .type = OptionType::kDouble,
               .default_value = "0",
               .minimum = "0",
               .maximum = "1",
               .sentence = "The share of rows in which the field is null."},
              {.name = "fields.*.length",
               .type = OptionType::kInt,
               .minimum = "0",
               .maximum = "10000",
               .sentence = "Makes the field a list, or a map, of so many values."},
              {.name = "fields.*.type",
               .type = OptionType::kEnum,
               .choices = {"string", "number", "boolean"},
               .sentence = "How the value is written; without it as the expression is."},
              {.name = "rows-per-second",
               .type = OptionType::kDouble,
               .default_value = "10000",
               .minimum = "0",
               .maximum = "10000000",
               .also = {"rowsPerSecond"},
               .sentence = "How many rows a second; 0: as fast as they are taken."},
              {.name = "number-of-rows",
               .type = OptionType::kInt,
               .minimum = "0",
               .also = {"numberOfRows"},
               .sentence = "How many rows in all; the source ends after them."},
              {.name = "seed",
               .maximum = "256",
               .sentence = "The same seed gives the same rows; without one it is chosen once for "
                           "each project."},
          },
  };
  return kTable;
}

void check(const OptionValues& values, Diagnostics& diagnostics) {
  static_cast<void>(detail::RowMaker::read(values, diagnostics));
}

Result<std::unique_ptr<connector::Feed>> make_feed(const OptionValues& values,
                                                   const connector::FeedContext& context) {
  Diagnostics diagnostics;
  detail::RowMaker maker = detail::RowMaker::read(values, diagnostics);
  if (diagnostics.has_errors()) {
    return Error(ErrorCode::kInvalidArgument, diagnostics.all().front().message);
  }
  connector::SequenceOptions pace{.rows_per_second = values.number("rows-per-second")};
  if (values.given("number-of-rows")) {
    pace.rows_max = static_cast<std::uint64_t>(values.integer("number-of-rows"));
  }
  const std::uint64_t seed =
      values.given("seed") ? xxh64(values.text("seed")) : xxh64(context.source, context.seed);
  auto make_row = [maker = std::move(maker), seed](std::uint64_t row,
                                                   connector::FeedRecord& record) {
    maker.append(seed, row, record.timestamp_ms, record.value);
  };
  return std::unique_ptr<connector::Feed>(
      std::make_unique<connector::SequenceFeed>(pace, context.clock, std::move(make_row)));
}

}  // namespace

const connector::ConnectorInfo& faker_connector() {
  static const connector::ConnectorInfo kInfo{
      .name = "faker",
      .description = "Rows made up by expressions such as #{Name.fullName}.",
      .options = &options(),
      .format = connector::ValueFormat::kJson,
      .finite = [](const OptionValues& values) { return values.given("number-of-rows"); },
      .check = check,
      .guarantee = [](const OptionValues&) { return connector::SequenceFeed::promise(); },
      .make_feed = make_feed,
  };
  return kInfo;
}

}  // namespace millrace::connect::faker
