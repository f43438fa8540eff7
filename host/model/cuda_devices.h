#pragma once
#include <string>

namespace gan {

// How many GPUs can be used; if none, why.
struct CudaDevices {
  int count = 0;
  std::string why_none;
};
CudaDevices cuda_devices();

}  // namespace gan
