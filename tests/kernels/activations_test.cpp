#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Activations = BackendTest;

// In one array and in two: y and x may alias, and so may dx and dy.
enum class Place { separate, shared };
constexpr Place kPlaces[] = {Place::separate, Place::shared};

// y = operation(x).
template <class B, class Operation>
Values map(const B& backend, Operation operation, const Values& x, Place place) {
  const Output<B> y = place == Place::shared ? Output<B>(backend, x) : Output<B>(backend, x.size());
  const Input<B> device_x(backend, x);
  const auto* const source = place == Place::shared ? y.get() : device_x.get();
  (backend.*operation)(y.get(), source, x.size());
  return y.values();
}

// dx = operation(dy, y).
template <class B, class Operation>
Values map_back(const B& backend, Operation operation, const Values& dy, const Values& y,
                Place place) {
  const Output<B> dx =
      place == Place::shared ? Output<B>(backend, dy) : Output<B>(backend, dy.size());
  const Input<B> device_dy(backend, dy), device_y(backend, y);
  const auto* const source = place == Place::shared ? dx.get() : device_dy.get();
  (backend.*operation)(dx.get(), source, device_y.get(), dy.size());
  return dx.values();
}

TEST_F(Activations, ReluKeepsWhatIsPositive) {
  for (const Place place : kPlaces)
    for (const std::size_t n : kLengths) {
      const Values x = random_values(n, 1);
      EXPECT_TRUE(same(map(backend(), &TestedBackend::relu, x, place),
                       map(reference, &Reference::relu, x, place)));
    }
  EXPECT_TRUE(same(
      map(backend(), &TestedBackend::relu, {-0.0, 0, 1e-45, -1e-45, 3e38, -3e38}, Place::separate),
      {0, 0, static_cast<float>(1e-45), 0, static_cast<float>(3e38), 0}));
}

TEST_F(Activations, ReluGradientPassesWhereTheOutputIsPositive) {
  for (const Place place : kPlaces)
    for (const std::size_t n : kLengths) {
      const Values dy = random_values(n, 1);
      const Values y = map(reference, &Reference::relu, random_values(n, 2), Place::separate);
      EXPECT_TRUE(same(map_back(backend(), &TestedBackend::relu_gradient, dy, y, place),
                       map_back(reference, &Reference::relu_gradient, dy, y, place)));
    }
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
