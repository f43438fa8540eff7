#pragma once
#include <cuda_runtime.h>

#include <cstddef>

#include "kernels/cuda/stream.h"

namespace gan::emulation {

enum class LaunchKind { ordinary, cooperative };

struct Launch {
  dim3 grid, block;
  std::size_t shared;  // bytes of dynamic shared memory
  LaunchKind kind;
  KernelStart start;
  void (*invoke)(const void* parameters);  // calls the kernel
  const void* parameters;
  std::size_t parameter_bytes;
};

}  // namespace gan::emulation
