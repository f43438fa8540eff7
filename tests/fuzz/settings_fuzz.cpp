// JSON that describes a run: config.json as it is given and as it is stored, and the evaluations of
// a run.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "host/io/evaluations.h"
#include "host/run/recipes.h"
#include "host/run/run_folder.h"
#include "tests/fuzz/fuzz.h"

namespace {

// What is taken can be counted with.
void require_possible(const gan::run::RunSpec& spec) {
  if (spec.steps_per_epoch() < 1 || spec.total_steps() < 1 || spec.data.pixels() < 1) std::abort();
  gan::run::validate(spec);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path = gan::fuzz_file(data, size, ".json");
  gan::survives([&] {
    gan::run::RunSpec spec;
    gan::run::apply_config(spec, {}, path);
  });
  static const auto folder = std::filesystem::path(path).replace_extension(".run");
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(path, folder / "config.json",
                             std::filesystem::copy_options::overwrite_existing);
  std::ofstream(folder / "checkpoint.safetensors").flush();
  gan::survives([&] {
    const auto config = gan::run::load_config(gan::run::RunFolder::at(folder));
    require_possible(gan::run::run_spec_from_json(nlohmann::json(config["run"])));
  });
  return gan::survives([&] { gan::io::EvaluationsFile::resume(path, 5); });
}
