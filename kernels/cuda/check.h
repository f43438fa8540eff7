// GAN_CHECK makes an exception, which names the call, of a CUDA or cuBLAS call that failed.  All
// calls go through it but those of destructors and those whose failure is an answer.
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
