// The training step of the original GAN in ten kernels of our own, or in one kernel that runs many
// steps: its data, and the functions that launch it.  The equations are those of
// host/model/train_step.h over kernels/ops.h; sums are taken in another order, and roundings
// differ.
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

// A matrix or a vector of parameters, its Adam moments, and its moving average or null.
struct FusedParameters {
  float *value, *moment1, *moment2, *average;
};

struct FusedLayer {
  FusedParameters weight, bias;  // (out, in), (out)
  int in, out;
  float* operand;  // the weights that products read: in TF32 a rounded copy, else weight.value
};

inline constexpr int kFusedLayers = 3;

struct FusedNetwork {
  FusedLayer layers[kFusedLayers];
  float slope;  // of the hidden layers' LeakyReLU below 0
  AdamSettings adam;
};

// Where a step finds its batch.
struct BatchPlace {
  int first;  // index of its first real image in the epoch's order
  int noise;  // index of its first value in the scratch's z
};

// The arrays that phases leave for later phases.  B: a full batch.
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
  Clock* late;              // a copy of the step's clock, for the phases from SecondDeltas on
  Clock* next;              // the next step's clock
  BatchPlace* place;        // of this step until phase ImageDeltas, then of the next
  cuda::AdamFactors* adam;  // of G and of D
  unsigned* arrivals;       // counts blocks that arrive at barriers
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

// Returns the bytes of the scratch arena for full batches.  Pointers in `step` need not be set.
std::size_t fused_scratch_bytes(const FusedStep& step, Precision precision);

// Points the scratch and the layers' operands into `arena`.  The rest of `step` must be set.
void place_fused_scratch(FusedStep& step, Precision precision, void* arena);

// Prepares what a step expects from the one before it: noise, the place of its batch and the
// layers' operands.  Needed before the first step, and after the clock or the parameters were set.
void prepare_fused_steps(const FusedStep& step, Precision precision, CudaStream stream);

// Runs the next `steps` steps, on `step.rows` images of each kind, with one launch for each phase.
void fused_steps(const FusedStep& step, Precision precision, int steps, CudaStream stream);

// Runs the next `steps` steps in one launch.  `arrivals` is the value of *step.scratch.arrivals
// before these steps; returns its value after them.
unsigned persistent_steps(const FusedStep& step, Precision precision, int steps, unsigned arrivals,
                          CudaStream stream);

// Returns the least bytes of shared memory that a block of the step's kernels needs.  Pointers in
// `step` need not be set.
std::size_t fused_block_bytes(const FusedStep& step);

// Returns why GPU number `device` cannot do such a step; empty if it can.
std::string why_no_fused_step(const FusedStep& step, int device);

}  // namespace gan
