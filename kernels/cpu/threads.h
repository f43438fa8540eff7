// How the calling thread computes on a CPU.
#pragma once

namespace gan {

// Threads of the matrix products, for the whole program.
void set_cpu_threads(int threads);

// While it lives, this thread takes denormal numbers for zero: Adam's moments of pixels that are
// always black decay into them, and they are several times slower.  Does nothing on processors
// other than x86-64 and Arm64.
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
