#pragma once

namespace gan::cli {

// Carries out `gan_cuda eval …`; argv[0] is "eval".  Returns the exit code.
int eval_command(int argc, const char* const* argv);

}  // namespace gan::cli
