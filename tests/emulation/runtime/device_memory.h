// The device's memory: which ranges are allocated.
#pragma once
#include <cstddef>
#include <map>
#include <optional>

#include "tests/emulation/engine/buffer.h"

namespace gan::emulation {

struct Range {
  const char* begin;
  std::size_t size;
};

class DeviceMemory {
 public:
  // Null if the device has not that much left.
  void* allocate(std::size_t size);
  // False if `address` is not the beginning of an allocation.
  bool free(void* address);
  // The allocation in which `address` lies.
  std::optional<Range> find(const void* address) const;
  // Whether `size` bytes from `address` on lie within one allocation.
  bool holds(const void* address, std::size_t size) const;
  std::size_t used() const { return used_; }

 private:
  struct Allocation {
    Buffer bytes;
    std::size_t size;
  };
  std::map<const char*, Allocation> allocations_;
  std::size_t used_ = 0;
};

DeviceMemory& device_memory();

}  // namespace gan::emulation
