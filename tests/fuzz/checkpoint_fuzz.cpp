// Checkpoints whose metadata anybody may have written: "key=value", a line each.  A value is what
// the file says, so line ends within one are \n.
#include <string_view>

#include "host/run/run_folder.h"
#include "tests/fuzz/fuzz.h"

namespace {

gan::io::TensorFile checkpoint_of(std::string_view text) {
  gan::io::TensorFile file{{{"a", {2}, {1, 2}}}, {}};
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos)
      file.metadata[std::string(line.substr(0, equals))] = line.substr(equals + 1);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path = gan::fuzz_file(nullptr, 0, ".safetensors");
  return gan::survives([&] {
    gan::io::save_safetensors(path, checkpoint_of({reinterpret_cast<const char*>(data), size}));
    const gan::run::Checkpoint checkpoint = gan::run::load_checkpoint(path);
    if (checkpoint.step < 0 || checkpoint.spec.steps_per_epoch() < 1) std::abort();
    checkpoint.spec.step_settings();
    gan::run::model_of(checkpoint.state.tensors, checkpoint.spec, "G");
  });
}
