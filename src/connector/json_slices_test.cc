#include "connector/json_slices.h"

#include <gtest/gtest.h>

namespace millrace::connector {
namespace {

JsonSlices cut(std::string& body, const SliceRequest& request = {}) {
  JsonSlicer slicer;
  return slicer.cut(body, request);
}

std::vector<std::string> records_of(std::string body, const SliceRequest& request = {}) {
  const JsonSlices slices = cut(body, request);
  EXPECT_EQ(slices.problem, SliceProblem::kNone) << slices.reason;
  return {slices.records.begin(), slices.records.end()};
}

SliceProblem problem_of(std::string body, const SliceRequest& request = {}) {
  return cut(body, request).problem;
}

using Texts = std::vector<std::string>;

TEST(JsonSlicer, takes_the_whole_as_one_record_and_a_list_as_many) {
  EXPECT_EQ(records_of(" {\"a\": 1}\n"), Texts{"{\"a\": 1}"});
  EXPECT_EQ(records_of("[1, {\"a\" : [ ]},\"x\" ]"), (Texts{"1", "{\"a\" : [ ]}", "\"x\""}));
  EXPECT_EQ(records_of("17"), Texts{"17"});
  EXPECT_EQ(records_of("[]"), Texts{});
}

TEST(JsonSlicer, leaves_the_bytes_of_records_as_they_are) {
  const Texts records = {
      "{\"n\": 123456789012345678901234567890, \"e\":1.50E+400}",
      "{\"a\":1,\"a\":2}",
      "{ \"u\" : \"\\u00e9\\ud800 é\" }",
      "null",
  };
  std::string body = "{\"info\":{},\"results\":[";
  for (const std::string& record : records) {
    body += (record == records[0] ? "" : " ,\n") + record;
  }
  EXPECT_EQ(records_of(body + " ]}", {.records = "/results", .key = {}, .next = {}}), records);
}

TEST(JsonSlicer, follows_pointers) {
  const std::string body = R"({"a":{"b/c":[[],[7,8]]},"list":{"0":1}})";
  EXPECT_EQ(records_of(body, {.records = "/a/b~1c/1", .key = {}, .next = {}}), (Texts{"7", "8"}));
  EXPECT_EQ(problem_of(body, {.records = "/list", .key = {}, .next = {}}), SliceProblem::kNotAList);
  EXPECT_EQ(problem_of(body, {.records = "/none", .key = {}, .next = {}}),
            SliceProblem::kNoSuchPlace);
}

TEST(JsonSlicer, finds_keys_and_the_next_page) {
  std::string body =
      R"({"next":"/p?2","r":[{"id":{"v":"x\n"}},{"id":{"v":7}},{"id":{"v":null}},{}]})";
  const JsonSlices slices = cut(body, {.records = "/r", .key = "/id/v", .next = "/next"});
  EXPECT_EQ(slices.next, "/p?2");
  EXPECT_EQ(slices.keys,
            (std::vector<std::optional<std::string>>{"x\n", "7", std::nullopt, std::nullopt}));
}

TEST(JsonSlicer, refuses_what_is_not_json) {
  for (const std::string_view body :
       {"",      " ",           "<html>", "{\"a\":1", "{\"a\":1}}", "{\"a\" 1}", "[1,]",
        "[1 2]", "{\"a\":tru}", "[01]",   "[1.]",     "[-]",        "[1e]",      "[+1]",
        "[\"a]", "nul",         "[\xff]", "{a:1}",    "[1]x",       "{,}",       "[1}"}) {
    EXPECT_EQ(problem_of(std::string(body)), SliceProblem::kNotJson) << body;
  }
}

TEST(JsonSlicer, limits_the_depth) {
  EXPECT_EQ(problem_of(std::string(500, '[') + std::string(500, ']')), SliceProblem::kNone);
  EXPECT_EQ(problem_of(std::string(100'000, '[') + std::string(100'000, ']')),
            SliceProblem::kNotJson);
}

}  // namespace
}  // namespace millrace::connector
