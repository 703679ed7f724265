#include "config/yaml.h"

#include <gtest/gtest.h>

#include "config/codes.h"
#include "config/yaml_reader.h"

namespace millrace::config {
namespace {

struct Parsed {
  YamlDocument document;
  Diagnostics diagnostics;

  const YamlNode& root() const { return document.root; }
};

Parsed parse(std::string_view text, const YamlOptions& options = {}) {
  Parsed parsed;
  parsed.document = parse_yaml(text, "f.yml", parsed.diagnostics, options);
  return parsed;
}

std::string only(const Diagnostics& diagnostics) {
  if (diagnostics.all().size() != 1) {
    return "findings: " + std::to_string(diagnostics.all().size());
  }
  const Diagnostic& found = diagnostics.all().front();
  return std::to_string(found.where.line) + ":" + std::to_string(found.where.column) + ": " +
         found.message;
}

std::string place(const YamlNode& node) {
  return std::to_string(node.line) + ":" + std::to_string(node.column) + "-" +
         std::to_string(node.end);
}

TEST(Yaml, keeps_structure_and_places) {
  const Parsed parsed = parse("name: ä pipe\nlist:\n  - one\n  - 'two'\nmap: {a: 1, b: \"x\"}\n");
  ASSERT_TRUE(parsed.diagnostics.empty());
  const YamlNode& root = parsed.root();
  ASSERT_EQ(root.entries.size(), 3U);
  EXPECT_EQ(root.find("name")->text, "ä pipe");
  EXPECT_EQ(place(*root.find("name")), "1:7-13");
  EXPECT_EQ(place(root.entry("list")->key), "2:1-5");
  EXPECT_EQ(root.find("list")->items[1].text, "two");
  EXPECT_EQ(place(root.find("list")->items[1]), "4:5-10");
  EXPECT_FALSE(root.find("list")->items[1].plain);
  EXPECT_EQ(place(*root.find("map")->find("b")), "5:16-19");
  EXPECT_EQ(root.find("name")->where().file, "f.yml");
}

TEST(Yaml, columns_count_code_points_behind_text_that_is_not_ascii) {
  const Parsed parsed = parse("\"äöü\": {ß: x}\n");
  const YamlNode& map = parsed.root().entries[0].value;
  EXPECT_EQ(place(map.entries[0].key), "1:9-10");
  EXPECT_EQ(place(map.entries[0].value), "1:12-13");
}

TEST(Yaml, skips_anchor_and_tag_before_a_scalar) {
  const Parsed parsed = parse("a: &x !t 'v'\nb: *x\n");
  EXPECT_EQ(place(*parsed.root().find("a")), "1:10-13");
  EXPECT_EQ(parsed.root().find("a")->tag, "!t");
  EXPECT_EQ(place(*parsed.root().find("b")), "1:10-13");
}

TEST(Yaml, reads_windows_lines_and_byte_order_mark) {
  const Parsed parsed = parse(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: 2\r\n");
  ASSERT_TRUE(parsed.diagnostics.empty());
  EXPECT_EQ(parsed.root().find("b")->text, "2");
  EXPECT_EQ(place(*parsed.root().find("b")), "2:4-5");
}

TEST(Yaml, duplicate_key_names_both_places) {
  const Parsed parsed = parse("a: 1\nb: 2\na: 3\n");
  EXPECT_EQ(only(parsed.diagnostics), "3:1: key \"a\" twice in one map, first at f.yml:1:1");
  EXPECT_EQ(parsed.root().find("a")->text, "1");
}

TEST(Yaml, same_key_in_two_maps_is_fine) {
  EXPECT_TRUE(parse("- {a: 1}\n- {a: 2}\n- {<<: {a: 1}, a: 2}\n- {<<: {a: 1}, a: 2}\n")
                  .diagnostics.empty());
}

TEST(Yaml, merges_maps_as_version_1_1_does) {
  const Parsed parsed =
      parse("d: &d {a: 1, b: 2}\ne: &e {b: 3, c: 4}\nx:\n  <<: [*d, *e]\n  a: 0\n");
  const YamlNode& x = *parsed.root().find("x");
  EXPECT_EQ(x.find("a")->text, "0");
  EXPECT_EQ(x.find("b")->text, "2");
  EXPECT_EQ(x.find("c")->text, "4");
  EXPECT_EQ(x.entries.size(), 3U);
  EXPECT_TRUE(x.entry("c")->merged);
  EXPECT_EQ(only(parse("x: {<<: 1}").diagnostics), "1:9: \"<<\" takes a map, found a text");
}

TEST(Yaml, syntax_error_has_its_place_and_keeps_what_came_before) {
  const Parsed parsed = parse("a: 1\nb: [1, 2\nc: 3\n");
  EXPECT_EQ(parsed.diagnostics.error_count(), 1U);
  EXPECT_EQ(parsed.diagnostics.all()[0].code, kYamlSyntax);
  EXPECT_GE(parsed.diagnostics.all()[0].where.line, 2);
  EXPECT_FALSE(parsed.document.complete);
  ASSERT_NE(parsed.root().find("a"), nullptr);
}

TEST(Yaml, refuses_what_is_no_text) {
  EXPECT_EQ(only(parse("a: \xff").diagnostics), "1:1: the file is not UTF-8 text");
  EXPECT_EQ(only(parse("a: 1\nb: \x04").diagnostics), "2:4: a control character (0x04)");
  EXPECT_EQ(only(parse("a: 1\n---\nb: 2\n").diagnostics), "2:1: a second document begins here");
}

TEST(Yaml, limits_are_kept) {
  EXPECT_EQ(only(parse("a: 12345", {.max_bytes = 5}).diagnostics),
            "1:1: the file has 8 bytes, at most 5 bytes are read");
  EXPECT_EQ(only(parse("[[[[1]]]]", {.max_depth = 3}).diagnostics), "1:4: nested deeper than 3");
  EXPECT_EQ(only(parse("[1,2,3,4]", {.max_nodes = 3}).diagnostics), "1:8: more than 3 values");
  EXPECT_EQ(only(parse("a: &a [1]\nb: &b [*a]\nc: [*b]", {.max_depth = 3}).diagnostics),
            "3:5: nested deeper than 3");
}

TEST(Yaml, aliases_cannot_explode) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) {
      text += ", " + before;
    }
    text += "]\n";
  }
  const Parsed parsed = parse(text);
  EXPECT_EQ(parsed.diagnostics.error_count(), 1U);
  EXPECT_EQ(parsed.diagnostics.all()[0].code, kYamlLimit);
  EXPECT_EQ(parse("a: &a [*a]").diagnostics.error_count(), 1U);
}

