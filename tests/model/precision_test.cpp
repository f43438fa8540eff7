// How far the gradients of a step are from those in double, in each precision of the products.
#include <gtest/gtest.h>

#include "tests/kernels/backends.h"
#include "tests/model/training.h"

namespace gan::model {
namespace {

using Gradients = BackendTest;

// The published networks, on few rows: a row more costs as much as one before, and errs as much.
TrainingSetup published_setup() {
  TrainingSetup setup{.latent = 100,
                      .generator_hidden = {256, 256},
                      .pixels = 784,
                      .discriminator_hidden = {64, 64},
                      .images = 4};
  setup.settings.batch = 4;
  return setup;
}

struct Errors {
  double generator, discriminator;  // ‖g - g*‖/‖g*‖, g* in double
};

template <class B>
double error_of(const B& backend, const Network<B>& network, const Network<Reference>& exact) {
  const auto g = downloaded(backend, network.gradients.get(), network.shape.arena);
  const auto g_exact = downloaded(reference, exact.gradients.get(), exact.shape.arena);
  return distance(g, g_exact) / norm(g_exact);
}

// After one step from the weights of the formula: D's gradients first, then G's through the new D.
template <class B>
Errors errors_of(const B& backend) {
  using Formula = typename Training<B>::Weights;
  Training<B> training(backend, published_setup(), Formula::formula);
  Training<Reference> exact(reference, published_setup(), Training<Reference>::Weights::formula);
  training.step();
  exact.step();
  return {error_of(backend, training.gan.generator, exact.gan.generator),
          error_of(backend, training.gan.discriminator, exact.gan.discriminator)};
}

void tell(const char* precision, const Errors& errors) {
  std::printf("%s: gradients of G err by %.1e, of D by %.1e\n", precision, errors.generator,
              errors.discriminator);
}

TEST_F(Gradients, ErrAsFloatsDo) {
  const Errors errors = errors_of(backend());
  tell("fp32", errors);
  EXPECT_LE(errors.generator, 1e-5);
  EXPECT_LE(errors.discriminator, 1e-5);
}

#ifdef GAN_TEST_CUDA
// Operands of 11 bits: an error of 2^-11 each and, over the layers, some of them.
TEST_F(Gradients, ErrAsTf32Does) {
  const gpu::CudaBackend rough(0, {.precision = Precision::tf32});
  const Errors errors = errors_of(rough);
  tell("tf32", errors);
  EXPECT_LE(errors.generator, 1e-2);
  EXPECT_LE(errors.discriminator, 1e-2);
  EXPECT_GE(errors.generator, 1e-5) << "was it computed in TF32?";
}
#endif

}  // namespace
}  // namespace gan::model
