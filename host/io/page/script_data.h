// Data in a page's <script> elements.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace gan::io {

// JSON that does no harm in a <script> element.
std::string script_json(const nlohmann::ordered_json& json);

void add_base64(std::string& text, std::string_view bytes);

}  // namespace gan::io
