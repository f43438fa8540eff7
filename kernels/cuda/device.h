// What a GPU offers, and how a kernel asks for more of it.
#pragma once
#include "kernels/cuda/check.h"

namespace gan::cuda {

inline int device_attribute(cudaDeviceAttr which, int device) {
  int value = 0;
  GAN_CHECK(cudaDeviceGetAttribute(&value, which, device));
  return value;
}

// The same of the current GPU.
inline int device_attribute(cudaDeviceAttr which) {
  int device = 0;
  GAN_CHECK(cudaGetDevice(&device));
  return device_attribute(which, device);
}

// Lets `kernel` have `bytes` of dynamic shared memory; up to 48 KB need no permission.
template <class Kernel>
void allow_shared(Kernel* kernel, std::size_t bytes) {
  constexpr std::size_t kAlways = 48 << 10;
  if (bytes > kAlways)
    GAN_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                   cudaFuncAttributeMaxDynamicSharedMemorySize,
                                   static_cast<int>(bytes)));
}

}  // namespace gan::cuda
