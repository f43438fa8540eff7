// PyTorch reads the weights a run wrote and makes the same images of the same z.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

#include "host/io/safetensors.h"
#include "tests/train/small_run.h"

namespace gan::train {
namespace {

constexpr int kNoPyTorch = 77;  // the script's exit code

TEST(PyTorch, LoadsTheWeightsAndMakesTheSameImages) {
  const auto folder = run::RunFolder::create(test_folder());
  run::RunSpec spec = small_spec();
  spec.rate_g = spec.rate_d = 0.01;  // away from the initial weights
  const auto engine = make_engine(spec, small_images());
  engine->run(20);
  run::save_models(folder, spec, engine->state());
  std::vector<float> z(16 * 6);
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = static_cast<float>(i * 7 % 31) / 10 - 1.5f;
  io::save_safetensors(folder.path() / "images.safetensors",
                       {{{"z", {16, 6}, z},
                         {"images", {16, 20}, engine->generate(z, run::GeneratorWeights::trained)}},
                        {}});

  const std::string command =
      "/usr/bin/python3 " GAN_READ_WITH_PYTORCH " " + folder.path().string();
  const int status = std::system(command.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == kNoPyTorch && std::getenv("GAN_REQUIRE_READERS") == nullptr)
    GTEST_SKIP() << "no PyTorch for /usr/bin/python3";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace gan::train
