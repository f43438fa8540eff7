// The GPU engines.  A build without CUDA has none: cuda_devices() says so, and this throws.
#pragma once
#include "host/model/cuda_devices.h"
#include "host/train/engine.h"

namespace gan {

std::unique_ptr<Engine> make_cuda_engine(const RunSpec& spec, const Images& images, int device);

}  // namespace gan
