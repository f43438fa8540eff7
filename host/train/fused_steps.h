// Steps in kernels of our own (kernels/cuda/fused_step.h).
#pragma once
#include "host/gpu/cuda_backend.h"
#include "host/train/step_strategy.h"
#include "kernels/cuda/fused_step.h"

namespace gan::train {

// A fused step over the arenas of a GAN, and the memory that it needs besides them.
class FusedMemory {
 public:
  FusedMemory(const gpu::CudaBackend& backend, model::Gan<gpu::CudaBackend>& gan,
              const ImageSet& data, Precision precision);

  // Makes what the first step expects from a step before it, unless that was done since forget().
  void prepare();
  void forget() { is_prepared_ = false; }

  // The step for batches of `rows` rows; prepare() comes first.
  FusedStep on(int rows) const;

 private:
  const gpu::CudaBackend& backend_;
  FusedStep step_;
  Precision precision_;
  gpu::CudaBackend::Array<unsigned char> scratch_;
  bool is_prepared_ = false;
};

// In ten kernels a step.
class FusedSteps : public StepStrategy {
 public:
  FusedSteps(const gpu::CudaBackend& backend, model::Gan<gpu::CudaBackend>& gan,
             const ImageSet& data, Precision precision)
      : backend_(backend), precision_(precision), memory_(backend, gan, data, precision) {}

  void enqueue(Part part) override;
  void prepare() override { memory_.prepare(); }
  void forget() override { memory_.forget(); }

 private:
  const gpu::CudaBackend& backend_;
  Precision precision_;
  FusedMemory memory_;
};

// Runs many steps in one kernel.
class PersistentSteps : public StepStrategy {
 public:
  // `stride`: what stride() returns, the steps of an epoch.
  PersistentSteps(const gpu::CudaBackend& backend, model::Gan<gpu::CudaBackend>& gan,
                  const ImageSet& data, Precision precision, std::int64_t stride)
      : backend_(backend),
        precision_(precision),
        memory_(backend, gan, data, precision),
        stride_(stride) {}

  void enqueue(Part part) override;
  void prepare() override { memory_.prepare(); }
  void forget() override { memory_.forget(); }
  std::int64_t stride() const override { return stride_; }

 private:
  const gpu::CudaBackend& backend_;
  Precision precision_;
  FusedMemory memory_;
  std::int64_t stride_;
  unsigned arrivals_ = 0;  // of blocks at the kernel's barriers
};

}  // namespace gan::train
