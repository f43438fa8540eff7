// The pickle in a PyTorch file, without the checksum that hides it from a fuzzer.
#include "host/io/pytorch/pickle.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return gan::survives([&] {
    const std::string_view pickle(reinterpret_cast<const char*>(data), size);
    for (const gan::io::PickledState& state : gan::io::parse_state_dicts(pickle))
      for (const gan::io::PickledTensor& tensor : state.tensors)
        if (tensor.offset > tensor.storage_size ||
            tensor.reach > tensor.storage_size - tensor.offset)
          std::abort();
  });
}
