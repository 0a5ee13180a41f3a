/* The tar of a build context, read back with libarchive. */
#include "engine/context.h"

#include "base/files.h"
#include "base/memory.h"
#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

static char root[64];

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static int make_root(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof root, "/tmp/utr-eng-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put_file(const char *name, const char *text)
{
    auto_free char *path = utr_path_join(root, name);
    auto_free char *dir = utr_path_dir(path);
    utr_error err = {0};
    assert_int_equal(utr_dir_make(dir, &err), UTR_OK);
    assert_int_equal(utr_file_write(path, text, strlen(text), &err), UTR_OK);
}

/* The whole stream, read in pieces of `piece` bytes. */
static void read_tar(engine_context *context, size_t piece, utr_buf *out)
{
    auto_free char *data = utr_calloc(piece, 1);
    utr_error err = {0};
    for (;;) {
        ssize_t got = engine_context_read(context, data, piece, &err);
        if (got < 0)
            fail_msg("%s", err.text);
        if (got == 0)
            return;
        assert_int_equal(utr_buf_add(out, data, (size_t)got, &err), UTR_OK);
    }
}

/* "name" of each entry, "name -> target" for a link, "name/" for a folder, blank-separated. */
static char *names_of(const utr_buf *tar)
{
    struct archive *reader = archive_read_new();
    (void)archive_read_support_format_tar(reader);
    assert_int_equal(archive_read_open_memory(reader, tar->data, tar->len), ARCHIVE_OK);
    auto_strs utr_strs names = {0};
    struct archive_entry *entry = NULL;
    while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
        const char *target = archive_entry_symlink(entry);
        assert_int_equal(archive_entry_uid(entry), 0);
        utr_strs_give(&names, utr_format("%s%s%s", archive_entry_pathname(entry), target ? "->" : "",
                                         target ? target : ""));
    }
    (void)archive_read_free(reader);
    return utr_strs_join(&names, " ");
}

static char *names_sent(const char *dockerfile)
{
    engine_context *context = NULL;
    utr_error err = {0};
    if (engine_context_open(root, dockerfile, &context, &err))
        fail_msg("%s", err.text);
    auto_buf utr_buf tar = {0};
    read_tar(context, 4096, &tar);
    engine_context_close(context);
    return names_of(&tar);
}

static void test_everything_is_sent_in_byte_order_and_links_as_links(void **state)
{
    (void)state;
    put_file("Dockerfile", "FROM scratch\n");
    put_file("b/c", "c");
    put_file("a", "a");
    auto_free char *link = utr_path_join(root, "b/link");
    assert_int_equal(symlink("../../outside", link), 0);
    auto_free char *names = names_sent(NULL);
    assert_string_equal(names, "Dockerfile a b/ b/c b/link->../../outside");
}

static void test_ignored_files_stay_at_home(void **state)
{
    (void)state;
    put_file("Dockerfile", "FROM scratch\n");
    put_file(".dockerignore", "**\n!src\nsrc/**/*.o\n");
    put_file("src/a.c", "");
    put_file("src/x/a.o", "");
    put_file("secret", "");
    auto_free char *names = names_sent("Dockerfile");
    assert_string_equal(names, ".dockerignore Dockerfile src/ src/a.c src/x/");
}

static void test_a_dockerfile_in_an_ignored_folder_is_sent(void **state)
{
    (void)state;
    put_file("docker/Dockerfile", "FROM scratch\n");
    put_file("docker/other", "");
    put_file(".dockerignore", "docker");
    auto_free char *names = names_sent("docker/../docker/Dockerfile");
    assert_string_equal(names, ".dockerignore docker/Dockerfile");
}

static void test_an_ignore_file_of_the_dockerfiles_own_wins(void **state)
{
    (void)state;
    put_file("x.Dockerfile", "FROM scratch\n");
    put_file("x.Dockerfile.dockerignore", "a\n*.dockerignore\n");
    put_file(".dockerignore", "b");
    put_file("a", "");
    put_file("b", "");
    auto_free char *names = names_sent("x.Dockerfile");
    assert_string_equal(names, ".dockerignore b x.Dockerfile");
}

