// The table of the options that describe a run.  The command line, --help, docs/options.md,
// recipes, config.json, the checks and the comparison on resume are all made from it.
#pragma once
#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "host/run/choices.h"
#include "host/run/run_spec.h"

namespace gan::run {

// Thrown for a name that no option of a run has.
class UnknownOption : public base::UsageError {
  using base::UsageError::UsageError;
};

// The member of a run that an option sets.
using Field =
    std::variant<bool*, int*, std::int64_t*, std::uint32_t*, std::uint64_t*, double*, std::string*,
                 std::vector<int>*, std::vector<std::string>*, model::GanLoss*, model::Optimiser*,
                 model::LatentDistribution*, Decay*, Precision*, EngineKind*, Reduce*, Device*>;

// Where --help and the documents show an option.
enum class Group { start, networks, loss, training, device, evaluation, output, not_shown };

enum class OnResume {
  kept,     // the training depends on it
  may_vary  // only execution and output depend on it
};

// The range of a number, or of every number in a list.  A bound is part of it unless it is open.
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
struct Range {
  double least = -kInfinity, most = kInfinity;
  enum class Bounds { closed, open_below, open_above } bounds = Bounds::closed;
};

struct Option {
  std::string_view name;  // the key in files; after --, the option on the command line
  Field (*field)(RunSpec& spec);
  Group group;
  OnResume on_resume;
  std::string_view help;  // {} stands for the names of the choices
  Range range = {};
};

// All options, in the order in which they are shown.
std::span<const Option> options();

// Throws UnknownOption when no option has that name.
const Option& option_named(std::string_view name);

// Calls use(value) with the value in `spec`.
template <class Use>
decltype(auto) with_value(const Option& option, const RunSpec& spec, Use use) {
  // The table has one accessor for each member, and it is not const.
  return std::visit([&](const auto* value) -> decltype(auto) { return use(*value); },
                    option.field(const_cast<RunSpec&>(spec)));
}

// The value for files, and the text for messages and documents.
nlohmann::json value_of(const Option& option, const RunSpec& spec);
std::string text_of(const Option& option, const RunSpec& spec);

// Throws UsageError, which names the option, when the value has another type or is not a choice.
// If `name` is given, the error calls the option so.
void set_value(const Option& option, RunSpec& spec, const nlohmann::json& value,
               std::string_view name = {});

// The names that set_option takes: those of all options, and "lr".
std::vector<std::string> option_names();

// Sets an option, or with "lr" the learning rates of both networks.  Throws as option_named() and
// set_value() do.
void set_option(RunSpec& spec, std::string_view name, const nlohmann::json& value);

void copy_value(const Option& option, const RunSpec& from, RunSpec& to);

// Throws UsageError, which names the option, when the value is out of its range.
void require_in_range(const Option& option, const RunSpec& spec);

}  // namespace gan::run
