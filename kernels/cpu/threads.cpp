#include "kernels/cpu/threads.h"

#include <cblas.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace gan {
namespace {

// The floating-point control register and the bits in it that flush denormal inputs and results.
#if defined(__x86_64__)
constexpr unsigned long long kFlush = 0x8040;  // MXCSR: FZ and DAZ
unsigned long long control() {
  return _mm_getcsr();
}
void set_control(unsigned long long value) {
  _mm_setcsr(static_cast<unsigned>(value));
}
#elif defined(__aarch64__)
constexpr unsigned long long kFlush = 1ull << 24;  // FPCR: FZ
unsigned long long control() {
  unsigned long long value;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void set_control(unsigned long long value) {
  asm volatile("msr fpcr, %0" : : "r"(value));
}
#else
constexpr unsigned long long kFlush = 0;
unsigned long long control() {
  return 0;
}
void set_control(unsigned long long) {}
#endif

}  // namespace

void set_cpu_threads(int threads) {
  openblas_set_num_threads(threads);
}

FlushDenormals::FlushDenormals() : before_(control()) {
  set_control(before_ | kFlush);
}
FlushDenormals::~FlushDenormals() {
  set_control(before_);
}

}  // namespace gan
