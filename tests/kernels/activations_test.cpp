#include <cmath>

#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Activations = BackendTest;

// In one array and in two: dx and dy may alias.
enum class Place { separate, shared };
constexpr Place kPlaces[] = {Place::separate, Place::shared};

// operation(x + b, settings…) in every row of x, which are as long as b.
template <class B, class Operation, class... Settings>
Values activated(const B& backend, Operation operation, const Values& x, const Values& b,
                 Settings... settings) {
  const Output<B> y(backend, x);
  const Input<B> device_b(backend, b);
  const int N = static_cast<int>(b.size()), rows = N == 0 ? 3 : static_cast<int>(x.size()) / N;
  (backend.*operation)(y.get(), device_b.get(), rows, N, settings...);
  return y.values();
}

// Numbers so short that sums of two are exact.
Values short_values(std::size_t n, std::uint32_t seed, double largest) {
  Values values = random_values(n, seed, -largest, largest);
  for (double& value : values) value = std::round(value * 0x1p10) * 0x1p-10;
  return values;
}

struct Shape {
  std::size_t B, N;
};
// Around the 256 threads of a block of the CUDA kernel.
constexpr Shape kShapes[] = {{1, 1},   {3, 129}, {127, 785}, {257, 1}, {1, 257},
                             {1, 256}, {65, 63}, {0, 5},     {3, 0}};

// dx = operation(dy, y, settings…).
template <class B, class Operation, class... Settings>
Values map_back(const B& backend, Operation operation, const Values& dy, const Values& y,
                Place place, Settings... settings) {
  const Output<B> dx =
      place == Place::shared ? Output<B>(backend, dy) : Output<B>(backend, dy.size());
  const Input<B> device_dy(backend, dy), device_y(backend, y);
  const auto* const source = place == Place::shared ? dx.get() : device_dy.get();
  (backend.*operation)(dx.get(), source, device_y.get(), dy.size(), settings...);
  return dx.values();
}

// Slopes that make of a product of two floats one float: none of the results is rounded.
constexpr float kSlopes[] = {0, 0.25f};

TEST_F(Activations, ReluKeepsWhatIsPositiveOfTheSum) {
  for (const float slope : kSlopes)
    for (const Shape shape : kShapes) {
      const Values x = short_values(shape.B * shape.N, 1, 1), b = short_values(shape.N, 2, 1);
      EXPECT_TRUE(same(activated(backend(), &TestedBackend::bias_relu, x, b, slope),
                       activated(reference, &Reference::bias_relu, x, b, double{slope})));
    }
  EXPECT_TRUE(same(activated(backend(), &TestedBackend::bias_relu,
                             {-0.0, 0, 1e-45, -1e-45, 3e38, -3e38}, Values{0}, 0.0f),
                   {0, 0, static_cast<float>(1e-45), 0, static_cast<float>(3e38), 0}));
}

TEST_F(Activations, ReluGradientPassesWhereTheOutputIsPositive) {
  for (const Place place : kPlaces)
    for (const float slope : kSlopes)
      for (const std::size_t n : kLengths) {
        const Values dy = random_values(n, 1);
        const Values y = activated(reference, &Reference::bias_relu, random_values(n, 2), Values{0},
                                   double{slope});
        EXPECT_TRUE(
            same(map_back(backend(), &TestedBackend::relu_gradient, dy, y, place, slope),
                 map_back(reference, &Reference::relu_gradient, dy, y, place, double{slope})));
      }
}

TEST_F(Activations, ReluPassesTheSlopeWhereTheOutputIsZero) {
  EXPECT_TRUE(same(map_back(backend(), &TestedBackend::relu_gradient, {3, 3, 3}, {0, -0.0, 1e-45},
                            Place::separate, 0.25f),
                   {0.75, 0.75, 3}));
}

TEST_F(Activations, SigmoidOfTheSum) {
  for (const Shape shape : kShapes) {
    const Values x = short_values(shape.B * shape.N, 1, 15), b = short_values(shape.N, 2, 5);
    const Values y = activated(reference, &Reference::bias_sigmoid, x, b);
    EXPECT_TRUE(within(activated(backend(), &TestedBackend::bias_sigmoid, x, b), y,
                       bound_of(y, tolerance::kSigmoid, tolerance::kSigmoidAbsolute)));
  }
}

TEST_F(Activations, SigmoidStaysFiniteFarOut) {
  const Values x = {0,   -0.0, 1e-30, 16.7, -16.7, 86,   -86,  89,
                    -89, 104,  -104,  1e4,  -1e4,  3e38, -3e38};
  const Values floats = [&] {
    const std::vector<float> rounded(x.begin(), x.end());
    return Values(rounded.begin(), rounded.end());
  }();
  const Values y = activated(reference, &Reference::bias_sigmoid, floats, Values{0});
  EXPECT_TRUE(within(activated(backend(), &TestedBackend::bias_sigmoid, floats, Values{0}), y,
                     bound_of(y, tolerance::kSigmoid, tolerance::kSigmoidAbsolute)));
}

TEST_F(Activations, SigmoidGradient) {
  for (const Place place : kPlaces)
    for (const std::size_t n : kLengths) {
      const Values dy = random_values(n, 1), y = random_values(n, 2, 0, 1);
      const Values dx = map_back(reference, &Reference::sigmoid_gradient, dy, y, place);
      EXPECT_TRUE(within(map_back(backend(), &TestedBackend::sigmoid_gradient, dy, y, place), dx,
                         bound_of(dx, tolerance::kSigmoidGradient)));
    }
}

}  // namespace
}  // namespace gan
