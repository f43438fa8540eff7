#include "host/eval/samples.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "host/eval/generator_model.h"
#include "tests/base/support.h"
#include "tests/eval/support.h"

namespace gan::eval {
namespace {

io::Tensor tensor(std::string name, std::vector<std::int64_t> shape, float value = 0) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  return {std::move(name), std::move(shape), std::vector<float>(count, value)};
}

// A generator 3-2-4: the hidden layer gives ReLU(z₁) and 0, the images sigmoid of it and of biases.
io::TensorFile small_generator() {
  io::TensorFile file{{tensor("network.0.weight", {2, 3}), tensor("network.0.bias", {2}),
                       tensor("network.2.weight", {4, 2}), tensor("network.2.bias", {4}, 1)},
                      {}};
  file.tensors[0].values[0] = 1;
  file.tensors[2].values[0] = 1;
  return file;
}

TEST(GeneratorModel, FindsItsShape) {
  const model::NetworkShape shape = generator_shape(small_generator());
  EXPECT_EQ(shape.inputs(), 3);
  EXPECT_EQ(shape.outputs(), 4);
  ASSERT_EQ(shape.layers.size(), 2U);
  EXPECT_EQ(shape.layers[0].activation, model::Activation::relu);
  EXPECT_EQ(shape.layers[1].activation, model::Activation::sigmoid);
  const io::TensorFile shallow{{tensor("network.0.weight", {4, 3}), tensor("network.0.bias", {4})},
                               {}};
  EXPECT_EQ(generator_shape(shallow).layers.size(), 1U);
}

TEST(GeneratorModel, IsNoDiscriminator) {
  io::TensorFile file{{tensor("network.0.weight", {1, 9}), tensor("network.0.bias", {1})}, {}};
  const auto require = [&] { require_generator(file, generator_shape(file)); };
  base::expect_error(require, "it is a discriminator, which takes images of 9 pixels");
  file.metadata["network"] = "G_ema";  // of images of one pixel
  EXPECT_NO_THROW(require());
  file = small_generator();
  EXPECT_NO_THROW(require());
  file.metadata["network"] = "D";
  base::expect_error(require, "it is a discriminator");
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

// The same with a row for each of three classes: the first layer's second value is 0, 2 or -1.
io::TensorFile conditional_generator() {
  io::TensorFile file = small_generator();
  file.tensors.push_back(tensor("embedding.weight", {3, 2}));
  file.tensors[4].values = {0, 0, 0, 2, 0, -1};
  file.tensors[2].values[1] = 0.5F;  // of the first pixel
  return file;
}

float sigmoid(float x) {
  return 1 / (1 + std::exp(-x));
}

TEST(GeneratorModel, AddsTheVectorOfTheClass) {
  const io::TensorFile file = conditional_generator();
  EXPECT_EQ(generator_shape(file).classes, 3);
  EXPECT_EQ(generator_shape(file).inputs(), 3);
  const std::vector<std::uint8_t> classes = {0, 1, 2};
  Matrix z(3, 3);
  z.values = {-1, 0, 0, 3, 0, 0, 3, 0, 0};
  const Matrix images =
      generate(*cpu, file, with_classes(z.view(), one_hot(classes, 3).view()).view());
  EXPECT_NEAR(images.view().row(0)[0], sigmoid(1), 1e-6);
  EXPECT_NEAR(images.view().row(1)[0], sigmoid(1 + 3 + 1), 1e-6);
  EXPECT_NEAR(images.view().row(2)[0], sigmoid(1 + 3), 1e-6);
  // Half of class 0 and half of class 1.
  const Matrix mixture = generate(
      *cpu, file, with_classes(z.view().slice(1, 1), matrix({{0.5F, 0.5F, 0}}).view()).view());
  EXPECT_NEAR(mixture.view().row(0)[0], sigmoid(1 + 3 + 0.5F), 1e-6);
}

// The images are those that the same network draws without an embedding, whose z has an input for
// each class.
TEST(GeneratorModel, DrawsSamplesOfTheClassesAskedFor) {
  const io::TensorFile file = conditional_generator();
  const std::vector<std::uint8_t> classes = {1, 0, 2, 1};
  const Matrix images = draw_samples(*cpu, file, 4, 1, classes);
  const Matrix z = draw_latents(file, 4, 1);
  for (int i = 0; i < 4; ++i) {
    const float first = std::max(z.view().row(i)[0], 0.F);
    EXPECT_NEAR(images.view().row(i)[0],
                sigmoid(1 + first + (classes[static_cast<std::size_t>(i)] == 1 ? 1 : 0)), 1e-6);
  }
}

TEST(GeneratorModel, NamesItsClasses) {
  io::TensorFile file = conditional_generator();
  EXPECT_EQ(class_names_of(file), (std::vector<std::string>{"0", "1", "2"}));
  file.metadata["classes"] = R"(["a","b c",""])";
  EXPECT_EQ(class_names_of(file), (std::vector<std::string>{"a", "b c", ""}));
  EXPECT_TRUE(class_names_of(small_generator()).empty());
  for (const char* wrong : {"", "3", "[]", R"(["a","b"])", R"(["a","b",3])", R"({"a":1})", "[[["}) {
    file.metadata["classes"] = wrong;
    base::expect_error([&] { class_names_of(file); }, "not a list of 3 names");
  }
}

TEST(GeneratorModel, RefusesAnEmbeddingThatDoesNotFit) {
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{3}, {3, 4}, {0, 2}, {257, 2}, {3, 2, 1}}) {
    io::TensorFile file = small_generator();
    file.tensors.push_back(tensor("embedding.weight", shape));
    base::expect_error([&] { generator_shape(file); }, "its embedding.weight is not a row of 2");
  }
}

