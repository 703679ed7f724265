#include "connect/randomuser/connector.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/suggest.h"
#include "connect/randomuser/api.h"
#include "connect/randomuser/generator.h"
#include "connect/randomuser/tables.h"
#include "connector/sequence_feed.h"

namespace millrace::connect::randomuser {
namespace {

using config::OptionType;
using config::OptionValues;

const config::OptionTable& options() {
  static const config::OptionTable kTable{
      .subject = "randomuser source",
      .options =
          {
              {.name = "rowsPerSecond",
               .type = OptionType::kDouble,
               .default_value = "10",
               .minimum = "0",
               .maximum = "10000000",
               .also = {"rows-per-second"},
               .sentence = "How many users a second; 0: as fast as they are taken.",
               .example = "50"},
              {.name = "numberOfRows",
               .type = OptionType::kInt,
               .minimum = "0",
               .also = {"number-of-rows"},
               .sentence = "How many users in all; the source ends after them."},
              {.name = "seed",
               .maximum = "256",
               .sentence = "The same seed gives the same users; without one it is chosen once for "
                           "each project.",
               .example = "foobar"},
              {.name = "nat",
               .type = OptionType::kList,
               .sentence = "Nationalities, as two-letter codes; without it all 21.",
               .example = "US,GB,IR"},
              {.name = "gender",
               .type = OptionType::kEnum,
               .choices = {"female", "male"},
               .sentence = "Only women, or only men."},
              {.name = "results",
               .type = OptionType::kInt,
               .default_value = "1",
               .minimum = "1",
               .maximum = "5000",
               .sentence = "Users per page: user n is number n modulo this of page n divided by "
                           "this, as the web interface numbers them."},
              {.name = "inc",
               .type = OptionType::kList,
               .sentence = "The only keys that are written.",
               .example = "name,nat"},
              {.name = "exc", .type = OptionType::kList, .sentence = "Keys that are left out."},
          },
  };
  return kTable;
}

void check_fields(const OptionValues& values, std::string_view name, Diagnostics& diagnostics) {
  if (!values.given(name)) {
    return;
  }
  std::vector<std::string> all;
  all.reserve(kFields);
  for (int i = 0; i < kFields; ++i) {
    all.emplace_back(field_name(static_cast<Field>(i)));
  }
  for (const std::string& field : values.list(name)) {
    if (!find_field(field)) {
      diagnostics.add({.code = "MR6101",
                       .where = values.where(name),
                       .message = fmt::format(
                           "unknown key of a user \"{}\"{}", field, did_you_mean(field, all)),
                       .help = "keys are gender, name, location, email, login, dob, registered, "
                               "phone, cell, id, picture, nat."});
    }
  }
}

void check(const OptionValues& values, Diagnostics& diagnostics) {
  check_fields(values, "inc", diagnostics);
  check_fields(values, "exc", diagnostics);
  if (!values.given("nat")) {
    return;
  }
  std::vector<std::string> unknown;
  static_cast<void>(parse_nationalities(values.text("nat"), &unknown));
  std::string codes;
  for (const Nationality& nation : nationalities()) {
    codes.append(codes.empty() ? "" : " ").append(nation.code);
  }
  for (const std::string& code : unknown) {
    diagnostics.add({.code = "MR6102",
                     .where = values.where("nat"),
                     .message = fmt::format("unknown nationality \"{}\"", code),
                     .help = "nationalities are " + codes + "."});
  }
}

FieldSet chosen_fields(const OptionValues& values) {
  const auto set_of = [&](std::string_view name) {
    FieldSet fields = 0;
    for (const std::string& text : values.list(name)) {
      if (const std::optional<Field> field = find_field(text)) {
        fields = static_cast<FieldSet>(fields | (1U << static_cast<unsigned>(*field)));
      }
    }
    return fields;
  };
  const FieldSet included = values.given("inc") ? set_of("inc") : kAllFields;
  return values.given("exc") ? static_cast<FieldSet>(included & ~set_of("exc")) : included;
}

Result<std::unique_ptr<connector::Feed>> make_feed(const OptionValues& values,
                                                   const connector::FeedContext& context) {
  UserChoice choice;
  choice.seed = values.given("seed") ? values.text("seed") : fmt::format("{:016x}", context.seed);
  choice.fields = chosen_fields(values);
  if (values.given("nat")) {
    choice.nationalities = parse_nationalities(values.text("nat"));
  }
  if (values.given("gender")) {
    choice.gender = values.choice("gender") == 0 ? Gender::kFemale : Gender::kMale;
  }
  connector::SequenceOptions pace{.rows_per_second = values.number("rowsPerSecond")};
  if (values.given("numberOfRows")) {
    pace.rows_max = static_cast<std::uint64_t>(values.integer("numberOfRows"));
  }
  const auto results = static_cast<std::uint64_t>(values.integer("results"));
  auto make_row = [generator = Generator(std::move(choice)), results](
                      std::uint64_t row, connector::FeedRecord& record) {
    generator.append_user(row / results + 1, row % results, record.value);
  };
  return std::unique_ptr<connector::Feed>(
      std::make_unique<connector::SequenceFeed>(pace, context.clock, std::move(make_row)));
}

}  // namespace

const connector::ConnectorInfo& randomuser_connector() {
  static const connector::ConnectorInfo kInfo{
      .name = "randomuser",
      .description = "Generated people in the form of randomuser.me, without a network.",
      .options = &options(),
      .format = connector::ValueFormat::kJson,
      .finite = [](const OptionValues& values) { return values.given("numberOfRows"); },
      .check = check,
      .guarantee = [](const OptionValues&) { return connector::SequenceFeed::promise(); },
      .make_feed = make_feed,
  };
  return kInfo;
}

}  // namespace millrace::connect::randomuser
