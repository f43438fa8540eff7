// Tensors are named in many ways: which are of one network, and in which order its layers are.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>

#include "host/base/printable.h"
#include "host/eval/network_file.h"

namespace gan::eval {
namespace {

using Tensors = std::vector<io::Tensor>;

// What is before the first dot; empty where there is none.
std::string_view first_part(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

// The tensors by the first part of their names, in the order in which these parts appear.
std::vector<std::pair<std::string, Tensors>> by_first_part(Tensors tensors) {
  std::vector<std::pair<std::string, Tensors>> groups;
  std::map<std::string, std::size_t, std::less<>> places;
  for (io::Tensor& tensor : tensors) {
    const std::string part(first_part(tensor.name));
    const auto [place, is_new] = places.try_emplace(part, groups.size());
    if (is_new) groups.push_back({part, {}});
    groups[place->second].second.push_back(std::move(tensor));
  }
  return groups;
}

void drop_first_part(Tensors& tensors) {
  for (io::Tensor& tensor : tensors) {
    const std::size_t dot = tensor.name.find('.');
    if (dot != std::string::npos) tensor.name.erase(0, dot + 1);
  }
}

bool has_two_matrices(const Tensors& tensors) {
  return std::ranges::count_if(tensors, [](const io::Tensor& t) { return t.shape.size() == 2; }) >=
         2;
}

std::string joined(const std::string& key, const std::string& part) {
  return key.empty() ? part : key + "." + part;
}

// A layer's name in parts of digits and of others: "fc10" comes after "fc9".
bool natural_less(std::string_view a, std::string_view b) {
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto number = [&](std::string_view& text) {
    const auto end = std::ranges::find_if_not(text, is_digit) - text.begin();
    std::string_view digits = text.substr(0, static_cast<std::size_t>(end));
    text.remove_prefix(digits.size());
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return std::pair(digits.size(), digits);
  };
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const auto left = number(a), right = number(b);
      if (left != right) return left < right;
    } else if (a.front() != b.front()) {
      return a.front() < b.front();
    } else {
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.empty() && !b.empty();
}

std::string without_digits(std::string name) {
  std::erase_if(name, [](unsigned char c) { return std::isdigit(c) != 0; });
  return name;
}

struct NamedLayer {
  std::string name;
  io::Tensor* weight = nullptr;
  io::Tensor* bias = nullptr;
};

// A row for each class, which has no bias.
bool is_embedding(const io::Tensor& tensor) {
  return tensor.name == "embedding.weight";
}

std::vector<NamedLayer> layers_of(Tensors& tensors) {
  std::vector<NamedLayer> layers;
  std::map<std::string, std::size_t> places;
  for (io::Tensor& tensor : tensors) {
    if (is_embedding(tensor)) continue;
    const std::size_t dot = tensor.name.rfind('.');
    const std::string kind = tensor.name.substr(dot == std::string::npos ? 0 : dot + 1);
    if (kind != "weight" && kind != "bias")
      throw std::runtime_error(
          fmt::format("its {} is not the weight or bias of a layer", base::printable(tensor.name)));
    if (!io::is_floating_point(tensor.type))
      throw std::runtime_error(
          fmt::format("its {} does not hold floating-point numbers", base::printable(tensor.name)));
    const std::string name = tensor.name.substr(0, dot == std::string::npos ? 0 : dot);
    const auto [place, is_new] = places.try_emplace(name, layers.size());
    if (is_new) layers.push_back({name});
    (kind == "weight" ? layers[place->second].weight : layers[place->second].bias) = &tensor;
  }
  for (const NamedLayer& layer : layers) {
    const io::Tensor* const there = layer.weight != nullptr ? layer.weight : layer.bias;
    if (layer.weight == nullptr || layer.bias == nullptr)
      throw std::runtime_error(fmt::format("its {} has no {} that belongs to it",
                                           base::printable(there->name),
                                           layer.weight == nullptr ? "weight" : "bias"));
    if (layer.weight->shape.size() != 2)
      throw std::runtime_error(fmt::format("its {} is not the matrix of a fully connected layer",
                                           base::printable(layer.weight->name)));
  }
  return layers;
}

}  // namespace

std::vector<io::StateDict> networks_in(io::StateDict state) {
  std::vector<io::StateDict> networks;
  auto groups = by_first_part(std::move(state.file.tensors));
  const auto whole = [&groups] {
    Tensors all;
    for (auto& [part, tensors] : groups) std::ranges::move(tensors, std::back_inserter(all));
    return all;
  };
  if (groups.size() == 1 && !groups.front().first.empty()) {
    Tensors tensors = whole();
    if (std::ranges::all_of(tensors,
                            [](const io::Tensor& t) { return !first_part(t.name).empty(); }) &&
        has_two_matrices(tensors)) {
      drop_first_part(tensors);
      return networks_in({state.key, {std::move(tensors), std::move(state.file.metadata)}});
    }
    state.file.tensors = std::move(tensors);
  } else if (groups.size() > 1 && std::ranges::all_of(groups, [](const auto& group) {
               return !group.first.empty() && has_two_matrices(group.second);
             })) {
    for (auto& [part, tensors] : groups) {
      drop_first_part(tensors);
      io::StateDict inner{joined(state.key, part), {std::move(tensors), state.file.metadata}};
      std::ranges::move(networks_in(std::move(inner)), std::back_inserter(networks));
    }
    return networks;
  } else {
    state.file.tensors = whole();
  }
  networks.push_back(std::move(state));
  return networks;
}

io::TensorFile in_our_names(io::TensorFile file) {
  std::vector<NamedLayer> layers = layers_of(file.tensors);
  const auto alike = [&](const NamedLayer& layer) {
    return without_digits(layer.name) == without_digits(layers.front().name);
  };
  if (std::ranges::all_of(layers, alike))
    std::ranges::stable_sort(layers, natural_less, &NamedLayer::name);
  io::TensorFile renamed{{}, std::move(file.metadata)};
  for (std::size_t l = 0; l < layers.size(); ++l)
    for (io::Tensor* const tensor : {layers[l].weight, layers[l].bias}) {
      tensor->name =
          fmt::format("network.{}.{}", 2 * l, tensor == layers[l].weight ? "weight" : "bias");
      renamed.tensors.push_back(std::move(*tensor));
    }
  for (io::Tensor& tensor : file.tensors)
    if (is_embedding(tensor)) renamed.tensors.push_back(std::move(tensor));
  return renamed;
}

}  // namespace gan::eval
