// Options that are numbers.
#pragma once
#include <CLI/CLI.hpp>
#include <charconv>
#include <string>

namespace gan {

// Numbers as the standard library reads them: all of the text, and in the range of T.  (CLI11 takes
// "" for 0 and wraps.)
template <class T>
CLI::Validator number() {
  return CLI::Validator(
      [](const std::string& text) {
        T value;
        const char* const end = text.data() + text.size();
        const auto [parsed, error] = std::from_chars(text.data(), end, value);
        return error == std::errc() && parsed == end
                   ? ""
                   : "\"" + text + "\" is not a number it can take";
      },
      "", "");
}

template <class T>
CLI::Option* add_number(CLI::App& app, const std::string& name, T& value,
                        const std::string& description) {
  return app.add_option(name, value, description)->check(number<T>());
}

}  // namespace gan
