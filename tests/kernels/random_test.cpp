#include "kernels/random.h"

#include <gtest/gtest.h>

#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"

namespace gan {
namespace {

using Random = BackendTest;

constexpr std::uint64_t kFarStep = (std::uint64_t{1} << 40) + 7;
constexpr RandomSource kSource{.seed = 0x9E3779B97F4A7C15, .stream = RandomStream::latent};

template <class B>
Values normal(const B& backend, std::size_t n, RandomSource source, std::uint64_t step) {
  const Output<B> z(backend, n);
  const Input<B, Clock> clock(backend, std::vector<Clock>{{step, 0, 0, 0}});
  backend.normal(z.get(), n, source, clock.get());
  return z.values();
}

template <class B>
Values uniform(const B& backend, std::size_t n, RandomSource source, std::uint64_t step,
               float bound) {
  const Output<B> w(backend, n);
  backend.uniform(w.get(), n, bound, source, step);
  return w.values();
}

template <class B>
Values uniform_noise(const B& backend, std::size_t n, RandomSource source, std::uint64_t step,
                     float bound) {
  const Output<B> z(backend, n);
  const Input<B, Clock> clock(backend, std::vector<Clock>{{step, 0, 0, 0}});
  backend.uniform_noise(z.get(), n, bound, source, clock.get());
  return z.values();
}

template <class B>
std::vector<std::uint32_t> permutation(const B& backend, int n, RandomSource source,
                                       std::uint64_t epoch) {
  const Output<B, std::uint32_t> order(backend, static_cast<std::size_t>(n));
  const std::size_t bytes = backend.permutation_storage(n);
  const auto memory = backend.template allocate<std::uint8_t>(bytes + 255);
  const std::vector<std::uint8_t> dirty(bytes + 255, 0xBC);
  backend.upload(memory.get(), dirty.data(), dirty.size());
  const std::size_t padding = -reinterpret_cast<std::uintptr_t>(memory.get()) % 256;
  backend.permutation(order.get(), memory.get() + padding, n, source, epoch);

  std::vector<std::uint8_t> after(dirty.size());
  backend.download(after.data(), memory.get(), after.size());
  EXPECT_TRUE(
      std::equal(dirty.begin() + padding + bytes, dirty.end(), after.begin() + padding + bytes))
      << "written behind the storage for " << n;
  return order.read();
}

// Draws that differ in one thing each.
struct Draw {
  RandomSource source;
  std::uint64_t step;
};
constexpr Draw kDraws[] = {{{0, RandomStream::generator_weights}, 0},
                           {{1, RandomStream::generator_weights}, 0},
                           {{std::uint64_t{1} << 32, RandomStream::generator_weights}, 0},
                           {{0, RandomStream::discriminator_weights}, 0},
                           {{0, RandomStream::generator_weights}, 1},
                           {{0, RandomStream::generator_weights}, kFarStep}};

// The noise of a step is what uniform draws for it.
TEST_F(Random, UniformNoiseIsThatOfTheClocksStep) {
  for (const std::size_t n : {0, 1, 5, 1023, 1025})
    for (const std::uint64_t step : {std::uint64_t{0}, kFarStep})
      EXPECT_TRUE(same(uniform_noise(backend(), n, kSource, step, 1.75f),
                       uniform(reference, n, kSource, step, 1.75f)));
}

TEST_F(Random, NormalIsTheReferenceToTheBit) {
  for (const std::size_t n : kLengths)
    EXPECT_TRUE(
        same(normal(backend(), n, kSource, kFarStep), normal(reference, n, kSource, kFarStep)));
  for (const Draw& draw : kDraws)
    EXPECT_TRUE(same(normal(backend(), 9, draw.source, draw.step),
                     normal(reference, 9, draw.source, draw.step)));
}

TEST_F(Random, UniformIsTheReferenceToTheBit) {
  for (const std::size_t n : kLengths)
    EXPECT_TRUE(same(uniform(backend(), n, kSource, kFarStep, 0.0625f),
                     uniform(reference, n, kSource, kFarStep, 0.0625f)));
  for (const Draw& draw : kDraws)
    EXPECT_TRUE(same(uniform(backend(), 9, draw.source, draw.step, 0.1f),
                     uniform(reference, 9, draw.source, draw.step, 0.1f)));
}

TEST_F(Random, EveryDrawIsItsOwn) {
  for (const Draw& a : kDraws)
    for (const Draw& b : kDraws) {
      if (&a == &b) continue;
      EXPECT_FALSE(
          same(normal(backend(), 9, a.source, a.step), normal(backend(), 9, b.source, b.step)));
      EXPECT_FALSE(same(uniform(backend(), 9, a.source, a.step, 1),
                        uniform(backend(), 9, b.source, b.step, 1)));
      EXPECT_NE(permutation(backend(), 40, a.source, a.step),
                permutation(backend(), 40, b.source, b.step));
    }
}

TEST_F(Random, AValueDoesNotDependOnHowManyAreDrawn) {
  const Values all = normal(backend(), 1030, kSource, 3);
  for (const std::size_t n : {1, 2, 3, 4, 5, 1023, 1025})
    EXPECT_TRUE(same(normal(backend(), n, kSource, 3), {all.data(), all.data() + n}));
}

TEST_F(Random, PermutationIsTheReference) {
  for (const int n : {0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 5001})
    for (const std::uint64_t epoch : {std::uint64_t{0}, std::uint64_t{1}, kFarStep})
      EXPECT_EQ(permutation(backend(), n, kSource, epoch),
                permutation(reference, n, kSource, epoch));
}

// Three pairs of these keys differ in their lower words alone.
TEST_F(Random, PermutationSortsByWholeKeys) {
  EXPECT_EQ(permutation(backend(), 60'001, kSource, 2), permutation(reference, 60'001, kSource, 2));
}

}  // namespace
}  // namespace gan
