// Messages to the user on standard error.  All of them go through here: one printable line of at
// most some 300 bytes.  A message that cannot be written (closed terminal, full disk, pipe without
// a reader) is dropped.  Nothing here throws.
#pragma once
#include <string_view>

namespace gan::cli {

// Writes the line "gan_cuda: …".
void tell(std::string_view message) noexcept;

// Writes the line without that beginning.
void say(std::string_view line) noexcept;

// Writes a line that the next one replaces, cut to the terminal's width.  Does nothing when
// standard error is not a terminal, or is one without escape codes.
void renew_line(std::string_view line) noexcept;
bool renews_lines() noexcept;
int terminal_columns() noexcept;

// Ends the renewed line, so that the next one does not replace it.
void keep_line() noexcept;

// Writes a message, not a result, to standard output; dropped in the same cases.
void say_on_stdout(std::string_view line) noexcept;

}  // namespace gan::cli
