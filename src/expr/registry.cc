// All functions by name.
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "expr/families.h"
#include "expr/function.h"

namespace millrace::expr {
namespace {

using Table = std::unordered_map<std::string_view, const Function*>;

Table make_table() {
  Table table;
  for (const auto& family :
       {arithmetic_functions(), bit_functions(),         comparison_functions(),
        boolean_functions(),    conditional_functions(), pattern_functions(),
        access_functions(),     context_functions(),     constraint_functions(),
        string_functions(),     text_functions(),        format_functions(),
        regex_functions(),      url_functions(),         math_functions(),
        rounding_functions(),   datetime_functions(),    datetime_text_functions(),
        timestamp_functions(),  window_functions(),      hash_functions(),
        json_functions(),       collection_functions(),  array_functions(),
        sequence_functions(),   map_functions(),         lambda_functions(),
        crypto_functions(),     time_functions(),        csv_functions(),
        misc_functions()}) {
    for (const Function& function : family) {
      table.emplace(function.name, &function);
    }
  }
  return table;
}

const Table& functions() {
  static const Table kTable = make_table();
  return kTable;
}

}  // namespace

const Function* find_function(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  const auto found = functions().find(lower);
  return found == functions().end() ? nullptr : found->second;
}

std::vector<const Function*> all_functions() {
  std::vector<const Function*> all;
  for (const auto& [name, function] : functions()) {
    all.push_back(function);
  }
  std::sort(all.begin(), all.end(), [](const Function* left, const Function* right) {
    return left->name < right->name;
  });
  return all;
}

}  // namespace millrace::expr
