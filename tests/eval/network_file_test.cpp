#include "host/eval/network_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host/run/run_spec.h"
#include "tests/base/support.h"

namespace gan::eval {
namespace {

using testing::ElementsAre, testing::HasSubstr;

io::Tensor tensor(std::string name, std::vector<std::int64_t> shape) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  return {std::move(name), std::move(shape), std::vector<float>(count)};
}

// A network of these widths whose layers have these names.
std::vector<io::Tensor> network(const std::vector<std::string>& layers,
                                const std::vector<std::int64_t>& widths) {
  std::vector<io::Tensor> tensors;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    tensors.push_back(tensor(layers[l] + ".weight", {widths[l + 1], widths[l]}));
    tensors.push_back(tensor(layers[l] + ".bias", {widths[l + 1]}));
  }
  return tensors;
}

std::vector<int> widths(const model::NetworkShape& shape) {
  std::vector<int> all{shape.inputs()};
  for (const model::Layer& layer : shape.layers) all.push_back(layer.out);
  return all;
}

NetworkFile read(std::vector<io::Tensor> tensors, std::map<std::string, std::string> metadata = {},
                 std::optional<double> slope = {}) {
  std::vector<io::StateDict> states;
  states.push_back({"", {std::move(tensors), std::move(metadata)}});
  return network_of(std::move(states), slope);
}

TEST(NetworkFile, TakesLayersByAnyName) {
  const std::vector<std::vector<std::string>> forms{
      {"network.0", "network.2", "network.4"},
      {"module.network.0", "module.network.2", "module.network.4"},
      {"_orig_mod.module.generator.main.0", "_orig_mod.module.generator.main.2",
       "_orig_mod.module.generator.main.4"},
      {"0", "2", "4"},
      {"model.0", "model.3", "model.6"},
      {"fc1", "fc2", "fc3"},
      {"fc9", "fc10", "fc11"},
      {"hidden", "more", "out"},
      {"layer1.0", "layer2.0", "layer3.0"},
  };
  for (const std::vector<std::string>& form : forms) {
    const NetworkFile file = read(network(form, {3, 5, 5, 4}));
    EXPECT_THAT(widths(file.shape), ElementsAre(3, 5, 5, 4)) << form[0];
    EXPECT_EQ(file.weights.tensors[2].name, "network.2.weight") << form[0];
  }
}

TEST(NetworkFile, KeepsAnEmbedding) {
  for (const std::string prefix : {"", "module.", "_orig_mod.generator."}) {
    std::vector<io::Tensor> tensors =
        network({prefix + "network.0", prefix + "network.2"}, {3, 5, 4});
    tensors.insert(tensors.begin(), tensor(prefix + "embedding.weight", {7, 5}));
    const NetworkFile file = read(tensors);
    EXPECT_THAT(widths(file.shape), ElementsAre(3, 5, 4)) << prefix;
    EXPECT_EQ(file.shape.classes, 7) << prefix;
    EXPECT_EQ(file.weights.tensors.back().name, "embedding.weight") << prefix;
  }
}

// Files of safetensors may be sorted by name: "10" before "2", bias before weight.
TEST(NetworkFile, OrdersLayersByTheirNumbers) {
  std::vector<io::Tensor> sorted = network({"n.1", "n.2", "n.10"}, {3, 5, 7, 4});
  sorted = {sorted[1], sorted[0], sorted[5], sorted[4], sorted[3], sorted[2]};
  EXPECT_THAT(widths(read(sorted).shape), ElementsAre(3, 5, 7, 4));
}

