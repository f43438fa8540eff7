// Kernels that are right, but rely on more than __syncthreads in a straight line: the checker must
// not report them, and their results must not depend on the order of threads.
#pragma once
#include <string>
#include <vector>

namespace gan::emulation {

// Memory for them: kTrickySize values each.
inline constexpr int kTrickySize = 256;
struct TrickyArguments {
  float* x;         // tricky_input(0), tricky_input(1), …
  float* y;         // unwritten
  unsigned* flags;  // zero
};

constexpr float tricky_input(int i) {
  return static_cast<float>(i * 7 % 11);
}

inline float sum_of_inputs(int first, int count) {
  float sum = 0;
  for (int i = first; i < first + count; ++i) sum += tricky_input(i);
  return sum;
}

struct TrickyKernel {
  const char* name;
  void (*launch)(const TrickyArguments&);
  int outputs;               // of y
  float (*expected)(int i);  // y[i]
};

std::vector<TrickyKernel> tricky_block_kernels();  // within a warp or a block
std::vector<TrickyKernel> tricky_grid_kernels();   // between blocks

}  // namespace gan::emulation
