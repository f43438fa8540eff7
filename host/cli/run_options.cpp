#include "host/cli/run_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <concepts>

#include "host/cli/numbers.h"
#include "host/eval/metric_names.h"
#include "host/run/recipes.h"

namespace gan::cli {
namespace {

template <class T>
constexpr bool kIsNumber = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

// The names that replace {} in the help text.
std::string choices_of(const run::Option& option) {
  if (option.name == "recipe") return fmt::format("{}", fmt::join(run::recipe_names(), ", "));
  if (option.name == "eval-measures") return eval::group_names();
  if (option.name == "keep-best") return eval::metric_names();
  return run::with_value(option, run::RunSpec(), [](const auto& value) -> std::string {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (run::Named<Value>)
      return run::names<Value>();
    else
      return "";
  });
}

// Turns the name into its value while the command line is parsed.
template <class Choice, class Named>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Choice& choice, Named named) {
  return app
      .add_option_function<std::string>(
          name, [&choice, named](const std::string& text) { choice = named(text); })
      ->default_str(std::string(run::name_of(choice)));
}

CLI::Option* add_field(CLI::App& app, const run::Option& option, run::RunSpec& spec) {
  const std::string name = fmt::format("--{}", option.name);
  const auto add = [&](auto* field) -> CLI::Option* {
    using Value = std::remove_pointer_t<decltype(field)>;
    if constexpr (std::same_as<Value, bool>)
      return app.add_flag(fmt::format("{},!--no-{}", name, option.name), *field);
    else if constexpr (kIsNumber<Value>)
      return add_number(app, name, *field, "");
    else if constexpr (std::same_as<Value, std::vector<int>>)
      return add_widths(app, name, *field, "");
    else if constexpr (std::same_as<Value, std::vector<std::string>>)
      return add_names(app, name, *field, "");
    else if constexpr (run::Named<Value>)
      return add_choice(app, name, *field, [known = option.name](const std::string& text) {
        return run::named<Value>(known, text);
      });
    else if constexpr (std::same_as<Value, run::Device>)
      return add_choice(app, name, *field, run::device_named);
    else
      return app.add_option(name, *field);
  };
  return std::visit(add, option.field(spec));
}

}  // namespace

std::string help_of(const run::Option& option) {
  std::string text(option.help);
  if (const std::size_t place = text.find("{}"); place != std::string::npos)
    text.replace(place, 2, choices_of(option));
  return text;
}

std::string placeholder_of(const run::Option& option) {
  if (option.name == "data") return "PATH";
  return run::with_value(option, run::RunSpec(), [](const auto& value) -> std::string {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::same_as<Value, bool>) return "";
    if constexpr (std::same_as<Value, double>) return "X";
    if constexpr (std::integral<Value>) return "N";
    if constexpr (std::same_as<Value, std::vector<int>>) return "N,N,...";
    if constexpr (std::same_as<Value, std::vector<std::string>>) return "NAME,NAME,...";
    return "NAME";
  });
}

CLI::Option* add_run_option(CLI::App& app, const run::Option& option, run::RunSpec& spec) {
  CLI::Option* const added = add_field(app, option, spec)->description(help_of(option));
  const std::string placeholder = placeholder_of(option);
  return placeholder.empty() ? added : added->type_name(placeholder);
}

}  // namespace gan::cli
