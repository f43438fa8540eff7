// In place of the GPUs where there is no CUDA toolkit.
#include "host/gpu/cuda_devices.h"

namespace gan::gpu {

CudaDevices cuda_devices() {
  return {0, "this program was built without CUDA"};
}

std::string cuda_driver() {
  return "";
}

int cuda_compute_capability(int) {
  return 0;
}

}  // namespace gan::gpu
