#include "host/cli/model_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "host/base/printable.h"
#include "host/eval/generator_model.h"
#include "host/eval/network_file.h"
#include "host/io/weights.h"
#include "host/run/run_spec.h"

namespace gan::cli {
namespace {

namespace fs = std::filesystem;

void require_finite(const io::TensorFile& weights) {
  for (const io::Tensor& tensor : weights.tensors)
    if (!std::ranges::all_of(tensor.values, [](float v) { return std::isfinite(v); }))
      throw std::runtime_error(tensor.name + " is not all finite numbers");
}

fs::path file_of_run(const fs::path& folder, const std::string& weights) {
  fs::path average = folder / "model_G_ema.safetensors";
  fs::path trained = folder / "model_G.safetensors";
  if (weights == "average" && !fs::exists(average) && fs::exists(trained))
    throw std::runtime_error(folder.string() +
                             " has no moving average (--ema 0); take --weights trained");
  if (weights != "trained" && fs::exists(average)) return average;
  if (!fs::exists(trained))
    throw std::runtime_error(eval::why_no_weights(folder, trained.filename().string()));
  return trained;
}

std::optional<ImageSize> parse_size(const std::string& text) {
  ImageSize size{};
  const char* const end = text.data() + text.size();
  const auto [times, error] = std::from_chars(text.data(), end, size.height);
  if (error != std::errc() || times == end || *times != 'x') return std::nullopt;
  const auto [stop, second] = std::from_chars(times + 1, end, size.width);
  if (second != std::errc() || stop != end || size.height < 1 || size.width < 1)
    return std::nullopt;
  return size;
}

ImageSize image_size(const io::TensorFile& file, int pixels) {
  const auto found = file.metadata.find("image");
  if (found != file.metadata.end()) {
    const std::optional<ImageSize> size = parse_size(found->second);
    if (!size || static_cast<std::int64_t>(size->height) * size->width != pixels)
      throw std::runtime_error(fmt::format("its images of {} cannot have {} pixels",
                                           base::printable(found->second), pixels));
    return *size;
  }
  const int side = static_cast<int>(std::lround(std::sqrt(pixels)));
  if (side * side != pixels)
    throw std::runtime_error(fmt::format(
        "its images have {} pixels, which is not a square number, and it does not say how high and "
        "wide they are (metadata \"image\": \"<height>x<width>\")",
        pixels));
  return {side, side};
}

}  // namespace

ModelFile load_model(const fs::path& path, const std::string& weights,
                     std::optional<double> slope) {
  if (weights != "auto" && weights != "trained" && weights != "average")
    throw base::UsageError("--weights must be auto, trained or average, not " + weights);
  const fs::path file = fs::is_directory(path) ? file_of_run(path, weights) : path;
  std::vector<io::StateDict> states = io::load_state_dicts(file);
  try {
    eval::NetworkFile network = eval::network_of(std::move(states), slope);
    eval::require_generator(network.weights, network.shape);
    require_finite(network.weights);
    const ImageSize image = image_size(network.weights, network.shape.outputs());
    for (std::string& remark : network.remarks)
      remark = fmt::format("{}: {}", file.string(), remark);
    return {file, std::move(network.weights), std::move(network.shape), image,
            std::move(network.remarks)};
  } catch (const base::UsageError&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(
        fmt::format("cannot draw with {}: {}", file.string(), base::reason_of(error)));
  }
}

}  // namespace gan::cli
