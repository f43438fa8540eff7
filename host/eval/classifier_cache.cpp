#include "host/eval/classifier_cache.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace gan::eval {
namespace {

namespace fs = std::filesystem;

std::uint32_t crc_of(const void* bytes, std::size_t size) {
  return static_cast<std::uint32_t>(crc32_z(0, static_cast<const Bytef*>(bytes), size));
}

// Everything that the weights depend on.  The number in front stands for the code of the training:
// raise it when that changes.
std::string training_text(const LabelledImages& data, const ClassifierTraining& t) {
  const data::Images& images = data.images;
  return fmt::format(
      "classifier 1, hidden {}, batch {}, epochs {}, shift {}, Adam {} {} {} {}, seed {}, images "
      "{}x{}x{} "
      "{:08x}, labels {:08x}",
      fmt::join(t.hidden, "-"), t.batch, t.epochs, t.farthest_shift, t.adam.rate, t.adam.beta1,
      t.adam.beta2, t.adam.epsilon, t.seed, images.count, images.height, images.width,
      crc_of(images.pixels.data(), images.pixels.size()),
      crc_of(data.labels.data(), data.labels.size()));
}

// Of all weights.  A cache of an older version has none, and is taken when its weights are numbers.
std::string checksum(const io::TensorFile& file) {
  std::string sums;
  for (const io::Tensor& tensor : file.tensors)
    sums +=
        fmt::format("{:08x}", crc_of(tensor.values.data(), tensor.values.size() * sizeof(float)));
  return sums;
}

bool is_whole(const io::TensorFile& file) {
  const auto sum = file.metadata.find("crc32");
  return (sum == file.metadata.end() || sum->second == checksum(file)) &&
         std::ranges::all_of(file.tensors, [](const io::Tensor& tensor) {
           return std::ranges::all_of(tensor.values, [](float v) { return std::isfinite(v); });
         });
}

// What the cache holds of that training; nothing when there is none, or it is damaged or cannot be
// read.
std::optional<Classifier> load(const fs::path& path, const model::NetworkShape& shape,
                               const std::string& training) {
  try {
    const io::TensorFile file = io::load_safetensors(path);
    const auto found = file.metadata.find("training");
    if (found == file.metadata.end() || found->second != training || !is_whole(file))
      return std::nullopt;
    return Classifier(shape, file);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

void store(const fs::path& path, const io::TensorFile& file) {
  try {
    fs::create_directories(path.parent_path());
    io::save_safetensors(path, file);
  } catch (const std::runtime_error&) {  // fs::filesystem_error is one, too
  }
}

}  // namespace

std::optional<fs::path> cache_folder() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return fs::path(value == nullptr ? "" : value);
  };
  // A relative one is invalid and ignored, by the XDG Base Directory Specification.
  if (variable("XDG_CACHE_HOME").is_absolute()) return variable("XDG_CACHE_HOME") / "gan_cuda";
  if (variable("HOME").is_absolute()) return variable("HOME") / ".cache" / "gan_cuda";
  return std::nullopt;
}

Classifier cached_classifier(const LabelledImages& data, const std::optional<fs::path>& folder,
                             const EpochObserver& epoch_begins, const std::function<void()>& stop) {
  const ClassifierTraining training;
  const model::NetworkShape shape =
      classifier_shape(data.images.height * data.images.width, training);
  const std::string text = training_text(data, training);
  const fs::path path = folder.value_or("") / fmt::format("classifier-{:08x}.safetensors",
                                                          crc_of(text.data(), text.size()));
  if (folder)
    if (auto cached = load(path, shape, text)) return *std::move(cached);
  io::TensorFile file = train_classifier(data, training, epoch_begins, stop);
  file.metadata = {{"training", text}, {"crc32", checksum(file)}};
  if (folder) store(path, file);
  return {shape, file};
}

}  // namespace gan::eval
