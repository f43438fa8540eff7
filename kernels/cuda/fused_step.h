// The training step of the original GAN in ten kernels of our own, or in one that continues
// for as many steps as it is told: what they work on, and how they are launched.  The equations are
// those of host/model/train_step.h over kernels/ops.h; only the order of sums differs.
//
// Both networks have two hidden layers.  All memory is the device's.
#pragma once
#include <cstddef>
#include <string>

#include "kernels/cuda/stream.h"
#include "kernels/ops.h"

namespace gan {
namespace cuda {
struct AdamFactors;
}

// A matrix or a vector of parameters with Adam's moments of it, and its moving average if there is
// one.
struct FusedParameters {
  float *value, *moment1, *moment2, *average;
};

struct FusedLayer {
  FusedParameters weight, bias;  // (out, in), (out)
  int in, out;
  float* operand;  // the weights as products take them: in TF32 a rounded copy, else weight.value
};

inline constexpr int kFusedLayers = 3;

struct FusedNetwork {
  FusedLayer layers[kFusedLayers];
  float slope;  // of the hidden layers' LeakyReLU below 0
  AdamSettings adam;
};

// Where a step finds its batch.
struct BatchPlace {
  int first;  // of its real images in the epoch's order
  int noise;  // in the scratch's z
};

// What a step leaves for later phases.  B: a full batch.
struct FusedScratch {
  float* z;            // (2, 2B, latent), of even and of odd steps
  float *g1, *g2;      // (2B, G's hidden widths), its hidden layers' outputs
  float* images;       // (3B, pixels): the real ones, G(z₁), G(z₂)
  float* slopes;       // (B, pixels), the sigmoid's derivative at G(z₂)
  float* splits;       // (splits, B, D's first width), D's first product in parts of its depth
  float* fake_splits;  // the same of G(z₁), in other parts
  float *d1, *d2;      // (2B, D's hidden widths), its hidden layers' outputs
  float *dd1, *dd2;    // their gradients, before the activations
  float* dlogits;      // (2B)
  float* dfake;        // (B, pixels), before the sigmoid
  float *dg1, *dg2;    // (B, G's hidden widths), before the activations
  float* row_losses;  // (3, ⌈B/16⌉, 2), of real, fake and for_generator images: sums of losses and
                      // of p
  Clock* late;  // the step's clock for its second half, which ends with the next step's
  Clock* next;
  BatchPlace* place;        // the step's, until it makes way for the next one's
  cuda::AdamFactors* adam;  // of G and of D
  unsigned* arrivals;       // of blocks at barriers
};

struct FusedStep {
  FusedNetwork generator, discriminator;
  ImageSet data;
  int batch, rows;  // of a full batch, and of this one
  RandomSource latent, dropout;
  float dropout_rate;
  BceTarget<float> real, fake, for_generator;
  ClockSettings clock_settings;
  StepLosses<float>* ring;
  int ring_size;
  Clock* clock;
  int warp_values;  // of shared memory for a warp's part of a product (tile_product.h)
  FusedScratch scratch;

  GAN_HOST_DEVICE int latent_width() const { return generator.layers[0].in; }
  GAN_HOST_DEVICE int pixels() const { return data.pixels; }
};

// Bytes of the scratch arena for full batches; and sets what in `step` points into it: the scratch,
// and the layers' operands.  Everything else must be set, but for the first even pointers need not.
std::size_t fused_scratch_bytes(const FusedStep& step, Precision precision);
void place_fused_scratch(FusedStep& step, Precision precision, void* arena);

// Makes what a step finds that the step before has left: noise, the place of its batch and the
// layers' operands.  Before the first step, and after the clock or the parameters were set.
void prepare_fused_steps(const FusedStep& step, Precision precision, CudaStream stream);

// The next `steps` steps, on `step.rows` of each kind, in one launch a phase.
void fused_steps(const FusedStep& step, Precision precision, int steps, CudaStream stream);

// The next `steps` steps in one launch.  `arrivals` is what step.scratch.arrivals has counted; the
// result is what it will have counted.
unsigned persistent_steps(const FusedStep& step, Precision precision, int steps, unsigned arrivals,
                          CudaStream stream);

// Bytes of shared memory that a block of its kernels needs.  `step` need not have any pointers.
std::size_t fused_block_bytes(const FusedStep& step);

// Why GPU number `device` cannot do such a step; empty if it can.
std::string why_no_fused_step(const FusedStep& step, int device);

}  // namespace gan
