// Steps that the program takes before it reads its arguments.
#pragma once

namespace gan::cli {

// Where address space is limited, starts the program again, once, without OpenBLAS's own threads.
// Each of these would wait for ever for memory that it cannot get, and the program could not exit.
// The program uses its own threads (kernels/cpu/parallel.h).
void restart_without_blas_threads(char** argv);

// Opens closed standard streams on /dev/null.  Otherwise the first file that the program opens
// would take their place, and messages would be written to it.
void open_standard_streams();

// From now on writing to a pipe without a reader does not end the program.
void survive_closed_pipes();

}  // namespace gan::cli
