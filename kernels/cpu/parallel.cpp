#include "kernels/cpu/parallel.h"

#include <cblas.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "kernels/cpu/cores.h"
#include "kernels/cpu/denormals.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gan {
namespace {

// A moment's rest of a thread that waits for another.
void rest() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Until `value` is no longer `old`: awake as long as the next operation of a step can be expected,
// then asleep.
template <class T>
void wait_while(const std::atomic<T>& value, T old) {
  constexpr int kRests = 2000;  // some 20 to 50 µs
  for (int i = 0; i < kRests; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    rest();
  }
  value.wait(old, std::memory_order_acquire);
}

// Threads that share one piece of work after another with the thread that has it.  OpenBLAS's own
// threads know of products alone, and two sets of threads would be in each other's way.
class Pool {
 public:
  static Pool& instance() {
    static Pool pool(available_cores());
    return pool;
  }

  ~Pool() { stop(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void resize(int threads) {
    while (busy_.test_and_set(std::memory_order_acquire)) rest();
    if (static_cast<std::size_t>(std::max(threads, 1)) != workers_.size() + 1) {
      stop();
      start(threads);
    }
    busy_.clear(std::memory_order_release);
  }

  void run(const RangeWork& work) {
    const std::size_t grains = (work.n + work.grain - 1) / work.grain;
    if (grains <= 1 || workers_.empty() || busy_.test_and_set(std::memory_order_acquire)) {
      if (work.n > 0) work.call(work.body, 0, work.n);
      return;
    }
    work_ = work;
    control_ = floating_point_control();
    share_ = (grains + workers_.size()) / (workers_.size() + 1) * work.grain;
    working_.store(workers_.size(), std::memory_order_relaxed);
    turn_.fetch_add(1, std::memory_order_release);
    turn_.notify_all();
    do_share(0);
    for (std::size_t left; (left = working_.load(std::memory_order_acquire)) > 0;)
      wait_while(working_, left);
    busy_.clear(std::memory_order_release);
  }

 private:
  explicit Pool(int threads) {
    openblas_set_num_threads(1);
    start(threads);
  }

  void start(int threads) {
    for (int t = 1; t < threads; ++t)
      workers_.emplace_back(
          [this, t, turn = turn_.load()] { help(static_cast<std::size_t>(t), turn); });
  }

  void stop() {
    stopping_ = true;
    turn_.fetch_add(1, std::memory_order_release);
    turn_.notify_all();
    workers_.clear();
    stopping_ = false;
  }

  void help(std::size_t thread, unsigned turn) {
    for (;; ++turn) {
      wait_while(turn_, turn);
      if (stopping_) return;
      set_floating_point_control(control_);
      do_share(thread);
      if (working_.fetch_sub(1, std::memory_order_acq_rel) == 1) working_.notify_one();
    }
  }

  void do_share(std::size_t thread) const {
    const std::size_t first = thread * share_, last = std::min(first + share_, work_.n);
    if (first < last) work_.call(work_.body, first, last);
  }

  std::atomic_flag busy_;
  // Written by the thread that has the work, before the turn that shows it to the others.
  RangeWork work_{};
  unsigned long long control_ = 0;
  std::size_t share_ = 0;
  bool stopping_ = false;

  std::atomic<unsigned> turn_ = 0;
  std::atomic<std::size_t> working_ = 0;  // workers that have not finished this turn
  std::vector<std::jthread> workers_;
};

}  // namespace

void set_cpu_threads(int threads) {
  Pool::instance().resize(threads);
}

void in_parallel(const RangeWork& work) {
  Pool::instance().run(work);
}

}  // namespace gan
