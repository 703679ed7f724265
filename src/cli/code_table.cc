#include "cli/code_table.h"

#include <array>

#include "config/codes.h"

namespace millrace::cli {
namespace {

struct Row {
  std::string_view code;
  CodeText text;
};

// Those of config are beside their definitions (config/codes.cc).
constexpr std::array kRows = {
    Row{"MR1201",
        {"A statement of the project cannot stand as it is",
         "The message says what: a name that is taken, or a clause that pipelines do not have. "
         "Sources, views, tables and flows share one name space."}},
    Row{"MR1202",
        {"A flow writes to a table that is not defined",
         "Add CREATE STREAMING TABLE for it, or correct the name."}},
    Row{"MR1203",
        {"There is nothing to compute",
         "Records of the sources are kept as topics only; add a table to transformations/."}},
    Row{"MR1204", {"A view or table reads itself", "Break the circle that the message names."}},
    Row{"MR1205",
        {"The query has the wrong kind for its target",
         "A streaming table needs FROM STREAM, a materialized view or a persisted view must not "
         "have it."}},
    Row{"MR1206",
        {"A view names more or fewer columns than its query has", "Make the two lists equal."}},
    Row{"MR1207",
        {"Nothing writes to the table",
         "Add AS SELECT … to it, or CREATE FLOW f AS INSERT INTO the table BY NAME SELECT …"}},
    Row{"MR1208",
        {"Two flows give one column different types", "Cast in one of them to the other's type."}},
    Row{"MR1209", {"Two columns have the same name", "Give one of them another name with AS."}},
    Row{"MR1210",
        {"The key of a table cannot be one",
         "millrace.key names columns of the table; a key column is of no nested type."}},
    Row{"MR1211",
        {"Two objects have the same topic",
         "The message names both places; give one of them the option topic."}},
    Row{"MR1212",
        {"The query has a column that its table lacks",
         "Leave it out with SELECT * EXCEPT (…), or add it to the table."}},
    Row{"MR1213",
        {"A stream cannot do this in this version",
         "A flow can project, filter, explode and UNION ALL; let a materialized view over its "
         "table do the rest."}},
    Row{"MR1214", {"Unknown connector", "The help line lists those there are."}},
    Row{"MR1215",
        {"Topics of another Kafka cluster cannot be read by this version",
         "Without kafka.bootstrap.servers the source is a topic of this instance."}},
    Row{"MR1216",
        {"startingOffsets cannot be read",
         "Write earliest, latest, or JSON with an offset for each partition of the topic."}},
    Row{"MR1220",
        {"The query cannot be bound",
         "The message has Spark's error class: an unknown table, column or function, or types "
         "that do not fit."}},
    Row{"MR1221",
        {"Not looked at, because what it reads has errors", "Mend the other error first."}},
    Row{"MR1230",
        {"A materialized view cannot be recomputed to the same rows",
         "Call uuid() and rand() in a streaming table, once a record, and let the view read "
         "that."}},
    Row{"MR1231",
        {"millrace.refresh.interval is no duration", "Write for example '1 s' or '500 ms'."}},
    Row{"MR1232",
        {"A materialized view has more than one query",
         "Join them with UNION ALL in the view, or make it a streaming table."}},
    Row{"MR1301",
        {"The files of a query cannot be read",
         "Paths start at the project's folder, without a project at the current one."}},
    Row{"MR1302",
        {"The files of a query hold no record", "Without a record there are no columns."}},
    Row{"MR1303",
        {"The statement is not run by millrace sql",
         "A query only reads; tables and views are made by the files of a project."}},
    Row{"MR1304",
        {"A query that reads a stream never ends", "Leave STREAM out to read what is there."}},
    Row{"MR1305", {"The table or view cannot be found", "SHOW TABLES lists those there are."}},
    Row{"MR2001", {"The SQL cannot be read", "Mend it at the caret."}},
    Row{"MR2002", {"The SQL is too deep or too long", "Split it into views."}},
    Row{"MR2003", {"A name cannot be written so", "Put it between `backticks`."}},
    Row{"MR2004", {"A comment is not closed", "Add */."}},
    Row{"MR2005", {"Unknown data type", "Use one of Spark SQL's types."}},
    Row{"MR2006", {"A typed literal cannot be read", "Write it as DATE '2024-01-31'."}},
    Row{"MR2007", {"A number is outside the range of its type", "Use a larger type."}},
    Row{"MR2008", {"An ESCAPE is not one character", "Write ESCAPE '!'."}},
    Row{"MR2009", {"An interval mixes months with days or seconds", "Use two intervals, added."}},
    Row{"MR2010", {"A clause stands twice", "Keep one of the two."}},
    Row{"MR2011", {"Unknown unit of time", "Use YEAR, MONTH, DAY, HOUR, MINUTE or SECOND."}},
    Row{"MR2012",
        {"Spark has this, this version does not", "The message and its help say what does it."}},
    Row{"MR2013", {"A nested type is not complete", "Write ARRAY<INT>, MAP<STRING, INT>."}},
    Row{"MR2014", {"There is no statement", "Write one."}},
    Row{"MR3001",
        {"A function is not known, or an operator cannot take these types",
         "The message has Spark's error class and, where there is one, a name that is close."}},
    Row{"MR3002",
        {"The arguments of a function do not fit",
         "The message says which one, what was expected and what was found; CAST helps."}},
    Row{"MR3003",
        {"A value cannot be cast, or not stored without loss",
         "Cast it in the query to the type of the column."}},
    Row{"MR3004", {"A type cannot stand here", "The message says why."}},
    Row{"MR3005", {"A literal cannot be read", "Write it as the message describes."}},
    Row{"MR3006",
        {"A column or field cannot be found",
         "The message names those that are close; names are compared without case."}},
    Row{"MR3100",
        {"A row could not be computed",
         "ANSI rules: overflow, division by zero, a wrong cast. In a flow the record is a dead "
         "letter, in a query it is the error; try_cast and its kind give NULL instead."}},
    Row{"MR6101", {"Unknown key of a user", "The help line lists the twelve there are."}},
    Row{"MR6102", {"Unknown nationality", "The help line lists the 21 there are."}},
    Row{"MR6201", {"No http or https address", "Write it as https://host/path."}},
    Row{"MR6202", {"No JSON pointer", "Write it as /results or /info/next; empty is the whole."}},
    Row{"MR6203", {"An option needs JSON answers", "Leave it out, or set 'format' = 'json'."}},
    Row{"MR6204", {"No header", "A name has letters, digits and dashes; a value is one line."}},
    Row{"MR6205", {"A body is sent by a POST only", "Add 'method' = 'POST'."}},
    Row{"MR6206", {"A password needs a user", "Add 'username' = '…'."}},
    Row{"MR6301",
        {"Unknown faker expression",
         "The message names one that is close, the help what there is."}},
    Row{"MR6302",
        {"Arguments of an expression cannot be read",
         "They are texts in single quotes, separated by commas."}},
    Row{"MR6303",
        {"An expression has too many or too few arguments", "The help line has its form."}},
    Row{"MR6304", {"An argument of an expression makes no sense", "The help line has its form."}},
    Row{"MR6305", {"An expression is not closed", "Write it as #{Name.fullName}."}},
    Row{"MR6306",
        {"A faker source has no field", "Add 'fields.name.expression' = '#{Name.fullName}'."}},
    Row{"MR6307", {"No name of a field", "Names are separated by single dots."}},
    Row{"MR6308", {"A field has an expression and fields of its own", "Leave one of the two out."}},
    Row{"MR6309",
        {"A field has no expression", "Add 'fields.name.expression' = '#{Name.fullName}'."}},
    Row{"MR6401", {"Braces of a pattern are wrong", "Write them as {one,two}."}},
    Row{"MR6402",
        {"Only files of this machine are read", "Copy or mount them here, or use USING http."}},
};

}  // namespace

std::optional<CodeText> find_code(std::string_view code) {
  for (const config::CodeEntry& entry : config::code_entries()) {
    if (entry.code == code) {
      return CodeText{.title = entry.title, .explanation = entry.explanation};
    }
  }
  for (const Row& row : kRows) {
    if (row.code == code) {
      return row.text;
    }
  }
  return std::nullopt;
}

}  // namespace millrace::cli
