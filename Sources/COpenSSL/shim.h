// OpenSSL, and those of its macros that Swift cannot import.
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509v3.h>

static inline uint64_t tls_common_options(void) {
  return SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE;
}

static inline uint64_t tls_no_ticket_option(void) { return SSL_OP_NO_TICKET; }

static inline uint64_t tls_no_renegotiation_option(void) { return SSL_OP_NO_RENEGOTIATION; }
// Without it OpenSSL 3 refuses what clients begin, whatever the option above says.
static inline uint64_t tls_renegotiation_option(void) { return SSL_OP_ALLOW_CLIENT_RENEGOTIATION; }

static inline EVP_PKEY *tls_new_p256_key(void) { return EVP_EC_gen("P-256"); }

// The typed stacks of certificates are macros over untyped ones.
static inline STACK_OF(X509) *tls_new_certificates(void) { return sk_X509_new_null(); }
static inline int tls_count(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
static inline X509 *tls_certificate(const STACK_OF(X509) *stack, int index) {
  return sk_X509_value(stack, index);
}
static inline int tls_append(STACK_OF(X509) *stack, X509 *certificate) {
  return sk_X509_push(stack, certificate);
}
static inline void tls_free_certificates(STACK_OF(X509) *stack) {
  sk_X509_pop_free(stack, X509_free);
}

static inline unsigned long tls_name_flags(void) {
  return XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
}

static inline long tls_common_name(X509_NAME *name, char *text, int capacity) {
  return X509_NAME_get_text_by_NID(name, NID_commonName, text, capacity);
}
