// The engines of a GPU that take the step in kernels of our own (kernels/cuda/fused_step.h).
#pragma once
#include "host/train/cuda_engine.h"
#include "host/train/graph_engine.h"
#include "kernels/cuda/fused_step.h"

namespace gan::train {

// A fused step over the arenas of a GAN, and the memory it needs beside them.
class FusedSteps {
 public:
  FusedSteps(const gpu::CudaBackend& backend, model::Gan<gpu::CudaBackend>& gan,
             const ImageSet& data, Precision precision);

  // The step on batches of so many rows, ready for the next launch.
  FusedStep next(const gpu::CudaBackend& backend, int rows);
  // The clock and the parameters were set.
  void forget() { is_prepared_ = false; }

 private:
  FusedStep step_;
  Precision precision_;
  gpu::CudaBackend::Array<unsigned char> scratch_;
  bool is_prepared_ = false;
};

// In ten kernels a step, which are recorded in graphs.
class FusedEngine : public GraphEngine {
 public:
  FusedEngine(const run::RunSpec& spec, const data::Images& images, int device,
              const gpu::CudaSettings& settings);
  void restore(const io::TensorFile& state, std::int64_t step) override;

 protected:
  void enqueue(std::int64_t steps, int rows) override;
  void enqueue_launches(std::int64_t steps, int rows) override;

 private:
  Precision precision_;
  FusedSteps steps_;
};

// In one kernel that goes from step to step.
class PersistentEngine : public CudaPlainEngine {
 public:
  PersistentEngine(const run::RunSpec& spec, const data::Images& images, int device,
                   const gpu::CudaSettings& settings);
  void restore(const io::TensorFile& state, std::int64_t step) override;
  // Those of an epoch go on its whole batches and on its smaller last one.
  double launches_per_step() override {
    const int launches = spec().data.count % spec().batch == 0 ? 1 : 2;
    return launches / static_cast<double>(spec().steps_per_epoch());
  }
  std::int64_t stride() const override { return spec().steps_per_epoch(); }

 protected:
  void enqueue(std::int64_t steps, int rows) override;

 private:
  Precision precision_;
  FusedSteps steps_;
  unsigned arrivals_ = 0;  // of blocks at the kernel's barriers
};

}  // namespace gan::train
