#include "host/run/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>

#include "gan_version.h"
#include "host/base/atomic_file.h"
#include "host/base/json_text.h"
#include "host/base/printable.h"
#include "host/io/pytorch/pth.h"

namespace gan::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "gan_cuda checkpoint 1";

const std::string& metadata(const io::TensorFile& file, const char* key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end())
    throw std::runtime_error(std::string("no \"") + key + "\" in its metadata");
  return found->second;
}

std::int64_t parse_step(const std::string& text) {
  std::int64_t step = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
  if (error != std::errc() || end != text.data() + text.size() || step < 0)
    throw std::runtime_error("its step is \"" + text + "\"");
  return step;
}

std::optional<double> parse_seconds(const io::TensorFile& file) {
  const auto found = file.metadata.find("train_seconds");
  if (found == file.metadata.end()) return std::nullopt;
  const std::string& text = found->second;
  double seconds = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(seconds) ||
      seconds < 0)
    throw std::runtime_error("its train_seconds is \"" + text + "\"");
  return seconds;
}

// The step of "checkpoint_<step>.safetensors".
std::optional<std::int64_t> step_of_name(const std::string& name) {
  constexpr std::string_view kBegin = "checkpoint_", kEnd = ".safetensors";
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return std::nullopt;
  std::int64_t step = -1;
  const char* const end = name.data() + name.size() - kEnd.size();
  const auto [rest, error] = std::from_chars(name.data() + kBegin.size(), end, step);
  return error == std::errc() && rest == end && step >= 0 ? std::optional(step) : std::nullopt;
}

// The end of an error about the newest checkpoint: names an older one, if there is any.
std::string older_one(const RunFolder& folder) {
  const std::vector<std::int64_t> steps = folder.older_checkpoints();
  if (steps.empty()) return "";
  return "; an older one is there: --resume " + folder.older_checkpoint(steps.back()).string();
}

const char* kind_of(GeneratorWeights weights) {
  return weights == GeneratorWeights::average ? "_ema" : "";
}

RunSpec parse_spec(const std::string& text) {
  try {
    return run_spec_from_json(base::parse_json<nlohmann::json>(text));
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string("its configuration is damaged: ") + error.what());
  }
}

}  // namespace

RunFolder RunFolder::create(const fs::path& path) {
  RunFolder folder(path);
  base::make_folder(path);
  folder.hold();
  // A sweep writes these files first.
  for (const char* const name : {"sweep.json", "configuration.json"})
    if (fs::exists(path / name))
      throw base::UsageError("--out " + path.string() + " belongs to a sweep; name another folder");
  for (const fs::path& file : {folder.config(), folder.metrics(), folder.checkpoint()})
    if (fs::exists(file))
      throw base::UsageError("--out " + path.string() +
                             " holds a run already; resume it with --resume " + path.string() +
                             ", or name another folder");
  base::make_folder(path / "samples");
  return folder;
}

RunFolder RunFolder::create_dated() {
  const fs::path base =
      fs::path("runs") / fmt::format("{:%Y-%m-%d_%H-%M-%S}", fmt::localtime(std::time(nullptr)));
  base::make_folder(base.parent_path());
  fs::path path = base;
  for (int n = 2; !base::make_new_folder(path); ++n) path = fmt::format("{}-{}", base.string(), n);
  return create(path);
}

RunFolder RunFolder::open(const fs::path& path) {
  const bool is_file = fs::is_regular_file(path);
  RunFolder folder(!is_file ? path : path.has_parent_path() ? path.parent_path() : ".");
  if (!is_file && !fs::exists(folder.checkpoint()))
    throw base::UsageError("--resume " + path.string() +
                           ": there is no checkpoint.safetensors in that folder" +
                           older_one(folder));
  folder.hold();
  base::make_folder(folder.path_ / "samples");
  return folder;
}

RunFolder RunFolder::at(const fs::path& path) {
  RunFolder folder(path);
  if (!fs::exists(folder.checkpoint()))
    throw std::runtime_error(
        path.string() + " is not the folder of a run: there is no checkpoint.safetensors in it");
  return folder;
}

