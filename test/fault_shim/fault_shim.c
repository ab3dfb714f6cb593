/*
 * Faults on demand inside a server process: stands between the extension and OpenSSL, and in front of malloc.
 * test/t/072_faults.pl compiles it and loads it into a server of its own with LD_PRELOAD.
 *
 * FAULT_SHIM_CONTROL names a file of sizeof(struct control) bytes, mapped by every process of the server. The
 * test writes it to arm the shim: in process `pid`, calls of the `kinds` are counted, and `times` of them
 * fail from the `from`-th on (counted from 1). A call counts by where it comes from, so the server itself is
 * never the victim: see the kinds. `seen` and `failed` say how many calls there were, and which one failed
 * first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

enum {
  crypto = 1, /* the extension's calls into OpenSSL */
  memory = 2, /* the extension's allocations: operator new, which lives in libstdc++, and OPENSSL_malloc */
  openssl_memory = 4, /* allocations of OpenSSL itself */
  server_memory = 8   /* allocations of the server's, below a function of the extension only */
};

struct control {
  volatile int32_t pid;
  volatile int32_t kinds;
  volatile int64_t from;
  volatile int64_t times;
  volatile int64_t seen;
  volatile char failed[64];
};

static struct control* control;

__attribute__((constructor)) static void map_control(void) {
  const char* path = getenv("FAULT_SHIM_CONTROL");
  int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void* mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) control = mapped;
  close(file);
}

static int armed(int kind) {
  return control != NULL && (control->kinds & kind) != 0 && control->pid == getpid();
}

/* Which code an address lies in. Looked up in a list of what is loaded, renewed when an address is not in it.
 */
enum { other, server, extension, standard_library, openssl };

static struct {
  uintptr_t from, to;
  int what;
} places[256];
static size_t place_count;

static int add_place(struct dl_phdr_info* loaded, size_t size, void* unused) {
  const char* name = loaded->dlpi_name;
  uintptr_t from = UINTPTR_MAX, to = 0;
  (void)size, (void)unused;
  for (int i = 0; i < loaded->dlpi_phnum; i++) {
    const ElfW(Phdr)* part = &loaded->dlpi_phdr[i];
    if (part->p_type != PT_LOAD) continue;
    uintptr_t begin = loaded->dlpi_addr + part->p_vaddr;
    if (begin < from) from = begin;
    if (begin + part->p_memsz > to) to = begin + part->p_memsz;
  }
  if (place_count == sizeof places / sizeof places[0]) return 1;
  places[place_count].from = from;
  places[place_count].to = to;
  places[place_count++].what = *name == '\0'                   ? server /* the program has no name here */
                               : strstr(name, "/llm_admin.so") ? extension
                               : strstr(name, "/libstdc++.so") ? standard_library
                               : strstr(name, "/libcrypto.so") ? openssl
                                                               : other;
  return 0;
}

static int what_is_at(const void* address) {
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < place_count; i++)
      if ((uintptr_t)address >= places[i].from && (uintptr_t)address < places[i].to) return places[i].what;
    place_count = 0;
    dl_iterate_phdr(add_place, NULL);
  }
  return other;
}

static int fails_now(const char* name) {
  int64_t n = ++control->seen;
  if (n < control->from || n >= control->from + control->times) return 0;
  if (n == control->from)
    for (size_t i = 0; i < sizeof control->failed - 1 && (i == 0 || name[i - 1] != '\0'); i++)
      control->failed[i] = name[i];
  return 1;
}

#define FROM_EXTENSION (what_is_at(__builtin_return_address(0)) == extension)

