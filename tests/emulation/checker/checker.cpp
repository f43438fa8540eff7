#include "tests/emulation/checker/checker.h"

#include "tests/emulation/checker/source_line.h"
#include "tests/emulation/device/threads.h"
#include "tests/emulation/engine/findings.h"

// Where the linker puts the program: its code and constants, then its variables.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" const char __executable_start, __data_start, _end;

namespace gan::emulation {
namespace {

bool is_within(const char* address, std::size_t size, const void* begin, std::size_t length) {
  const auto offset =
      reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(begin);
  return offset < length && size <= length - offset;
}

template <class T>
bool is_within(const char* address, const T& variable) {
  return is_within(address, 1, &variable, sizeof variable);
}

std::size_t distance(const char& begin, const char& end) {
  return static_cast<std::size_t>(&end - &begin);
}

AccessKind kind_of(AtomicAccess access) {
  return access == AtomicAccess::acquire_load    ? AccessKind::atomic_read
         : access == AtomicAccess::release_store ? AccessKind::atomic_write
                                                 : AccessKind::atomic_update;
}

bool reads(AccessKind kind) {
  return kind != AccessKind::write && kind != AccessKind::atomic_write;
}

bool writes(AccessKind kind) {
  return kind != AccessKind::read && kind != AccessKind::atomic_read;
}

std::string describe(unsigned block_number, unsigned thread_number, const Launch& launch) {
  Block block;
  block.index = index_in(launch.grid, block_number);
  Thread thread{};
  thread.index = index_in(launch.block, thread_number);
  thread.block = &block;
  return describe(thread);
}

// "write at file.cu:12, block (0,0,0) thread (1,0,0)"
std::string describe(const Access& access, const Place& place, const Launch& launch) {
  return (writes(access.kind) ? "write at " : "read at ") + source_line(place.code) + ", " +
         describe(access.accessors.block, place.thread, launch);
}

}  // namespace

Checker& checker() {
  static Checker instance;
  return instance;
}

void Checker::launch_begins(const Launch& launch) {
  ++launches_;
  said_.clear();
  order_.launch_begins(launch);
  shadow_.launch_begins();
}

void Checker::say(Fault fault, const void* code, const Thread& thread, const std::string& what) {
  if (!said_.insert({fault, code}).second) return;
  report(what + " at " + source_line(code) + ", " + describe(thread));
}

// A thread's own memory is its stack, its parameters, its indices, and what is constant.
Checker::Space Checker::space_of(AccessKind kind, const char* address, std::size_t size,
                                 const Thread& thread) {
  const Launch& launch = scheduler_.launch();
  if (scheduler_.stacks().contains(address)) return Space::own;
  if (is_within(address, size, &__data_start, distance(__data_start, _end))) {
    const bool is_index = is_within(address, threadIdx) || is_within(address, blockIdx) ||
                          is_within(address, blockDim) || is_within(address, gridDim);
    return is_index && kind == AccessKind::read ? Space::own : Space::static_shared;
  }
  if (is_within(address, size, thread.block->dynamic_shared.get(), launch.shared))
    return Space::dynamic_shared;
  if (written_.holds(address, size)) return Space::global;
  const bool is_constant =
      is_within(address, size, launch.parameters, launch.parameter_bytes) ||
      is_within(address, size, &__executable_start, distance(__executable_start, __data_start));
  return is_constant && kind == AccessKind::read ? Space::own : Space::outside;
}

void Checker::access(AccessKind kind, const void* address, std::size_t size, Alignment alignment,
                     const void* code) {
  const Thread* thread = scheduler_.running();
  if (thread == nullptr) return;
  const OutsideKernel scope;
  const char* bytes = static_cast<const char*>(address);
  const Space space = space_of(kind, bytes, size, *thread);
  if (space == Space::own) return;
  if (alignment == Alignment::required && reinterpret_cast<std::uintptr_t>(address) % size != 0)
    say(Fault::misaligned, code, *thread,
        "misaligned access of " + std::to_string(size) + " bytes");
  check(kind, bytes, size, code, *thread, space);
}

void Checker::atomic(const Thread& thread, AtomicAccess access, const void* address,
                     std::size_t size, const void* code) {
  const char* bytes = static_cast<const char*>(address);
  const AccessKind kind = kind_of(access);
  const Space space = space_of(kind, bytes, size, thread);
  check(kind, bytes, size, code, thread, space == Space::own ? Space::outside : space);
  order_.atomic(thread, access, address);
}

void Checker::check(AccessKind kind, const char* address, std::size_t size, const void* code,
                    const Thread& thread, Space space) {
  if (space == Space::outside)
    return say(Fault::outside, code, thread,
               std::string(writes(kind) ? "write to" : "read of") +
                   " memory that is neither device nor shared memory" + written_.near(address));
  if (space == Space::static_shared && scheduler_.launch().kind == LaunchKind::cooperative)
    return say(Fault::static_shared, code, thread,
               "static shared memory in a cooperative launch, which is not emulated,");

  const unsigned warp = thread.linear / kWarpSize;
  Access access{{code, thread.linear},
                0,
                kind,
                {thread.block->linear, 1u << warp, 1u << thread.lane(), order_.now()},
                {}};
  for_each_word(address, size, [&](std::uintptr_t word, std::uint8_t bytes) {
    access.bytes = bytes;
    check_word(word, access, thread, space);
  });
}

void Checker::check_word(std::uintptr_t address, const Access& access, const Thread& thread,
                         Space space) {
  const bool is_shared = space != Space::global;
  Word& word = shadow_.word(address);
  if (!is_shared && !thread.has_awaited && word.launch == launches_ - 1 &&
      (writes(access.kind) || word.is_changed()))
    say(Fault::early, access.place.code, thread,
        "access in front of await_predecessor() of memory that the kernel before touches");
  if (word.launch != launches_ || (is_shared && word.block != thread.block->linear)) {
    word.launch = launches_;
    word.block = thread.block->linear;
    word.written = 0;
    word.has_write = false;
    word.others.clear();
  }
  std::uint8_t& written = is_shared ? word.written : written_.word(address);
  const bool is_written = (access.bytes & ~written) == 0;
  if (writes(access.kind)) written |= access.bytes;
  const char* where = is_shared ? "shared memory" : "global memory";
  if (reads(access.kind) && !is_written)
    say(Fault::unwritten, access.place.code, thread,
        std::string("read of ") + where + " that was never written");

  const std::optional<Access> race = find_race(word, access, thread, order_);
  if (!race || !said_.insert({Fault::race, access.place.code}).second) return;
  const Launch& launch = scheduler_.launch();
  const bool is_own =
      race->accessors.block == access.accessors.block && race->place.thread == access.place.thread;
  report(std::string("race on ") + where + ": " + describe(access, access.place, launch) +
         ", is not ordered after " + describe(*race, is_own ? race->other : race->place, launch));
}

}  // namespace gan::emulation
