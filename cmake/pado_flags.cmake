# SPDX-License-Identifier: Apache-2.0
# Our flags live on one INTERFACE target and never in CMAKE_CXX_FLAGS.
add_library(pado_flags INTERFACE)
target_include_directories(pado_flags INTERFACE ${CMAKE_SOURCE_DIR})
# CMake 3.25 drops CUDA_STANDARD 20 without a word, so the standard is passed by hand for both languages.
target_compile_options(pado_flags INTERFACE -std=c++20)

set(pado_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wdouble-promotion
    -Wold-style-cast -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror)
target_compile_options(pado_flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${pado_warnings}>")
# GCC 12 sees overlaps in std::string and empty std::optional values that are not there (GCC bugs 105329, 80635), only
# at -O3; clang and the dev preset keep looking for the real ones.
target_compile_options(pado_flags INTERFACE
  "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict;-Wno-maybe-uninitialized>")

# Base instruction set (DESIGN section 5). AVX-512 is chosen at run time, in files named *_avx512.cpp.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_options(pado_flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-march=x86-64-v3>")
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(pado_flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-O3>")
endif()
if(PADO_SANITIZE)
  # Line tables are all that a stack trace needs. Under address and undefined -O0 halves the compile time and hides nothing;
  # the thread sanitizer's tests run real workloads and want -O1.
  set(sanitize_level -O0)
  if(PADO_SANITIZE STREQUAL "thread")
    # Asio's fences are not seen by the thread sanitizer; without them its own mutex orders what handlers do.
    set(sanitize_level -O1 -DBOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
  target_compile_options(pado_flags INTERFACE ${sanitize_level} -g1 -fno-omit-frame-pointer -fsanitize=${PADO_SANITIZE}
                         -fno-sanitize-recover=all)
  target_link_options(pado_flags INTERFACE -fsanitize=${PADO_SANITIZE})
endif()
if(PADO_FUZZ)
  target_compile_options(pado_flags INTERFACE -O1 -g1 -fsanitize=fuzzer-no-link,address,undefined
                         -fno-sanitize-recover=all)
  target_link_options(pado_flags INTERFACE -fsanitize=address,undefined)
endif()
