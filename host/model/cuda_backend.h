// The GPU backend.  No CUDA header is needed to use it.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "host/model/backend.h"
#include "host/model/cuda_devices.h"
#include "kernels/cuda/ops.h"

struct CUevent_st;  // cudaEvent_t points to it

namespace gan {

// One GPU, one stream, one cuBLAS handle with its own workspace.  Moves nothing behind the caller's
// back: allocations and the synchronous copies below are the only calls that wait for the device.
class CudaBackend : public CudaOps {
 public:
  explicit CudaBackend(int device, Precision precision = Precision::fp32);
  ~CudaBackend();
  CudaBackend(const CudaBackend&) = delete;
  CudaBackend& operator=(const CudaBackend&) = delete;

  std::string device_name() const;  // such as "NVIDIA H200"
  // The CUDA version up to which the installed driver goes, such as "13.0".
  std::string driver() const;

  struct Free {
    void operator()(void* data) const;
  };
  template <class T>
  using Array = std::unique_ptr<T[], Free>;

  template <class T>
  Array<T> allocate(std::size_t n) const {
    return Array<T>(static_cast<T*>(allocate_bytes(n * sizeof(T))));
  }
  template <class T>
  void zero(T* data, std::size_t n) const {
    zero_bytes(data, n * sizeof(T));
  }
  template <class T>
  void upload(T* data, const T* source, std::size_t n) const {
    upload_bytes(data, source, n * sizeof(T));
  }
  template <class T>
  void download(T* host, const T* source, std::size_t n) const {
    download_bytes(host, source, n * sizeof(T));
  }

  // By events on the stream.
  double seconds(const std::function<void()>& enqueue) const;

  // An NVTX range around what is enqueued during its life.
  struct Phase {
    explicit Phase(const char* name);
    ~Phase();
    Phase(const Phase&) = delete;
    Phase& operator=(const Phase&) = delete;
  };
  Phase phase(const char* name) const { return Phase(name); }

  // A copy of device memory into pinned host memory, in order with the stream, while the host goes
  // on.
  class DownloadBytes {
   public:
    DownloadBytes(const CudaBackend& backend, std::size_t bytes);
    ~DownloadBytes();
    DownloadBytes(const DownloadBytes&) = delete;
    DownloadBytes& operator=(const DownloadBytes&) = delete;
    void start(const void* source);
    bool ready() const;
    const void* wait() const;

   private:
    CUstream_st* stream_;
    CUevent_st* arrived_;
    void* pinned_;
    std::size_t bytes_;
  };

  template <class T>
  class AsyncDownload {
   public:
    AsyncDownload(const CudaBackend& backend, std::size_t n)
        : download_(backend, n * sizeof(T)), n_(n) {}
    void start(const T* source) { download_.start(source); }
    bool ready() const { return download_.ready(); }
    std::span<const T> wait() const { return {static_cast<const T*>(download_.wait()), n_}; }

   private:
    DownloadBytes download_;
    std::size_t n_;
  };

 private:
  void* allocate_bytes(std::size_t bytes) const;
  void zero_bytes(void* data, std::size_t bytes) const;
  void upload_bytes(void* data, const void* source, std::size_t bytes) const;
  void download_bytes(void* host, const void* source, std::size_t bytes) const;

  int device_;
  void* workspace_;
};

static_assert(Backend<CudaBackend>);

}  // namespace gan
