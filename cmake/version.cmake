# gan_version.h: GAN_VERSION and GAN_COMMIT. Included, this file makes the target `gan_version`, whose users may include
# that header; every build then runs it as a script, which rewrites the header only when its content changes.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(header ${PROJECT_BINARY_DIR}/generated/gan_version.h)
  add_custom_target(gan_version_header BYPRODUCTS ${header} VERBATIM
    COMMAND ${CMAKE_COMMAND} -D VERSION=${PROJECT_VERSION} -D SOURCE=${PROJECT_SOURCE_DIR} -D HEADER=${header}
            -P ${CMAKE_CURRENT_LIST_FILE}
    COMMENT "Looking up the commit")
  add_library(gan_version INTERFACE)
  target_include_directories(gan_version INTERFACE ${PROJECT_BINARY_DIR}/generated)
  add_dependencies(gan_version gan_version_header)
  return()
endif()

# With the folder named, git neither takes a repository around an unpacked archive for ours, nor minds who owns it.
execute_process(
  COMMAND git --git-dir=${SOURCE}/.git --work-tree=${SOURCE} describe --always --dirty --exclude=*
  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failure)
if(failure)
  set(COMMIT unknown)
endif()
file(CONFIGURE OUTPUT ${HEADER} @ONLY CONTENT [[
#pragma once
#define GAN_VERSION "@VERSION@"
#define GAN_COMMIT "@COMMIT@"
]])
