#include "host/model/cuda_backend.h"

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <nvtx3/nvToolsExt.h>

#include <stdexcept>

#include "kernels/cuda/check.h"

namespace gan {
namespace {

// What cuBLAS recommends for the largest GPUs (cuBLAS documentation, cublasSetWorkspace).
constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;

}  // namespace

CudaDevices cuda_devices() {
  int count = 0;
  const cudaError_t code = cudaGetDeviceCount(&count);
  if (code == cudaSuccess && count > 0) return {count, ""};
  (void)cudaGetLastError();  // a missing GPU is an answer, not a failure of what comes next
  return {0, code == cudaSuccess ? "no GPU found" : cudaGetErrorString(code)};
}

CudaBackend::CudaBackend(int device, Precision precision)
    : CudaOps{nullptr, nullptr}, device_(device) {
  GAN_CHECK(cudaSetDevice(device));
  GAN_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  GAN_CHECK(cublasCreate(&blas));
  GAN_CHECK(cublasSetStream(blas, stream));
  GAN_CHECK(cublasSetMathMode(
      blas, precision == Precision::tf32 ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH));
  workspace_ = allocate_bytes(kWorkspaceBytes);
  GAN_CHECK(cublasSetWorkspace(blas, workspace_, kWorkspaceBytes));
}

CudaBackend::~CudaBackend() {
  cublasDestroy(blas);
  cudaFree(workspace_);
  cudaStreamDestroy(stream);
}

std::string CudaBackend::device_name() const {
  cudaDeviceProp properties;
  GAN_CHECK(cudaGetDeviceProperties(&properties, device_));
  return properties.name;
}

std::string CudaBackend::driver() const {
  int version = 0;
  GAN_CHECK(cudaDriverGetVersion(&version));
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

void CudaBackend::Free::operator()(void* data) const {
  cudaFree(data);
}

void* CudaBackend::allocate_bytes(std::size_t bytes) const {
  void* data = nullptr;
  const cudaError_t code = cudaMalloc(&data, bytes);
  if (code == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    throw std::runtime_error(
        "the GPU has not " + std::to_string(bytes >> 20) +
        " MB of memory left for this; use a smaller --batch or smaller networks, or --device cpu");
  }
  GAN_CHECK(code);
  return data;
}

void CudaBackend::zero_bytes(void* data, std::size_t bytes) const {
  GAN_CHECK(cudaMemsetAsync(data, 0, bytes, stream));
}

void CudaBackend::upload_bytes(void* data, const void* source, std::size_t bytes) const {
  GAN_CHECK(cudaMemcpyAsync(data, source, bytes, cudaMemcpyHostToDevice, stream));
  GAN_CHECK(cudaStreamSynchronize(stream));
}

void CudaBackend::download_bytes(void* host, const void* source, std::size_t bytes) const {
  GAN_CHECK(cudaMemcpyAsync(host, source, bytes, cudaMemcpyDeviceToHost, stream));
  GAN_CHECK(cudaStreamSynchronize(stream));
}

double CudaBackend::seconds(const std::function<void()>& enqueue) const {
  struct Event {
    Event() { GAN_CHECK(cudaEventCreate(&event)); }
    ~Event() { cudaEventDestroy(event); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    cudaEvent_t event = nullptr;
  };
  const Event begin, end;
  GAN_CHECK(cudaEventRecord(begin.event, stream));
  enqueue();
  GAN_CHECK(cudaEventRecord(end.event, stream));
  GAN_CHECK(cudaEventSynchronize(end.event));
  float milliseconds = 0;
  GAN_CHECK(cudaEventElapsedTime(&milliseconds, begin.event, end.event));
  return static_cast<double>(milliseconds) * 1e-3;
}

CudaBackend::Phase::Phase(const char* name) {
  nvtxRangePushA(name);
}
CudaBackend::Phase::~Phase() {
  nvtxRangePop();
}

CudaBackend::DownloadBytes::DownloadBytes(const CudaBackend& backend, std::size_t bytes)
    : stream_(backend.stream), arrived_(nullptr), pinned_(nullptr), bytes_(bytes) {
  GAN_CHECK(cudaMallocHost(&pinned_, bytes));
  GAN_CHECK(cudaEventCreateWithFlags(&arrived_, cudaEventDisableTiming));
}

CudaBackend::DownloadBytes::~DownloadBytes() {
  cudaEventDestroy(arrived_);
  cudaFreeHost(pinned_);
}

void CudaBackend::DownloadBytes::start(const void* source) {
  GAN_CHECK(cudaMemcpyAsync(pinned_, source, bytes_, cudaMemcpyDeviceToHost, stream_));
  GAN_CHECK(cudaEventRecord(arrived_, stream_));
}

bool CudaBackend::DownloadBytes::ready() const {
  const cudaError_t code = cudaEventQuery(arrived_);
  if (code == cudaErrorNotReady) return false;
  GAN_CHECK(code);
  return true;
}

const void* CudaBackend::DownloadBytes::wait() const {
  GAN_CHECK(cudaEventSynchronize(arrived_));
  return pinned_;
}

}  // namespace gan
