// A library to preload: ends a program by SIGKILL before its KILL_AT-th change to a file, or,
// if it has fewer, leaves their number in the file KILL_COUNT.
#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

long changes = 0;

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

void count() {
  const char* const at = std::getenv("KILL_AT");
  if (at == nullptr) return;
  if (++changes == std::atol(at)) kill(getpid(), SIGKILL);
}

bool is_file(int descriptor) {
  struct stat status = {};
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

struct AtExit {
  ~AtExit() {
    const char* const path = std::getenv("KILL_COUNT");
    if (path == nullptr) return;
    if (std::FILE* const file = std::fopen(path, "w")) {
      std::fprintf(file, "%ld\n", changes);
      std::fclose(file);
    }
  }
} at_exit;

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t size) {
  if (is_file(descriptor)) count();
  return next<ssize_t(int, const void*, size_t)>("write")(descriptor, bytes, size);
}

int rename(const char* from, const char* to) {
  count();
  return next<int(const char*, const char*)>("rename")(from, to);
}

int unlink(const char* path) {
  count();
  return next<int(const char*)>("unlink")(path);
}

int remove(const char* path) {
  count();
  return next<int(const char*)>("remove")(path);
}

int mkdir(const char* path, mode_t mode) {
  count();
  return next<int(const char*, mode_t)>("mkdir")(path, mode);
}

}  // extern "C"
