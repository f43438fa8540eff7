#include "tests/emulation/runtime/device_memory.h"

#include "tests/emulation/engine/observer.h"
#include "tests/emulation/runtime/state.h"

namespace gan::emulation {

DeviceMemory& device_memory() {
  static DeviceMemory instance;
  return instance;
}

void* DeviceMemory::allocate(std::size_t size) {
  if (size > kDeviceBytes - used_) return nullptr;
  Buffer bytes = make_buffer(size);
  char* address = bytes.get();
  allocations_.emplace(address, Allocation{std::move(bytes), size});
  used_ += size;
  if (observer() != nullptr) observer()->allocated(address, size);
  return address;
}

bool DeviceMemory::free(void* address) {
  const auto found = allocations_.find(static_cast<const char*>(address));
  if (found == allocations_.end()) return false;
  if (observer() != nullptr) observer()->freed(address);
  used_ -= found->second.size;
  allocations_.erase(found);
  return true;
}

std::optional<Range> DeviceMemory::find(const void* address) const {
  auto after = allocations_.upper_bound(static_cast<const char*>(address));
  if (after == allocations_.begin()) return std::nullopt;
  const auto& [begin, allocation] = *--after;
  if (static_cast<const char*>(address) >= begin + allocation.size) return std::nullopt;
  return Range{begin, allocation.size};
}

bool DeviceMemory::holds(const void* address, std::size_t size) const {
  const auto range = find(address);
  if (!range) return size == 0;
  const auto offset = static_cast<std::size_t>(static_cast<const char*>(address) - range->begin);
  return size <= range->size - offset;
}

}  // namespace gan::emulation
