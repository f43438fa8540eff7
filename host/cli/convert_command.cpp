#include "host/cli/convert_command.h"

#include <fmt/format.h>

#include "gan_version.h"
#include "host/base/printable.h"
#include "host/cli/command.h"
#include "host/eval/generator_model.h"
#include "host/eval/network_file.h"
#include "host/io/file_kind.h"
#include "host/io/onnx/onnx.h"
#include "host/io/weights.h"
#include "host/run/run_spec.h"

namespace gan::cli {
namespace {

namespace fs = std::filesystem;

std::string operation(const model::Layer& layer) {
  if (layer.activation == model::Activation::sigmoid) return "Sigmoid";
  return layer.slope == 0 ? "Relu" : "LeakyRelu";
}

// In ONNX a discriminator's output is the probability that an image is real.
io::OnnxNetwork onnx_network(const io::TensorFile& file, const model::NetworkShape& shape) {
  const bool generator = !eval::is_discriminator(file, shape);
  io::OnnxNetwork network{{},
                          generator ? "generator" : "discriminator",
                          generator ? "z" : "images",
                          generator ? "images" : "probability",
                          GAN_VERSION};
  if (shape.classes > 0) network.embedding = "embedding.weight";
  for (std::size_t l = 0; l < shape.layers.size(); ++l)
    network.layers.push_back({fmt::format("network.{}.weight", 2 * l),
                              fmt::format("network.{}.bias", 2 * l), operation(shape.layers[l]),
                              shape.layers[l].slope});
  return network;
}

// The network in the file; or the tensors unchanged, if the file holds no network and only its
// format changes.
io::TensorFile read(const fs::path& from, const fs::path& to, std::optional<double> slope) {
  std::vector<io::StateDict> states = io::load_state_dicts(from);
  const bool copies = states.size() == 1 && states.front().problem.empty() &&
                      io::ending_of(to) != ".onnx" && !slope;
  io::StateDict only = copies ? states.front() : io::StateDict{};
  try {
    eval::NetworkFile network = eval::network_of(std::move(states), slope);
    for (std::string& remark : network.remarks)
      remark = fmt::format("{}: {}", from.string(), remark);
    print_remarks(network.remarks);
    return std::move(network.weights);
  } catch (const base::UsageError&) {
    throw;
  } catch (const std::runtime_error& error) {
    if (copies) return std::move(only.file);
    throw std::runtime_error(
        fmt::format("cannot convert {}: {}", from.string(), base::reason_of(error)));
  }
}

struct Conversion {
  fs::path from, to;
  std::optional<double> slope;
  bool half = false, force = false;
  std::string note;
};

void add_options(CLI::App& app, Conversion& asked) {
  app.add_option("from", asked.from, "Weights: .safetensors, .pth or .pt")->required();
  app.add_option("to", asked.to, "The file to write: .safetensors, .pth, .pt or .onnx")->required();
  app.add_flag("--half", asked.half, "Write 16-bit floats: half the size, for .safetensors only");
  app.add_option("--note", asked.note,
                 "A text for the metadata of a .safetensors file: how its weights were made, say");
  add_slope(app, asked.slope);
  app.add_flag("--force", asked.force, "Replace a file that is there");
}

void check(const Conversion& asked) {
  const std::string ending = io::ending_of(asked.to);
  if (ending != ".pth" && ending != ".pt" && ending != ".safetensors" && ending != ".onnx")
    throw base::UsageError(asked.to.string() + " must end in .safetensors, .pth, .pt or .onnx");
  if (asked.half && ending != ".safetensors")
    throw base::UsageError("--half needs a file that ends in .safetensors, not " +
                           asked.to.string());
  if (!asked.note.empty() && ending != ".safetensors")
    throw base::UsageError("--note needs a file that ends in .safetensors, not " +
                           asked.to.string());
  if (fs::exists(asked.to) && !asked.force)
    throw base::UsageError(asked.to.string() + " is there already; --force replaces it");
}

void convert(const Conversion& asked) {
  io::TensorFile file = read(asked.from, asked.to, asked.slope);
  if (!asked.note.empty()) file.metadata["note"] = asked.note;
  if (io::ending_of(asked.to) == ".onnx") {
    const model::NetworkShape shape = eval::generator_shape(file);
    if (shape.layers.front().activation == model::Activation::maxout)
      throw std::runtime_error(
          fmt::format("cannot convert {} to {}: this program writes no maxout layers there; "
                      "convert it to .safetensors or .pth",
                      asked.from.string(), asked.to.string()));
    return io::save_onnx(asked.to, onnx_network(file, shape), file);
  }
  io::save_weights(asked.to, file, asked.half ? io::ValueType::f16 : io::ValueType::f32);
}

}  // namespace

int convert_command(int argc, const char* const* argv) {
  Conversion asked;
  CLI::App app("Converts weights from one format into another, told by the files' endings.",
               "gan_cuda convert");
  prepare(app);
  app.footer(
      "Examples:\n"
      "  gan_cuda convert runs/first/model_G.safetensors model_G.pth\n"
      "  gan_cuda convert model_G.pth model_G.safetensors\n"
      "  gan_cuda convert runs/first/model_G_ema.safetensors model_G.onnx");
  add_options(app, asked);
  if (const auto help = parse_command(app, argc, argv)) {
    fmt::print("{}", *help);
    return 0;
  }
  check(asked);
  convert(asked);
  return 0;
}

}  // namespace gan::cli
