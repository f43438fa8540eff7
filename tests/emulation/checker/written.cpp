#include "tests/emulation/checker/written.h"

namespace gan::emulation {
namespace {

constexpr std::size_t kNear = 1 << 16;

std::uintptr_t number(const void* address) {
  return reinterpret_cast<std::uintptr_t>(address);
}

}  // namespace

void Written::allocate(const void* address, std::size_t size) {
  allocations_[number(address)] = {number(address), size,
                                   std::vector<std::uint8_t>((size + 3) / 4)};
}

void Written::free(const void* address) {
  last_ = nullptr;
  allocations_.erase(number(address));
}

Written::Allocation* Written::find(std::uintptr_t address) {
  if (last_ != nullptr && address - last_->begin < last_->size) return last_;
  auto after = allocations_.upper_bound(address);
  return after == allocations_.begin() ? nullptr : last_ = &(--after)->second;
}

bool Written::holds(const void* address, std::size_t size) {
  const Allocation* allocation = find(number(address));
  if (allocation == nullptr) return false;
  const std::uintptr_t offset = number(address) - allocation->begin;
  return offset < allocation->size && size <= allocation->size - offset;
}

std::uint8_t& Written::word(std::uintptr_t address) {
  Allocation* allocation = find(address);
  return allocation->words[(address - allocation->begin) / 4];
}

void Written::mark(const void* address, std::size_t size) {
  for_each_word(address, size,
                [this](std::uintptr_t at, std::uint8_t bytes) { word(at) |= bytes; });
}

void Written::copy(const void* to, const void* from, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const std::uintptr_t target = number(to) + i, source = number(from) + i;
    const unsigned is_written = word(source) >> source % 4 & 1;
    std::uint8_t& bytes = word(target);
    bytes = static_cast<std::uint8_t>((bytes & ~(1u << target % 4)) | is_written << target % 4);
  }
}

bool Written::has_all(const void* address, std::size_t size) {
  bool all = true;
  for_each_word(address, size,
                [&](std::uintptr_t at, std::uint8_t bytes) { all &= (bytes & ~word(at)) == 0; });
  return all;
}

std::string Written::near(const void* address) {
  const Allocation* allocation = find(number(address));
  if (allocation == nullptr) return "";
  const std::uintptr_t offset = number(address) - allocation->begin;
  if (offset >= allocation->size + kNear) return "";
  return ", at byte " + std::to_string(offset) + " of an allocation of " +
         std::to_string(allocation->size);
}

}  // namespace gan::emulation
