// MNIST and the published weights, where the environment says that they are.
#pragma once
#include <cstdlib>
#include <optional>

#include "host/data/dataset.h"

namespace gan::eval {

inline constexpr const char* kNoMnist = "needs MNIST in the folder $GAN_MNIST_DIR";
inline constexpr const char* kNoSeedModel = "needs the published model_G.pth as $GAN_SEED_MODEL";

inline std::optional<std::filesystem::path> path_in_environment(const char* variable) {
  const char* const value = std::getenv(variable);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

inline std::optional<data::DataSource> mnist() {
  const auto folder = path_in_environment("GAN_MNIST_DIR");
  if (!folder) return std::nullopt;
  return data::DataSource::in_folder(*folder);
}

}  // namespace gan::eval
