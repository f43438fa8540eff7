#include "host/io/printable.h"

#include <nlohmann/json.hpp>

namespace gan {

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 80;
  return nlohmann::json(text.substr(0, longest))
      .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace gan
