// The words that the parser looks for. None is reserved: what stands where a name is expected is a
// name.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// clang-format off
#define MR_SQL_KEYWORDS(X) \
  X(kAdd, "ADD")                              \
  X(kAggregate, "AGGREGATE")                  \
  X(kAll, "ALL")                              \
  X(kAlter, "ALTER")                          \
  X(kAlways, "ALWAYS")                        \
  X(kAnalyze, "ANALYZE")                      \
  X(kAnd, "AND")                              \
  X(kAnti, "ANTI")                            \
  X(kAny, "ANY")                              \
  X(kApply, "APPLY")                          \
  X(kAs, "AS")                                \
  X(kAsc, "ASC")                              \
  X(kAuto, "AUTO")                            \
  X(kBegin, "BEGIN")                          \
  X(kBetween, "BETWEEN")                      \
  X(kBoth, "BOTH")                            \
  X(kBucket, "BUCKET")                        \
  X(kBy, "BY")                                \
  X(kCache, "CACHE")                          \
  X(kCall, "CALL")                            \
  X(kCase, "CASE")                            \
  X(kCast, "CAST")                            \
  X(kCatalog, "CATALOG")                      \
  X(kCdc, "CDC")                              \
  X(kChanges, "CHANGES")                      \
  X(kClear, "CLEAR")                          \
  X(kCluster, "CLUSTER")                      \
  X(kCodegen, "CODEGEN")                      \
  X(kCollate, "COLLATE")                      \
  X(kCollation, "COLLATION")                  \
  X(kColumns, "COLUMNS")                      \
  X(kComment, "COMMENT")                      \
  X(kConstraint, "CONSTRAINT")                \
  X(kCost, "COST")                            \
  X(kCreate, "CREATE")                        \
  X(kCross, "CROSS")                          \
  X(kCube, "CUBE")                            \
  X(kCurrent, "CURRENT")                      \
  X(kDatabase, "DATABASE")                    \
  X(kDate, "DATE")                            \
  X(kDateadd, "DATEADD")                      \
  X(kDatediff, "DATEDIFF")                    \
  X(kDateAdd, "DATE_ADD")                     \
  X(kDateDiff, "DATE_DIFF")                   \
  X(kDay, "DAY")                              \
  X(kDays, "DAYS")                            \
  X(kDeclare, "DECLARE")                      \
  X(kDefault, "DEFAULT")                      \
  X(kDelay, "DELAY")                          \
  X(kDelete, "DELETE")                        \
  X(kDesc, "DESC")                            \
  X(kDescribe, "DESCRIBE")                    \
  X(kDistinct, "DISTINCT")                    \
  X(kDistribute, "DISTRIBUTE")                \
  X(kDiv, "DIV")                              \
  X(kDrop, "DROP")                            \
  X(kElse, "ELSE")                            \
  X(kEnd, "END")                              \
  X(kEscape, "ESCAPE")                        \
  X(kExcept, "EXCEPT")                        \
  X(kExclude, "EXCLUDE")                      \
  X(kExecute, "EXECUTE")                      \
  X(kExists, "EXISTS")                        \
  X(kExplain, "EXPLAIN")                      \
  X(kExtend, "EXTEND")                        \
  X(kExtended, "EXTENDED")                    \
  X(kExternal, "EXTERNAL")                    \
  X(kExtract, "EXTRACT")                      \
  X(kFalse, "FALSE")                          \
  X(kFilter, "FILTER")                        \
  X(kFirst, "FIRST")                          \
  X(kFlow, "FLOW")                            \
  X(kFollowing, "FOLLOWING")                  \
  X(kFor, "FOR")                              \
  X(kFormatted, "FORMATTED")                  \
  X(kFrom, "FROM")                            \
  X(kFull, "FULL")                            \
  X(kFunction, "FUNCTION")                    \
  X(kGenerated, "GENERATED")                  \
  X(kGlobal, "GLOBAL")                        \
  X(kGrant, "GRANT")                          \
  X(kGroup, "GROUP")                          \
  X(kGrouping, "GROUPING")                    \
  X(kHaving, "HAVING")                        \
  X(kHistory, "HISTORY")                      \
  X(kHour, "HOUR")                            \
  X(kHours, "HOURS")                          \
  X(kIdentified, "IDENTIFIED")                \
  X(kIdentifier, "IDENTIFIER")                \
  X(kIf, "IF")                                \
  X(kIgnore, "IGNORE")                        \
  X(kIlike, "ILIKE")                          \
  X(kImmediate, "IMMEDIATE")                  \
  X(kIn, "IN")                                \
  X(kInclude, "INCLUDE")                      \
  X(kIndex, "INDEX")                          \
  X(kInner, "INNER")                          \
  X(kInsert, "INSERT")                        \
  X(kIntersect, "INTERSECT")                  \
  X(kInterval, "INTERVAL")                    \
  X(kInto, "INTO")                            \
  X(kIs, "IS")                                \
  X(kJoin, "JOIN")                            \
  X(kJsonTable, "JSON_TABLE")                 \
  X(kKeys, "KEYS")                            \
  X(kLast, "LAST")                            \
  X(kLateral, "LATERAL")                      \
  X(kLeading, "LEADING")                      \
  X(kLeft, "LEFT")                            \
  X(kLike, "LIKE")                            \
  X(kLimit, "LIMIT")                          \
  X(kList, "LIST")                            \
  X(kLoad, "LOAD")                            \
  X(kLocation, "LOCATION")                    \
  X(kLoop, "LOOP")                            \
  X(kMaterialized, "MATERIALIZED")            \
  X(kMerge, "MERGE")                          \
  X(kMicrosecond, "MICROSECOND")              \
  X(kMicroseconds, "MICROSECONDS")            \
  X(kMillisecond, "MILLISECOND")              \
  X(kMilliseconds, "MILLISECONDS")            \
  X(kMinus, "MINUS")                          \
  X(kMinute, "MINUTE")                        \
  X(kMinutes, "MINUTES")                      \
  X(kMonth, "MONTH")                          \
  X(kMonths, "MONTHS")                        \
  X(kMsck, "MSCK")                            \
  X(kName, "NAME")                            \
  X(kNamespace, "NAMESPACE")                  \
  X(kNanosecond, "NANOSECOND")                \
  X(kNanoseconds, "NANOSECONDS")              \
  X(kNatural, "NATURAL")                      \
  X(kNot, "NOT")                              \
  X(kNull, "NULL")                            \
  X(kNulls, "NULLS")                          \
  X(kOf, "OF")                                \
  X(kOffset, "OFFSET")                        \
  X(kOn, "ON")                                \
  X(kOptions, "OPTIONS")                      \
  X(kOr, "OR")                                \
  X(kOrder, "ORDER")                          \
  X(kOut, "OUT")                              \
  X(kOuter, "OUTER")                          \
  X(kOver, "OVER")                            \
  X(kOverlay, "OVERLAY")                      \
  X(kOverwrite, "OVERWRITE")                  \
  X(kPartition, "PARTITION")                  \
  X(kPartitioned, "PARTITIONED")              \
  X(kPercent, "PERCENT")                      \
  X(kPivot, "PIVOT")                          \
  X(kPlacing, "PLACING")                      \
  X(kPosition, "POSITION")                    \
  X(kPreceding, "PRECEDING")                  \
  X(kQualify, "QUALIFY")                      \
  X(kQuery, "QUERY")                          \
  X(kRange, "RANGE")                          \
  X(kRecursive, "RECURSIVE")                  \
  X(kRefresh, "REFRESH")                      \
  X(kRegexp, "REGEXP")                        \
  X(kRepair, "REPAIR")                        \
  X(kRepeat, "REPEAT")                        \
  X(kRepeatable, "REPEATABLE")                \
  X(kReplace, "REPLACE")                      \
  X(kReset, "RESET")                          \
  X(kRespect, "RESPECT")                      \
  X(kRevoke, "REVOKE")                        \
  X(kRight, "RIGHT")                          \
  X(kRlike, "RLIKE")                          \
  X(kRollup, "ROLLUP")                        \
  X(kRow, "ROW")                              \
  X(kRows, "ROWS")                            \
  X(kScd, "SCD")                              \
  X(kSchema, "SCHEMA")                        \
  X(kSecond, "SECOND")                        \
  X(kSeconds, "SECONDS")                      \
  X(kSelect, "SELECT")                        \
  X(kSemi, "SEMI")                            \
  X(kSequence, "SEQUENCE")                    \
  X(kSet, "SET")                              \
  X(kSets, "SETS")                            \
  X(kShow, "SHOW")                            \
  X(kSome, "SOME")                            \
  X(kSort, "SORT")                            \
  X(kStored, "STORED")                        \
  X(kStream, "STREAM")                        \
  X(kStreaming, "STREAMING")                  \
  X(kStruct, "STRUCT")                        \
  X(kSubstr, "SUBSTR")                        \
  X(kSubstring, "SUBSTRING")                  \
  X(kSystemTime, "SYSTEM_TIME")               \
  X(kSystemVersion, "SYSTEM_VERSION")         \
  X(kTable, "TABLE")                          \
  X(kTables, "TABLES")                        \
  X(kTablesample, "TABLESAMPLE")              \
  X(kTblproperties, "TBLPROPERTIES")          \
  X(kTemp, "TEMP")                            \
  X(kTemporary, "TEMPORARY")                  \
  X(kThen, "THEN")                            \
  X(kTime, "TIME")                            \
  X(kTimediff, "TIMEDIFF")                    \
  X(kTimestamp, "TIMESTAMP")                  \
  X(kTimestampadd, "TIMESTAMPADD")            \
  X(kTimestampdiff, "TIMESTAMPDIFF")          \
  X(kTimestampLtz, "TIMESTAMP_LTZ")           \
  X(kTimestampNtz, "TIMESTAMP_NTZ")           \
  X(kTo, "TO")                                \
  X(kTrack, "TRACK")                          \
  X(kTrailing, "TRAILING")                    \
  X(kTrim, "TRIM")                            \
  X(kTrue, "TRUE")                            \
  X(kTruncate, "TRUNCATE")                    \
  X(kTryCast, "TRY_CAST")                     \
  X(kType, "TYPE")                            \
  X(kUnbounded, "UNBOUNDED")                  \
  X(kUncache, "UNCACHE")                      \
  X(kUnion, "UNION")                          \
  X(kUnknown, "UNKNOWN")                      \
  X(kUnpivot, "UNPIVOT")                      \
  X(kUpdate, "UPDATE")                        \
  X(kUse, "USE")                              \
  X(kUsing, "USING")                          \
  X(kValues, "VALUES")                        \
  X(kVar, "VAR")                              \
  X(kVariable, "VARIABLE")                    \
  X(kVersion, "VERSION")                      \
  X(kView, "VIEW")                            \
  X(kWatermark, "WATERMARK")                  \
  X(kWeek, "WEEK")                            \
  X(kWeeks, "WEEKS")                          \
  X(kWhen, "WHEN")                            \
  X(kWhere, "WHERE")                          \
  X(kWhile, "WHILE")                          \
  X(kWindow, "WINDOW")                        \
  X(kWith, "WITH")                            \
  X(kWithin, "WITHIN")                        \
  X(kYear, "YEAR")                            \
  X(kYears, "YEARS")
// clang-format on

namespace millrace::sql::detail {

enum class Keyword : std::uint16_t {
  kNone,
#define MR_SQL_KEYWORD(name, text) name,
  MR_SQL_KEYWORDS(MR_SQL_KEYWORD)
#undef MR_SQL_KEYWORD
};

/// The keyword that `word` spells in any case, or kNone.
Keyword find_keyword(std::string_view word);

/// Words that end an expression or stand between two, such as FROM, AND, THEN.
bool stands_between_expressions(Keyword keyword);

/// ASCII letters in capitals.
std::string to_capitals(std::string_view text);

/// In capitals.
std::string_view to_text(Keyword keyword);

}  // namespace millrace::sql::detail
