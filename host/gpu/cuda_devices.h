#pragma once
#include <string>

namespace gan::gpu {

// How many GPUs can be used; if none, why.
struct CudaDevices {
  int count = 0;
  std::string why_none;
};
CudaDevices cuda_devices();

// The newest CUDA version that the installed driver supports, such as "13.0"; empty without CUDA.
std::string cuda_driver();

// 90 for compute capability 9.0.  `device` must exist.
int cuda_compute_capability(int device);

}  // namespace gan::gpu
