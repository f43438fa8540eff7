// PNG and JPEG files, as folders of images hold them.
#include "host/io/images/grey_image.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path = gan::fuzz_file(data, size, ".img");
  return gan::survives([&] { gan::io::read_grey_image(path); });
}
