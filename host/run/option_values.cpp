// Reads, writes and checks the value of an option of any type.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <concepts>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "host/run/options.h"

namespace gan::run {
namespace {

using nlohmann::json;

// A one-line error message with the beginning of the value.
std::string cannot_be(std::string_view name, const json& value) {
  constexpr std::size_t kMost = 60;
  const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return fmt::format("{} cannot be {}{}", name, text.substr(0, kMost),
                     text.size() > kMost ? "…" : "");
}

// read() sets the field if the value has its type, and returns whether it has.
bool read(bool& field, const json& value) {
  if (value.is_boolean()) field = value.get<bool>();
  return value.is_boolean();
}
bool read(std::string& field, const json& value) {
  if (value.is_string()) field = value.get<std::string>();
  return value.is_string();
}
bool read(double& field, const json& value) {
  if (value.is_number()) field = value.get<double>();
  return value.is_number();
}
template <std::integral Integer>
bool read(Integer& field, const json& value) {
  const bool fits =
      value.is_number_unsigned()
          ? std::in_range<Integer>(value.get<std::uint64_t>())
          : value.is_number_integer() && std::in_range<Integer>(value.get<std::int64_t>());
  if (fits) field = value.get<Integer>();
  return fits;
}
template <class T>
bool read(std::vector<T>& field, const json& value) {
  if (!value.is_array()) return false;
  std::vector<T> values(value.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!read(values[i], value[i])) return false;
  field = values;
  return true;
}

template <class T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool>;

template <WholeNumber Integer>
void require_in(std::string_view option, const Range& range, const Integer& value) {
  const auto bound = [](double x) { return static_cast<std::int64_t>(x); };
  if (std::isfinite(range.least))
    base::require(std::cmp_greater_equal(value, bound(range.least)),
                  fmt::format("--{} must be at least {}, not {}", option, range.least, value));
  if (std::isfinite(range.most))
    base::require(std::cmp_less_equal(value, bound(range.most)),
                  fmt::format("--{} must be at most {}, not {}", option, range.most, value));
}

std::string text_of(const Range& range) {
  using enum Range::Bounds;
  if (range.most == kInfinity)
    return range.bounds == open_below ? "a positive number" : "a number from 0 on";
  return fmt::format("in {}{}, {}{}", range.bounds == open_below ? '(' : '[', range.least,
                     range.most, range.bounds == open_above ? ')' : ']');
}

void require_in(std::string_view option, const Range& range, double value) {
  using enum Range::Bounds;
  const bool above = range.bounds == open_below ? value > range.least : value >= range.least;
  const bool below = range.bounds == open_above ? value < range.most : value <= range.most;
  base::require(std::isfinite(value) && above && below,
                fmt::format("--{} must be {}, not {}", option, text_of(range), value));
}

// For widths of layers.  Their number has a limit, because even a layer with few weights costs
// memory and time.
void require_in(std::string_view option, const Range& range, const std::vector<int>& widths) {
  constexpr std::size_t kMostLayers = 256;
  base::require(widths.size() <= kMostLayers, fmt::format("--{}: {} layers are more than {}",
                                                          option, widths.size(), kMostLayers));
  for (const int width : widths)
    base::require(range.least <= width && width <= range.most,
                  fmt::format("--{}: a layer of width {} is not between {} and {}", option, width,
                              range.least, range.most));
}

// Only numbers have a range.
template <class T>
void require_in(std::string_view, const Range&, const T&) {}

}  // namespace

json value_of(const Option& option, const RunSpec& spec) {
  return with_value(option, spec, [](const auto& value) -> json {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (Named<Value> || std::same_as<Value, Device>)
      return std::string(name_of(value));
    else
      return value;
  });
}

std::string text_of(const Option& option, const RunSpec& spec) {
  return with_value(option, spec, [](const auto& value) -> std::string {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (Named<Value> || std::same_as<Value, Device>)
      return std::string(name_of(value));
    else if constexpr (std::same_as<Value, bool>)
      return value ? "on" : "off";
    else if constexpr (std::same_as<Value, std::vector<int>> ||
                       std::same_as<Value, std::vector<std::string>>)
      return fmt::format("{}", fmt::join(value, ","));
    else
      return fmt::format("{}", value);
  });
}

void set_value(const Option& option, RunSpec& spec, const json& value, std::string_view name) {
  const auto set = [&](auto* field) {
    using Value = std::remove_pointer_t<decltype(field)>;
    bool is_of_kind = value.is_string();
    if constexpr (Named<Value>) {
      if (is_of_kind) *field = named<Value>(option.name, value.template get<std::string>());
    } else if constexpr (std::same_as<Value, Device>) {
      if (is_of_kind) *field = device_named(value.template get<std::string>());
    } else {
      is_of_kind = read(*field, value);
    }
    base::require(is_of_kind, cannot_be(name.empty() ? option.name : name, value));
  };
  std::visit(set, option.field(spec));
}

void copy_value(const Option& option, const RunSpec& from, RunSpec& to) {
  with_value(option, from, [&](const auto& value) {
    *std::get<std::remove_cvref_t<decltype(value)>*>(option.field(to)) = value;
  });
}

void require_in_range(const Option& option, const RunSpec& spec) {
  with_value(option, spec,
             [&](const auto& value) { require_in(option.name, option.range, value); });
}

}  // namespace gan::run
