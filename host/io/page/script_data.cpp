#include "host/io/page/script_data.h"

#include <openssl/evp.h>

#include <nlohmann/json.hpp>

namespace gan::io {

using nlohmann::ordered_json;

// Only a "<" could end the element, or hide its end.
std::string script_json(const ordered_json& json) {
  std::string text;
  for (const char c : json.dump(-1, ' ', false, ordered_json::error_handler_t::replace))
    c == '<' ? text += "\\u003c" : text += c;
  return text;
}

void add_base64(std::string& text, std::string_view bytes) {
  const std::size_t begin = text.size();
  text.resize(begin + (bytes.size() + 2) / 3 * 4 + 1);  // EVP_EncodeBlock ends it with a zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data() + begin),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(begin + static_cast<std::size_t>(size));
}

}  // namespace gan::io
