// NumPy's arrays, as .npy and, where the bytes are an archive, as .npz.
#include <algorithm>

#include "host/io/array_file.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kMost = 1 << 20;  // values; a few bytes can hold many of them packed
  const bool archive = size > 1 && data[0] == 'P' && data[1] == 'K';
  const auto path = gan::fuzz_file(data, size, archive ? ".npz" : ".npy");
  return gan::survives([&] {
    gan::io::ArrayFile array(path);
    array.read(std::min(array.count(), kMost));
  });
}
