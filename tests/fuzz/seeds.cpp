// Writes a small valid file of every binary format into DIR/<target>: what the fuzzers begin with.
#include <zlib.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "host/io/images/image.h"
#include "host/io/npz.h"
#include "host/io/pytorch/pth.h"
#include "host/io/safetensors.h"
#include "host/run/run_spec.h"
#include "tests/io/jpegs.h"
#include "tests/io/pickles.h"

namespace gan {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string idx(unsigned char dimensions) {
  std::string bytes = {0, 0, 8, static_cast<char>(dimensions)};
  for (int i = 0; i < dimensions; ++i) bytes += std::string("\0\0\0\2", 4);
  return bytes + std::string(std::size_t{1} << dimensions, 'x');
}

void write_gzip(const fs::path& path, const std::string& bytes) {
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

void write_all(const fs::path& folder) {
  for (const char* const target :
       {"idx", "image", "safetensors", "pth", "pickle", "npy", "toml", "settings", "checkpoint"})
    fs::create_directories(folder / target);
  write(folder / "idx/images", idx(3));
  write(folder / "idx/labels", idx(1));
  write_gzip(folder / "idx/images.gz", idx(3));
  io::Image picture{5, 3, 3, {}};
  for (std::uint8_t i = 0; i < 45; ++i) picture.pixels.push_back(static_cast<std::uint8_t>(5 * i));
  const auto text = [](const std::vector<std::byte>& bytes) {
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  write(folder / "image/colours.png", text(io::encode_png(picture)));
  write(folder / "image/colours.jpg", text(io::encode_jpeg(picture)));
  const io::TensorFile weights{
      {{"network.0.weight", {2, 3}, {0, 1, 2, 3, 4, 5}}, {"network.0.bias", {2}, {-0.5F, 0.5F}}},
      {{"network", "G"}, {"image", "1x2"}}};
  io::save_safetensors(folder / "safetensors/weights", weights);
  io::save_pth(folder / "pth/weights", weights);
  write(folder / "pickle/by_hand",
        io::state_dict(io::pickled("w") + io::pickled(io::TensorText{})));
  const std::string state = "}(" + io::pickled("w") + io::pickled(io::TensorText{}) + "u";
  write(folder / "pickle/checkpoint", "}(" + io::pickled("G") + state + io::pickled("args") +
                                          io::global("argparse", "Namespace") + ")\x81}b" +
                                          io::pickled("losses") + "](G" + std::string(8, '?') +
                                          "eu.");
  const std::string old =
      std::string("\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15) +
      "\x80\2M\xe9\3.\x80\2}.";
  write(folder / "pth/old",
        old + state + "." + "]." + std::string("\6\0\0\0\0\0\0\0", 8) + io::counting_floats(6));
  const std::vector<std::uint8_t> pixels(12, 7);
  io::save_npz(folder / "npy/images.npz", pixels, {3, 2, 2, 1});
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
  write(folder / "npy/floats.npy", std::string("\x93NUMPY\1\0", 8) +
                                       static_cast<char>(header.size()) + '\0' + header +
                                       io::counting_floats(6));
  run::RunSpec spec;
  spec.data = {"built-in", 60000, 28, 28, 0};
  write(folder / "settings/config.json", nlohmann::json{{"run", to_json(spec)}}.dump());
  write(folder / "settings/evaluations.jsonl", "{\"step\":3,\"weights\":\"trained\"}\n");
  write(folder / "settings/deep.json", std::string(5000, '['));
  write(folder / "toml/deep.toml", "[a.b.c]\nd.e.f = {g.h = [[1.5], ['.'], \"\"\"\n.\"\"\"]}\n");
  write(folder / "checkpoint/small",
        "format=gan_cuda checkpoint 1\nstep=7\ntrain_seconds=1.5\nconfig=" + to_json(spec).dump());
}

}  // namespace
}  // namespace gan

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  gan::write_all(argv[1]);
}
