// Kernels that are wrong on purpose, one for each kind of finding.
#pragma once
#include <string>
#include <vector>

namespace gan::emulation {

// Memory for them: kBrokenSize values each.
inline constexpr int kBrokenSize = 256;
struct BrokenArguments {
  float* x;  // written
  float* y;  // written
  float* unwritten;
  float* host;      // not on the device
  unsigned* flags;  // zero
};

struct BrokenKernel {
  const char* name;
  void (*launch)(const BrokenArguments&);
  // Parts of its finding.  "@tag" stands for the line that is marked "// @tag".
  std::vector<std::string> finding;
};

// For the checker.
std::vector<BrokenKernel> broken_races();     // broken_races.cu
std::vector<BrokenKernel> broken_accesses();  // broken_kernels.cu, as is what follows
// For AddressSanitizer and UBSan: these end the program, and the finding is what they print.
std::vector<BrokenKernel> overrunning_kernels();

}  // namespace gan::emulation