// However the labels are ordered: all of a class together, or in turn.
TEST(ClassesLike, AreDistributedLikeTheLabels) {
  std::vector<std::uint8_t> in_turn;
  for (std::size_t i = 0; i < 1200; ++i)
    in_turn.push_back(static_cast<std::uint8_t>("010201"[i % 6] - '0'));
  std::vector<std::uint8_t> sorted = in_turn;
  std::ranges::sort(sorted);
  for (const auto& labels : {in_turn, sorted})
    for (const int count : {12, 120, 1200, 10'000}) {
      const auto classes = classes_like(labels, count, 3);
      for (int k = 0; k < 3; ++k)
        EXPECT_NEAR(static_cast<double>(std::ranges::count(classes, k)), count * (3 - k) / 6., 2)
            << k << " of " << count;
    }
}

TEST(ClassesLike, TakeTurnsWithoutLabels) {
  for (const std::vector<std::uint8_t>& none : {std::vector<std::uint8_t>{}, {0, 1, 3}})
    EXPECT_EQ(classes_like(none, 5, 3), (std::vector<std::uint8_t>{0, 1, 2, 0, 1}));
}

// By what the file says of its latent vectors; the first pixel is a Sigmoid of the first of them.
TEST(GeneratorModel, DrawsTheLatentVectorsItWasTrainedWith) {
  io::TensorFile file = small_generator();
  file.metadata["latent"] = "uniform";
  const Matrix z = draw_latents(file, 2000, 3);
  double squares = 0, most = 0;
  for (const float value : z.values) {
    squares += static_cast<double>(value) * static_cast<double>(value);
    most = std::max(most, std::abs(static_cast<double>(value)));
  }
  const double mean = squares / static_cast<double>(z.values.size());
  EXPECT_NEAR(mean, 1, 5 * 0.9 / std::sqrt(static_cast<double>(z.values.size())));
  EXPECT_LT(most, std::sqrt(3.0));
  EXPECT_GT(most, 1.7);
  file.metadata["latent"] = "normal";
  EXPECT_EQ(draw_latents(file, 9, 3).values, draw_latents(small_generator(), 9, 3).values);
  file.metadata["latent"] = "cauchy\n";
  base::expect_error([&] { draw_latents(file, 9, 3); }, "its latent vectors are \"cauchy");
}

TEST(GeneratorModel, ReadsTheWidthsOfMaxoutUnits) {
  io::TensorFile file{{tensor("network.0.weight", {6, 4}), tensor("network.0.bias", {6}),
                       tensor("network.2.weight", {1, 2}), tensor("network.2.bias", {1})},
                      {{"network", "D"}, {"maxout", "3"}}};
  const model::NetworkShape shape = generator_shape(file);
  EXPECT_EQ(shape.layers[0].out, 2);
  EXPECT_EQ(shape.layers[0].pieces, 3);
  for (const char* const wrong : {"0", "-3", "3.5", "x", ""}) {
    file.metadata["maxout"] = wrong;
    base::expect_error([&] { generator_shape(file); }, "its maxout");
  }
  file.metadata["maxout"] = "4";
  base::expect_error([&] { generator_shape(file); }, "does not have 4 rows for each maxout unit");
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
    io::TensorFile file = small_generator();
    change(file.tensors);
    base::expect_error([&] { generator_shape(file); }, reason);
  };
  using Tensors = std::vector<io::Tensor>;
  refuses("no network.0.weight", [](Tensors& t) { t.clear(); });
  refuses("network.2.bias is missing", [](Tensors& t) { t.pop_back(); });
  refuses("not of the layers", [](Tensors& t) { t.push_back(tensor("other", {1})); });
  refuses("network.0.weight is not the matrix",
          [](Tensors& t) { t[0] = tensor("network.0.weight", {6}); });
  refuses("is not the matrix", [](Tensors& t) { t[0] = tensor("network.0.weight", {0, 3}); });
  refuses("is not the matrix", [](Tensors& t) { t[0] = tensor("network.0.weight", {1, 65537}); });
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
  void write(const std::string& name, const std::vector<io::Tensor>& tensors) const {
    io::save_safetensors(folder_ / name, {tensors, {}});
  }
  void refuses(const std::string& name, const std::string& reason) const {
    base::expect_error([&] { load_samples(*cpu, request(name)); }, name, reason);
  }

  base::TemporaryFolder folder_;
};

