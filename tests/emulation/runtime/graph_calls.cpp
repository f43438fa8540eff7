// Graphs captured from streams.  What waits for what is recorded as CUDA does it: work waits for
// the work before it in its stream, and by cudaStreamWaitEvent for what stood before an event in
// another, which is also how a second stream comes into a capture.
//
// A launched graph is carried out in an order of the schedule's: as it was recorded; with the last
// recorded first where nothing forbids it; or at random.  So what lacks a dependency gives other
// results in one of them.
#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include "tests/emulation/runtime/state.h"
#include "tests/emulation/runtime/stream.h"

using namespace gan::emulation;

struct CUgraph_st {
  std::vector<Node> nodes;
};
struct CUgraphExec_st {
  std::vector<Node> nodes;
};

namespace {

// Takes one of the numbers out.
std::size_t take(std::set<std::size_t>& ready, Order order, std::mt19937_64& random) {
  auto chosen = ready.begin();
  if (order == Order::reverse) chosen = std::prev(ready.end());
  if (order == Order::random)
    std::advance(chosen, static_cast<std::ptrdiff_t>(random() % ready.size()));
  return ready.extract(chosen).value();
}

// An order in which every node comes after those that it waits for.
std::vector<std::size_t> order_of(const std::vector<Node>& nodes) {
  std::vector<std::size_t> order, awaited(nodes.size());
  std::vector<std::vector<std::size_t>> followers(nodes.size());
  std::set<std::size_t> ready;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    awaited[i] = nodes[i].after.size();
    for (const std::size_t before : nodes[i].after) followers[before].push_back(i);
    if (awaited[i] == 0) ready.insert(i);
  }
  std::mt19937_64 random(schedule().seed * 1000003 + counters().graph_launches);
  while (!ready.empty()) {
    order.push_back(take(ready, schedule().order, random));
    for (const std::size_t follower : followers[order.back()])
      if (--awaited[follower] == 0) ready.insert(follower);
  }
  return order;
}

// Nodes in the longest chain of those that wait for one another.
std::size_t depth_of(const std::vector<Node>& nodes) {
  std::vector<std::size_t> depths;
  for (const Node& node : nodes) {
    std::size_t depth = 0;
    for (const std::size_t before : node.after) depth = std::max(depth, depths[before]);
    depths.push_back(depth + 1);
  }
  return depths.empty() ? 0 : *std::ranges::max_element(depths);
}

// Whether every node is awaited, directly or not, at the end of the stream that began.
bool is_joined(const Capture& capture) {
  std::vector<bool> is_awaited(capture.nodes.size());
  for (const std::size_t last : capture.origin->place.after) is_awaited[last] = true;
  for (std::size_t i = capture.nodes.size(); i-- > 0;) {
    if (!is_awaited[i]) return false;
    for (const std::size_t before : capture.nodes[i].after) is_awaited[before] = true;
  }
  return true;
}

}  // namespace

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  if (stream == nullptr || is_capturing(stream)) return record(cudaErrorIllegalState);
  stream->place = {std::make_shared<Capture>(Capture{stream, {stream}, {}}), {}};
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  const CapturedPlace& from = event->place;
  if (from.capture == nullptr)
    return is_capturing(stream) ? record(cudaErrorStreamCaptureIsolation) : cudaSuccess;
  if (from.capture->ended) return record(cudaErrorCapturedEvent);
  if (stream == nullptr) return record(cudaErrorStreamCaptureImplicit);
  CapturedPlace& to = stream->place;
  if (to.capture == nullptr) {
    to.capture = from.capture;
    to.capture->streams.push_back(stream);
  }
  if (to.capture != from.capture) return record(cudaErrorStreamCaptureMerge);
  std::set<std::size_t> after(to.after.begin(), to.after.end());
  after.insert(from.after.begin(), from.after.end());
  to.after.assign(after.begin(), after.end());
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = nullptr;
  if (!is_capturing(stream)) return record(cudaErrorIllegalState);
  const std::shared_ptr<Capture> capture = stream->place.capture;
  if (stream != capture->origin) return record(cudaErrorStreamCaptureUnmatched);
  const bool joined = is_joined(*capture);
  capture->ended = true;
  for (const cudaStream_t captured : capture->streams) captured->place = {};
  if (!joined) return record(cudaErrorStreamCaptureUnjoined);
  *graph = new CUgraph_st{std::move(capture->nodes)};
  return cudaSuccess;
}

// As many as fit into `nodes`, which may be null: then how many there are is all that is asked.
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  if (nodes != nullptr) return record(cudaErrorNotSupported);
  *count = graph->nodes.size();
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  *executable = new CUgraphExec_st{graph->nodes};
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return submit(stream, [executable] {
    const std::vector<Node>& nodes = executable->nodes;
    Counters& counters = mutable_counters();
    ++counters.graph_launches;
    counters.graph_nodes += nodes.size();
    counters.graph_depths += depth_of(nodes);
    for (const std::size_t i : order_of(nodes))
      if (const cudaError_t error = nodes[i].work()) return error;
    return cudaSuccess;
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}