static void test_a_dockerfile_from_outside_comes_along_unseen(void **state)
{
    (void)state;
    char outside[96];
    (void)snprintf(outside, sizeof outside, "%s.Dockerfile", root);
    utr_error err = {0};
    assert_int_equal(utr_file_write(outside, "FROM scratch\n", 13, &err), UTR_OK);
    put_file("a", "");
    engine_context *context = NULL;
    assert_int_equal(engine_context_open(root, outside, &context, &err), UTR_OK);
    assert_string_equal(engine_context_dockerfile(context), ".dockerfile.outside");
    auto_buf utr_buf tar = {0};
    read_tar(context, 4096, &tar);
    engine_context_close(context);
    (void)unlink(outside);
    auto_free char *names = names_of(&tar);
    assert_string_equal(names, ".dockerfile.outside .dockerignore a");
    assert_non_null(memmem(tar.data, tar.len, "\n.dockerfile.outside\n.dockerignore", 34));
}

static void test_the_stream_is_the_same_in_pieces_of_any_size(void **state)
{
    (void)state;
    put_file("Dockerfile", "FROM scratch\n");
    auto_free char *long_name = utr_format("%0150d/%0150d", 1, 2);
    put_file(long_name, "deep");
    auto_free char *big = utr_calloc(200001, 1);
    (void)memset(big, 'x', 200000);
    put_file("big", big);
    auto_buf utr_buf first = {0};
    static const size_t PIECES[] = {1 << 20, 1, 511, 512, 513, 65536};
    for (size_t i = 0; i < sizeof PIECES / sizeof *PIECES; i++) {
        engine_context *context = NULL;
        utr_error err = {0};
        assert_int_equal(engine_context_open(root, NULL, &context, &err), UTR_OK);
        auto_buf utr_buf tar = {0};
        read_tar(context, PIECES[i], &tar);
        engine_context_close(context);
        if (!i)
            assert_int_equal(utr_buf_add(&first, tar.data, tar.len, &err), UTR_OK);
        assert_int_equal(tar.len, first.len);
        assert_memory_equal(tar.data, first.data, tar.len);
    }
    auto_free char *names = names_of(&first);
    assert_non_null(strstr(names, long_name));
}

static void test_a_file_that_shrinks_meanwhile_fails(void **state)
{
    (void)state;
    put_file("Dockerfile", "FROM scratch\n");
    auto_free char *big = utr_calloc(200001, 1);
    (void)memset(big, 'x', 200000);
    put_file("big", big);
    engine_context *context = NULL;
    utr_error err = {0};
    assert_int_equal(engine_context_open(root, NULL, &context, &err), UTR_OK);
    char data[4096];
    ssize_t got = 0;
    for (int i = 0; i < 8; i++) /* into "big" */
        got = engine_context_read(context, data, sizeof data, &err);
    assert_true(got > 0);
    put_file("keep", "");
    auto_free char *path = utr_path_join(root, "big");
    assert_int_equal(truncate(path, 10), 0);
    while (got > 0)
        got = engine_context_read(context, data, sizeof data, &err);
    assert_int_equal(got, -1);
    assert_int_equal(err.code, UTR_CONFIG);
    assert_non_null(strstr(err.text, "changed while it was sent"));
    engine_context_close(context);
}

static void test_what_is_missing_is_said(void **state)
{
    (void)state;
    engine_context *context = NULL;
    utr_error err = {0};
    assert_int_equal(engine_context_open(root, NULL, &context, &err), UTR_CONFIG);
    assert_non_null(strstr(err.text, "no Dockerfile"));
    utr_error_reset(&err);
    assert_int_equal(engine_context_open("/nonexistent", NULL, &context, &err), UTR_CONFIG);
    utr_error_reset(&err);
    put_file("Dockerfile", "FROM scratch\n");
    put_file(".dockerignore", "a\n[\n");
    assert_int_equal(engine_context_open(root, NULL, &context, &err), UTR_CONFIG);
    assert_non_null(strstr(err.text, ".dockerignore: line 2"));
}

#define test_in_root(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_in_root(test_everything_is_sent_in_byte_order_and_links_as_links),
        test_in_root(test_ignored_files_stay_at_home),
        test_in_root(test_a_dockerfile_in_an_ignored_folder_is_sent),
        test_in_root(test_an_ignore_file_of_the_dockerfiles_own_wins),
        test_in_root(test_a_dockerfile_from_outside_comes_along_unseen),
        test_in_root(test_the_stream_is_the_same_in_pieces_of_any_size),
        test_in_root(test_a_file_that_shrinks_meanwhile_fails),
        test_in_root(test_what_is_missing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
