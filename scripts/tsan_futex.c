// Tells the thread sanitizer of locks that the kernel hands over.
//
// Swift's Mutex takes a contended lock with FUTEX_LOCK_PI: the kernel writes the new owner, so the
// sanitizer sees neither the release nor the acquisition and reports races under a lock that was held.
// Preloaded, this says both, for exactly these two operations, and hides nothing else.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <sys/syscall.h>

__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

long syscall(long number, ...) {
  static long (*next)(long, ...);
  if (!next) next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  long a[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  int operation = number == SYS_futex ? (int)a[1] & FUTEX_CMD_MASK : -1;
  if (operation == FUTEX_UNLOCK_PI && __tsan_release) __tsan_release((void *)a[0]);
  long result = next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  int takes = operation == FUTEX_LOCK_PI || operation == FUTEX_TRYLOCK_PI;
  if (takes && result == 0 && __tsan_acquire) __tsan_acquire((void *)a[0]);
  return result;
}