void RunFolder::hold() {
  lock_ = std::make_shared<const base::FolderLock>(path_);
  for (const fs::path& folder : {path_, path_ / "samples"}) base::remove_leftovers(folder);
}

std::int64_t RunFolder::epoch_of_sheet(const fs::path& sheet) const {
  const std::string name = sheet.stem().string();
  const std::size_t digits = std::min(name.find_first_of("0123456789"), name.size());
  std::int64_t epoch = 0;
  std::from_chars(name.data() + digits, name.data() + name.size(), epoch);
  for (const auto weights : {GeneratorWeights::trained, GeneratorWeights::average})
    if (sheet == samples(epoch, weights)) return epoch;
  return 0;
}

fs::path RunFolder::older_checkpoint(std::int64_t step) const {
  return path_ / fmt::format("checkpoint_{}.safetensors", step);
}

std::vector<std::int64_t> RunFolder::older_checkpoints() const {
  std::vector<std::int64_t> steps;
  if (!fs::is_directory(path_)) return steps;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_))
    if (const auto step = step_of_name(entry.path().filename().string())) steps.push_back(*step);
  std::ranges::sort(steps);
  return steps;
}

fs::path RunFolder::model(const std::string& network) const {
  return path_ / fmt::format("model_{}.safetensors", network);
}

fs::path RunFolder::samples(std::int64_t epoch, GeneratorWeights weights) const {
  return path_ / "samples" / fmt::format("epoch_{:04}{}.png", epoch, kind_of(weights));
}

fs::path RunFolder::last_samples(std::int64_t step, GeneratorWeights weights) const {
  return path_ / "samples" / fmt::format("step_{}{}.png", step, kind_of(weights));
}

void drop_last_samples(const RunFolder& folder) {
  std::vector<fs::path> last;
  for (const auto& file : fs::directory_iterator(folder.path() / "samples")) {
    const std::string name = file.path().filename().string();
    if (name.starts_with("step_") && name.ends_with(".png")) last.push_back(file.path());
  }
  for (const fs::path& sheet : last) fs::remove(sheet);
}

void save_checkpoint(const fs::path& path, const RunSpec& spec, std::int64_t step,
                     const std::vector<io::Tensor>& state, std::optional<double> train_seconds) {
  io::TensorFile file{state,
                      {{"format", kFormat},
                       {"version", GAN_VERSION},
                       {"step", std::to_string(step)},
                       {"epoch", std::to_string(step / spec.steps_per_epoch())},
                       {"config", to_json(spec).dump()}}};
  if (train_seconds) file.metadata["train_seconds"] = fmt::format("{}", *train_seconds);
  io::save_safetensors(path, file);
}

Checkpoint load_checkpoint(const fs::path& path) {
  io::TensorFile file = io::load_safetensors(path);
  for (const io::Tensor& tensor : file.tensors)
    if (!std::ranges::all_of(tensor.values, [](float v) { return std::isfinite(v); }))
      throw std::runtime_error(fmt::format("{} is damaged: {} is not all finite numbers",
                                           path.string(), base::printable(tensor.name)));
  try {
    if (metadata(file, "format") != kFormat)
      throw std::runtime_error("it is of the format \"" + metadata(file, "format") + "\"");
    return {parse_spec(metadata(file, "config")), parse_step(metadata(file, "step")),
            parse_seconds(file), std::move(file)};
  } catch (const std::exception& error) {
    throw std::runtime_error(path.string() +
                             " is not a checkpoint of this program: " + base::reason_of(error));
  }
}

Checkpoint load_checkpoint_of(const RunFolder& folder, const fs::path& path) {
  try {
    return load_checkpoint(path);
  } catch (const std::runtime_error& error) {
    if (path != folder.checkpoint()) throw;
    throw std::runtime_error(base::reason_of(error) + older_one(folder));
  }
}

void keep_checkpoint(const RunFolder& folder, std::int64_t step) {
  base::write_file(folder.older_checkpoint(step), base::read_file(folder.checkpoint()));
}

