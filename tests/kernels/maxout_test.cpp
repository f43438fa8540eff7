#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Maxout = BackendTest;

struct Size {
  int B, N, pieces;

  std::size_t units() const { return static_cast<std::size_t>(B) * static_cast<std::size_t>(N); }
  std::size_t values() const { return units() * static_cast<std::size_t>(pieces); }
  std::size_t biases() const {
    return static_cast<std::size_t>(N) * static_cast<std::size_t>(pieces);
  }
};
// Around the 256 units of a block.
constexpr Size kSizes[] = {{0, 3, 2},   {1, 1, 5},   {3, 5, 2},   {5, 51, 5},
                           {1, 256, 3}, {2, 128, 1}, {1, 257, 2}, {9, 240, 5}};

void PrintTo(const Size& size, std::ostream* out) {
  *out << size.B << "×" << size.N << ", " << size.pieces << " pieces";
}

struct Result {
  Values y, z;
};

template <class B>
Result bias_maxout(const B& backend, const Values& z, const Values& b, Size size) {
  const Output<B> y(backend, size.units()), device_z(backend, z);
  const Input<B> device_b(backend, b);
  backend.bias_maxout(y.get(), device_z.get(), device_b.get(), size.B, size.N, size.pieces);
  return {y.values(), device_z.values()};
}

template <class B>
Values gradient(const B& backend, const Values& dy, const Values& z, Size size) {
  const Output<B> dz(backend, z.size());
  const Input<B> device_dy(backend, dy), device_z(backend, z);
  backend.maxout_gradient(dz.get(), device_dy.get(), device_z.get(), size.B, size.N, size.pieces);
  return dz.values();
}

template <class B>
Values select(const B& backend, const Values& x, const Values& z, Size size) {
  const Output<B> y(backend, size.units());
  const Input<B> device_x(backend, x), device_z(backend, z);
  backend.maxout_select(y.get(), device_x.get(), device_z.get(), size.B, size.N, size.pieces);
  return y.values();
}

// Multiples of 1/8, of which many are equal, and whose sums are exact.
Values eighths(std::size_t n, std::uint32_t seed) {
  Values values = random_values(n, seed, -2, 2);
  for (double& value : values) value = std::round(value * 8) / 8;
  return values;
}

TEST_F(Maxout, TakesTheLargestOfEveryUnit) {
  for (const Size size : kSizes) {
    SCOPED_TRACE(testing::PrintToString(size));
    const Values z = eighths(size.values(), 1);
    const Values b = eighths(size.biases(), 2);
    const Result actual = bias_maxout(backend(), z, b, size);
    const Result expected = bias_maxout(reference, z, b, size);
    EXPECT_TRUE(same(actual.y, expected.y));
    EXPECT_TRUE(same(actual.z, expected.z));
  }
}

TEST_F(Maxout, GradientGoesWhereTheLargestIs) {
  for (const Size size : kSizes) {
    SCOPED_TRACE(testing::PrintToString(size));
    const Values z = eighths(size.values(), 1), dy = random_values(size.units(), 3);
    EXPECT_TRUE(same(gradient(backend(), dy, z, size), gradient(reference, dy, z, size)));
  }
}

TEST_F(Maxout, SelectsWhereTheLargestIs) {
  for (const Size size : kSizes) {
    SCOPED_TRACE(testing::PrintToString(size));
    const Values z = eighths(size.values(), 1), x = random_values(size.values(), 3);
    EXPECT_TRUE(same(select(backend(), x, z, size), select(reference, x, z, size)));
  }
}

// Of equals the first; biases belong to pieces.
TEST_F(Maxout, ByHand) {
  constexpr Size kSize{2, 2, 3};
  const Values z = {1, 5, 5, 0, -1, -2, -3, -3, -4, 7, 8, 8};
  const Result result =
      bias_maxout(backend(), {1, 5, 4, 0, -2, -2, -3, -3, -5, 7, 7, 8}, {0, 0, 1, 0, 1, 0}, kSize);
  EXPECT_EQ(result.z, z);
  EXPECT_EQ(result.y, (Values{5, 0, -3, 8}));
  EXPECT_EQ(gradient(backend(), {1, 2, 3, 4}, z, kSize),
            (Values{0, 1, 0, 2, 0, 0, 3, 0, 0, 0, 4, 0}));
  EXPECT_EQ(select(backend(), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, z, kSize),
            (Values{2, 4, 7, 11}));
}

}  // namespace
}  // namespace gan
