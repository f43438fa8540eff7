#pragma once
#include <cuda_runtime.h>

#include <cstddef>

namespace gan::emulation {

enum class LaunchKind { ordinary, cooperative };

struct Launch {
  dim3 grid, block;
  std::size_t shared;  // bytes of dynamic shared memory
  LaunchKind kind;
  void (*invoke)(const void* parameters);  // calls the kernel
  const void* parameters;
  std::size_t parameter_bytes;
};

}  // namespace gan::emulation
