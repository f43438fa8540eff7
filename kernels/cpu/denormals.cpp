#include "kernels/cpu/denormals.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace gan {

// kFlush: the bits of the control register that flush denormal inputs and results.
#if defined(__x86_64__)
constexpr unsigned long long kFlush = 0x8040;  // MXCSR: FZ and DAZ
unsigned long long floating_point_control() {
  return _mm_getcsr();
}
void set_floating_point_control(unsigned long long value) {
  _mm_setcsr(static_cast<unsigned>(value));
}
#elif defined(__aarch64__)
constexpr unsigned long long kFlush = 1ull << 24;  // FPCR: FZ
unsigned long long floating_point_control() {
  unsigned long long value;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void set_floating_point_control(unsigned long long value) {
  asm volatile("msr fpcr, %0" : : "r"(value));
}
#else
constexpr unsigned long long kFlush = 0;
unsigned long long floating_point_control() {
  return 0;
}
void set_floating_point_control(unsigned long long) {}
#endif

FlushDenormals::FlushDenormals() : before_(floating_point_control()) {
  set_floating_point_control(before_ | kFlush);
}
FlushDenormals::~FlushDenormals() {
  set_floating_point_control(before_);
}

}  // namespace gan
