#include "http/url.h"

#include <gtest/gtest.h>

namespace millrace::http {
namespace {

TEST(Url, decodes_what_it_encodes) {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(static_cast<char>(i));
  }
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a b/ü"), "a%20b%2F%C3%BC");
}

TEST(Url, leaves_broken_escapes_as_they_are) {
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%41"), "%zzA");
}

TEST(Url, reads_a_query) {
  const QueryParameters parameters = parse_query("a=1&b&=x&c=x+y%26z&&a=2");
  EXPECT_EQ(parameters,
            (QueryParameters{{"a", "1"}, {"b", ""}, {"", "x"}, {"c", "x y&z"}, {"a", "2"}}));
  EXPECT_EQ(*find_parameter(parameters, "a"), "2");
  EXPECT_EQ(find_parameter(parameters, "d"), nullptr);
}

TEST(Url, drops_parameters_beyond_the_limit) {
  std::string query;
  for (int i = 0; i < 1000; ++i) {
    query += "a=1&";
  }
  EXPECT_EQ(parse_query(query).size(), kQueryParametersMax);
}

TEST(Url, sets_a_parameter) {
  EXPECT_EQ(with_parameter("http://h/p", "page", "2"), "http://h/p?page=2");
  EXPECT_EQ(with_parameter("http://h/p?a=1#f", "page", "2"), "http://h/p?a=1&page=2#f");
  EXPECT_EQ(with_parameter("http://h/p?page=1&a=1&page=3", "page", "x y"),
            "http://h/p?page=x%20y&a=1");
}

TEST(Url, shows_no_secrets) {
  EXPECT_EQ(shown_url("https://u:p@h:1/a@b?key=x#f"), "https://h:1/a@b");
  EXPECT_EQ(shown_url("https://h/a@b"), "https://h/a@b");
  EXPECT_EQ(shown_url("a@b?c"), "b");
  EXPECT_EQ(shown_url(""), "");
}

TEST(Url, compares_origins) {
  EXPECT_EQ(origin_of("HTTP://Example.org/x?y"), "http://example.org:80");
  EXPECT_EQ(origin_of("https://example.org"), "https://example.org:443");
  EXPECT_EQ(origin_of("ftp://example.org"), std::nullopt);
  EXPECT_EQ(origin_of("no address"), std::nullopt);
}

TEST(Url, resolves_references) {
  EXPECT_EQ(resolve_url("http://h/a/b?x", "c"), "http://h/a/c");
  EXPECT_EQ(resolve_url("http://h/a/b", "/c?d"), "http://h/c?d");
  EXPECT_EQ(resolve_url("http://h/a/b", "//other/c"), "http://other/c");
  EXPECT_EQ(resolve_url("http://h/a", "file:///etc/passwd"), std::nullopt);
}

}  // namespace
}  // namespace millrace::http
