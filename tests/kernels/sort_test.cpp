// The device sort that the CUDA backend's batch order rests on.
#include "kernels/cuda/sort.h"

#include <algorithm>

#include "tests/kernels/arrays.h"
#include "tests/kernels/backends.h"

namespace gan {
namespace {

using Sort = BackendTest;

// With keys that differ in their high and in their low word, and that come several times each.
TEST_F(Sort, IsStable) {
  constexpr int kCount = 1000;
  std::vector<std::uint64_t> keys(kCount);
  std::vector<std::uint32_t> values(kCount);
  std::mt19937 words(1);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    keys[i] = static_cast<std::uint64_t>(words() % 5) << 62 | words() % 7;
    values[i] = i;
  }
  const Input<CudaBackend, std::uint64_t> keys_in(backend(), keys, Start::aligned);
  const Input<CudaBackend, std::uint32_t> values_in(backend(), values, Start::aligned);
  const Output<CudaBackend, std::uint64_t> keys_out(backend(), kCount);
  const Output<CudaBackend, std::uint32_t> values_out(backend(), kCount);
  const std::size_t bytes = cuda::sort_pairs_storage(kCount);
  const auto storage = backend().allocate<std::uint8_t>(bytes);
  cuda::sort_pairs(storage.get(), bytes, keys_in.get(), keys_out.get(), values_in.get(),
                   values_out.get(), kCount, backend().stream);

  std::stable_sort(values.begin(), values.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return keys[a] < keys[b]; });
  EXPECT_EQ(values_out.read(), values);
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys_out.read(), keys);
}

}  // namespace
}  // namespace gan
