// GAN_CHECK throws an exception that names the call if a CUDA, cuBLAS or CUB call fails.  Every
// call goes through it, except those that clean up and those whose failure the caller handles
// itself.
#pragma once
#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <stdexcept>
#include <string>

namespace gan::cuda {

inline bool succeeded(cudaError_t code) {
  return code == cudaSuccess;
}
inline bool succeeded(cublasStatus_t code) {
  return code == CUBLAS_STATUS_SUCCESS;
}

inline std::string describe(cudaError_t code) {
  return std::string(cudaGetErrorName(code)) + ": " + cudaGetErrorString(code);
}
inline std::string describe(cublasStatus_t code) {
  return std::string(cublasGetStatusName(code)) + ": " + cublasGetStatusString(code);
}

template <class Status>
void check(Status status, const char* call, const char* file, int line) {
  if (succeeded(status)) return;
  throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + call +
                           " failed with " + describe(status));
}

}  // namespace gan::cuda

#define GAN_CHECK(...) ::gan::cuda::check((__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