TEST_F(SampleFiles, AModelIsDrawnFrom) {
  io::save_safetensors(folder_ / "model_G.safetensors", small_generator());
  const Samples samples = load("model_G.safetensors");
  EXPECT_EQ(samples.images.rows, 7);
  EXPECT_EQ(samples.images.values, draw_samples(*cpu, small_generator(), 7, 1).values);
  EXPECT_THAT(samples.description, testing::HasSubstr("7 samples of"));
}

TEST_F(SampleFiles, OfARunTheGeneratorIsDrawnFromAndItsAverage) {
  io::save_safetensors(folder_ / "model_G.safetensors", small_generator());
  const auto only = load_samples(*cpu, request(""));
  ASSERT_EQ(only.size(), 1U);
  EXPECT_EQ(only[0].images.values, draw_samples(*cpu, small_generator(), 7, 1).values);
  EXPECT_EQ(only[0].weights, run::GeneratorWeights::trained);
  io::TensorFile average = small_generator();
  average.tensors[3].values[0] = -1;
  io::save_safetensors(folder_ / "model_G_ema.safetensors", average);
  const auto both = load_samples(*cpu, request(""));
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].images.values, only[0].images.values);
  EXPECT_EQ(both[1].images.values, draw_samples(*cpu, average, 7, 1).values);
  EXPECT_EQ(both[1].weights, run::GeneratorWeights::average);
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

TEST_F(SampleFiles, ImagesMayHaveAChannelOnEitherSide) {
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{2, 1, 2, 2}, {2, 2, 2, 1}, {2, 1, 4, 1}}) {
    write("a.safetensors", {tensor("x", shape, 0.5F)});
    EXPECT_EQ(load("a.safetensors").images.rows, 2);
  }
  write("a.safetensors", {tensor("x", {2, 2, 2, 3}, 0.5F)});
  refuses("a.safetensors", "it is (2, 2, 2, 3)");
}

// As numpy.save writes them.
TEST_F(SampleFiles, BytesAreAskedAbout) {
  const auto write_npy = [&](const std::string& descr, const std::string& values) {
    const std::string header =
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (2, 4), }";
    std::ofstream(folder_ / "a.npy", std::ios::binary)
        << std::string("\x93NUMPY\1\0", 8) << static_cast<char>(header.size()) << '\0' << header
        << values;
  };
  const std::string bits("\0\1\1\0\1\1\0\0", 8);
  const std::vector<float> expected{0, 1, 1, 0, 1, 1, 0, 0};
  write_npy("|b1", bits);
  EXPECT_EQ(load("a.npy").images.values, expected);
  write_npy("|u1", bits);
  refuses("a.npy", "say --white 1 if 1 is white, or --white 255");
  SampleRequest told = request("a.npy");
  told.white = 1;
  EXPECT_EQ(load_samples(*cpu, told).front().images.values, expected);
  told.white = 255;
  EXPECT_EQ(load_samples(*cpu, told).front().images.values[1], 1 / 255.0F);
  write_npy("|u1", std::string(8, '\0'));  // all black, as a collapsed generator draws
  EXPECT_EQ(load("a.npy").images.values, std::vector<float>(8, 0.0F));
}

TEST_F(SampleFiles, BytesOfATensorAreImages) {
  const std::string header = R"({"x":{"dtype":"U8","shape":[2,2,2],"data_offsets":[0,8]}})";
  const std::uint64_t length = header.size();
  std::ofstream(folder_ / "a.safetensors", std::ios::binary)
      << std::string(reinterpret_cast<const char*>(&length), 8) << header
      << std::string("\0\x33\xff\0\0\0\0\0", 8);
  const Matrix images = load("a.safetensors").images;
  EXPECT_EQ(images.values[1], 0.2F);
  EXPECT_EQ(images.values[2], 1);
}

TEST_F(SampleFiles, OtherRangesAreTold) {
  io::Tensor images = tensor("images", {2, 4}, 1);
  images.values[3] = -1;
  write("a.safetensors", {images});
  refuses("a.safetensors", "-1 to 1; save (x + 1) / 2 of them");
  images.values[3] = 0;
  images.values[4] = 255;
  write("a.safetensors", {images});
  refuses("a.safetensors", "0 to 255; if 255 is white, say --white 255");
  SampleRequest told = request("a.safetensors");
  told.white = 255;
  EXPECT_EQ(load_samples(*cpu, told).front().images.values[4], 1);
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
  io::TensorFile diverged = small_generator();
  diverged.tensors[3].values[0] = std::numeric_limits<float>::quiet_NaN();
  io::save_safetensors(folder_ / "n.safetensors", diverged);
  refuses("n.safetensors", "not finite");
}

}  // namespace
}  // namespace gan::eval
