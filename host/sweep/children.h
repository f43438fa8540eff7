// Child processes, some at a time.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gan::sweep {

// Whether signals to the owner's process group reach a child.
enum class Group { of_owner, own };

// A program to run, with its standard output and errors in files.
struct Command {
  std::filesystem::path program;
  std::vector<std::string> arguments;  // the program's name first
  std::filesystem::path output, errors;
  std::vector<std::string> environment = {};  // "NAME=value"
  Group group = Group::of_owner;
  int inherited = -1;  // a descriptor that stays open in the child, or none
};

struct Ended {
  int id;
  int code;  // the exit code; 128 + the signal that ended it
};

// Children that are left alive are ended with their owner, even when it is killed.
class Children {
 public:
  Children() = default;
  ~Children();
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  // Starts a child that `id` is the caller's name of.  Throws std::runtime_error when it cannot.
  void start(int id, const Command& command);

  // The next child that ended, if one has.
  std::optional<Ended> reap();

  void send_all(int signal) const;
  std::size_t running() const { return ids_.size(); }

 private:
  std::map<pid_t, int> ids_;
};

}  // namespace gan::sweep
