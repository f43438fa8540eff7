// What the checker is told of: everything that orders memory accesses, and every change of what is
// allocated and written.  The plain emulation has no observer.
#pragma once
#include <cstddef>

#include "tests/emulation/engine/device_calls.h"

namespace gan::emulation {

struct Block;
struct Launch;
struct Thread;
struct Warp;

class Observer {
 public:
  virtual ~Observer() = default;

  virtual void launch_begins(const Launch& launch) = 0;

  virtual void block_synchronised(const Block& block) = 0;
  virtual void lanes_synchronised(const Warp& warp, unsigned lanes) = 0;
  virtual void grid_synchronised() = 0;
  // __threadfence
  virtual void fence(const Thread& thread) = 0;
  virtual void atomic(const Thread& thread, AtomicAccess access, const void* address,
                      std::size_t size, const void* code) = 0;

  virtual void allocated(const void* address, std::size_t size) = 0;
  virtual void freed(const void* address) = 0;
  virtual void written(const void* address, std::size_t size) = 0;
  virtual void copied(const void* to, const void* from, std::size_t size) = 0;
  // Whether all of a range of device memory has been written.
  virtual bool is_written(const void* address, std::size_t size) = 0;
};

// Null unless the checker is linked in.
Observer* observer();
void set_observer(Observer* observer);

}  // namespace gan::emulation
