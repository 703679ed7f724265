// A running pipeline as text: the page on a terminal, the line of every second elsewhere, the
// summary at the end. Functions of what was observed, so that tests see what people see.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/terminal.h"
#include "cli/text_table.h"
#include "console/overview.h"

namespace millrace::cli {

struct LivePage {
  console::Overview overview = {};
  std::string url = {};  ///< Of the web page; empty: none.
  /// Last rows of tables, by name.
  std::vector<std::pair<std::string, TextTable>> rows = {};
  /// Last log lines.
  std::vector<std::string> log = {};
  TerminalSize size = {};
  bool color = false;
};

/// Lines of at most size.columns columns, at most size.rows of them.
std::string render_live_page(const LivePage& page);

/// "12 s  users_api 600 fetched 600 published 0 failed 50/s | created_users 600 read …": one line.
std::string render_progress_line(const console::Overview& overview);

/// What happened, when it is over.
std::string render_summary(const console::Overview& overview);

/// "0.4 s", "12 s", "3 min 20 s"
std::string format_elapsed(std::int64_t ms);

}  // namespace millrace::cli