TEST(Yaml, deep_nesting_does_not_overflow_the_stack) {
  const Parsed flow = parse(std::string(100'000, '['));
  EXPECT_TRUE(flow.diagnostics.has_errors());
  std::string block;
  for (int i = 0; i < 2000; ++i) {
    block += "- ";
  }
  EXPECT_TRUE(parse(block).diagnostics.has_errors());
}

TEST(Yaml, substitutes_inside_scalars_only) {
  const SubstitutionSources sources{
      .variable = [](const std::string& name) -> std::optional<std::string> {
        return name == "X" ? std::optional<std::string>("a: [b") : std::nullopt;
      }};
  const Parsed parsed =
      parse("k: ${X}\n${X}: 1\nq: \"ä ${NONE}\"\np: ${PORT:-9092}\n", {.substitution = &sources});
  EXPECT_EQ(parsed.root().find("k")->text, "a: [b");
  EXPECT_NE(parsed.root().find("${X}"), nullptr);
  EXPECT_EQ(parsed.root().find("p")->text, "9092");
  EXPECT_EQ(only(parsed.diagnostics), "3:7: variable \"NONE\" is not set");
  EXPECT_EQ(parsed.diagnostics.all()[0].where.end, 14);
}

TEST(Yaml, types_are_those_of_pyyaml) {
  const auto type = [](const std::string& text) {
    const Parsed parsed = parse("- " + text);
    return parsed.root().items.at(0).scalar_type();
  };
  for (const char* text : {"true", "Yes", "off", "NO", "False"}) {
    EXPECT_EQ(type(text), YamlScalarType::kBool) << text;
  }
  for (const char* text : {"0", "-12", "+1_000", "0x1F", "0b10", "017", "1:30", "190:20:30"}) {
    EXPECT_EQ(type(text), YamlScalarType::kInt) << text;
  }
  for (const char* text :
       {"1.5", "-1.", ".5", "1.5e+3", ".inf", "-.INF", ".NaN", "1:30.5", "6.8_5"}) {
    EXPECT_EQ(type(text), YamlScalarType::kFloat) << text;
  }
  for (const char* text : {"2024-01-31", "2024-1-1T10:00:00Z", "2001-12-14 21:59:43.10 -5"}) {
    EXPECT_EQ(type(text), YamlScalarType::kTimestamp) << text;
  }
  for (const char* text : {"y",
                           "1e3",
                           "1.5e3",
                           "08",
                           "-.5",
                           "0x",
                           "+",
                           "tRue",
                           "2024-1-1",
                           "'1'",
                           "\"true\"",
                           "1:60",
                           "!t 1",
                           "~x"}) {
    EXPECT_EQ(type(text), YamlScalarType::kString) << text;
  }
  EXPECT_EQ(type("~"), YamlScalarType::kNull);
  EXPECT_EQ(type("null"), YamlScalarType::kNull);
}

TEST(YamlReader, reads_types_and_reports_all_that_is_wrong) {
  const Parsed parsed = parse(
      "name: n\ncount: 12\nbig: 99\nflag: Yes\nkeep: 7 days\ntags: [a, b]\none: x\nmap: 1\nempty:\n"
      "bad: {a: 1}\nnumber: 1.5\n");
  Diagnostics found;
  YamlReader reader(parsed.root(), "test", found);
  EXPECT_EQ(reader.required_text("name"), "n");
  EXPECT_EQ(reader.integer("count"), 12);
  EXPECT_EQ(reader.flag("flag"), true);
  EXPECT_EQ(reader.duration_ms("keep"), 604'800'000);
  EXPECT_EQ(reader.texts("tags"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(reader.texts("one"), (std::vector<std::string>{"x"}));
  EXPECT_EQ(reader.number("number"), 1.5);
  EXPECT_EQ(reader.text("empty"), std::nullopt);
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(reader.integer("big", 0, 10), std::nullopt);
  EXPECT_EQ(reader.map("map"), nullptr);
  EXPECT_EQ(reader.text("bad"), std::nullopt);
  reader.finish();
  ASSERT_EQ(found.all().size(), 3U);
  EXPECT_EQ(found.all()[0].message, "key \"big\" of test must be at most 10, found \"99\"");
  EXPECT_EQ(found.all()[1].message, "key \"map\" of test must be a map, found \"1\"");
  EXPECT_EQ(found.all()[2].message, "key \"bad\" of test expects a text, found a map");
}

TEST(YamlReader, unknown_and_missing_keys_are_errors) {
  const Parsed parsed = parse("tpoic: users\n");
  Diagnostics found;
  YamlReader reader(parsed.root(), "source kafka", found);
  reader.required_text("topic");
  reader.required_text("group");
  reader.finish();
  ASSERT_EQ(found.all().size(), 2U);
  EXPECT_EQ(found.all()[0].message,
            "unknown key \"tpoic\" in source kafka; did you mean \"topic\"?");
  EXPECT_EQ(found.all()[0].where, (SourceSpan{.file = "f.yml", .line = 1, .column = 1, .end = 6}));
  EXPECT_EQ(found.all()[1].message, "key \"group\" of source kafka is missing");
}

TEST(YamlReader, foreign_spelling_stands_for_its_key) {
  const Parsed parsed = parse("schedule_interval: daily\n");
  Diagnostics found;
  YamlReader reader(parsed.root(), "dag", found);
  reader.foreign("schedule_interval", "schedule");
  reader.required_text("schedule");
  reader.finish();
  EXPECT_EQ(only(found), "1:1: unknown key \"schedule_interval\" in dag; use \"schedule\"");
}

TEST(YamlReader, what_is_no_map_is_reported_once) {
  const Parsed parsed = parse("- 1\n");
  Diagnostics found;
  YamlReader reader(parsed.root(), "dag", found);
  reader.required_text("schedule");
  reader.finish();
  EXPECT_EQ(only(found), "1:1: dag must be a map, found a list");
}

TEST(YamlReader, maps_become_option_entries_with_dots) {
  const Parsed parsed = parse("listeners:\n  kafka: h:1\nbrokers: [a, b]\nnone:\n");
  Diagnostics found;
  const std::vector<OptionEntry> entries = option_entries(parsed.root(), found);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].key, "listeners.kafka");
  EXPECT_EQ(entries[0].where.line, 2);
  EXPECT_EQ(entries[1].value, "a,b");
  EXPECT_TRUE(found.empty());
}

}  // namespace
}  // namespace millrace::config
