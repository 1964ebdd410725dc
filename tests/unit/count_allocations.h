#pragma once

#include <cstddef>

// Counts what a test program takes from the heap. To be included by one file of a program, whose
// tests stand inside SSEPROF_COUNTS_ALLOCATIONS: a sanitizer brings a malloc of its own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SSEPROF_COUNTS_ALLOCATIONS

#include <dlfcn.h>

#include <atomic>

namespace sseprof {

inline std::atomic<long> allocations{0};

template <class Function>
Function* LibrarysOwn(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

template <class F>
long AllocationsOf(F&& f) {
  const long before = allocations;
  f();
  return allocations - before;
}

}  // namespace sseprof

// Every way to the heap leads through these two, operator new and RapidJSON's pools as well.
extern "C" void* malloc(std::size_t size) noexcept {
  static auto* const original = sseprof::LibrarysOwn<void*(std::size_t)>("malloc");
  ++sseprof::allocations;
  return original(size);
}

extern "C" void* realloc(void* block, std::size_t size) noexcept {
  static auto* const original = sseprof::LibrarysOwn<void*(void*, std::size_t)>("realloc");
  ++sseprof::allocations;
  return original(block, size);
}

#endif
