// What a test may ask of the emulation, and what it reports.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gan::emulation {

// The order in which threads that could run do run, in which blocks are started, and in which a
// graph's work is done where it leaves that open.
enum class Order { forward, reverse, random };

struct Schedule {
  Order order = Order::forward;
  std::uint64_t seed = 1;  // of Order::random
};

// The schedule of the launches to come.  At first: $GAN_EMULATION_ORDER and $GAN_EMULATION_SEED.
Schedule schedule();
void set_schedule(Schedule schedule);

// What was found wrong since the last call: one line each, with the source lines concerned.
// A test that leaves any behind fails.
std::vector<std::string> take_findings();

// Transfers of one kind.
struct Transfers {
  std::size_t count = 0, bytes = 0;
};

// How often the host asked the device for something since the program began.
struct Counters {
  std::size_t allocations = 0, frees = 0;  // of device memory
  std::size_t pinned_allocations = 0;      // of page-locked host memory
  std::size_t synchronisations = 0;        // of a stream, an event or the device
  std::size_t profiled_launches = 0;       // between cudaProfilerStart and cudaProfilerStop
  std::size_t launches = 0, gemms = 0, memsets = 0;
  Transfers to_device, to_host, on_device;
  std::size_t graph_launches = 0;
  std::size_t graph_nodes = 0;   // of all the graphs launched
  std::size_t graph_depths = 0;  // nodes of the longest chain of each of them
};

const Counters& counters();

// Prepares what ncclGetUniqueId gave as `id` for so many ranks, which are processes that are forked
// from here on.
void open_nccl_room(const std::string& id, int ranks);

}  // namespace gan::emulation
