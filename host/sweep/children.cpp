#include "host/sweep/children.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace gan::sweep {
namespace {

// All below runs in the child, between fork and exec, where a program with threads may only make
// plain system calls.

bool redirect(int descriptor, const char* path, int flags) {
  const int opened = ::open(path, flags, 0644);
  if (opened < 0 || ::dup2(opened, descriptor) < 0) return false;
  if (opened != descriptor) ::close(opened);
  return true;
}

// The child ends with its owner, however that ends.  Ctrl-C reaches all programs of a terminal, and
// is left to the owner, who sends SIGTERM.
bool depend_on(pid_t owner) {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  sigaddset(&blocked, SIGHUP);
  return ::prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 &&
         ::sigprocmask(SIG_SETMASK, &blocked, nullptr) == 0 && ::getppid() == owner;
}

// Puts the child into its process group and keeps open what it inherits.
bool set_apart(const Command& command) {
  return (command.group == Group::of_owner || ::setpgid(0, 0) == 0) &&
         (command.inherited < 0 || ::fcntl(command.inherited, F_SETFD, 0) == 0);
}

// Replaces the child by the program; reports errno through the pipe when it cannot.
[[noreturn]] void become(const Command& command, char* const* argv, char* const* environment,
                         pid_t owner, int report) {
  if (depend_on(owner) && set_apart(command) && redirect(STDIN_FILENO, "/dev/null", O_RDONLY) &&
      redirect(STDOUT_FILENO, command.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC) &&
      redirect(STDERR_FILENO, command.errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC))
    ::execve(command.program.c_str(), argv, environment);
  const int error = errno;
  static_cast<void>(::write(report, &error, sizeof(error)));
  ::_exit(127);
}

// A pipe that ends with the exec of who has it.
struct Pipe {
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) < 0)
      throw std::runtime_error(std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  ~Pipe() {
    ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void close_writing() { ::close(std::exchange(ends[1], -1)); }
  int ends[2];
};

// Pointers to the texts, as exec wants them.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Children::~Children() {
  send_all(SIGTERM);
  for (const auto& [pid, _] : ids_) waitpid(pid, nullptr, 0);
}

void Children::start(int id, const Command& command) {
  std::vector<std::string> arguments = command.arguments, variables = command.environment;
  const std::vector<char*> argv = pointers_to(arguments), environment = pointers_to(variables);
  Pipe report;
  const pid_t owner = ::getpid(), pid = ::fork();
  if (pid == 0) become(command, argv.data(), environment.data(), owner, report.ends[1]);
  int error = pid < 0 ? errno : 0;
  report.close_writing();
  if (pid > 0 && ::read(report.ends[0], &error, sizeof(error)) > 0) ::waitpid(pid, nullptr, 0);
  if (error != 0)
    throw std::runtime_error("cannot start " + arguments[0] + ": " + std::strerror(error));
  ids_[pid] = id;
}

std::optional<Ended> Children::reap() {
  for (const auto& [pid, id] : ids_) {
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) != pid) continue;
    const Ended ended{id, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
    ids_.erase(pid);
    return ended;
  }
  return std::nullopt;
}

void Children::send_all(int signal) const {
  for (const auto& [pid, _] : ids_) kill(pid, signal);
}

}  // namespace gan::sweep
