#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Activations = BackendTest;

// In one array and in two: y and x may alias, and so may dx and dy.
enum class Place { separate, shared };
constexpr Place kPlaces[] = {Place::separate, Place::shared};

// y = operation(x, settings…).
template <class B, class Operation, class... Settings>
Values map(const B& backend, Operation operation, const Values& x, Place place,
           Settings... settings) {
  const Output<B> y = place == Place::shared ? Output<B>(backend, x) : Output<B>(backend, x.size());
  const Input<B> device_x(backend, x);
  const auto* const source = place == Place::shared ? y.get() : device_x.get();
  (backend.*operation)(y.get(), source, x.size(), settings...);
  return y.values();
}

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

TEST_F(Activations, ReluKeepsWhatIsPositive) {
  for (const Place place : kPlaces)
    for (const float slope : kSlopes)
      for (const std::size_t n : kLengths) {
        const Values x = random_values(n, 1);
        EXPECT_TRUE(same(map(backend(), &TestedBackend::relu, x, place, slope),
                         map(reference, &Reference::relu, x, place, double{slope})));
      }
  EXPECT_TRUE(same(map(backend(), &TestedBackend::relu, {-0.0, 0, 1e-45, -1e-45, 3e38, -3e38},
                       Place::separate, 0.0f),
                   {0, 0, static_cast<float>(1e-45), 0, static_cast<float>(3e38), 0}));
}

TEST_F(Activations, ReluGradientPassesWhereTheOutputIsPositive) {
  for (const Place place : kPlaces)
    for (const float slope : kSlopes)
      for (const std::size_t n : kLengths) {
        const Values dy = random_values(n, 1);
        const Values y =
            map(reference, &Reference::relu, random_values(n, 2), Place::separate, double{slope});
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

TEST_F(Activations, Sigmoid) {
  for (const Place place : kPlaces)
    for (const std::size_t n : kLengths) {
      const Values x = random_values(n, 1, -20, 20);
      const Values y = map(reference, &Reference::sigmoid, x, place);
      EXPECT_TRUE(within(map(backend(), &TestedBackend::sigmoid, x, place), y,
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
  const Values y = map(reference, &Reference::sigmoid, floats, Place::separate);
  EXPECT_TRUE(within(map(backend(), &TestedBackend::sigmoid, floats, Place::separate), y,
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
