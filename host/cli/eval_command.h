#pragma once

namespace gan::cli {

// gan_cuda eval: measures how good samples are.  argv[0] is "eval".  Returns the exit code.
int eval_command(int argc, const char* const* argv);

}  // namespace gan::cli
