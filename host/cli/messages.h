// What the user is told on standard error.  Every message goes through here: one printable line of
// some 300 bytes at most.  A message that nobody can read (a closed terminal, a full disk, a pipe
// that nobody reads) is dropped: nothing here throws.
#pragma once
#include <string_view>

namespace gan::cli {

// A line "gan_cuda: …".
void tell(std::string_view message) noexcept;

// A line as it is.
void say(std::string_view line) noexcept;

// Puts a line that the next one replaces, cut to the terminal's width.  Nothing where standard
// error is not a terminal, or one that takes no escape codes.
void renew_line(std::string_view line) noexcept;
bool renews_lines() noexcept;
int terminal_columns() noexcept;

// Ends a renewed line, so that it stays.
void keep_line() noexcept;

// A line for standard output that is not a result but a message: dropped likewise.
void say_on_stdout(std::string_view line) noexcept;

}  // namespace gan::cli
