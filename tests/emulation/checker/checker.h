// The checker: told of every memory access of a kernel by callbacks.cpp, and of everything that
// orders them by the engine.
//
// Finds races (happens_before.h says what orders), reads of device or shared memory that was never
// written, accesses to memory that is not the device's, and misaligned ones.  It does not see: weak
// memory order, a wrong index within the right allocation, an overrun of static shared memory (the
// ASan build does), memcpy in a kernel where the compiler makes it a call.
#pragma once
#include <set>
#include <string>
#include <utility>

#include "tests/emulation/checker/happens_before.h"
#include "tests/emulation/checker/shadow.h"
#include "tests/emulation/checker/written.h"
#include "tests/emulation/engine/observer.h"
#include "tests/emulation/engine/scheduler.h"

namespace gan::emulation {

enum class Alignment { required, any };

class Checker : public Observer {
 public:
  // One access by the running kernel, if one is running.
  void access(AccessKind kind, const void* address, std::size_t size, Alignment alignment,
              const void* code);

  void launch_begins(const Launch& launch) override;
  void block_synchronised(const Block& block) override { order_.block_synchronised(block); }
  void lanes_synchronised(const Warp& warp, unsigned lanes) override {
    order_.lanes_synchronised(warp, lanes);
  }
  void grid_synchronised() override { order_.grid_synchronised(); }
  void fence(const Thread& thread) override { order_.fence(thread); }
  void atomic(const Thread& thread, AtomicAccess access, const void* address, std::size_t size,
              const void* code) override;

  void allocated(const void* address, std::size_t size) override {
    written_.allocate(address, size);
  }
  void freed(const void* address) override { written_.free(address); }
  void written(const void* address, std::size_t size) override { written_.mark(address, size); }
  void copied(const void* to, const void* from, std::size_t size) override {
    written_.copy(to, from, size);
  }
  bool is_written(const void* address, std::size_t size) override {
    return written_.has_all(address, size);
  }

 private:
  enum class Space { own, static_shared, dynamic_shared, global, outside };
  enum class Fault { race, unwritten, outside, misaligned, static_shared, early };

  Space space_of(AccessKind kind, const char* address, std::size_t size, const Thread& thread);
  void check(AccessKind kind, const char* address, std::size_t size, const void* code,
             const Thread& thread, Space space);
  void check_word(std::uintptr_t address, const Access& access, const Thread& thread, Space space);
  void say(Fault fault, const void* code, const Thread& thread, const std::string& what);

  const Scheduler& scheduler_ = scheduler();
  HappensBefore order_;
  Shadow shadow_;
  Written written_;
  unsigned launches_ = 0;
  std::set<std::pair<Fault, const void*>> said_;  // in this launch
};

Checker& checker();

}  // namespace gan::emulation
