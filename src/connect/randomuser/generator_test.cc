#include "connect/randomuser/generator.h"

#include <map>
#include <set>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/utf8.h"
#include "connect/randomuser/tables.h"

namespace millrace::connect::randomuser {
namespace {

using simdjson::dom::element;

std::string user_json(const UserChoice& choice, std::uint64_t page, std::uint64_t index) {
  std::string json;
  Generator(choice).append_user(page, index, json);
  return json;
}

std::uint8_t nation(std::string_view code) {
  return parse_nationalities(code).at(0);
}

/// Parses; the element lives as long as the parser.
element parse(simdjson::dom::parser& parser, const std::string& json) {
  element parsed;
  EXPECT_EQ(parser.parse(json).get(parsed), simdjson::SUCCESS) << json;
  return parsed;
}

std::string text_at(const element& parsed, std::string_view pointer) {
  std::string_view text;
  EXPECT_EQ(parsed.at_pointer(pointer).get(text), simdjson::SUCCESS) << pointer;
  return std::string(text);
}

std::vector<std::string> keys_of(const element& object) {
  std::vector<std::string> keys;
  const simdjson::dom::object members = object.get_object().value();
  for (auto member = members.begin(); member != members.end(); ++member) {
    keys.emplace_back(member.key());
  }
  return keys;
}

TEST(Generator, is_a_function_of_seed_page_and_index) {
  const UserChoice choice{.seed = "foobar"};
  EXPECT_EQ(user_json(choice, 3, 7), user_json(choice, 3, 7));
  EXPECT_NE(user_json(choice, 3, 7), user_json(choice, 3, 8));
  EXPECT_NE(user_json(choice, 3, 7), user_json(choice, 4, 7));
  EXPECT_NE(user_json(choice, 3, 7), user_json({.seed = "foobaz"}, 3, 7));
}

TEST(Generator, keeps_its_bytes_from_version_to_version) {
  const std::string json = user_json({.seed = "golden", .nationalities = {nation("US")}}, 1, 0);
  EXPECT_EQ(json, user_json({.seed = "golden", .nationalities = {nation("US")}}, 1, 0));
  simdjson::dom::parser parser;
  EXPECT_EQ(text_at(parse(parser, json), "/nat"), "US");
}

TEST(Generator, writes_the_keys_in_the_order_of_the_reference) {
  simdjson::dom::parser parser;
  const element user = parse(parser, user_json({.seed = "s"}, 1, 0));
  EXPECT_EQ(keys_of(user),
            (std::vector<std::string>{"gender",
                                      "name",
                                      "location",
                                      "email",
                                      "login",
                                      "dob",
                                      "registered",
                                      "phone",
                                      "cell",
                                      "id",
                                      "picture",
                                      "nat"}));
  EXPECT_EQ(keys_of(user["name"]), (std::vector<std::string>{"title", "first", "last"}));
  EXPECT_EQ(keys_of(user["location"]),
            (std::vector<std::string>{
                "street", "city", "state", "country", "postcode", "coordinates", "timezone"}));
  EXPECT_EQ(keys_of(user["location"]["street"]), (std::vector<std::string>{"number", "name"}));
  EXPECT_EQ(
      keys_of(user["login"]),
      (std::vector<std::string>{"uuid", "username", "password", "salt", "md5", "sha1", "sha256"}));
  EXPECT_EQ(keys_of(user["picture"]), (std::vector<std::string>{"large", "medium", "thumbnail"}));
}

TEST(Generator, writes_postcodes_in_the_type_of_each_nationality) {
  const std::set<std::string_view> textual = {"CA", "GB", "NL", "NO"};
  bool leading_zero = false;
  for (std::uint8_t i = 0; i < kNationalities; ++i) {
    const std::string_view code = nationalities()[i].code;
    for (std::uint64_t n = 0; n < 60; ++n) {
      simdjson::dom::parser parser;
      const element user = parse(parser, user_json({.seed = "p", .nationalities = {i}}, 1, n));
      const element postcode = user["location"]["postcode"];
      EXPECT_EQ(postcode.is_string(), textual.contains(code)) << code;
      EXPECT_EQ(postcode.is_int64(), !textual.contains(code)) << code;
      leading_zero = leading_zero || (code == "NO" && text_at(postcode, "").starts_with("0"));
      if (code == "AU") {
        EXPECT_LE(postcode.get_int64().value(), 9999);
      }
      if (code == "GB" || code == "CA" || code == "NL") {
        EXPECT_NE(text_at(postcode, "").find(' '), std::string::npos);
      }
    }
  }
  EXPECT_TRUE(leading_zero);
}

TEST(Generator, gives_no_identity_number_to_countries_that_have_none) {
  const std::set<std::string_view> without = {"NZ", "UA", "TR", "IR"};
  for (std::uint8_t i = 0; i < kNationalities; ++i) {
    simdjson::dom::parser parser;
    const element user = parse(parser, user_json({.seed = "i", .nationalities = {i}}, 1, 0));
    const bool none = without.contains(nationalities()[i].code);
    EXPECT_EQ(user["id"]["value"].is_null(), none);
    EXPECT_EQ(text_at(user, "/id/name").empty(), none);
  }
}

TEST(Generator, writes_names_beyond_ascii_as_valid_utf8) {
  std::map<std::string, std::string> seen;
  for (std::uint8_t i = 0; i < kNationalities; ++i) {
    for (std::uint64_t n = 0; n < 40; ++n) {
      const std::string json = user_json({.seed = "u", .nationalities = {i}}, 1, n);
      EXPECT_TRUE(is_valid_utf8(json));
      seen[std::string(nationalities()[i].code)] += json;
    }
  }
  EXPECT_NE(seen["IR"].find("خیابان"), std::string::npos);
  EXPECT_NE(seen["NO"].find("ø"), std::string::npos);
  EXPECT_NE(seen["TR"].find("ş"), std::string::npos);
  EXPECT_NE(seen["RS"].find("ć"), std::string::npos);
  EXPECT_NE(seen["FR"].find("Avenue de l'Abbé-Roussel"), std::string::npos);
  EXPECT_NE(seen["NL"].find("'t Hart"), std::string::npos);
  EXPECT_TRUE(std::ranges::all_of(seen["UA"], [](char c) { return c > 0; }));
}

TEST(Generator, writes_mail_addresses_in_ascii) {
  for (std::uint8_t i = 0; i < kNationalities; ++i) {
    for (std::uint64_t n = 0; n < 60; ++n) {
      simdjson::dom::parser parser;
      const element user = parse(parser, user_json({.seed = "m", .nationalities = {i}}, 1, n));
      const std::string email = text_at(user, "/email");
      EXPECT_TRUE(std::ranges::all_of(email, [](char c) {
        return (c >= 'a' && c <= 'z') || c == '.' || c == '@';
      })) << email;
      EXPECT_GT(email.find('.'), 1U);
      EXPECT_TRUE(email.ends_with("@example.com"));
    }
  }
}

TEST(Generator, has_words_that_need_no_escape) {
  for (const Nationality& nation : nationalities()) {
    for (const auto& words : {nation.streets, nation.cities, nation.states}) {
      for (const std::string_view word : words) {
        EXPECT_FALSE(word.empty()) << nation.code;
        EXPECT_EQ(word.find_first_of("\"\\\n"), std::string_view::npos) << word;
      }
    }
    EXPECT_FALSE(nation.men.empty());
    EXPECT_FALSE(nation.women.empty());
  }
}

TEST(Generator, writes_digests_of_password_and_salt) {
  simdjson::dom::parser parser;
  const element user = parse(parser, user_json({.seed = "d"}, 1, 0));
  EXPECT_EQ(text_at(user, "/login/salt").size(), 8U);
  EXPECT_EQ(text_at(user, "/login/md5").size(), 32U);
  EXPECT_EQ(text_at(user, "/login/sha1").size(), 40U);
  EXPECT_EQ(text_at(user, "/login/sha256").size(), 64U);
  EXPECT_EQ(text_at(user, "/login/uuid").at(14), '4');
}

TEST(Generator, chooses_gender_and_title) {
  for (std::uint64_t n = 0; n < 50; ++n) {
    simdjson::dom::parser parser;
    const element man = parse(parser, user_json({.seed = "g", .gender = Gender::kMale}, 1, n));
    EXPECT_EQ(text_at(man, "/gender"), "male");
    EXPECT_EQ(text_at(man, "/name/title"), "Mr");
    const element woman = parse(parser, user_json({.seed = "g", .gender = Gender::kFemale}, 1, n));
    EXPECT_NE(text_at(woman, "/name/title"), "Mr");
  }
}

TEST(Generator, leaves_out_fields_without_changing_the_others) {
  simdjson::dom::parser whole_parser;
  simdjson::dom::parser part_parser;
  const element whole = parse(whole_parser, user_json({.seed = "f"}, 1, 0));
  const auto fields = static_cast<FieldSet>((1U << static_cast<unsigned>(Field::kPhone)) |
                                            (1U << static_cast<unsigned>(Field::kNat)));
  const element part = parse(part_parser, user_json({.seed = "f", .fields = fields}, 1, 0));
  EXPECT_EQ(keys_of(part), (std::vector<std::string>{"phone", "nat"}));
  EXPECT_EQ(text_at(part, "/phone"), text_at(whole, "/phone"));
  EXPECT_EQ(text_at(part, "/nat"), text_at(whole, "/nat"));
}

TEST(Generator, counts_ages_to_a_fixed_day) {
  for (std::uint64_t n = 0; n < 200; ++n) {
    simdjson::dom::parser parser;
    const element user = parse(parser, user_json({.seed = "a"}, 1, n));
    const std::int64_t age = user["dob"]["age"].get_int64().value();
    const int year = std::stoi(text_at(user, "/dob/date").substr(0, 4));
    EXPECT_GE(age, 21);
    EXPECT_LE(age, 79);
    EXPECT_LE(std::abs(2025 - year - age), 1);
    EXPECT_EQ(text_at(user, "/registered/date").size(), 24U);
  }
}

TEST(Nationalities, are_21_in_order_and_unknown_ones_are_named) {
  std::vector<std::string> unknown;
  EXPECT_EQ(parse_nationalities("ir, NO,xx,NO,", &unknown),
            (std::vector<std::uint8_t>{nation("IR"), nation("NO")}));
  EXPECT_EQ(unknown, std::vector<std::string>{"xx"});
  EXPECT_TRUE(std::ranges::is_sorted(nationalities(), {}, &Nationality::code));
}

}  // namespace
}  // namespace millrace::connect::randomuser
