#pragma once
#include <string>

namespace gan::emulation {

// "file.cu:12", the source line of the call that returns to `code`: of the kernel's own code where
// functions of the emulation were inlined into it.  "?" without line information.
std::string source_line(const void* code);

}  // namespace gan::emulation
