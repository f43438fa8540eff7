// Files of settings: recipes, and the plans of sweeps.
#include "host/run/recipes.h"
#include "host/sweep/sweep_plan.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path = gan::fuzz_file(data, size, ".toml");
  gan::survives([&] {
    gan::run::RunSpec spec;
    gan::run::apply_config(spec, {}, path);
  });
  return gan::survives([&] { gan::sweep::read_sweep(path); });
}
