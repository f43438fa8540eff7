#include "host/cli/children.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace gan {
namespace {

// The redirections of a child, released whatever happens.
class Redirections {
 public:
  explicit Redirections(const Command& command) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    add(STDOUT_FILENO, command.output);
    add(STDERR_FILENO, command.errors);
  }
  ~Redirections() { posix_spawn_file_actions_destroy(&actions_); }
  Redirections(const Redirections&) = delete;
  Redirections& operator=(const Redirections&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void add(int descriptor, const std::filesystem::path& path) {
    posix_spawn_file_actions_addopen(&actions_, descriptor, path.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
  }
  posix_spawn_file_actions_t actions_;
};

}  // namespace

Children::~Children() {
  send_all(SIGTERM);
  for (const auto& [pid, _] : ids_) waitpid(pid, nullptr, 0);
}

void Children::start(int id, const Command& command) {
  const Redirections redirections(command);
  std::vector<std::string> arguments = command.arguments;
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], redirections.get(), nullptr, argv.data(), environ);
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

}  // namespace gan
