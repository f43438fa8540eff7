#pragma once
#include <algorithm>
#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "host/model/backend.h"
#include "kernels/cpu/denormals.h"
#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"

namespace gan::model {

template <class T>
class CpuBackend : public CpuOps<T> {
 public:
  template <class U>
  using Array = model::Array<U>;

  template <class U>
  Array<U> allocate(std::size_t n) const {
    return {new U[n], n};
  }
  template <class U>
  void zero(U* data, std::size_t n) const {
    std::fill_n(data, n, U{});
  }
  template <class U>
  void upload(U* data, const U* source, std::size_t n) const {
    std::copy_n(source, n, data);
  }
  template <class U>
  void download(U* host, const U* source, std::size_t n) const {
    std::copy_n(source, n, host);
  }

  // Here it is done at once.
  template <class Work>
  void fork(const Work& work) const {
    work(*this);
  }
  void join() const {}

  template <class Enqueue>
  double seconds(Enqueue enqueue) const {
    const auto begin = std::chrono::steady_clock::now();
    enqueue();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

  std::string device_name() const {
    const int threads = cpu_threads();
    return "CPU, " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
  }

  // An object of this type lives while a training run computes.
  using Computing = FlushDenormals;

  static constexpr bool kHasProfiler = false;
  void start_profiler() const {}
  void stop_profiler() const {}

  struct Phase {};
  Phase phase(const char*) const { return {}; }

  // A copy that lets the host continue; here it is done at once.
  template <class U>
  class AsyncDownload {
   public:
    AsyncDownload(const CpuBackend&, std::size_t n) : values_(n) {}
    void start(const U* source) { std::copy_n(source, values_.size(), values_.data()); }
    bool ready() const { return true; }
    std::span<const U> wait() const { return values_; }

   private:
    std::vector<U> values_;
  };
};

static_assert(Backend<CpuBackend<float>> && Backend<CpuBackend<double>>);

}  // namespace gan::model
