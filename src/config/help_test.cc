#include "config/help.h"

#include <gtest/gtest.h>

#include "config/settings.h"

namespace millrace::config {
namespace {

const OptionTable& table() {
  static const OptionTable kRows{
      .subject = "faker source",
      .options = {
          {.name = "rows",
           .type = OptionType::kInt,
           .default_value = "10",
           .minimum = "1",
           .maximum = "99",
           .sentence = "How many rows there are in all, counted from the start of the source."},
          {.name = "mode",
           .type = OptionType::kEnum,
           .choices = {"a", "b"},
           .required = true,
           .sentence = "How."},
          {.name = "fields.*.expression", .sentence = "A field | column.", .example = "#{name}"}}};
  return kRows;
}

TEST(Help, wraps_and_says_type_limits_and_default) {
  EXPECT_EQ(render_help(table(), 60),
            "  rows                 How many rows there are in all,\n"
            "                       counted from the start of the source.\n"
            "                       (whole number, 1 to 99, default 10)\n"
            "  mode                 How. (a | b, required)\n"
            "  fields.*.expression  A field | column. (text)\n"
            "                       example: #{name}\n");
}

TEST(Help, markdown_has_a_row_for_each_option) {
  EXPECT_EQ(
      render_markdown(table()),
      "| option | type | default | limits | meaning |\n|---|---|---|---|---|\n"
      "| `rows` | whole number | `10` | 1 to 99 | How many rows there are in all, counted from "
      "the start of the source. |\n"
      "| `mode` | a, b | required |  | How. |\n"
      "| `fields.*.expression` | text |  |  | A field \\| column. Example: `#{name}`. |\n");
}

TEST(Help, json_schema_knows_names_with_dots_and_patterns) {
  const std::string schema = render_json_schema(table(), "https://millrace.dev/faker.json");
  EXPECT_NE(schema.find(R"("^fields\\..+\\.expression$":{)"), std::string::npos) << schema;
  EXPECT_NE(schema.find(R"("fields":{"type":["object","null"])"), std::string::npos);
  EXPECT_NE(schema.find(R"("minimum":1,"maximum":99)"), std::string::npos);
  EXPECT_NE(schema.find(R"("additionalProperties":false)"), std::string::npos);
}

TEST(Help, every_setting_is_rendered) {
  const std::string help = render_help(settings_table());
  for (const Option& option : settings_table().options) {
    EXPECT_NE(help.find(option.sentence.substr(0, 12)), std::string::npos) << option.name;
  }
}

}  // namespace
}  // namespace millrace::config
