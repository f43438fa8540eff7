#pragma once
#include <string>
#include <string_view>

namespace gan {

// A text out of a file, for an error message: quoted, shortened, its control characters escaped, so
// that it does no harm to a terminal.
std::string printable(std::string_view text);

}  // namespace gan
