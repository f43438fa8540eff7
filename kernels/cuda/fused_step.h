// The training step of the original GAN in ten kernels of our own, or in one that goes on
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

// A matrix or a vector of parameters with Adam's moments of it, and its moving average if there is
// one.
struct FusedParameters {
  float *value, *moment1, *moment2, *average;
};

struct FusedLayer {
  FusedParameters weight, bias;  // (out, in), (out)
  int in, out;
};

inline constexpr int kFusedLayers = 3;

struct FusedNetwork {
  FusedLayer layers[kFusedLayers];
  float slope;  // of the hidden layers' LeakyReLU below 0
  AdamSettings adam;
};

// What a step leaves for later phases.  B: a full batch.
struct FusedScratch {
  float* z;           // (2, 2B, latent), of even and of odd steps
  float *g1, *g2;     // (2B, G's hidden widths), its hidden layers' outputs
  float* fake;        // (2B, pixels), G's images
  float* slabs;       // (slabs, B, D's first width), D's first product in parts of its depth
  float* fake_slabs;  // the same of G(z₁), in other parts
  float *d1, *d2;     // (2B, D's hidden widths), its hidden layers' outputs
  float *dd1, *dd2;   // their gradients, before the activations
  float* dlogits;     // (2B)
  float* dfake;       // (B, pixels), before the sigmoid
  float *dg1, *dg2;   // (B, G's hidden widths), before the activations
  float* row_losses;  // (3, ⌈B/16⌉, 2), of real, fake and fooling images: sums of losses and of p
  Clock* late;        // the step's clock for its second half, which ends with the next step's
  Clock* next;
  unsigned* arrivals;  // of blocks at barriers
};

struct FusedStep {
  FusedNetwork generator, discriminator;
  ImageSet data;
  int batch, rows;  // of a full batch, and of this one
  RandomSource latent, dropout;
  float dropout_rate;
  BceTarget<float> real, fake, fooling;
  ClockSettings clock_settings;
  StepLosses<float>* ring;
  int ring_size;
  Clock* clock;
  FusedScratch scratch;

  GAN_HOST_DEVICE int latent_width() const { return generator.layers[0].in; }
  GAN_HOST_DEVICE int pixels() const { return data.pixels; }
};

// Values of the scratch arena for full batches, and the places in it.  `scratch` in `step` need not
// be set, and everything else but pointers does.
std::size_t fused_scratch_bytes(const FusedStep& step);
FusedScratch fused_scratch(const FusedStep& step, void* arena);

// Draws the noise of the step that `step.clock` is at: before the first step, and after the clock
// was set.  Later noise is drawn by the step before.
void draw_fused_noise(const FusedStep& step, CudaStream stream);

// The next step, `step.rows` of each kind, in one launch a phase.
void fused_step(const FusedStep& step, Precision precision, CudaStream stream);

// The next `steps` steps in one launch.  `arrivals` is what step.scratch.arrivals has counted; the
// result is what it will have counted.
unsigned persistent_steps(const FusedStep& step, Precision precision, int steps, unsigned arrivals,
                          CudaStream stream);

// Bytes of shared memory of a block of its kernels.  `step` need not have any pointers.
std::size_t fused_block_bytes(const FusedStep& step);

// Why GPU number `device` cannot do such a step; empty if it can.
std::string why_no_fused_step(const FusedStep& step, Precision precision, int device);

}  // namespace gan
