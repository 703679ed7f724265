// Spark's names of the errors of single rows. Source: error-conditions.json of Spark 4.3.
#include "expr/eval_error.h"

namespace millrace::expr {

// NOLINTNEXTLINE(readability-function-size): two lines an error.
EvalErrorInfo info(EvalError error) {
  switch (error) {
    case EvalError::kNone:
      return {"", "00000"};
    case EvalError::kArithmeticOverflow:
      return {"ARITHMETIC_OVERFLOW", "22003"};
    case EvalError::kBinaryArithmeticOverflow:
      return {"BINARY_ARITHMETIC_OVERFLOW", "22003"};
    case EvalError::kDivideByZero:
      return {"DIVIDE_BY_ZERO", "22012"};
    case EvalError::kRemainderByZero:
      return {"REMAINDER_BY_ZERO", "22012"};
    case EvalError::kNumericValueOutOfRange:
      return {"NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "22003"};
    case EvalError::kCastInvalidInput:
      return {"CAST_INVALID_INPUT", "22018"};
    case EvalError::kCastOverflow:
      return {"CAST_OVERFLOW", "22003"};
    case EvalError::kInvalidArrayIndex:
      return {"INVALID_ARRAY_INDEX", "22003"};
    case EvalError::kInvalidArrayIndexInElementAt:
      return {"INVALID_ARRAY_INDEX_IN_ELEMENT_AT", "22003"};
    case EvalError::kInvalidIndexOfZero:
      return {"INVALID_INDEX_OF_ZERO", "22003"};
    case EvalError::kCannotParseTimestamp:
      return {"CANNOT_PARSE_TIMESTAMP", "22007"};
    case EvalError::kCannotParseTime:
      return {"CANNOT_PARSE_TIME", "22010"};
    case EvalError::kAesKeyLength:
      return {"INVALID_PARAMETER_VALUE.AES_KEY_LENGTH", "22023"};
    case EvalError::kAesIvLength:
      return {"INVALID_PARAMETER_VALUE.AES_IV_LENGTH", "22023"};
    case EvalError::kAesCryptoError:
      return {"INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR", "22023"};
    case EvalError::kAesMode:
      return {"UNSUPPORTED_FEATURE.AES_MODE", "0A000"};
    case EvalError::kDatetimeOverflow:
      return {"DATETIME_OVERFLOW", "22008"};
    case EvalError::kDatetimeFieldOutOfBounds:
      return {"DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION", "22023"};
    case EvalError::kIntervalArithmeticOverflow:
      return {"INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION", "22015"};
    case EvalError::kMalformedRecordInParsing:
      return {"MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "22023"};
    case EvalError::kDuplicatedMapKey:
      return {"DUPLICATED_MAP_KEY", "23505"};
    case EvalError::kNullMapKey:
      return {"NULL_MAP_KEY", "2200E"};
    case EvalError::kInvalidParameterValue:
      return {"INVALID_PARAMETER_VALUE", "22023"};
    case EvalError::kInvalidUtf8String:
      return {"INVALID_UTF8_STRING", "22029"};
    case EvalError::kConversionInvalidInput:
      return {"CONVERSION_INVALID_INPUT", "22018"};
    case EvalError::kInvalidFormat:
      return {"INVALID_FORMAT", "42601"};
    case EvalError::kInvalidUrl:
      return {"INVALID_URL", "22P02"};
    case EvalError::kInvalidTimezone:
      return {"INVALID_TIMEZONE", "22009"};
    case EvalError::kIllegalDayOfWeek:
      return {"ILLEGAL_DAY_OF_WEEK", "22009"};
    case EvalError::kInconsistentDatetimePattern:
      return {"INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION", "42K0B"};
    case EvalError::kIntervalDividedByZero:
      return {"INTERVAL_DIVIDED_BY_ZERO", "22012"};
    case EvalError::kInvalidRegexPattern:
      return {"INVALID_PARAMETER_VALUE.PATTERN", "22023"};
    case EvalError::kInvalidRegexGroup:
      return {"INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX", "22023"};
    case EvalError::kInvalidStart:
      return {"INVALID_PARAMETER_VALUE.START", "22023"};
    case EvalError::kInvalidLength:
      return {"INVALID_PARAMETER_VALUE.LENGTH", "22023"};
    case EvalError::kInvalidLikeEscape:
      return {"INVALID_FORMAT.ESC_IN_THE_MIDDLE", "42601"};
    case EvalError::kInvalidLikeEscapeAtEnd:
      return {"INVALID_FORMAT.ESC_AT_THE_END", "42601"};
    case EvalError::kTooManyElements:
      return {"COLLECTION_SIZE_LIMIT_EXCEEDED", "54000"};
    case EvalError::kParseModeUnsupported:
      return {"PARSE_MODE_UNSUPPORTED", "42601"};
    case EvalError::kUserRaised:
      return {"USER_RAISED_EXCEPTION", "P0001"};
    case EvalError::kScalarSubqueryTooManyRows:
      return {"SCALAR_SUBQUERY_TOO_MANY_ROWS", "21000"};
    case EvalError::kRejectedByTarget:
      return {"REJECTED_BY_TARGET", "22000"};
    case EvalError::kUnsupported:
      return {"UNSUPPORTED_FEATURE", "0A000"};
    case EvalError::kOther:
      return {"EVALUATION_FAILED", "XX000"};
  }
  return {"EVALUATION_FAILED", "XX000"};
}

}  // namespace millrace::expr
