#include "kernels/cpu/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace gan {
namespace {

// Returns the size of this program's address space in bytes; 0 if the system does not tell it.
std::size_t bytes_now() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

bool can_have(std::size_t bytes) {
  // MAP_NORESERVE: what is asked for in one piece here is allocated in many later.
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  ::munmap(memory, bytes);
  return true;
}

void require_memory(std::size_t bytes, const std::string& what) {
  if (can_have(bytes)) return;
  throw std::runtime_error(
      "not enough memory: " + what + " needs some " + std::to_string((bytes_now() + bytes) >> 20) +
      " MB in all; use fewer --threads, a smaller --batch or smaller networks, "
      "or raise the limit (ulimit -v)");
}

}  // namespace gan
