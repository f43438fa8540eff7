#include "host/gpu/cuda_backend.h"

#include <cublas_v2.h>
#include <cuda_profiler_api.h>
#include <cuda_runtime.h>
#include <nvtx3/nvToolsExt.h>

#include <stdexcept>

#include "kernels/cuda/check.h"

namespace gan::gpu {
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

int cuda_compute_capability(int device) {
  int major = 0, minor = 0;
  GAN_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
  GAN_CHECK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device));
  return 10 * major + minor;
}

CudaEvent::CudaEvent(Use use) {
  GAN_CHECK(cudaEventCreateWithFlags(
      &event_, use == Use::timing ? cudaEventDefault : cudaEventDisableTiming));
}
CudaEvent::~CudaEvent() {
  cudaEventDestroy(event_);
}

void CudaBackend::DestroyStream::operator()(cudaStream_t stream) const {
  cudaStreamDestroy(stream);
}
void CudaBackend::DestroyBlas::operator()(cublasContext* blas) const {
  cublasDestroy(blas);
}

CudaBackend::Queue::Queue(int device, const CudaSettings& settings) {
  GAN_CHECK(cudaSetDevice(device));
  GAN_CHECK(cudaStreamCreateWithFlags(&ops.stream.handle, cudaStreamNonBlocking));
  stream.reset(ops.stream.handle);
  ops.stream.start = settings.start;
  GAN_CHECK(cublasCreate(&ops.blas));
  blas.reset(ops.blas);
  GAN_CHECK(cublasSetStream(ops.blas, ops.stream));
  GAN_CHECK(cublasSetMathMode(ops.blas, settings.precision == Precision::tf32
                                            ? CUBLAS_TF32_TENSOR_OP_MATH
                                            : CUBLAS_DEFAULT_MATH));
  workspace = {static_cast<unsigned char*>(allocate_bytes(kWorkspaceBytes)), kWorkspaceBytes};
  GAN_CHECK(cublasSetWorkspace(ops.blas, workspace.get(), kWorkspaceBytes));
}

CudaBackend::CudaBackend(int device, CudaSettings settings)
    : CudaOps{nullptr, nullptr}, device_(device), main_(device, settings) {
  static_cast<CudaOps&>(*this) = main_.ops;
  if (settings.branches == Branches::side) side_.reset(new Side{{device, settings}});
}

void CudaBackend::fork() const {
  GAN_CHECK(cudaEventRecord(side_->forked.get(), stream));
  GAN_CHECK(cudaStreamWaitEvent(side_->queue.ops.stream, side_->forked.get(), 0));
}

void CudaBackend::join() const {
  if (!side_) return;
  GAN_CHECK(cudaEventRecord(side_->joined.get(), side_->queue.ops.stream));
  GAN_CHECK(cudaStreamWaitEvent(stream, side_->joined.get(), 0));
}

std::string CudaBackend::device_name() const {
  cudaDeviceProp properties;
  GAN_CHECK(cudaGetDeviceProperties(&properties, device_));
  return properties.name;
}

std::string cuda_driver() {
  int version = 0;
  GAN_CHECK(cudaDriverGetVersion(&version));
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

void CudaBackend::Free::operator()(void* data) const {
  cudaFree(data);
}

void* CudaBackend::allocate_bytes(std::size_t bytes) {
  void* data = nullptr;
  const cudaError_t code = cudaMalloc(&data, bytes);
  if (code == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    throw std::runtime_error(
        "the GPU does not have " + std::to_string(bytes >> 20) +
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
  const CudaEvent begin(CudaEvent::Use::timing), end(CudaEvent::Use::timing);
  GAN_CHECK(cudaEventRecord(begin.get(), stream));
  enqueue();
  GAN_CHECK(cudaEventRecord(end.get(), stream));
  GAN_CHECK(cudaEventSynchronize(end.get()));
  float milliseconds = 0;
  GAN_CHECK(cudaEventElapsedTime(&milliseconds, begin.get(), end.get()));
  return static_cast<double>(milliseconds) * 1e-3;
}

void CudaBackend::start_profiler() const {
  GAN_CHECK(cudaStreamSynchronize(stream));
  GAN_CHECK(cudaProfilerStart());
}
void CudaBackend::stop_profiler() const {
  GAN_CHECK(cudaStreamSynchronize(stream));
  GAN_CHECK(cudaProfilerStop());
}

CudaBackend::Phase::Phase(const char* name) {
  nvtxRangePushA(name);
}
CudaBackend::Phase::~Phase() {
  nvtxRangePop();
}

CudaBackend::DownloadBytes::DownloadBytes(const CudaBackend& backend, std::size_t bytes)
    : stream_(backend.stream), bytes_(bytes) {
  void* pinned = nullptr;
  GAN_CHECK(cudaMallocHost(&pinned, bytes));
  pinned_.reset(pinned);
}

void CudaBackend::DownloadBytes::FreePinned::operator()(void* pinned) const {
  cudaFreeHost(pinned);
}

void CudaBackend::DownloadBytes::start(const void* source) {
  GAN_CHECK(cudaMemcpyAsync(pinned_.get(), source, bytes_, cudaMemcpyDeviceToHost, stream_));
  GAN_CHECK(cudaEventRecord(arrived_.get(), stream_));
}

bool CudaBackend::DownloadBytes::ready() const {
  const cudaError_t code = cudaEventQuery(arrived_.get());
  if (code == cudaErrorNotReady) return false;
  GAN_CHECK(code);
  return true;
}

const void* CudaBackend::DownloadBytes::wait() const {
  GAN_CHECK(cudaEventSynchronize(arrived_.get()));
  return pinned_.get();
}

}  // namespace gan::gpu