TEST(NetworkFile, TakesTheOnlyGenerator) {
  std::vector<io::Tensor> both = network({"discriminator.0", "discriminator.2"}, {4, 5, 1});
  std::ranges::move(network({"generator.0", "generator.2"}, {3, 5, 4}), std::back_inserter(both));
  const NetworkFile file = read(both);
  EXPECT_THAT(widths(file.shape), ElementsAre(3, 5, 4));
  EXPECT_THAT(file.remarks.front(), HasSubstr("\"discriminator\", \"generator\""));
  EXPECT_THAT(file.remarks.front(), HasSubstr("\"generator\" is taken"));

  std::vector<io::StateDict> states;
  states.push_back({"optimizer", {}, "its tensor is of integers"});
  states.push_back({"nets.G", {network({"0", "2"}, {3, 5, 4}), {}}});
  states.push_back({"nets.D", {network({"0", "2"}, {4, 5, 1}), {}}});
  EXPECT_THAT(widths(network_of(states, {}).shape), ElementsAre(3, 5, 4));
  states.push_back({"nets.G_ema", {network({"0", "2"}, {3, 5, 4}), {}}});
  base::expect_error([&] { network_of(states, {}); }, "more than one of them a generator",
                     "\"nets.G\", \"nets.D\", \"nets.G_ema\"");
  states.resize(1);
  base::expect_error([&] { network_of(states, {}); }, "of integers");
}

TEST(NetworkFile, NamesWhatIsNotOfALayer) {
  const auto refuses = [](const std::string& reason, const io::Tensor& other) {
    std::vector<io::Tensor> tensors = network({"fc1", "fc2"}, {3, 5, 4});
    tensors.push_back(other);
    base::expect_error([&] { read(tensors); }, reason);
  };
  refuses("\"bn.running_mean\" is not the weight or bias", tensor("bn.running_mean", {5}));
  refuses("\"fc3.weight\" has no bias that belongs to it", tensor("fc3.weight", {4, 4}));
  refuses("\"fc3.bias\" has no weight that belongs to it", tensor("fc3.bias", {4}));
  std::vector<io::Tensor> convolution = network({"fc1", "fc2"}, {3, 5, 4});
  convolution[0] = tensor("fc1.weight", {5, 3, 1, 1});
  base::expect_error([&] { read(convolution); }, "\"fc1.weight\" is not the matrix");
  base::expect_error([&] { read(network({"fc1"}, {3, 5})), read({}); }, "not a network");
  std::vector<io::Tensor> bytes = network({"fc1", "fc2"}, {3, 5, 4});
  bytes[0].type = io::ValueType::u8;
  base::expect_error([&] { read(bytes); }, "\"fc1.weight\" does not hold floating-point");
  base::expect_error(
      [] {
        read(network({"fc1", "fc2"}, {3, 5, 4}), {{"config", "{}"}, {"step", "7"}});
      },
      "it is the checkpoint of a run");
}

TEST(NetworkFile, SaysOrAssumesTheSlope) {
  const std::vector<io::Tensor> tensors = network({"0", "2"}, {3, 5, 4});
  const auto slope = [](const NetworkFile& file) { return file.shape.layers.front().slope; };
  const NetworkFile silent = read(tensors);
  EXPECT_EQ(slope(silent), 0);
  ASSERT_EQ(silent.remarks.size(), 1U);
  EXPECT_THAT(silent.remarks[0], HasSubstr("--slope"));
  const NetworkFile asked = read(tensors, {}, 0.2);
  EXPECT_EQ(slope(asked), 0.2);
  EXPECT_TRUE(asked.remarks.empty());
  EXPECT_EQ(asked.weights.metadata.at("slope"), "0.2");
  const NetworkFile ours = read(tensors, {{"gan_cuda", "0.1.0"}});
  EXPECT_TRUE(ours.remarks.empty());
  const NetworkFile said = read(tensors, {{"slope", "0.3"}});
  EXPECT_EQ(slope(said), 0.3);
  EXPECT_TRUE(said.remarks.empty());
  EXPECT_EQ(slope(read(tensors, {{"slope", "0.3"}}, 0.3)), 0.3);
  EXPECT_THROW(read(tensors, {{"slope", "0.3"}}, 0.2), base::UsageError);
  EXPECT_THROW(read(tensors, {{"gan_cuda", "0.1.0"}}, 0.2), base::UsageError);
}

// 30,000 layers took 21 s.
TEST(NetworkFile, BoundsTheLayers) {
  std::vector<std::string> names;
  names.reserve(30'000);
  for (int l = 0; l < 30'000; ++l) names.push_back(fmt::format("{}", l));
  base::expect_error([&] { read(network(names, std::vector<std::int64_t>(30'001, 1))); },
                     "more than 1000 layers");
}

}  // namespace
}  // namespace gan::eval
