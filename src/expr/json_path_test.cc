#include "expr/json_path.h"

#include <array>

#include <gtest/gtest.h>

namespace millrace::expr {
namespace {

std::string find(std::string_view json, std::string_view path) {
  const std::optional<JsonPath> parsed = JsonPath::parse(path);
  return parsed ? parsed->find(json).value_or("-") : "!";
}

TEST(JsonPath, follows_names_and_indexes) {
  EXPECT_EQ(find(R"({"a":{"b":[1,2,{"c":"x"}]}})", "$.a.b[2].c"), "x");
  EXPECT_EQ(find(R"({"a.b":1})", "$['a.b']"), "1");
  EXPECT_EQ(find(R"({"a":[[1,2],[3]]})", "$.a[0][1]"), "2");
  EXPECT_EQ(find(R"({"a":1})", "$"), R"({"a":1})");
  EXPECT_EQ(find(R"("x")", "$"), "x");
  EXPECT_EQ(find(R"({"a":[1]})", "$.a[1]"), "-");
  EXPECT_EQ(find(R"({"a":1})", "$.a.b"), "-");
}

TEST(JsonPath, copies_compactly) {
  EXPECT_EQ(find(R"({"a": {"b" : "q\"x", "c" : [ 1 , 2.50 ] } })", "$.a"),
            R"({"b":"q\"x","c":[1,2.5]})");
}

TEST(JsonPath, gathers_matches_of_a_wildcard) {
  EXPECT_EQ(find(R"({"a":[{"b":1},{"b":2}]})", "$.a[*].b"), "[1,2]");
  EXPECT_EQ(find(R"({"a":[{"b":1},{"c":2}]})", "$.a[*].b"), "1");
  EXPECT_EQ(find(R"({"a":[{"b":"x"}]})", "$.a[*].b"), R"("x")");
  EXPECT_EQ(find(R"({"a":[]})", "$.a[*]"), "-");
  EXPECT_EQ(find(R"([[1,2],[3]])", "$[*][*]"), "[1,2,3]");
  EXPECT_EQ(find(R"([[[1],[2]]])", "$[0][*]"), "[[1],[2]]");
}

TEST(JsonPath, takes_the_first_of_repeated_names_and_no_nulls) {
  EXPECT_EQ(find(R"({"a":1,"a":2})", "$.a"), "1");
  EXPECT_EQ(find(R"({"a":null,"a":2})", "$.a"), "2");
  EXPECT_EQ(find(R"({"a":null})", "$.a"), "-");
}

TEST(JsonPath, finds_nothing_in_what_is_no_json) {
  for (const char* json : {"", " ", "{bad", R"({"a":1,)", R"({"a":1, bad})", R"({"a":[1})"}) {
    EXPECT_EQ(find(json, "$.a"), "-") << json;
  }
  EXPECT_EQ(find(R"({"a":1} trailing)", "$.a"), "1");
}

TEST(JsonPath, refuses_what_is_no_path) {
  for (const char* path : {"",
                           "a",
                           "$a",
                           "$.",
                           "$[",
                           "$[x]",
                           "$['a",
                           "$[]",
                           "$['']",
                           "$[-1]",
                           "$[99999999999999999999]"}) {
    EXPECT_EQ(find("{}", path), "!") << path;
  }
}

TEST(JsonTuple, takes_fields_of_an_object) {
  const std::array<std::string_view, 4> names = {"a", "b", "c", "a"};
  const auto values = json_tuple(R"({"b":"x","a":{"z": 1},"c":null})", names);
  EXPECT_EQ(values[0], R"({"z":1})");
  EXPECT_EQ(values[1], "x");
  EXPECT_FALSE(values[2]);
  EXPECT_EQ(values[3], R"({"z":1})");
  EXPECT_FALSE(json_tuple("[1]", names)[0]);
  EXPECT_FALSE(json_tuple(R"({"a":1,)", names)[0]);
}

TEST(JsonText, counts_elements_and_names) {
  EXPECT_EQ(json_array_length("[]"), 0);
  EXPECT_EQ(json_array_length("[1,[2],{\"a\":[]}]"), 3);
  EXPECT_FALSE(json_array_length("[1,"));
  EXPECT_EQ(json_object_keys("{\"a\":{\"b\":1},\"c\":2}"), (std::vector<std::string>{"a", "c"}));
  EXPECT_FALSE(json_object_keys("{\"a\""));
}

}  // namespace
}  // namespace millrace::expr
