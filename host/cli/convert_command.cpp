#include "host/cli/convert_command.h"

#include <fmt/format.h>

#include "gan_version.h"
#include "host/cli/command.h"
#include "host/eval/generator_model.h"
#include "host/eval/network_file.h"
#include "host/io/file_kind.h"
#include "host/io/onnx/onnx.h"
#include "host/base/printable.h"
#include "host/io/weights.h"
#include "host/run/run_spec.h"

namespace gan {
namespace {

namespace fs = std::filesystem;

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

// The network in the file or, where the file is to be only written in another format, what tensors
// it has.
TensorFile read(const fs::path& from, const fs::path& to, std::optional<double> slope) {
  std::vector<StateDict> states = load_state_dicts(from);
  const bool copies =
      states.size() == 1 && states.front().problem.empty() && ending_of(to) != ".onnx" && !slope;
  StateDict only = copies ? states.front() : StateDict{};
  try {
    NetworkFile network = network_of(std::move(states), slope);
    for (std::string& remark : network.remarks)
      remark = fmt::format("{}: {}", from.string(), remark);
    print_remarks(network.remarks);
    return std::move(network.weights);
  } catch (const UsageError&) {
    throw;
  } catch (const std::runtime_error& error) {
    if (copies) return std::move(only.file);
    throw std::runtime_error(fmt::format("cannot convert {}: {}", from.string(), reason_of(error)));
  }
}

void convert(const fs::path& from, const fs::path& to, std::optional<double> slope) {
  const TensorFile file = read(from, to, slope);
  if (ending_of(to) != ".onnx") return save_weights(to, file);
  save_onnx(to, onnx_network(file, generator_shape(file)), file);
}

}  // namespace

int convert_command(int argc, const char* const* argv) {
  fs::path from, to;
  std::optional<double> slope;
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
  add_slope(app, slope);
  app.add_flag("--force", force, "Replace a file that is there");
  if (const auto help = parse_command(app, argc, argv)) {
    fmt::print("{}", *help);
    return 0;
  }
  const std::string ending = ending_of(to);
  if (ending != ".pth" && ending != ".pt" && ending != ".safetensors" && ending != ".onnx")
    throw UsageError(to.string() + " must end in .safetensors, .pth, .pt or .onnx");
  if (fs::exists(to) && !force)
    throw UsageError(to.string() + " is there already; --force replaces it");
  convert(from, to, slope);
  return 0;
}

}  // namespace gan
