#include "host/cli/class_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "host/base/errors.h"
#include "host/base/printable.h"
#include "host/eval/generator_model.h"

namespace gan::cli {

void require_conditional(const ModelFile& model, const std::string& option) {
  if (model.shape.classes == 0)
    throw base::UsageError(
        fmt::format("{}: {} has no classes; a run with --conditional trains a generator that has",
                    option, model.path.string()));
}

std::uint8_t class_named(const ModelFile& model, const std::string& option,
                         const std::string& name) {
  require_conditional(model, option);
  const std::vector<std::string> names = eval::class_names_of(model.weights);
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<std::uint8_t>(found - names.begin());
  int number = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && end == name.data() + name.size() && number >= 0 &&
      number < std::ssize(names))
    return static_cast<std::uint8_t>(number);
  throw base::UsageError(fmt::format("{}: there is no class {}, only {}", option,
                                     base::printable(name),
                                     base::one_line(fmt::format("{}", fmt::join(names, ", ")))));
}

}  // namespace gan::cli
