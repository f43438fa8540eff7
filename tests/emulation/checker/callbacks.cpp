// What a compiler calls at every memory access with -fsanitize=thread.  The program is linked
// without ThreadSanitizer itself, so the calls come here.
#include "tests/emulation/checker/checker.h"

namespace gan::emulation {
namespace {

[[maybe_unused]] const bool registered = [] {
  set_observer(&checker());
  return true;
}();

}  // namespace
}  // namespace gan::emulation

using gan::emulation::AccessKind;
using gan::emulation::Alignment;
using gan::emulation::checker;

// NOLINTBEGIN(bugprone-reserved-identifier): the names are the compiler's.
extern "C" {
void __tsan_init() {}

// A size per function, read and write, as the compiler has it; the unaligned ones come from memcpy
// and packed structures, which may be anywhere.
#define GAN_CALLBACK(name, kind, size, alignment)                           \
  void __tsan_##name##size(void* address) {                                 \
    checker().access(AccessKind::kind, address, size, Alignment::alignment, \
                     __builtin_return_address(0));                          \
  }
#define GAN_CALLBACKS(size)                     \
  GAN_CALLBACK(read, read, size, required)      \
  GAN_CALLBACK(write, write, size, required)    \
  GAN_CALLBACK(unaligned_read, read, size, any) \
  GAN_CALLBACK(unaligned_write, write, size, any)
GAN_CALLBACKS(1)
GAN_CALLBACKS(2)
GAN_CALLBACKS(4)
GAN_CALLBACKS(8)
GAN_CALLBACKS(16)
#undef GAN_CALLBACKS
#undef GAN_CALLBACK

void __tsan_read_range(void* address, unsigned long size) {
  checker().access(AccessKind::read, address, size, Alignment::any, __builtin_return_address(0));
}
void __tsan_write_range(void* address, unsigned long size) {
  checker().access(AccessKind::write, address, size, Alignment::any, __builtin_return_address(0));
}
}
// NOLINTEND(bugprone-reserved-identifier)
