#include "cli/live_view.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "cli/text_width.h"
#include "config/option_table.h"

namespace millrace::cli {
namespace {

using console::Overview;

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1024) {
    return fmt::format("{} B", bytes);
  }
  double size = static_cast<double>(bytes) / 1024;
  std::string_view unit = "KiB";
  for (const std::string_view next : {"MiB", "GiB", "TiB"}) {
    if (size < 1024) {
      break;
    }
    size /= 1024;
    unit = next;
  }
  return fmt::format("{:.1f} {}", size, unit);
}

std::string rate_text(double rate) {
  return format_rate(rate) + "/s";
}

std::string source_state(const console::SourceView& source) {
  if (!source.problem.empty()) {
    return "trouble";
  }
  if (source.ended) {
    return "ended";
  }
  return source.caught_up ? "caught up" : "running";
}

TextTable sources_table(const Overview& overview) {
  TextTable table{.columns = {{"source"},
                              {"from"},
                              {"fetched", true},
                              {"published", true},
                              {"failed", true},
                              {"rate", true},
                              {"state"}}};
  for (const console::SourceView& source : overview.sources) {
    table.rows.push_back({source.name,
                          source.connector,
                          group_digits(source.fetched),
                          group_digits(source.published),
                          group_digits(source.failed),
                          rate_text(source.rate),
                          source_state(source)});
  }
  return table;
}

TextTable flows_table(const Overview& overview) {
  TextTable table{.columns = {{"flow"},
                              {"read", true},
                              {"accepted", true},
                              {"filtered", true},
                              {"rejected", true},
                              {"lag", true},
                              {"rate", true},
                              {"state"}}};
  for (const console::FlowView& flow : overview.flows) {
    table.rows.push_back(
        {flow.name,
         group_digits(flow.books.counts.read),
         group_digits(flow.books.counts.accepted),
         group_digits(flow.books.counts.filtered),
         group_digits(flow.books.counts.rejected),
         group_digits(static_cast<std::uint64_t>(std::max<std::int64_t>(flow.lag, 0))),
         rate_text(flow.rate),
         flow.problem.empty() ? flow.state : "trouble"});
  }
  return table;
}

TextTable tables_table(const Overview& overview) {
  TextTable table{.columns = {{"table"}, {"applied", true}, {"lag", true}, {"rate", true}}};
  for (const console::TableView& each : overview.tables) {
    table.rows.push_back(
        {each.name,
         group_digits(each.applied),
         group_digits(static_cast<std::uint64_t>(std::max<std::int64_t>(each.lag, 0))),
         rate_text(each.rate)});
  }
  return table;
}

/// Collects the lines of a page.
class PageWriter {
 public:
  explicit PageWriter(const LivePage& page) : page_(page) {}

  void line(std::string_view text, std::string_view style = {}) {
    if (count_ >= page_.size.rows) {
      return;
    }
    const std::string cut = cut_to_width(text, page_.size.columns);
    ++count_;
    if (page_.color && !style.empty() && !cut.empty()) {
      out_ += fmt::format("\033[{}m{}\033[0m\n", style, cut);
    } else {
      out_ += cut + "\n";
    }
  }

  // The header bold, the rule left out.
  void table(const TextTable& table) {
    if (table.rows.empty()) {
      return;
    }
    const std::string text = render_table(table, page_.size.columns);
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size(); ++number) {
      const std::size_t end = text.find('\n', at);
      const std::string_view each = std::string_view(text).substr(at, end - at);
      at = end + 1;
      if (number == 0) {
        line(each, "1");
      } else if (number > 1) {
        line(each, each.find("trouble") != std::string_view::npos ? "31" : "");
      }
    }
    line("");
  }

  std::string take() { return std::move(out_); }

 private:
  const LivePage& page_;
  std::string out_;
  std::size_t count_ = 0;
};

constexpr std::size_t kLogLines = 5;

}  // namespace

std::string format_elapsed(std::int64_t ms) {
  if (ms < 10'000) {
    return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  }
  const std::int64_t seconds = ms / 1000;
  if (seconds < 60) {
    return fmt::format("{} s", seconds);
  }
  if (seconds < 3600) {
    return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  }
  return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
}

std::string render_live_page(const LivePage& page) {
  const Overview& view = page.overview;
  PageWriter out(page);
  out.line(fmt::format(
               "millrace {} · {} · {} · {} on disk · {} memory · {:.0f} % CPU",
               view.version,
               view.project,
               format_elapsed(view.uptime_ms),
               bytes_text(view.topics_bytes + view.tables_bytes),
               bytes_text(static_cast<std::uint64_t>(std::max<std::int64_t>(view.memory_bytes, 0))),
               view.cpu_share * 100),
           "1");
  out.line(page.url.empty() ? "Ctrl-C ends it" : page.url + " · Ctrl-C ends it");
  out.line("");
  out.table(sources_table(view));
  out.table(flows_table(view));
  out.table(tables_table(view));
  for (const console::ProblemView& problem : view.problems) {
    out.line(fmt::format("! {}: {}", problem.where, printable(problem.text)), "31");
  }
  for (const auto& [name, count] : view.dead_letters) {
    if (count > 0) {
      out.line(fmt::format("{} dead letters of {}: millrace dead-letters show {}",
                           group_digits(static_cast<std::uint64_t>(count)),
                           name,
                           name),
               "33");
    }
  }
  for (const auto& [name, rows] : page.rows) {
    if (!rows.rows.empty()) {
      out.line("last rows of " + name, "2");
      out.table(rows);
    }
  }
  const std::size_t skip = page.log.size() - std::min(page.log.size(), kLogLines);
  for (std::size_t i = skip; i < page.log.size(); ++i) {
    out.line(printable(page.log[i]), "2");
  }
  return out.take();
}

std::string render_progress_line(const Overview& overview) {
  std::string out = format_elapsed(overview.uptime_ms) + " ";
  for (const console::SourceView& source : overview.sources) {
    fmt::format_to(std::back_inserter(out),
                   " | {} {} fetched {} published {} failed {:.1f}/s",
                   source.name,
                   source.fetched,
                   source.published,
                   source.failed,
                   source.rate);
  }
  for (const console::FlowView& flow : overview.flows) {
    fmt::format_to(std::back_inserter(out),
                   " | {} {} read {} accepted {} rejected lag {} {:.1f}/s",
                   flow.name,
                   flow.books.counts.read,
                   flow.books.counts.accepted,
                   flow.books.counts.rejected,
                   flow.lag,
                   flow.rate);
  }
  for (const console::TableView& table : overview.tables) {
    fmt::format_to(std::back_inserter(out), " | table {} {} applied", table.name, table.applied);
  }
  fmt::format_to(std::back_inserter(out),
                 " | {} on disk",
                 bytes_text(overview.topics_bytes + overview.tables_bytes));
  for (const console::ProblemView& problem : overview.problems) {
    fmt::format_to(std::back_inserter(out), " | {}: {}", problem.where, printable(problem.text));
  }
  return out;
}

std::string render_summary(const Overview& overview) {
  std::string out;
  for (const TextTable& table : {sources_table(overview), flows_table(overview)}) {
    if (!table.rows.empty()) {
      out += render_table(table) + "\n";
    }
  }
  return out;
}

}  // namespace millrace::cli
