// The GPU backend.  No CUDA header is needed to use it.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "host/gpu/cuda_devices.h"
#include "host/model/backend.h"
#include "kernels/cuda/ops.h"

struct CUevent_st;  // cudaEvent_t points to it

namespace gan::gpu {

class CudaEvent {
 public:
  enum class Use { timing, order };
  explicit CudaEvent(Use use);
  ~CudaEvent();
  CudaEvent(const CudaEvent&) = delete;
  CudaEvent& operator=(const CudaEvent&) = delete;
  CUevent_st* get() const { return event_; }

 private:
  CUevent_st* event_ = nullptr;
};

// Whether fork() has a second stream; without it, its work stays on the first.
enum class Branches { none, side };

struct CudaSettings {
  Precision precision = Precision::fp32;
  Branches branches = Branches::none;
  KernelStart start = KernelStart::after_predecessor;
};

// One GPU, one stream, one cuBLAS handle with its own workspace, and of these a second set for side
// branches.  Allocations and the synchronous copies below wait for the device; of the other calls
// only those that say so.
class CudaBackend : public CudaOps {
 public:
  explicit CudaBackend(int device, CudaSettings settings = {});
  CudaBackend(const CudaBackend&) = delete;
  CudaBackend& operator=(const CudaBackend&) = delete;

  std::string device_name() const;  // such as "NVIDIA H200"

  struct Free {
    void operator()(void* data) const;
  };
  template <class T>
  using Array = model::Array<T, Free>;

  template <class T>
  Array<T> allocate(std::size_t n) const {
    return {static_cast<T*>(allocate_bytes(n * sizeof(T))), n};
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

  // The result does not depend on the branches: both cuBLAS handles have the same settings and as
  // much workspace, so they choose the same algorithms.
  template <class Work>
  void fork(const Work& work) const {
    if (!side_) return work(static_cast<const CudaOps&>(*this));
    fork();
    work(side_->queue.ops);
  }
  // After fork().
  void join() const;

  // Measured by events on the stream; waits for them.
  double seconds(const std::function<void()>& enqueue) const;

  // An object of this type lives while a training run computes.
  struct Computing {};

  static constexpr bool kHasProfiler = true;
  // A profiler that waits for cudaProfilerStart records the work that is enqueued between these two
  // calls, and no other.  Both wait for the device.
  void start_profiler() const;
  void stop_profiler() const;

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
    void start(const void* source);
    bool ready() const;
    const void* wait() const;

   private:
    struct FreePinned {
      void operator()(void* pinned) const;
    };

    CUstream_st* stream_;
    CudaEvent arrived_{CudaEvent::Use::order};
    std::unique_ptr<void, FreePinned> pinned_;
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
  // A stream and a cuBLAS handle bound to it, whose workspace is its own: products that run at the
  // same time may not share one, and with the same size they are computed in the same way.
  struct DestroyStream {
    void operator()(CUstream_st* stream) const;
  };
  struct DestroyBlas {
    void operator()(cublasContext* blas) const;
  };
  struct Queue {
    Queue(int device, const CudaSettings& settings);
    std::unique_ptr<CUstream_st, DestroyStream> stream;
    Array<unsigned char> workspace;
    std::unique_ptr<cublasContext, DestroyBlas> blas;
    CudaOps ops{nullptr, nullptr};
  };
  struct Side {
    Queue queue;
    CudaEvent forked{CudaEvent::Use::order}, joined{CudaEvent::Use::order};
  };

  void fork() const;
  static void* allocate_bytes(std::size_t bytes);
  void zero_bytes(void* data, std::size_t bytes) const;
  void upload_bytes(void* data, const void* source, std::size_t bytes) const;
  void download_bytes(void* host, const void* source, std::size_t bytes) const;

  int device_;
  Queue main_;
  std::unique_ptr<Side> side_;  // null: Branches::none
};

static_assert(model::Backend<CudaBackend>);

}  // namespace gan::gpu
