// Control of denormal numbers, with which a CPU computes several times more slowly.
#pragma once

namespace gan {

// Read and write this thread's floating-point control register; 0 on processors other than x86-64
// and Arm64.
unsigned long long floating_point_control();
void set_floating_point_control(unsigned long long value);

// While an object of this type lives, its thread and the pool's threads that work for it
// (parallel.h) take denormal numbers for zero: Adam's moments of pixels that are always black decay
// into them. It does nothing on processors other than x86-64 and Arm64.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned long long before_;
};

}  // namespace gan
