#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(UrlFunctions, encode_and_decode) {
  static constexpr SqlCase kCases[] = {
      {"url_encode('a b/é')", "a+b%2F%C3%A9"},
      {"url_encode('.-*_~')", ".-*_%7E"},
      {"url_decode('a%20b')", "a b"},
      {"url_decode('a+b')", "a b"},
      {"url_decode('%4')", "! INVALID_URL"},
      {"try_url_decode('%zz')", "NULL"},
  };
  expect_cases(kCases);
}

TEST(UrlFunctions, take_urls_apart) {
  static constexpr SqlCase kCases[] = {
      {"parse_url('http://h.com:80/p/q?x=1&y=2#f', 'QUERY', 'x')", "1"},
      {"parse_url('http://h.com:80/p/q?x=1&y=2#f', 'HOST')", "h.com"},
      {"parse_url('http://h.com:80/p/q?x=1&y=2#f', 'PATH')", "/p/q"},
      {"parse_url('http://h.com:80/p/q?x=1&y=2#f', 'FILE')", "/p/q?x=1&y=2"},
      {"parse_url('http://h.com:80/p/q?x=1&y=2#f', 'REF')", "f"},
      {"parse_url('http://h.com:80/p/q?x=1&y=2#f', 'PROTOCOL')", "http"},
      {"parse_url('http://u:p@h.com:80/', 'AUTHORITY')", "u:p@h.com:80"},
      {"parse_url('http://u:p@h.com:80/', 'USERINFO')", "u:p"},
      {"parse_url('http://h.com', 'QUERY')", "NULL"},
      {"parse_url('http://h.com?ax=1', 'QUERY', 'x')", "NULL"},
      {"parse_url('http://h.com', 'WHAT')", "NULL"},
      {"parse_url('http://a b', 'HOST')", "! INVALID_URL"},
      {"try_parse_url('http://a b', 'HOST')", "NULL"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
