#include "host/eval/samples.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "host/eval/generator_model.h"
#include "tests/eval/support.h"
#include "tests/io/support.h"

namespace gan {
namespace {

Tensor tensor(std::string name, std::vector<std::int64_t> shape, float value = 0) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  return {std::move(name), std::move(shape), std::vector<float>(count, value)};
}

// A generator 3-2-4: the hidden layer gives ReLU(z₁) and 0, the images sigmoid of it and of biases.
TensorFile small_generator() {
  TensorFile file{{tensor("network.0.weight", {2, 3}), tensor("network.0.bias", {2}),
                   tensor("network.2.weight", {4, 2}), tensor("network.2.bias", {4}, 1)},
                  {}};
  file.tensors[0].values[0] = 1;
  file.tensors[2].values[0] = 1;
  return file;
}

TEST(GeneratorModel, FindsItsShape) {
  const NetworkShape shape = generator_shape(small_generator());
  EXPECT_EQ(shape.inputs(), 3);
  EXPECT_EQ(shape.outputs(), 4);
  ASSERT_EQ(shape.layers.size(), 2U);
  EXPECT_EQ(shape.layers[0].activation, Activation::relu);
  EXPECT_EQ(shape.layers[1].activation, Activation::sigmoid);
  const TensorFile shallow{{tensor("network.0.weight", {4, 3}), tensor("network.0.bias", {4})}, {}};
  EXPECT_EQ(generator_shape(shallow).layers.size(), 1U);
}

TEST(GeneratorModel, IsNoDiscriminator) {
  TensorFile file{{tensor("network.0.weight", {1, 9}), tensor("network.0.bias", {1})}, {}};
  const auto require = [&] { require_generator(file, generator_shape(file)); };
  expect_error(require, "it is a discriminator, which judges images of 9 pixels");
  file.metadata["network"] = "G_ema";  // of images of one pixel
  EXPECT_NO_THROW(require());
  file = small_generator();
  EXPECT_NO_THROW(require());
  file.metadata["network"] = "D";
  expect_error(require, "it is a discriminator");
}

TEST(GeneratorModel, DrawsTheNetworksImages) {
  const Matrix images = draw_samples(*cpu, small_generator(), 2500, 1);
  ASSERT_EQ(images.rows, 2500);
  ASSERT_EQ(images.columns, 4);
  const float of_bias = 1 / (1 + std::exp(-1.0F));
  int above = 0;
  for (int i = 0; i < images.rows; ++i) {
    EXPECT_NEAR(images.view().row(i)[3], of_bias, 1e-6);
    above += images.view().row(i)[0] > of_bias + 1e-6F ? 1 : 0;  // where z₁ > 0
  }
  EXPECT_NEAR(above, 1250, 125);  // five standard deviations
}

TEST(GeneratorModel, SamplesDependOnTheSeedAlone) {
  const auto values = [](int count, std::uint64_t seed) {
    return draw_samples(*cpu, small_generator(), count, seed).values;
  };
  EXPECT_EQ(values(1500, 5), values(1500, 5));
  EXPECT_NE(values(1500, 5), values(1500, 6));
  auto more = values(1500, 5);
  more.resize(10 * 4);
  EXPECT_EQ(more, values(10, 5));
}

TEST(GeneratorModel, RefusesWhatIsNoNetwork) {
  const auto refuses = [](const std::string& reason, auto change) {
    TensorFile file = small_generator();
    change(file.tensors);
    expect_error([&] { generator_shape(file); }, reason);
  };
  using Tensors = std::vector<Tensor>;
  refuses("no network.0.weight", [](Tensors& t) { t.clear(); });
  refuses("network.2.bias is missing", [](Tensors& t) { t.pop_back(); });
  refuses("not of the layers", [](Tensors& t) { t.push_back(tensor("other", {1})); });
  refuses("network.0.weight is no matrix",
          [](Tensors& t) { t[0] = tensor("network.0.weight", {6}); });
  refuses("is no matrix", [](Tensors& t) { t[0] = tensor("network.0.weight", {0, 3}); });
  refuses("is no matrix", [](Tensors& t) { t[0] = tensor("network.0.weight", {1, 65537}); });
  refuses("network.0.bias does not fit", [](Tensors& t) { t[1] = tensor("network.0.bias", {3}); });
  refuses("takes 5 values, but the layer before it gives 2", [](Tensors& t) {
    t[2] = tensor("network.2.weight", {4, 5});
  });
}

class SampleFiles : public testing::Test {
 protected:
  SampleRequest request(const std::string& name) const {
    return {.path = folder_ / name, .count = 7, .seed = 1, .pixels = 4};
  }
  // Those of a file that gives one set of them.
  Samples load(const std::string& name) const {
    std::vector<Samples> all = load_samples(*cpu, request(name));
    EXPECT_EQ(all.size(), 1U);
    EXPECT_FALSE(all.front().weights) << "no run";
    return std::move(all.front());
  }
  void write(const std::string& name, const std::vector<Tensor>& tensors) const {
    save_safetensors(folder_ / name, {tensors, {}});
  }
  void refuses(const std::string& name, const std::string& reason) const {
    expect_error([&] { load_samples(*cpu, request(name)); }, name, reason);
  }

