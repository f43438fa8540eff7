// Options that are numbers, and lists.
#pragma once
#include <CLI/CLI.hpp>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace gan::cli {

// Reads a decimal number in the range of T, which must be the whole text.  Returns the reason when
// it cannot, else "".
template <class T>
std::string read_number(std::string_view text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && parsed == end
             ? ""
             : "\"" + std::string(text) + "\" is not a number, or out of range";
}

// CLI11 reads "" as 0, 010 as 8 and 0x10 as 16, and numbers out of range wrap around.  So whole
// numbers are read here, and CLI11 gets them in decimal.
template <class T>
CLI::Validator number() {
  return CLI::Validator(
      [](std::string& text) {
        T value;
        std::string error = read_number(text, value);
        if constexpr (std::integral<T>)
          if (error.empty()) text = std::to_string(value);
        return error;
      },
      "", "");
}

template <class T>
CLI::Option* add_number(CLI::App& app, const std::string& name, T& value,
                        const std::string& description) {
  return app.add_option(name, value, description)
      ->transform(number<T>())
      ->type_name(std::integral<T> ? "N" : "X");
}

// Adds the values of "A,B,…".  An empty value is an error; CLI11 would leave it out and read
// "256," as 256.
template <class T>
void add_values(const std::string& option, std::string_view text, std::vector<T>& values) {
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    const std::string_view one = text.substr(0, comma);
    std::string error;
    if (one.empty())
      error = "\"" + std::string(text) + "\" has an empty value";
    else if constexpr (std::is_arithmetic_v<T>)
      error = read_number(one, values.emplace_back());
    else
      values.emplace_back(one);
    if (!error.empty()) throw CLI::ValidationError(option, error);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
}

// Adds an option with the value "A,B,…" or "A B …".  When it is given twice, the last one counts.
inline CLI::Option* add_widths(CLI::App& app, const std::string& name, std::vector<int>& widths,
                               const std::string& description) {
  using Given = std::vector<std::vector<std::string>>;  // one list for each time it is given
  const auto take = [&widths, name](const Given& given) {
    widths.clear();
    for (const std::string& text : given.back()) add_values(name, text, widths);
  };
  return app.add_option_function<Given>(name, take, description)
      ->type_name("N,N,...")
      ->default_str(CLI::detail::join(widths));
}

// Adds an option with the value "A,B,…", which may be given several times.
inline CLI::Option* add_names(CLI::App& app, const std::string& name,
                              std::vector<std::string>& names, const std::string& description) {
  const auto take = [&names, name](const std::vector<std::string>& given) {
    names.clear();
    for (const std::string& text : given) add_values(name, text, names);
  };
  return app.add_option_function<std::vector<std::string>>(name, take, description)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(1)
      ->type_name("NAME,NAME,...")
      ->default_str(CLI::detail::join(names));
}

}  // namespace gan::cli
