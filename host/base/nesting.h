#pragma once
#include <cstddef>
#include <string_view>

namespace gan::base {

// Far deeper than any file of this program, and far from where a reader runs out of stack.
inline constexpr std::size_t kDeepest = 64;

enum class Notation { json, toml };

// Whether a text holds something deeper than kDeepest: brackets within brackets and, in TOML, the
// parts of dotted keys, for each of which there is a table.  To ask before a parser is given the
// text: parsers, and what they make, are recursive.  The text need not be valid.
bool is_nested_too_deep(std::string_view text, Notation notation);

}  // namespace gan::base
