// A fiber: a stack of its own and a place to go on from.  Every CUDA thread runs on one.
//
// On x86-64 a switch is some ten instructions; elsewhere, or with GAN_EMULATION_UCONTEXT defined,
// it is ucontext's, which asks the kernel for the signal mask and is about 50 times slower.
// AddressSanitizer is told of every switch, so that it knows which stack is in use.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#if !defined(__x86_64__) && !defined(GAN_EMULATION_UCONTEXT)
#define GAN_EMULATION_UCONTEXT
#endif
#ifdef GAN_EMULATION_UCONTEXT
#include <ucontext.h>
#endif

namespace gan::emulation {

class Fiber {
 public:
  using Entry = void (*)();

  // The operating system's own thread, as something to switch back to.
  Fiber() = default;
  // A fiber that starts in `entry`, which must call started() first and must not return.
  Fiber(char* stack, std::size_t size, Entry entry);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Forgets what it was doing: the next switch to it starts its entry anew.
  void reset();
  // Leaves this fiber, which must be the running one; returns when something switches back to it.
  void switch_to(Fiber& next);
  // The end of the first switch to a fiber; `from` is the fiber that made it.
  void started(Fiber& from);

 private:
  char* stack_ = nullptr;
  std::size_t size_ = 0;
  Entry entry_ = nullptr;
  void* sanitizer_stack_ = nullptr;  // AddressSanitizer's own record of the stack left behind
#ifdef GAN_EMULATION_UCONTEXT
  ucontext_t context_{};
#else
  void* stack_pointer_ = nullptr;
#endif
};

// Stacks of equal size, the first 16384 behind a guard page each.  Fibers are made when needed and
// kept.
class FiberPool {
 public:
  explicit FiberPool(Fiber::Entry entry);
  FiberPool(const FiberPool&) = delete;
  FiberPool& operator=(const FiberPool&) = delete;
  ~FiberPool();

  Fiber* take();
  void give_back(Fiber* fiber);
  // Whether an address lies on one of the stacks.
  bool contains(const void* address) const;

 private:
  Fiber::Entry entry_;
  char* stacks_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
};

}  // namespace gan::emulation
