// Where the state dicts lie in what a pickle has made.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "host/base/printable.h"
#include "host/io/pytorch/pickle_values.h"

namespace gan::io::pickle {
namespace {

constexpr int kDeepest = 4;                    // of a state dict in dictionaries: people's have two
constexpr std::size_t kMostStates = 64;        // in one file
constexpr std::size_t kMostTensors = 100'000;  // in one file; each costs some hundred bytes
constexpr std::size_t kMostKeys = 8;           // that a message names

// The tensors among the items; what else there is says nothing of the network.
PickledState tensors_of(const Dict& dict, const std::string& key) {
  PickledState state{key, {}};
  std::set<std::string_view> names;
  for (const auto& [name, value] : dict.items) {
    const auto* const tensor = std::get_if<const PickledTensor*>(&value);
    if (tensor == nullptr) continue;
    if (!key.empty() && !std::holds_alternative<std::string_view>(name)) continue;
    const auto& text = as<std::string_view>(name);
    if (!names.insert(text).second)
      throw std::runtime_error(fmt::format("{} appears twice", base::printable(text)));
    if (state.tensors.size() > kMostTensors) break;  // the caller refuses so many
    state.tensors.push_back(**tensor);
    state.tensors.back().name = text;
  }
  return state;
}

class Finder {
 public:
  std::vector<PickledState> found;

  // Looks through text keys alone: an optimizer numbers its parameters' states.
  void visit(const Dict& dict, const std::string& key, int depth) {
    if (depth > kDeepest || !visited_.insert(&dict).second) return;
    const std::size_t before = found.size();
    for (const auto& [name, value] : dict.items) {
      const auto* const inner = std::get_if<Dict*>(&value);
      const auto* const text = std::get_if<std::string_view>(&name);
      if (inner == nullptr || text == nullptr) continue;
      visit(**inner, key.empty() ? std::string(*text) : fmt::format("{}.{}", key, *text),
            depth + 1);
    }
    if (found.size() != before) return;
    PickledState state = tensors_of(dict, key);
    tensors_ += state.tensors.size();
    if (tensors_ > kMostTensors)
      throw std::runtime_error(fmt::format("it has more than {} tensors", kMostTensors));
    if (state.tensors.empty() && !(depth == 0 && dict.items.empty())) return;
    if (found.size() == kMostStates)
      throw std::runtime_error(fmt::format(
          "it holds more than {} state dicts; save the one that is meant alone", kMostStates));
    found.push_back(std::move(state));
  }

 private:
  std::set<const Dict*> visited_;
  std::size_t tensors_ = 0;  // in all that was found
};

std::string keys_of(const Dict& dict) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : dict.items) {
    const auto* const text = std::get_if<std::string_view>(&key);
    if (keys.size() == kMostKeys) {
      keys.push_back("…");
      break;
    }
    keys.push_back(text == nullptr ? "(not a text)" : base::printable(*text));
  }
  return fmt::format("{}", fmt::join(keys, ", "));
}

}  // namespace

std::vector<PickledState> state_dicts_in(const Value& value) {
  if (const auto* const tensor = std::get_if<const PickledTensor*>(&value))
    return {{"", {**tensor}}};
  const Dict& dict = *as<Dict*>(value);
  Finder finder;
  finder.visit(dict, "", 0);
  if (finder.found.empty())
    throw std::runtime_error(fmt::format(
        "its pickle is not that of a state dict and holds none under its keys {}", keys_of(dict)));
  return std::move(finder.found);
}

}  // namespace gan::io::pickle
