// IDX files of images and of labels, plain and gzip.
#include "host/data/idx.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path = gan::fuzz_file(data, size, ".idx");
  gan::survives([&] { gan::data::read_idx_image_shape(path); });
  gan::survives([&] { gan::data::read_idx_images(path); });
  return gan::survives([&] { gan::data::read_idx_labels(path); });
}
