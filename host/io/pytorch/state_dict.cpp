#include "host/io/pytorch/state_dict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>

#include "host/base/printable.h"

namespace gan::io {

std::string keys_of(std::span<const StateDict> states) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> keys;
  for (const StateDict& state : states.first(std::min(states.size(), kMost)))
    keys.push_back(base::printable(state.key));
  if (states.size() > kMost) keys.push_back("…");
  return fmt::format("{}", fmt::join(keys, ", "));
}

TensorFile only_state(std::vector<StateDict> states, const std::filesystem::path& path) {
  const auto fail = [&path](const std::string& reason) {
    throw std::runtime_error(fmt::format("cannot read {}: {}", path.string(), reason));
  };
  if (states.size() != 1)
    fail(fmt::format("it holds several state dicts: {}; save the one that is meant alone",
                     keys_of(states)));
  if (!states.front().problem.empty()) fail(states.front().problem);
  return std::move(states.front().file);
}

}  // namespace gan::io
