// The GPU engines.  A build without CUDA has none: cuda_devices() says so, and
// make_cuda_engine() throws.
#pragma once
#include "host/gpu/cuda_devices.h"
#include "host/train/engine.h"

namespace gan::train {

// The engine of `spec`, which is resolved.
std::unique_ptr<Engine> make_cuda_engine(const run::RunSpec& spec, const data::Images& images,
                                         Exchange& exchange);

// The launches of a step of that engine: kernels, copies and memsets.
double cuda_launches_per_step(const run::RunSpec& spec, const data::Images& images);

// Why the GPU of `spec`, which is resolved, cannot run the engines fused and persistent; empty if
// it can.
std::string why_no_fused_engine(const run::RunSpec& spec);

// Bytes of shared memory that a block of the fused step has.
std::size_t fused_block_bytes(const run::RunSpec& spec);

}  // namespace gan::train
