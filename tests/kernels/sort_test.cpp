// The device sort that the CUDA backend's batch order rests on.
#include "kernels/cuda/sort.h"

#include <algorithm>

#include "kernels/cpu/random.h"
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
  const Input<gpu::CudaBackend, std::uint64_t> keys_in(backend(), keys, Start::aligned);
  const Input<gpu::CudaBackend, std::uint32_t> values_in(backend(), values, Start::aligned);
  const Output<gpu::CudaBackend, std::uint64_t> keys_out(backend(), kCount);
  const Output<gpu::CudaBackend, std::uint32_t> values_out(backend(), kCount);
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

// The keys lie at the front of the storage, whole, and nothing is written between them and the next
// array.  (The order itself tells little about their lower words.)
TEST_F(Sort, OfAPermutationIsByItsRandomKeys) {
  constexpr RandomSource kSource{.seed = 3, .stream = RandomStream::batch_order};
  constexpr std::uint64_t kEpoch = 4;
  for (const int count : {1, 2, 5, 255, 511, 514}) {
    SCOPED_TRACE(testing::Message() << count << " keys");
    const std::size_t n = static_cast<std::size_t>(count);
    const std::vector<std::uint8_t> dirty(backend().permutation_storage(count), 0xBC);
    const auto storage = backend().allocate<std::uint8_t>(dirty.size());
    backend().upload(storage.get(), dirty.data(), dirty.size());
    const auto order = backend().allocate<std::uint32_t>(n);
    backend().permutation(order.get(), storage.get(), count, kSource, kEpoch);

    std::vector<std::uint64_t> keys((n * 8 + 255) / 256 * 32);
    backend().download(reinterpret_cast<std::uint8_t*>(keys.data()), storage.get(),
                       keys.size() * 8);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto words = philox(kSource, kEpoch, i / 2);
      const std::uint64_t drawn =
          words[i % 2 * 2] | static_cast<std::uint64_t>(words[i % 2 * 2 + 1]) << 32;
      EXPECT_EQ(keys[i], i < n ? drawn : 0xBCBCBCBCBCBCBCBC) << i;
    }
  }
}

}  // namespace
}  // namespace gan
