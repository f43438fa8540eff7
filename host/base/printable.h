#pragma once
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace gan::base {

// A text out of a file, for an error message: quoted, shortened, its control characters escaped, so
// that it does no harm to a terminal.
std::string printable(std::string_view text);

// A text as one line for a terminal: control characters and what is not UTF-8 are escaped (\n,
// \x1b), and of a text longer than `most` bytes the middle is left out, since its end has the
// reason.
inline constexpr std::size_t kLongestMessage = 300;
std::string one_line(std::string_view text, std::size_t most = kLongestMessage);

bool is_utf8(std::string_view text);

// What went wrong, in words for the user: an exception's own, unless those are a library's.
std::string reason_of(const std::exception& error);

}  // namespace gan::base
