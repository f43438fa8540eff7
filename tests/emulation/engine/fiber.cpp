#include "tests/emulation/engine/fiber.h"

#include <sys/mman.h>

#include <stdexcept>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace gan::emulation {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kStackBytes = 256 << 10;  // redzones make frames several times as large
#else
constexpr std::size_t kStackBytes = 64 << 10;
#endif
constexpr std::size_t kMaxFibers = 65536;
// The first have a guard page, and so two mappings each; Linux allows a process 65530.
constexpr std::size_t kGuarded = 16384;
constexpr std::size_t kPage = 4096;

}  // namespace

#ifndef GAN_EMULATION_UCONTEXT
// Saves what the System V ABI says a call preserves, and ends in a jump: a `ret` to an address that
// no `call` pushed would be mispredicted every time.
extern "C" void gan_emulation_switch(void** save, void* load);
asm(R"(.text
.globl gan_emulation_switch
.type gan_emulation_switch, @function
gan_emulation_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  popq %rdx
  jmpq *%rdx
.size gan_emulation_switch, . - gan_emulation_switch
)");
#endif

Fiber::Fiber(char* stack, std::size_t size, Entry entry)
    : stack_(stack), size_(size), entry_(entry) {
  reset();
}

void Fiber::reset() {
#ifdef __SANITIZE_ADDRESS__
  __asan_unpoison_memory_region(stack_, size_);
#endif
  sanitizer_stack_ = nullptr;
#ifdef GAN_EMULATION_UCONTEXT
  getcontext(&context_);
  context_.uc_stack.ss_sp = stack_;
  context_.uc_stack.ss_size = size_;
  context_.uc_link = nullptr;
  makecontext(&context_, entry_, 0);
#else
  // From the top: a return address for the entry (none), the entry, six registers.
  void** top = reinterpret_cast<void**>(stack_ + size_);
  *--top = nullptr;
  *--top = reinterpret_cast<void*>(entry_);
  for (int i = 0; i < 6; ++i) *--top = nullptr;
  stack_pointer_ = top;
#endif
}

void Fiber::switch_to(Fiber& next) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_start_switch_fiber(&sanitizer_stack_, next.stack_, next.size_);
#endif
#ifdef GAN_EMULATION_UCONTEXT
  swapcontext(&context_, &next.context_);
#else
  gan_emulation_switch(&stack_pointer_, next.stack_pointer_);
#endif
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(sanitizer_stack_, nullptr, nullptr);
#endif
}

void Fiber::started([[maybe_unused]] Fiber& from) {
#ifdef __SANITIZE_ADDRESS__
  const void* bottom = nullptr;
  std::size_t size = 0;
  __sanitizer_finish_switch_fiber(sanitizer_stack_, &bottom, &size);
  if (from.entry_ == nullptr) {  // only now is it known where the system's own stack lies
    from.stack_ = static_cast<char*>(const_cast<void*>(bottom));
    from.size_ = size;
  }
#endif
}

FiberPool::FiberPool(Fiber::Entry entry) : entry_(entry) {
  // Untouched pages cost nothing, so all the room there can ever be is set aside at once.
  void* base = mmap(nullptr, kMaxFibers * kStackBytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) throw std::runtime_error("emulation: no room for the threads' stacks");
  stacks_ = static_cast<char*>(base);
}

FiberPool::~FiberPool() {
  munmap(stacks_, kMaxFibers * kStackBytes);
}

Fiber* FiberPool::take() {
  if (!idle_.empty()) {
    Fiber* fiber = idle_.back();
    idle_.pop_back();
    return fiber;
  }
  if (fibers_.size() == kMaxFibers)
    throw std::runtime_error("emulation: more than 65536 threads wait at the same time");
  char* stack = stacks_ + fibers_.size() * kStackBytes;
  if (fibers_.size() < kGuarded) mprotect(stack, kPage, PROT_NONE);
  fibers_.push_back(std::make_unique<Fiber>(stack + kPage, kStackBytes - kPage, entry_));
  return fibers_.back().get();
}

void FiberPool::give_back(Fiber* fiber) {
  idle_.push_back(fiber);
}

bool FiberPool::contains(const void* address) const {
  const auto offset = static_cast<const char*>(address) - stacks_;
  return offset >= 0 && static_cast<std::size_t>(offset) < kMaxFibers * kStackBytes;
}

}  // namespace gan::emulation
