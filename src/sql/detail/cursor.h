// The parser's place in the tokens, its one error per statement, and its limits.
//
// After the first error the cursor stands at the end for good: nothing is accepted any more, so
// every loop of the grammar ends and every function returns some empty node, which the caller of
// the parser drops. That way no function of the grammar checks for errors.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "sql/ast.h"
#include "sql/detail/lexer.h"

namespace millrace::sql::detail {

/// What an error is called: our code, Spark's condition and SQLSTATE.
struct ErrorKind {
  std::string_view code;
  std::string_view error_class;
  std::string_view sqlstate;
};

inline constexpr ErrorKind kSyntaxError{"MR2001", "PARSE_SYNTAX_ERROR", "42601"};
inline constexpr ErrorKind kTooComplex{"MR2002", "FAILED_TO_PARSE_TOO_COMPLEX", "54001"};
inline constexpr ErrorKind kInvalidIdentifier{"MR2003", "INVALID_IDENTIFIER", "42602"};
inline constexpr ErrorKind kUnclosedComment{"MR2004", "UNCLOSED_BRACKETED_COMMENT", "42601"};
inline constexpr ErrorKind kUnsupportedType{"MR2005", "UNSUPPORTED_DATATYPE", "0A000"};
inline constexpr ErrorKind kInvalidTypedLiteral{"MR2006", "INVALID_TYPED_LITERAL", "42604"};
inline constexpr ErrorKind kLiteralRange{"MR2007", "INVALID_NUMERIC_LITERAL_RANGE", "22003"};
inline constexpr ErrorKind kInvalidEscape{"MR2008", "INVALID_ESC", "42604"};
inline constexpr ErrorKind kMixedInterval{"MR2009", "_LEGACY_ERROR_TEMP_0029", ""};
inline constexpr ErrorKind kDuplicateClause{"MR2010", "DUPLICATE_CLAUSES", "42614"};
inline constexpr ErrorKind kDatetimeUnit{
    "MR2011", "INVALID_PARAMETER_VALUE.DATETIME_UNIT", "22023"};
inline constexpr ErrorKind kUnsupportedFeature{"MR2012", "UNSUPPORTED_FEATURE", "0A000"};
inline constexpr ErrorKind kIncompleteType{"MR2013", "INCOMPLETE_TYPE_DEFINITION", "42K01"};
inline constexpr ErrorKind kEmptyStatement{"MR2014", "PARSE_EMPTY_STATEMENT", "42617"};

/// Owned by one thread.
class Cursor {
 public:
  Cursor(TokenStream stream, std::string_view file, Diagnostics& diagnostics);

  // --- where it is -----------------------------------------------------------------------------
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const;

  [[nodiscard]] std::string_view text(const Token& token) const { return stream_.text_of(token); }

  [[nodiscard]] std::string_view source() const { return stream_.text; }

  [[nodiscard]] const std::string& file() const { return file_; }

  /// The index of the next token: the beginning of a node.
  [[nodiscard]] std::size_t mark() const { return index_; }

  /// The position of what was taken since `mark`.
  [[nodiscard]] NodePosition since(std::size_t mark) const;

  [[nodiscard]] const Token& token(std::size_t index) const { return stream_.tokens[index]; }

  static NodePosition position_of(const Token& token);

  // --- looking and taking ------------------------------------------------------------------------
  [[nodiscard]] bool is(Keyword keyword, std::size_t ahead = 0) const {
    return peek(ahead).keyword == keyword && peek(ahead).kind == TokenKind::kWord;
  }

  [[nodiscard]] bool is(Symbol symbol, std::size_t ahead = 0) const {
    return peek(ahead).symbol == symbol;
  }

  [[nodiscard]] bool is(TokenKind kind, std::size_t ahead = 0) const {
    return peek(ahead).kind == kind;
  }

  /// The next two words.
  [[nodiscard]] bool is(Keyword first, Keyword second, std::size_t ahead = 0) const {
    return is(first, ahead) && is(second, ahead + 1);
  }

  [[nodiscard]] bool is_any(std::initializer_list<Keyword> keywords, std::size_t ahead = 0) const;

  [[nodiscard]] bool is_name(std::size_t ahead = 0) const {
    return is(TokenKind::kWord, ahead) || is(TokenKind::kQuoted, ahead);
  }

  /// The end of the statement: `;` or the end of the text.
  [[nodiscard]] bool at_end() const { return is(TokenKind::kEnd) || is(Symbol::kSemicolon); }

  const Token& take();

  void skip_to(std::size_t index) { index_ = index; }

