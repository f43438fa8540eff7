# CUDA code that runs on the CPU, by default in the modes
#
#   plain     in three orders of threads: results
#   asan      AddressSanitizer and UBSan in everything
#   checker   the kernels are watched by tests/emulation/checker/
#
# and, for the emulation's own tests, ucontext: plain, with the portable fibers.
# Nothing is built where tests/emulation/CMakeLists.txt found that it cannot be.
macro(gan_emulation_modes)
  if(NOT ARG_MODES)
    set(ARG_MODES plain asan checker)
  endif()
endmacro()

# gan_emulated_objects(name KERNELS a.cu … SOURCES b.cpp … [LINK …] [MODES …]): the object libraries <name>_kernels_<mode> of
# the files with device code, and <name>_host and <name>_host_asan of everything else, which is the same in all other modes.
function(gan_emulated_objects name)
  cmake_parse_arguments(ARG "" "" "KERNELS;SOURCES;LINK;MODES" ${ARGN})
  gan_emulation_modes()
  if(NOT TARGET gan_emulation_plain)
    return()
  endif()
  set_source_files_properties(${ARG_KERNELS} PROPERTIES LANGUAGE CXX)
  foreach(mode ${ARG_MODES})
    if(ARG_KERNELS)
      add_library(${name}_kernels_${mode} OBJECT ${ARG_KERNELS})
      target_link_libraries(${name}_kernels_${mode} PRIVATE gan_emulation_${mode} ${ARG_LINK})
      if(mode STREQUAL "plain")
        target_compile_options(${name}_kernels_${mode} PRIVATE ${GAN_SHORT_LIVED})
      elseif(mode STREQUAL "checker")
        # Compiled for ThreadSanitizer, but linked to our own callbacks.  Vectors stay whole, to see their alignment.
        target_compile_options(${name}_kernels_${mode} PRIVATE -O1 -g -fno-tree-sra -fsanitize=thread
          --param=tsan-instrument-func-entry-exit=0)
      endif()
    endif()
    gan_emulated_host(host ${name} ${mode})
    if(NOT TARGET ${host})
      add_library(${host} OBJECT ${ARG_SOURCES})
      target_compile_options(${host} PRIVATE ${GAN_SHORT_LIVED})
      target_link_libraries(${host} PRIVATE gan_emulation_${mode} ${ARG_LINK} GTest::gmock)
    endif()
  endforeach()
endfunction()

# gan_emulated_host(out name mode): which object library has the host's code of this mode.
function(gan_emulated_host out name mode)
  set(host ${name}_host)
  if(mode STREQUAL "asan")
    string(APPEND host _asan)
  endif()
  set(${out} ${host} PARENT_SCOPE)
endfunction()

# gan_emulated_test(name SOURCES test.cpp … [KERNELS a.cu …] [USE objects …] [LINK …] [MODES …]): the test programs
# test_<name>_<mode>, linked to the objects of gan_emulated_objects that they name.
# ALONE pattern variable=value: the tests that take long are left out, and run once, plain, as the ctest <name>.plain.alone,
# in the environment that they need.
function(gan_emulated_test name)
  cmake_parse_arguments(ARG "" "" "KERNELS;SOURCES;USE;LINK;MODES;ALONE" ${ARGN})
  set(others "*")
  if(ARG_ALONE)
    list(POP_FRONT ARG_ALONE alone)
    set(others "-${alone}")
  endif()
  gan_emulation_modes()
  if(NOT TARGET gan_emulation_plain)
    return()
  endif()
  gan_emulated_objects(test_${name} KERNELS ${ARG_KERNELS} SOURCES ${ARG_SOURCES} LINK ${ARG_LINK} MODES ${ARG_MODES})
  foreach(mode ${ARG_MODES})
    set(target test_${name}_${mode})
    # The kernels' objects come first: of an inline function that others use too, the linker keeps the first.
    set(kernels "")
    set(host_code "")
    foreach(objects ${ARG_USE} test_${name} gan_emulation_listener)
      if(TARGET ${objects}_kernels_${mode})
        list(APPEND kernels $<TARGET_OBJECTS:${objects}_kernels_${mode}>)
      endif()
      gan_emulated_host(host ${objects} ${mode})
      list(APPEND host_code $<TARGET_OBJECTS:${host}>)
    endforeach()
    add_executable(${target} ${kernels} ${host_code})
    target_link_libraries(${target} PRIVATE gan_emulation_${mode} ${ARG_LINK} GTest::gmock GTest::gtest_main)
    set(orders forward)
    if(mode STREQUAL "plain")
      list(APPEND orders reverse random)
    endif()
    foreach(order ${orders})
      add_test(NAME ${name}.${mode}.${order} COMMAND ${target} --gtest_filter=${others})
      set_tests_properties(${name}.${mode}.${order} PROPERTIES
        LABELS "${name};emulation" TIMEOUT 1200 ENVIRONMENT GAN_EMULATION_ORDER=${order})
    endforeach()
  endforeach()
  if(ARG_ALONE)
    add_test(NAME ${name}.plain.alone COMMAND test_${name}_plain --gtest_filter=${alone})
    set_tests_properties(${name}.plain.alone PROPERTIES
      LABELS "${name};emulation" TIMEOUT 600 ENVIRONMENT "GAN_EMULATION_ORDER=forward;${ARG_ALONE}")
  endif()
endfunction()
