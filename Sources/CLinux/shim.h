// What Swift's Glibc overlay does not import. The GNU extensions are declared one by one: with
// _GNU_SOURCE the system's types would differ from the overlay's.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

/// The name of the calling thread, at most 15 octets (PR_SET_NAME).
static inline void set_thread_name(const char *name) { prctl(PR_SET_NAME, name); }
