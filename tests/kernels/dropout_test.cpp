#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using DropoutTest = BackendTest;

struct Draw {
  std::size_t first = 0;
  std::uint64_t step = 3;
  RandomSource source = {.seed = 5, .stream = RandomStream::dropout};
};

// In one array if `shared`: y and x may alias.
enum class Place { separate, shared };

template <class B>
Values dropout(const B& backend, const Values& x, double rate, Draw draw = {},
               Place place = Place::separate) {
  const Output<B> y = place == Place::shared ? Output<B>(backend, x) : Output<B>(backend, x.size());
  const Input<B> device_x(backend, x);
  const Input<B, Clock> clock(backend, std::vector<Clock>{{draw.step, 0, 0, 0}});
  backend.dropout(y.get(), place == Place::shared ? y.get() : device_x.get(), x.size(),
                  static_cast<typename B::Real>(rate), draw.source, clock.get(), draw.first);
  return y.values();
}

TEST_F(DropoutTest, IsTheReference) {
  for (const Place place : {Place::separate, Place::shared})
    for (const std::size_t first : {0, 1, 2, 3, 4, 1021, 60'000})
      for (const std::size_t n : kLengths) {
        SCOPED_TRACE(testing::Message() << n << " values from word " << first);
        const Values x = random_values(n, 1);
        const Values expected = dropout(reference, x, 0.375, {first}, place);
        EXPECT_TRUE(within(dropout(backend(), x, 0.375, {first}, place), expected,
                           bound_of(expected, tolerance::kDropout)));
      }
}

// Where the first word lies inside of a Philox block, a value more needs a thread more, or a block
// of threads.
TEST_F(DropoutTest, ReachesTheLastValueWhereverItBegins) {
  for (std::size_t first = 0; first < 8; ++first)
    for (const std::size_t n : {1020, 1021, 1022, 1023, 1024}) {
      SCOPED_TRACE(testing::Message() << n << " values from word " << first);
      const Values x = random_values(n, 1);
      EXPECT_TRUE(same(dropout(backend(), x, 0.5, {first}), dropout(reference, x, 0.5, {first})));
    }
}

TEST_F(DropoutTest, KeepsItsShareAndTheMean) {
  constexpr std::size_t kCount = 100'000;
  for (const double rate : {0.125, 0.5, 0.875}) {
    const Values y = dropout(backend(), Values(kCount, 1), rate);
    double kept = 0;
    for (const double value : y) {
      EXPECT_TRUE(value == 0 || std::abs(value * (1 - rate) - 1) <= tolerance::kDropout) << value;
      kept += value != 0 ? 1 : 0;
    }
    const double deviation = std::sqrt(rate * (1 - rate) / kCount);
    EXPECT_NEAR(kept / kCount, 1 - rate, 4 * deviation);
  }
}

TEST_F(DropoutTest, AtRateZeroIsTheInput) {
  const Values x = random_values(1000, 1);
  EXPECT_TRUE(same(dropout(backend(), x, 0), x));
}

// A word belongs to a value's number and to the step, wherever the pass begins.
TEST_F(DropoutTest, MasksDependOnWhatTheyShould) {
  const Values ones(400, 1);
  const Values all = dropout(backend(), ones, 0.5);
  for (const std::size_t first : {1, 5, 128})
    EXPECT_TRUE(same(dropout(backend(), Values(200, 1), 0.5, {first}),
                     {all.data() + first, all.data() + first + 200}));
  const RandomSource source{.seed = 5, .stream = RandomStream::dropout};
  EXPECT_FALSE(same(dropout(backend(), ones, 0.5, {0, 4}), all));
  EXPECT_FALSE(same(dropout(backend(), ones, 0.5, {0, 3, {6, source.stream}}), all));
  EXPECT_FALSE(same(dropout(backend(), ones, 0.5, {0, 3, {5, RandomStream::latent}}), all));
}

}  // namespace
}  // namespace gan
