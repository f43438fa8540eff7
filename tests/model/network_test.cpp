// Networks and their first weights.
#include "host/model/network.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/kernels/backends.h"
#include "tests/model/training.h"

namespace gan::model {
namespace {

using NetworkTest = BackendTest;

std::vector<float> initial_weights(const TestedBackend& backend, const NetworkShape& shape,
                                   RandomSource source) {
  Network<TestedBackend> network(backend, shape, 1);
  network.initialise(backend, source);
  return downloaded(backend, network.parameters.get(), shape.arena);
}

constexpr RandomSource kSource{1, RandomStream::generator_weights};
const NetworkShape kShape(100, {33, 20}, 50, Activation::sigmoid);

// 1/√in bounds every value, is nearly reached, and the values spread evenly below it.
TEST_F(NetworkTest, BeginsWithTheBoundsOfNnLinear) {
  const auto arena = initial_weights(backend(), kShape, kSource);
  const auto tensors = kShape.tensors();
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    SCOPED_TRACE(tensors[t].name);
    const Layer& layer = kShape.layers[t / 2];
    const double bound = 1 / std::sqrt(static_cast<double>(layer.in));
    const auto first = arena.begin() + static_cast<std::ptrdiff_t>(tensors[t].offset);
    const auto last = first + static_cast<std::ptrdiff_t>(tensors[t].size());
    const auto [low, high] = std::minmax_element(first, last);
    EXPECT_GT(*low, -bound);
    EXPECT_LT(*high, bound);
    EXPECT_LT(*low, -0.75 * bound);
    EXPECT_GT(*high, 0.75 * bound);
    const double n = static_cast<double>(tensors[t].size());
    EXPECT_NEAR(norm(std::vector<float>(first, last)) / std::sqrt(n), bound / std::sqrt(3),
                4 * bound * std::sqrt(4.0 / 45 / n));
  }
}

TEST_F(NetworkTest, DrawsEveryTensorAnew) {
  const NetworkShape square(20, {20, 20}, 20, Activation::none);
  const auto arena = initial_weights(backend(), square, kSource);
  const auto tensors = square.tensors();
  const auto begins_with = [&](const NamedTensor& tensor) {
    const auto first = arena.begin() + static_cast<std::ptrdiff_t>(tensor.offset);
    return std::vector<float>(first, first + 20);
  };
  for (const NamedTensor& a : tensors)
    for (const NamedTensor& b : tensors)
      EXPECT_EQ(begins_with(a) == begins_with(b), &a == &b) << a.name << " " << b.name;
}

TEST_F(NetworkTest, WeightsDependOnTheSourceAlone) {
  const auto weights = initial_weights(backend(), kShape, kSource);
  EXPECT_EQ(weights, initial_weights(backend(), kShape, kSource));
  EXPECT_NE(weights, initial_weights(backend(), kShape, {2, RandomStream::generator_weights}));
  EXPECT_NE(weights, initial_weights(backend(), kShape, {1, RandomStream::discriminator_weights}));
}

TEST_F(NetworkTest, GeneratorAndDiscriminatorBeginDifferently) {
  TrainingSetup twins;
  twins.pixels = 10;
  twins.discriminator_hidden = twins.generator_hidden;
  const Training<TestedBackend> training(backend(), twins);
  const auto first_weights = [&](const Network<TestedBackend>& network) {
    return downloaded(backend(), network.parameters.get(), 160);
  };
  EXPECT_NE(first_weights(training.gan.generator), first_weights(training.gan.discriminator));
}

}  // namespace
}  // namespace gan::model
