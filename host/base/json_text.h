// JSON out of files, which anybody may have written.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace gan::base {

// Of nlohmann's two kinds; ordered_json keeps the order of the keys.  Throws std::runtime_error,
// "line 3, column 7: …", for a text that is not JSON or nested deeper than kDeepest.
template <class Json>
Json parse_json(std::string_view text);

// The same, but null for such a text.
template <class Json>
Json parse_json_or_null(std::string_view text);

extern template nlohmann::json parse_json(std::string_view);
extern template nlohmann::ordered_json parse_json(std::string_view);
extern template nlohmann::json parse_json_or_null(std::string_view);
extern template nlohmann::ordered_json parse_json_or_null(std::string_view);

}  // namespace gan::base
