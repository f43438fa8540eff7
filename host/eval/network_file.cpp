#include "host/eval/network_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "host/base/printable.h"
#include "host/eval/generator_model.h"
#include "host/run/run_spec.h"

namespace gan::eval {
namespace {

struct Candidate {
  std::string key;
  io::TensorFile weights;
  model::NetworkShape shape;
};

[[noreturn]] void refuse(const std::string& reason) {
  throw std::runtime_error(reason);
}

bool is_checkpoint(const io::StateDict& state) {
  return state.file.metadata.contains("config") && state.file.metadata.contains("step");
}

// What makes a network of all that the file holds, and why the first that does not make none.
struct Found {
  std::vector<Candidate> networks;
  std::string problem;
};

Found find_networks(std::vector<io::StateDict> states) {
  Found found;
  for (io::StateDict& state : states) {
    if (is_checkpoint(state))
      refuse(
          "it is the checkpoint of a run, not a network: give the run's folder or a "
          "model_*.safetensors in it");
    std::string problem = state.problem;
    if (problem.empty())
      for (io::StateDict& part : networks_in(std::move(state))) try {
          io::TensorFile weights = in_our_names(std::move(part.file));
          model::NetworkShape shape = generator_shape(weights);
          found.networks.push_back({part.key, std::move(weights), std::move(shape)});
        } catch (const std::runtime_error& error) {
          problem = error.what();
        }
    if (found.problem.empty()) found.problem = problem;
  }
  return found;
}

std::string keys_of(const std::vector<Candidate>& networks) {
  std::vector<io::StateDict> states;
  for (const Candidate& network : networks) states.push_back({network.key, {}});
  return keys_of(std::span<const io::StateDict>(states));
}

// The only one, or the only generator.
Candidate choose(std::vector<Candidate> networks) {
  if (networks.size() == 1) return std::move(networks.front());
  const auto draws = [](const Candidate& c) { return !is_discriminator(c.weights, c.shape); };
  const auto count = std::ranges::count_if(networks, draws);
  if (count != 1)
    refuse(fmt::format("it holds {} networks, {}: {}; save the one that is meant alone",
                       networks.size(),
                       count == 0 ? "but none is a generator" : "more than one of them a generator",
                       keys_of(networks)));
  return std::move(*std::ranges::find_if(networks, draws));
}

void set_slope(NetworkFile& network, std::optional<double> slope) {
  std::map<std::string, std::string>& metadata = network.weights.metadata;
  const bool hidden = network.shape.layers.size() > 1;
  const bool said = metadata.contains("slope") || metadata.contains("gan_cuda");
  if (slope && said && *slope != network.shape.layers.front().slope && hidden)
    throw base::UsageError(
        fmt::format("--slope {} contradicts the file, whose hidden layers have {}", *slope,
                    network.shape.layers.front().slope));
  if (slope && !said) {
    metadata["slope"] = fmt::format("{}", *slope);
    network.shape = generator_shape(network.weights);
  } else if (!said && hidden) {
    network.remarks.emplace_back(
        "it does not say what its hidden layers are: taken as ReLU (--slope 0.2 if they are "
        "LeakyReLU with this slope)");
  }
}

}  // namespace

NetworkFile network_of(std::vector<io::StateDict> states, std::optional<double> slope) {
  const std::size_t count = states.size();
  const std::string keys = keys_of(std::span<const io::StateDict>(states));
  Found found = find_networks(std::move(states));
  if (found.networks.empty())
    refuse(count == 1
               ? found.problem
               : fmt::format("none of its state dicts, {}, is a network that can be read: {}", keys,
                             found.problem));
  const std::string all = keys_of(found.networks);
  const bool several = found.networks.size() > 1;
  Candidate chosen = choose(std::move(found.networks));
  NetworkFile network{std::move(chosen.weights), std::move(chosen.shape)};
  if (several)
    network.remarks.push_back(
        fmt::format("it holds the networks {}; {} is taken, the only generator", all,
                    base::printable(chosen.key)));
  else if (!chosen.key.empty())
    network.remarks.push_back(fmt::format("{} in it is taken", base::printable(chosen.key)));
  set_slope(network, slope);
  return network;
}

}  // namespace gan::eval