#define WRAP(kind, result, name, failure, params, args)                    \
  result name params {                                                     \
    static result(*real) params;                                           \
    if (real == NULL) real = (result(*) params)dlsym(RTLD_NEXT, #name);    \
    if (armed(kind) && FROM_EXTENSION && fails_now(#name)) return failure; \
    return real args;                                                      \
  }

WRAP(crypto, int, RAND_bytes, 0, (unsigned char* out, int size), (out, size))
WRAP(crypto, EVP_CIPHER*, EVP_CIPHER_fetch, NULL, (OSSL_LIB_CTX * lib, const char* name, const char* props),
     (lib, name, props))
WRAP(crypto, EVP_CIPHER_CTX*, EVP_CIPHER_CTX_new, NULL, (void), ())
#define INIT_PARAMS                                                                                      \
  (EVP_CIPHER_CTX * ctx, const EVP_CIPHER* cipher, const unsigned char* key, const unsigned char* nonce, \
   const OSSL_PARAM* params)
WRAP(crypto, int, EVP_EncryptInit_ex2, 0, INIT_PARAMS, (ctx, cipher, key, nonce, params))
WRAP(crypto, int, EVP_DecryptInit_ex2, 0, INIT_PARAMS, (ctx, cipher, key, nonce, params))
#define UPDATE_PARAMS \
  (EVP_CIPHER_CTX * ctx, unsigned char* out, int* size, const unsigned char* in, int in_size)
WRAP(crypto, int, EVP_EncryptUpdate, 0, UPDATE_PARAMS, (ctx, out, size, in, in_size))
WRAP(crypto, int, EVP_DecryptUpdate, 0, UPDATE_PARAMS, (ctx, out, size, in, in_size))
WRAP(crypto, int, EVP_EncryptFinal_ex, 0, (EVP_CIPHER_CTX * ctx, unsigned char* out, int* size),
     (ctx, out, size))
WRAP(crypto, int, EVP_DecryptFinal_ex, 0, (EVP_CIPHER_CTX * ctx, unsigned char* out, int* size),
     (ctx, out, size))
WRAP(crypto, int, EVP_CIPHER_CTX_get_params, 0, (EVP_CIPHER_CTX * ctx, OSSL_PARAM* params), (ctx, params))
#define FETCH_PARAMS (OSSL_LIB_CTX * lib, const char* name, const char* props)
WRAP(crypto, EVP_KDF*, EVP_KDF_fetch, NULL, FETCH_PARAMS, (lib, name, props))
WRAP(crypto, EVP_KDF_CTX*, EVP_KDF_CTX_new, NULL, (EVP_KDF * kdf), (kdf))
WRAP(crypto, int, EVP_KDF_derive, 0,
     (EVP_KDF_CTX * ctx, unsigned char* key, size_t size, const OSSL_PARAM* params), (ctx, key, size, params))
WRAP(crypto, EVP_MD*, EVP_MD_fetch, NULL, FETCH_PARAMS, (lib, name, props))
WRAP(crypto, int, EVP_Digest, 0,
     (const void* data, size_t count, unsigned char* md, unsigned int* size, const EVP_MD* type,
      ENGINE* engine),
     (data, count, md, size, type, engine))
WRAP(crypto, EVP_MAC*, EVP_MAC_fetch, NULL, FETCH_PARAMS, (lib, name, props))
WRAP(crypto, EVP_MAC_CTX*, EVP_MAC_CTX_new, NULL, (EVP_MAC * mac), (mac))
WRAP(crypto, EVP_MAC_CTX*, EVP_MAC_CTX_dup, NULL, (const EVP_MAC_CTX* ctx), (ctx))
WRAP(crypto, int, EVP_MAC_CTX_set_params, 0, (EVP_MAC_CTX * ctx, const OSSL_PARAM* params), (ctx, params))
WRAP(crypto, int, EVP_MAC_init, 0,
     (EVP_MAC_CTX * ctx, const unsigned char* key, size_t size, const OSSL_PARAM* params),
     (ctx, key, size, params))
WRAP(crypto, int, EVP_MAC_update, 0, (EVP_MAC_CTX * ctx, const unsigned char* data, size_t size),
     (ctx, data, size))
WRAP(crypto, int, EVP_MAC_final, 0, (EVP_MAC_CTX * ctx, unsigned char* out, size_t* size, size_t room),
     (ctx, out, size, room))

static _Unwind_Reason_Code look_for_extension(struct _Unwind_Context* frame, void* found) {
  if (what_is_at((void*)_Unwind_GetIP(frame)) != extension) return _URC_NO_REASON;
  *(int*)found = 1;
  return _URC_END_OF_STACK;
}

static int below_extension(void) {
  int found = 0;
  _Unwind_Backtrace(look_for_extension, &found);
  return found;
}

/* OpenSSL's own allocations come this way as well. */
void* CRYPTO_malloc(size_t size, const char* file, int line) {
  static void* (*real)(size_t, const char*, int);
  if (real == NULL) real = (void* (*)(size_t, const char*, int))dlsym(RTLD_NEXT, "CRYPTO_malloc");
  if (armed(memory | openssl_memory)) {
    const int caller = what_is_at(__builtin_return_address(0));
    const char* name = NULL;
    if (armed(memory) && caller == extension) name = "OPENSSL_malloc";
    if (armed(openssl_memory) && caller == openssl && below_extension()) name = "OPENSSL_malloc of OpenSSL";
    if (name != NULL && fails_now(name)) return NULL;
  }
  return real(size, file, line);
}

void* malloc(size_t size) {
  static void* (*real)(size_t);
  if (real == NULL) real = (void* (*)(size_t))dlsym(RTLD_NEXT, "malloc");
  if (armed(memory | server_memory)) {
    const int caller = what_is_at(__builtin_return_address(0));
    const char* name = NULL;
    if (armed(memory) && (caller == standard_library || caller == extension)) name = "operator new";
    if (armed(server_memory) && caller == server && below_extension()) name = "malloc of the server";
    if (name != NULL && fails_now(name)) return NULL;
  }
  return real(size);
}
