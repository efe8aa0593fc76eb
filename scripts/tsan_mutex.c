// Tells the thread sanitizer of Swift's Mutex where it is contended.
//
// Taken and given back without contention, a Mutex is an atomic that the sanitizer sees. The contended
// ways lie in the standard library, which is not instrumented, and there the kernel hands the lock
// over: the sanitizer sees no order, and reports races under a lock that was held. Preloaded, this
// says what happened, for these two functions, and hides nothing else.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define CONTEXT __attribute__((swift_context))
#define SWIFT_CALL __attribute__((swiftcall))
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef SWIFT_CALL void (*LockSlow)(uint32_t thread, CONTEXT void *mutex);
typedef SWIFT_CALL void (*UnlockSlow)(CONTEXT void *mutex);

// Only in programs built with the sanitizer.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

SWIFT_CALL void lock_slow(uint32_t thread, CONTEXT void *mutex) __asm__(LOCK_SLOW);
SWIFT_CALL void unlock_slow(CONTEXT void *mutex) __asm__(UNLOCK_SLOW);

SWIFT_CALL void lock_slow(uint32_t thread, CONTEXT void *mutex) {
  ((LockSlow)dlsym(RTLD_NEXT, LOCK_SLOW))(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT_CALL void unlock_slow(CONTEXT void *mutex) {
  if (__tsan_release) __tsan_release(mutex);
  ((UnlockSlow)dlsym(RTLD_NEXT, UNLOCK_SLOW))(mutex);
}