void drop_checkpoints(const RunFolder& folder, std::int64_t step, int keep) {
  const std::vector<std::int64_t> steps = folder.older_checkpoints();
  const std::ptrdiff_t before = std::ranges::lower_bound(steps, step) - steps.begin();
  for (std::ptrdiff_t i = 0; i < std::ssize(steps); ++i)
    if (i < before - keep || i >= before)
      fs::remove(folder.older_checkpoint(steps[static_cast<std::size_t>(i)]));
}

void go_back(const RunFolder& folder, const fs::path& older, const RunSpec& spec,
             std::int64_t step) {
  for (const fs::directory_entry& sheet : fs::directory_iterator(folder.path() / "samples"))
    if (folder.epoch_of_sheet(sheet.path()) * spec.steps_per_epoch() > step)
      fs::remove(sheet.path());
  base::write_file(folder.checkpoint(), base::read_file(older));
  drop_checkpoints(folder, step, std::numeric_limits<int>::max());
}

bool drop_best_after(const RunFolder& folder, std::int64_t step) {
  const fs::path best = folder.model("G_best");
  if (!fs::exists(best)) return false;
  const io::TensorFile file = io::load_safetensors(best);
  const auto found = file.metadata.find("step");
  if (found == file.metadata.end() || parse_step(found->second) <= step) return false;
  return fs::remove(best);
}

io::TensorFile model_of(const std::vector<io::Tensor>& state, const RunSpec& spec,
                        const std::string& network) {
  const std::string prefix = network == "D"   ? "discriminator."
                             : network == "G" ? "generator."
                                              : "generator.ema.";
  io::TensorFile file{{}, {{"format", "pt"}, {"network", network}, {"gan_cuda", GAN_VERSION}}};
  const double slope = network == "D" ? spec.discriminator_slope : spec.generator_slope;
  file.metadata["image"] = fmt::format("{}x{}", spec.data.height, spec.data.width);
  if (slope != 0) file.metadata["slope"] = fmt::format("{}", slope);
  if (network == "D" && spec.discriminator_maxout > 1)
    file.metadata["maxout"] = fmt::format("{}", spec.discriminator_maxout);
  if (network != "D" && spec.latent_distribution != model::LatentDistribution::normal)
    file.metadata["latent"] = name_of(spec.latent_distribution);
  if (spec.conditional) file.metadata["classes"] = nlohmann::json(spec.data.classes).dump();
  for (const io::Tensor& tensor : state)
    if (tensor.name.starts_with(prefix + "network.") || tensor.name == prefix + "embedding.weight")
      file.tensors.push_back({tensor.name.substr(prefix.size()), tensor.shape, tensor.values});
  return file;
}

void save_models(const RunFolder& folder, const RunSpec& spec,
                 const std::vector<io::Tensor>& state) {
  for (const char* const network : {"G", "D", "G_ema"}) {
    const io::TensorFile file = model_of(state, spec, network);
    if (!file.tensors.empty()) io::save_safetensors(folder.model(network), file);
  }
  io::save_pth(folder.pytorch_model(), model_of(state, spec, "G"));
}

nlohmann::ordered_json config_json(const RunSpec& spec, const std::string& device_name) {
  return {{"program", "gan_cuda"},
          {"version", GAN_VERSION},
          {"commit", GAN_COMMIT},
          {"device", device_name},
          {"run", to_json(spec)}};
}

nlohmann::ordered_json load_config(const RunFolder& folder) {
  const std::string text = base::read_file(folder.config());
  try {
    auto config = base::parse_json<nlohmann::ordered_json>(text);
    if (!config.is_object() || !config.contains("run"))
      throw std::runtime_error("it has no object \"run\"");
    run_spec_from_json(nlohmann::json(config["run"]));
    return config;
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(folder.config().string() + " is damaged: " + error.what());
  }
}

void save_config(const RunFolder& folder, const RunSpec& spec, const std::string& device_name) {
  base::write_file(folder.config(), config_json(spec, device_name).dump(2) + "\n");
}

}  // namespace gan::run
