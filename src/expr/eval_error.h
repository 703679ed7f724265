// Errors of single rows under ANSI, with Spark's condition and SQLSTATE. A kernel notes the code
// only; the text is made by describe_error (evaluate.h) for errors that are kept.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::expr {

/// The value 0 is no error. Values are stable within a process only.
enum class EvalError : std::uint16_t {
  kNone,
  kArithmeticOverflow,
  kBinaryArithmeticOverflow,
  kDivideByZero,
  kRemainderByZero,
  kNumericValueOutOfRange,
  kCastInvalidInput,
  kCastOverflow,
  kInvalidArrayIndex,
  kInvalidArrayIndexInElementAt,
  kInvalidIndexOfZero,
  kCannotParseTimestamp,
  kCannotParseTime,
  kAesKeyLength,    ///< INVALID_PARAMETER_VALUE.AES_KEY_LENGTH
  kAesIvLength,     ///< INVALID_PARAMETER_VALUE.AES_IV_LENGTH
  kAesCryptoError,  ///< INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR
  kAesMode,         ///< UNSUPPORTED_FEATURE.AES_MODE
  kDatetimeOverflow,
  kDatetimeFieldOutOfBounds,
  kIntervalArithmeticOverflow,
  kMalformedRecordInParsing,
  kDuplicatedMapKey,
  kNullMapKey,
  kInvalidParameterValue,
  kInvalidUtf8String,
  kConversionInvalidInput,
  kInvalidFormat,
  kInvalidUrl,
  kInvalidTimezone,
  kIllegalDayOfWeek,
  kInconsistentDatetimePattern,  ///< A pattern letter that Spark 3 and later refuse.
  kIntervalDividedByZero,
  kInvalidRegexPattern,     ///< INVALID_PARAMETER_VALUE.PATTERN
  kInvalidRegexGroup,       ///< INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX
  kInvalidStart,            ///< INVALID_PARAMETER_VALUE.START
  kInvalidLength,           ///< INVALID_PARAMETER_VALUE.LENGTH
  kInvalidLikeEscape,       ///< INVALID_FORMAT.ESC_IN_THE_MIDDLE
  kInvalidLikeEscapeAtEnd,  ///< INVALID_FORMAT.ESC_AT_THE_END
  kTooManyElements,         ///< COLLECTION_SIZE_LIMIT_EXCEEDED
  kParseModeUnsupported,
  kUserRaised,
  kScalarSubqueryTooManyRows,
  kRejectedByTarget,  ///< Null in a key or NOT NULL column, size, type of the target.
  kUnsupported,
  kOther,
};

struct EvalErrorInfo {
  std::string_view error_class;  ///< "CAST_INVALID_INPUT"
  std::string_view sqlstate;     ///< "22018"
};

EvalErrorInfo info(EvalError error);

}  // namespace millrace::expr
