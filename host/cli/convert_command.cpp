#include "host/cli/convert_command.h"

#include <fmt/format.h>

#include "gan_version.h"
#include "host/cli/command.h"
#include "host/cli/messages.h"
#include "host/eval/generator_model.h"
#include "host/io/onnx.h"
#include "host/io/weights.h"
#include "host/model/run_spec.h"

namespace gan {
namespace {

namespace fs = std::filesystem;

bool is_pytorch(const fs::path& path) {
  return path.extension() == ".pth" || path.extension() == ".pt";
}

std::string operation(const Layer& layer) {
  if (layer.activation == Activation::sigmoid) return "Sigmoid";
  return layer.slope == 0 ? "Relu" : "LeakyRelu";
}

// A discriminator gives the probability that an image is real.
OnnxNetwork onnx_network(const TensorFile& file, const NetworkShape& shape) {
  const bool generator = !is_discriminator(file, shape);
  OnnxNetwork network{{},
                      generator ? "generator" : "discriminator",
                      generator ? "z" : "images",
                      generator ? "images" : "probability",
                      GAN_VERSION};
  for (std::size_t l = 0; l < shape.layers.size(); ++l)
    network.layers.push_back({fmt::format("network.{}.weight", 2 * l),
                              fmt::format("network.{}.bias", 2 * l), operation(shape.layers[l]),
                              shape.layers[l].slope});
  return network;
}

void write_onnx(const fs::path& from, const fs::path& to, const TensorFile& file) {
  const NetworkShape shape = [&] {
    try {
      return generator_shape(file);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(fmt::format("cannot convert {}: {}", from.string(), error.what()));
    }
  }();
  save_onnx(to, onnx_network(file, shape), file);
}

void convert(const fs::path& from, const fs::path& to) {
  const TensorFile file = load_weights(from);
  if (to.extension() == ".onnx") return write_onnx(from, to, file);
  save_weights(to, file);
  const auto slope = file.metadata.find("slope");
  if (is_pytorch(to) && slope != file.metadata.end())
    tell(
        fmt::format("{} has no place for metadata: its hidden layers are LeakyReLU with the "
                    "slope {}, which whoever loads it must know",
                    to.string(), slope->second));
}

}  // namespace

int convert_command(int argc, const char* const* argv) {
  fs::path from, to;
  bool force = false;
  CLI::App app("Converts weights from one format into another, told by the files' endings.",
               "gan_cuda convert");
  prepare(app);
  app.footer(
      "Examples:\n"
      "  gan_cuda convert runs/first/model_G.safetensors model_G.pth\n"
      "  gan_cuda convert model_G.pth model_G.safetensors\n"
      "  gan_cuda convert runs/first/model_G_ema.safetensors model_G.onnx");
  app.add_option("from", from, "Weights: .safetensors, .pth or .pt")->required();
  app.add_option("to", to, "The file to write: .safetensors, .pth, .pt or .onnx")->required();
  app.add_flag("--force", force, "Replace a file that is there");
  if (const auto help = parse_command(app, argc, argv)) {
    fmt::print("{}", *help);
    return 0;
  }
  if (!is_pytorch(to) && to.extension() != ".safetensors" && to.extension() != ".onnx")
    throw UsageError(to.string() + " must end in .safetensors, .pth, .pt or .onnx");
  if (fs::exists(to) && !force)
    throw UsageError(to.string() + " is there already; --force replaces it");
  convert(from, to);
  return 0;
}

}  // namespace gan
