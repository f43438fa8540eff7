// What is read as safetensors is written and read again as the same.
#include "host/io/safetensors.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path = gan::fuzz_file(data, size, ".safetensors");
  return gan::survives([&] {
    const gan::io::TensorFile file = gan::io::load_safetensors(path);
    gan::io::save_safetensors(path, file);
    const gan::io::TensorFile again = gan::io::load_safetensors(path);
    if (again.metadata != file.metadata || again.tensors.size() != file.tensors.size())
      std::abort();
  });
}
