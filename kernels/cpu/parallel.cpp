#include "kernels/cpu/parallel.h"

#include <cblas.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "kernels/cpu/cores.h"
#include "kernels/cpu/denormals.h"
#include "kernels/cpu/memory.h"

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
  // With that many threads, if it is the first call; 0: as many as there are cores, and memory.
  static Pool& instance(int threads) {
    static Pool pool(threads > 0 ? threads : threads_that_fit());
    return pool;
  }

  ~Pool() { stop(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void resize(int threads) {
    while (busy_.test_and_set(std::memory_order_acquire)) rest();
    const Release release(busy_);
    if (static_cast<std::size_t>(std::max(threads, 1)) == workers_.size() + 1) return;
    require_product_buffers(threads);
    stop();
    start(threads);
  }

  void run(const RangeWork& work) {
    const std::size_t grains = (work.n + work.grain - 1) / work.grain;
    if (grains <= 1 || workers_.empty() || busy_.test_and_set(std::memory_order_acquire)) {
      if (work.n > 0) work.call(work.body, 0, work.n);
      return;
    }
    share(work);
    busy_.clear(std::memory_order_release);
  }

 private:
  explicit Pool(int threads) {
    openblas_set_num_threads(1);
    require_product_buffers(threads);
    start(threads);
  }

  struct Release {
    explicit Release(std::atomic_flag& busy) : flag(busy) {}
    ~Release() { flag.clear(std::memory_order_release); }
    Release(const Release&) = delete;
    Release& operator=(const Release&) = delete;
    std::atomic_flag& flag;
  };

  static int threads_that_fit() {
    int threads = available_cores();
    while (threads > 1 && !can_have(static_cast<std::size_t>(threads) * kProductBuffer))
      threads /= 2;
    return threads;
  }

  void require_product_buffers(int threads) const {
    if (threads <= buffers_) return;
    require_memory(
        static_cast<std::size_t>(threads - buffers_) * kProductBuffer,
        "a matrix product on " + std::to_string(threads) + (threads == 1 ? " thread" : " threads"));
  }

  // For the thread that is busy.
  void share(const RangeWork& work) {
    const std::size_t grains = (work.n + work.grain - 1) / work.grain;
    work_ = work;
    control_ = floating_point_control();
    share_ = (grains + workers_.size()) / (workers_.size() + 1) * work.grain;
    working_.store(workers_.size(), std::memory_order_relaxed);
    turn_.fetch_add(1, std::memory_order_release);
    turn_.notify_all();
    do_share(0);
    for (std::size_t left; (left = working_.load(std::memory_order_acquire)) > 0;)
      wait_while(working_, left);
  }

  void start(int threads) {
    try {
      for (int t = 1; t < threads; ++t)
        workers_.emplace_back(
            [this, t, turn = turn_.load()] { help(static_cast<std::size_t>(t), turn); });
    } catch (const std::system_error& error) {
      stop();
      throw std::runtime_error("cannot start " + std::to_string(threads) +
                               " threads, for want of memory or processes: " +
                               error.code().message() + "; use fewer --threads");
    }
    if (threads > buffers_) take_product_buffers(static_cast<std::size_t>(threads));
    buffers_ = std::max(buffers_, threads);
  }

  // Has a product on all threads at once, so that OpenBLAS gets its memory while it is there.
  void take_product_buffers(std::size_t threads) {
    std::atomic<std::size_t> arrived = 0;
    const auto multiply = [&](std::size_t, std::size_t) {
      constexpr int n = 96;
      std::array<float, std::size_t{n} * n> a{}, c{};
      ++arrived;
      do {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.data(), n, a.data(), n,
                    0, c.data(), n);
      } while (arrived < threads);
    };
    const auto call = [](const void* body, std::size_t first, std::size_t last) {
      (*static_cast<const decltype(multiply)*>(body))(first, last);
    };
    share({threads, 1, call, &multiply});
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

  int buffers_ = 0;  // that OpenBLAS has: one a thread, kept for the next one

  std::atomic<unsigned> turn_ = 0;
  std::atomic<std::size_t> working_ = 0;  // workers that have not finished this turn
  std::vector<std::jthread> workers_;
};

}  // namespace

void set_cpu_threads(int threads) {
  Pool::instance(std::max(threads, 1)).resize(threads);
}

void in_parallel(const RangeWork& work) {
  Pool::instance(0).run(work);
}

}  // namespace gan
