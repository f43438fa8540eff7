#include "host/model/network_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gan::model {
namespace {

using testing::ElementsAre;

const NetworkShape kGenerator(100, {256, 256}, 784, Activation::sigmoid);
const NetworkShape kDiscriminator(784, {64, 64}, 1, Activation::none);

TEST(NetworkShape, CountsItsParameters) {
  EXPECT_EQ(kGenerator.parameters(), 293'136u);
  EXPECT_EQ(kDiscriminator.parameters(), 54'465u);
  EXPECT_EQ(kGenerator.inputs(), 100);
  EXPECT_EQ(kGenerator.outputs(), 784);
}

TEST(NetworkShape, ActivatesHiddenLayersByRelu) {
  ASSERT_EQ(kGenerator.layers.size(), 3u);
  EXPECT_EQ(kGenerator.layers[0].activation, Activation::relu);
  EXPECT_EQ(kGenerator.layers[1].activation, Activation::relu);
  EXPECT_EQ(kGenerator.layers[2].activation, Activation::sigmoid);
  EXPECT_EQ(kDiscriminator.layers[2].activation, Activation::none);
}

TEST(NetworkShape, NamesItsTensorsAsPyTorchDoes) {
  std::vector<std::string> names;
  std::vector<std::vector<int>> shapes;
  for (const NamedTensor& tensor : kDiscriminator.tensors()) {
    names.push_back(tensor.name);
    shapes.push_back(tensor.shape);
  }
  EXPECT_THAT(names, ElementsAre("network.0.weight", "network.0.bias", "network.2.weight",
                                 "network.2.bias", "network.4.weight", "network.4.bias"));
  EXPECT_THAT(shapes, ElementsAre(ElementsAre(64, 784), ElementsAre(64), ElementsAre(64, 64),
                                  ElementsAre(64), ElementsAre(1, 64), ElementsAre(1)));
}

TEST(NetworkShape, AlignsTensorsTo128BytesWithoutOverlap) {
  for (const NetworkShape& shape :
       {kGenerator, kDiscriminator, NetworkShape(5, {7, 33}, 9, Activation::none)}) {
    std::size_t end = 0;
    for (const NamedTensor& tensor : shape.tensors()) {
      EXPECT_EQ(tensor.offset * sizeof(float) % 128, 0u) << tensor.name;
      EXPECT_GE(tensor.offset, end) << tensor.name;
      EXPECT_LT(tensor.offset, end + 32) << tensor.name;
      end = tensor.offset + tensor.size();
    }
    EXPECT_GE(shape.arena, end);
    EXPECT_LT(shape.arena, end + 32);
  }
}

// After the layers, so that they lie where they do without classes.
TEST(NetworkShape, HasARowForEachClass) {
  const NetworkShape plain(5, {7, 33}, 9, Activation::sigmoid, {0, 2});
  const NetworkShape conditional(5, {7, 33}, 9, Activation::sigmoid, {0, 2}, 3);
  const std::vector<NamedTensor> tensors = conditional.tensors();
  ASSERT_EQ(tensors.size(), plain.tensors().size() + 1);
  EXPECT_EQ(tensors.back().name, "embedding.weight");
  EXPECT_EQ(tensors.back().shape, (std::vector<int>{3, 14}));
  EXPECT_EQ(tensors.back().offset, plain.arena);
  EXPECT_EQ(conditional.arena, plain.arena + 64);
  EXPECT_EQ(conditional.parameters(), plain.parameters() + 42);
}

TEST(NetworkShape, MayHideNothing) {
  const NetworkShape shape(3, {}, 2, Activation::sigmoid);
  ASSERT_EQ(shape.layers.size(), 1u);
  EXPECT_EQ(shape.layers[0].activation, Activation::sigmoid);
  EXPECT_EQ(shape.parameters(), 8u);
}

// A unit takes the largest of its pieces: its weights have so many rows.
TEST(NetworkShape, GivesMaxoutUnitsTheirPieces) {
  const NetworkShape shape(7, {4, 3}, 1, Activation::none, {.pieces = 5});
  EXPECT_EQ(shape.layers[0].activation, Activation::maxout);
  EXPECT_EQ(shape.layers[0].linear(), 20);
  EXPECT_EQ(shape.layers[2].activation, Activation::none);
  EXPECT_EQ(shape.layers[2].linear(), 1);
  const auto tensors = shape.tensors();
  EXPECT_EQ(tensors[0].shape, (std::vector{20, 7}));
  EXPECT_EQ(tensors[1].shape, (std::vector{20}));
  EXPECT_EQ(tensors[2].shape, (std::vector{15, 4}));
  EXPECT_EQ(tensors[4].shape, (std::vector{1, 3}));
  EXPECT_EQ(shape.parameters(), 20u * 8 + 15 * 5 + 4);
}

}  // namespace
}  // namespace gan::model
