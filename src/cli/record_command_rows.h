// Rows of command_table.h for the commands that read and write records.
#pragma once

#include "cli/command_table.h"

namespace millrace::cli {

CommandRow consume_row();
CommandRow produce_row();
CommandRow tap_row();
CommandRow links_row();

}  // namespace millrace::cli
