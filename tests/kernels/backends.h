// The backend that a test program is about: every operation has one test, compiled once for each
// backend.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

#include "host/model/cpu_backend.h"
#ifdef GAN_TEST_CUDA
#include "host/gpu/cuda_backend.h"
#endif

namespace gan {

#ifdef GAN_TEST_CUDA
using TestedBackend = gpu::CudaBackend;
// What constructs it: the number of the GPU, and how its kernels start.
#ifdef GAN_TEST_EARLY_START
inline const std::tuple tested_arguments(0, gpu::CudaSettings{.start = KernelStart::early});
#else
inline const std::tuple tested_arguments(0);
#endif
inline std::string why_no_backend() {
  return gpu::cuda_devices().why_none;
}
#else
using TestedBackend = model::CpuBackend<float>;
inline const std::tuple<> tested_arguments;
inline std::string why_no_backend() {
  return "";
}
#endif

// None if why_no_backend() gives a reason.
template <class B>
std::unique_ptr<B> make_backend() {
  if (!why_no_backend().empty()) return nullptr;
  return std::apply([](const auto&... arguments) { return std::make_unique<B>(arguments...); },
                    tested_arguments);
}

// What results are held against.
using Reference = model::CpuBackend<double>;
inline const Reference reference;

// A suite with one backend for all its tests.  Without a GPU the tests of one are skipped, or fail
// where GAN_REQUIRE_GPU=1 asks for it.
template <class B>
class OnBackend : public testing::Test {
 protected:
  static void SetUpTestSuite() { backend_ = make_backend<B>(); }
  static void TearDownTestSuite() { backend_.reset(); }

  void SetUp() override {
    if (backend_) return;
    const char* const require_gpu = std::getenv("GAN_REQUIRE_GPU");
    ASSERT_FALSE(require_gpu && require_gpu == std::string_view("1")) << why_no_backend();
    GTEST_SKIP() << why_no_backend();
  }

  static const B& backend() { return *backend_; }

 private:
  static inline std::unique_ptr<B> backend_;
};
using BackendTest = OnBackend<TestedBackend>;

}  // namespace gan
