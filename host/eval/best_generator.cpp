#include "host/eval/best_generator.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <stdexcept>

#include "host/eval/evaluation.h"
#include "host/run/run_folder.h"

namespace gan::eval {

void BestGenerator::resume() {
  if (!std::filesystem::exists(path_)) return;
  const auto metadata = io::load_safetensors(path_).metadata;
  double value = 0;
  try {
    const std::string& text = metadata.at("value");
    const char* const end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || parsed != end || !std::isfinite(value))
      throw std::out_of_range(text);
    if (metadata.at("measure") == metric_.key &&
        metadata.at("samples") == std::to_string(spec_.eval_count))
      best_ = value;
  } catch (const std::out_of_range&) {
    throw std::runtime_error(path_.string() +
                             " is not the best generator of a run; move it away and resume");
  }
}

bool BestGenerator::is_better(double value) const {
  if (!std::isfinite(value)) return false;
  return !best_ || (metric_.better == Better::higher ? value > *best_ : value < *best_);
}

bool BestGenerator::offer(train::Engine& engine, const Candidate& candidate) {
  if (!candidate.value || !is_better(*candidate.value)) return false;
  io::TensorFile file = run::model_of(
      engine.state(), spec_, candidate.weights == run::GeneratorWeights::trained ? "G" : "G_ema");
  file.metadata["step"] = std::to_string(candidate.step);
  file.metadata["weights"] = run::name_of(candidate.weights);
  file.metadata["measure"] = metric_.key;
  file.metadata["value"] = fmt::format("{}", *candidate.value);
  file.metadata["samples"] = std::to_string(spec_.eval_count);
  io::save_safetensors(path_, file);
  best_ = candidate.value;
  return true;
}

}  // namespace gan::eval
