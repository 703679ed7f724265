#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.push_back(text[i]);
      continue;
    }
    switch (text[++i]) {
      case 't':
        out.push_back('\t');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 'x':
        out.push_back(
            static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
        i += 2;
        break;
      default:
        out.push_back(text[i]);
    }
  }
  return out;
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == '\t') {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  return fields;
}

std::string contract_path() {
  std::string path = __FILE__;  // src/sql/print_expression_test.cc, wherever the tree is.
  for (const char* folder : {"", "../", "../../", "../../../", "../../../../"}) {
    std::string candidate = std::string(folder) + "tests/contracts/spark-4.3-expressions.tsv";
    if (std::ifstream(candidate).good()) {
      return candidate;
    }
  }
  return path.substr(0, path.find("src/sql/")) + "tests/contracts/spark-4.3-expressions.tsv";
}

bool is_parse_error(const std::string& error_class) {
  return error_class.starts_with("PARSE_SYNTAX") || error_class == "_LEGACY_ERROR_TEMP_0029" ||
         error_class == "INVALID_NUMERIC_LITERAL_RANGE";
}

// Every row of the contract with a real Spark 4.3 is parsed, printed, and parsed again.
TEST(PrintExpression, keeps_every_expression_of_the_contract) {
  std::ifstream file(contract_path());
  ASSERT_TRUE(file.good()) << contract_path();
  std::string line;
  std::getline(file, line);
  std::size_t rows = 0;
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = split(line);
    ASSERT_GE(fields.size(), 5U);
    const std::string expression = unescape(fields[1]);
    const bool query = expression.starts_with("SELECT") || expression.starts_with("FROM");
    const std::string text = query ? expression : "SELECT " + expression + " AS v";
    const std::string printed = canonical(text);
    EXPECT_EQ(printed.starts_with("ERROR"), is_parse_error(fields[4]))
        << fields[0] << ": " << expression << ": " << printed << " " << fields[4];
    ++rows;
  }
  EXPECT_GT(rows, 500U);
}

TEST(PrintExpression, quotes_names_that_need_it) {
  EXPECT_EQ(to_sql(Identifier{.name = "a", .quoted = false, .position = {}}), "a");
  EXPECT_EQ(to_sql(Identifier{.name = "a b", .quoted = false, .position = {}}), "`a b`");
  EXPECT_EQ(to_sql(Identifier{.name = "12", .quoted = false, .position = {}}), "`12`");
  EXPECT_EQ(to_sql(Identifier{.name = "a`b", .quoted = true, .position = {}}), "`a``b`");
  EXPECT_EQ(to_sql_string("it's \\ \n"), R"('it''s \\ \n')");
}

TEST(PrintExpression, brackets_what_a_tree_made_by_hand_needs) {
  const auto column = [](const char* name) {
    ColumnReference reference;
    reference.name.parts.push_back({.name = name, .quoted = false, .position = {}});
    return make_box(Expression{.node = std::move(reference), .position = {}});
  };
  Binary sum{.op = BinaryOperator::kAdd,
             .left = column("a"),
             .right = column("b"),
             .operator_position = {}};
  Binary product{.op = BinaryOperator::kMultiply,
                 .left = make_box(Expression{.node = std::move(sum), .position = {}}),
                 .right = column("c"),
                 .operator_position = {}};
  EXPECT_EQ(to_sql(Expression{.node = std::move(product), .position = {}}), "(a + b) * c");
}

}  // namespace
}  // namespace millrace::sql::detail