  bool accept(Keyword keyword);
  bool accept(Keyword first, Keyword second);
  bool accept(Symbol symbol);
  void expect(Keyword keyword);
  void expect(Symbol symbol);
  /// The value of a string that must come next; adjacent strings are joined.
  std::string expect_string();
  /// The name that must come next: any word, or a quoted one.
  Identifier expect_identifier();
  /// `a.b.c`; also IDENTIFIER('a.b').
  Name expect_name();
  /// The digits of an integer that must come next.
  std::string expect_integer();
  /// Takes the next token as a name; REQUIRES: is_name().
  Identifier take_identifier();

  // --- errors ------------------------------------------------------------------------------------
  [[nodiscard]] bool failed() const { return failed_; }

  /// Adds the Diagnostic, unless there is one already, and moves to the end.
  void fail(const ErrorKind& kind, const Position& where, std::string message, std::string help);
  /// "Syntax error at or near …" at the next token; `what` could stand there.
  void fail_expected(std::string_view what);
  /// What was looked for at the next token and not found, for the help of fail_expected.
  void note_expected(Keyword keyword, Keyword follower = Keyword::kNone);

  /// Remembers that the word just taken was an alias without AS, which may be a misspelt keyword.
  void note_implicit_alias() { implicit_alias_ = index_ - 1; }

  /// Makes the cursor usable for the next statement, which begins at `index`.
  void recover(std::size_t index);

  [[nodiscard]] std::size_t failed_at() const { return failed_at_; }

  // --- limits ------------------------------------------------------------------------------------
  /// A level of the tree that may be beside others: the operand of a chain. See kTreeHeightMax.
  class Branch {
   public:
    explicit Branch(Cursor& cursor) : cursor_(cursor), outer_height_(cursor.height_) {
      cursor_.height_ = 0;
    }

    ~Branch();
    Branch(const Branch&) = delete;
    Branch& operator=(const Branch&) = delete;

   private:
    Cursor& cursor_;
    int outer_height_;
  };

  /// A level of nesting. See kNestingMax.
  class Nest {
   public:
    explicit Nest(Cursor& cursor);

    ~Nest() { --cursor_.depth_; }

    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;

   private:
    Cursor& cursor_;
    Branch branch_;
  };

  /// One more level of the tree by one more operator of a chain.
  void grow();

  // --- context -----------------------------------------------------------------------------------
  /// CASE expressions that are open: WHEN, THEN, ELSE and END are no columns in them.
  int open_cases = 0;
  /// In AUTO CDC, KEYS after the source is a clause and no alias.
  bool keys_is_clause = false;
  /// Counts the `?` of a statement.
  int parameters = 0;

 private:
  struct Expected {
    Keyword keyword = Keyword::kNone;
    Keyword follower = Keyword::kNone;  // Of GROUP BY, ORDER BY, …: the second word.
  };

  void report(const ErrorKind& kind, const Position& where, std::string message, std::string help);
  void report_bad_token(const Token& token);
  [[nodiscard]] std::span<const Expected> expected_here() const;
  [[nodiscard]] std::vector<std::string> expected_texts() const;
  [[nodiscard]] std::vector<std::string> followers_of_alias() const;
  [[nodiscard]] std::string text_for_message(const Token& token) const;

  static constexpr std::size_t kExpectedMax = 64;

  TokenStream stream_;
  std::string file_;
  Diagnostics& diagnostics_;
  std::size_t index_ = 0;
  bool failed_ = false;
  std::size_t failed_at_ = 0;
  std::size_t implicit_alias_ = kTokensMax + 1;  // None.

  std::array<Expected, kExpectedMax> expected_{};
  std::size_t expected_count_ = 0;
  std::size_t expected_at_ = 0;
  int depth_ = 0;
  int height_ = 0;
};

/// A node that was written since `mark`.
template <class Node>
ExpressionPtr make_expression(const Cursor& cursor, std::size_t mark, Node node) {
  return make_box(Expression{.node = std::move(node), .position = cursor.since(mark)});
}

/// `one ("," one)*`.
template <class One>
auto read_list(Cursor& cursor, One one) {
  std::vector<decltype(one(cursor))> list;
  do {
    list.push_back(one(cursor));
  } while (cursor.accept(Symbol::kComma));
  return list;
}

/// `"(" one ("," one)* ")"`.
template <class One>
auto read_bracketed_list(Cursor& cursor, One one) {
  cursor.expect(Symbol::kLeftParen);
  auto list = read_list(cursor, one);
  cursor.expect(Symbol::kRightParen);
  return list;
}

Identifier read_identifier(Cursor& cursor);
Name read_name(Cursor& cursor);

}  // namespace millrace::sql::detail
