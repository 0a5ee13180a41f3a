#include "scan/cache/key.h"

#include <assert.h>
#include <link.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

/* --- a digest in the making --- */

/* Looked up once: that takes longer than the digest of a few bytes. Never given back, as the libraries. */
static EVP_MD *sha256;

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static EVP_MD_CTX *begin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, fetch);
    EVP_MD_CTX *work = EVP_MD_CTX_new();
    bool fine = sha256 && work && EVP_DigestInit_ex(work, sha256, NULL);
    assert(fine); /* memory alone can be missing */
    return work;
}

/* With its length in front, so that what follows one another cannot be cut elsewhere. */
static void add(EVP_MD_CTX *work, const void *data, size_t len)
{
    bool fine = EVP_DigestUpdate(work, &len, sizeof len) && EVP_DigestUpdate(work, data, len);
    assert(fine);
}

static void add_all(EVP_MD_CTX *work, const utr_strs *strs)
{
    add(work, &strs->count, sizeof strs->count);
    for (size_t i = 0; i < strs->count; i++)
        add(work, strs->items[i], strlen(strs->items[i]));
}

static scan_key end(EVP_MD_CTX *work)
{
    scan_key key;
    bool fine = EVP_DigestFinal_ex(work, key.bytes, NULL);
    assert(fine);
    EVP_MD_CTX_free(work);
    return key;
}

/* --- the build id --- */

/* The note that the linker writes with --build-id. */
static bool add_note(EVP_MD_CTX *work, const char *at, size_t size)
{
    while (size >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *note = (const void *)at;
        size_t name = (note->n_namesz + 3U) & ~3U, text = (note->n_descsz + 3U) & ~3U;
        size_t whole = sizeof *note + name + text;
        if (whole > size)
            return false;
        if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(note + 1, "GNU", 4) == 0) {
            add(work, (const char *)(note + 1) + name, note->n_descsz);
            return true;
        }
        at += whole;
        size -= whole;
    }
    return false;
}

static const char *at_address(ElfW(Addr) address)
{
    return (const char *)address; // NOLINT(performance-no-int-to-ptr): the loader gives numbers
}

/* The program itself is told of first. @return whether it has a build id, which ends the round */
static int add_build(struct dl_phdr_info *program, size_t size, void *work)
{
    (void)size;
    for (size_t i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &program->dlpi_phdr[i];
        if (part->p_type == PT_NOTE &&
            add_note(work, at_address(program->dlpi_addr + part->p_vaddr), part->p_memsz))
            return 1;
    }
    return -1;
}

bool scan_key_begin(const utr_strs *mocks, scan_key *out)
{
    EVP_MD_CTX *work = begin();
    bool known = dl_iterate_phdr(add_build, work) > 0;
    add_all(work, mocks);
    *out = end(work);
    return known;
}

static EVP_MD_CTX *begin_file(const scan_key *common, const scan_means *means, const char *path)
{
    EVP_MD_CTX *work = begin();
    add(work, common->bytes, sizeof common->bytes);
    add_all(work, &means->settings->files);
    add_all(work, &means->settings->classes);
    add_all(work, &means->settings->functions);
    add(work, &means->other, sizeof means->other);
    add(work, path, strlen(path));
    return work;
}

scan_key scan_key_of(const scan_key *common, const scan_means *means, const char *path, const content *text)
{
    unsigned char id[CONTENT_BLOB_ID];
    content_blob_id(text->data, text->len, id);
    EVP_MD_CTX *work = begin_file(common, means, path);
    add(work, id, sizeof id);
    return end(work);
}

/* --- stamps --- */

/* FNV-1a. */
static int64_t place_of(const char *path)
{
    uint64_t sum = 0xcbf29ce484222325U;
    for (; *path; path++)
        sum = (sum ^ (unsigned char)*path) * 0x100000001b3U;
    return (int64_t)sum;
}

scan_stamp scan_stamp_of(const scan_key *common, const scan_means *means, const char *path,
                         const struct stat *info)
{
    const int64_t facts[] = {
        (int64_t)info->st_dev,          (int64_t)info->st_ino,          (int64_t)info->st_size,
        (int64_t)info->st_mtim.tv_sec,  (int64_t)info->st_mtim.tv_nsec, (int64_t)info->st_ctim.tv_sec,
        (int64_t)info->st_ctim.tv_nsec,
    };
    EVP_MD_CTX *work = begin_file(common, means, path);
    add(work, facts, sizeof facts);
    return (scan_stamp){place_of(path), end(work)};
}

bool scan_stamp_holds(const struct stat *info, time_t began)
{
    enum { TICK_S = 2 }; /* of FAT, which has the slowest clock */
    return info->st_mtim.tv_sec + TICK_S < began && info->st_ctim.tv_sec + TICK_S < began;
}
