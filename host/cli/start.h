// What the program does before it looks at its arguments.
#pragma once

namespace gan::cli {

// Starts the program again, once, without OpenBLAS's own threads, where address space is limited:
// each would wait for ever for memory that it cannot have, and the program could not exit.  The
// program has threads of its own (kernels/cpu/parallel.h).
void restart_without_blas_threads(char** argv);

// Standard streams that are closed are opened on /dev/null: else the first file that the program
// opens would take their place, and messages would land in it.
void open_standard_streams();

// From now on a pipe that nobody reads any more does not end the program.
void survive_closed_pipes();

}  // namespace gan::cli
