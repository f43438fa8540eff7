// PyTorch's files: the zip archive around the pickle and the values.
#include "host/io/pytorch/pth.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path = gan::fuzz_file(data, size, ".pth");
  return gan::survives([&] { gan::io::load_pth_states(path); });
}