  TemporaryFolder folder_;
};

TEST_F(SampleFiles, AModelIsDrawnFrom) {
  save_safetensors(folder_ / "model_G.safetensors", small_generator());
  const Samples samples = load("model_G.safetensors");
  EXPECT_EQ(samples.images.rows, 7);
  EXPECT_EQ(samples.images.values, draw_samples(*cpu, small_generator(), 7, 1).values);
  EXPECT_THAT(samples.description, testing::HasSubstr("7 samples of"));
}

TEST_F(SampleFiles, OfARunTheGeneratorIsDrawnFromAndItsAverage) {
  save_safetensors(folder_ / "model_G.safetensors", small_generator());
  const auto only = load_samples(*cpu, request(""));
  ASSERT_EQ(only.size(), 1U);
  EXPECT_EQ(only[0].images.values, draw_samples(*cpu, small_generator(), 7, 1).values);
  EXPECT_EQ(only[0].weights, GeneratorWeights::trained);
  TensorFile average = small_generator();
  average.tensors[3].values[0] = -1;
  save_safetensors(folder_ / "model_G_ema.safetensors", average);
  const auto both = load_samples(*cpu, request(""));
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].images.values, only[0].images.values);
  EXPECT_EQ(both[1].images.values, draw_samples(*cpu, average, 7, 1).values);
  EXPECT_EQ(both[1].weights, GeneratorWeights::average);
  EXPECT_THAT(both[1].description, testing::HasSubstr("model_G_ema.safetensors"));
}

TEST_F(SampleFiles, ImagesAreTakenAsTheyAre) {
  write("flat.safetensors", {tensor("images", {9, 4}, 0.5F)});
  EXPECT_EQ(load("flat.safetensors").images.values, std::vector<float>(7 * 4, 0.5F));
  write("square.safetensors", {tensor("x", {3, 2, 2}, 1)});
  const Samples few = load("square.safetensors");
  EXPECT_EQ(few.images.rows, 3);
  EXPECT_EQ(few.images.columns, 4);
  EXPECT_THAT(few.description, testing::HasSubstr("3 images of"));
}

TEST_F(SampleFiles, RefusesWhatCannotBeJudged) {
  refuses("none.safetensors", "No such file");
  refuses("", "no model_G.safetensors in it");
  refuses("model.bin", "No such file");
  std::ofstream(folder_ / "model.bin") << "weights";
  refuses("model.bin", ".safetensors, .pth or .pt");
  write("a.safetensors", {tensor("images", {9, 5})});
  refuses("a.safetensors", "have 5 pixels, but those of the data 4");
  write("a.safetensors", {tensor("images", {9})});
  refuses("a.safetensors", "not images");
  write("a.safetensors", {tensor("images", {0, 4})});
  refuses("a.safetensors", "not images");
  for (const float bad : {-0.1F, 1.1F, std::numeric_limits<float>::quiet_NaN()}) {
    write("a.safetensors", {tensor("images", {9, 4}, bad)});
    refuses("a.safetensors", "not all in [0, 1]");
  }
  write("d.safetensors", {tensor("network.0.weight", {1, 4}), tensor("network.0.bias", {1})});
  refuses("d.safetensors", "it is a discriminator");
  write("g.safetensors", {tensor("network.0.weight", {2, 3}), tensor("network.0.bias", {2})});
  refuses("g.safetensors", "is it a generator for these data");
  TensorFile diverged = small_generator();
  diverged.tensors[3].values[0] = std::numeric_limits<float>::quiet_NaN();
  save_safetensors(folder_ / "n.safetensors", diverged);
  refuses("n.safetensors", "not finite");
}

}  // namespace
}  // namespace gan
