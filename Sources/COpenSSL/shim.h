// OpenSSL, and those of its macros that Swift cannot import.
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline uint64_t tls_common_options(void) {
  return SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE;
}

static inline uint64_t tls_no_ticket_option(void) { return SSL_OP_NO_TICKET; }

static inline EVP_PKEY *tls_new_p256_key(void) { return EVP_EC_gen("P-256"); }
