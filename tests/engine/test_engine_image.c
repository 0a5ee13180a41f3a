/* Images against a real engine: inspecting, pulling what cannot be had, building. */
#include "engine_fixture.h"

#include "base/files.h"

#include <stdio.h>
#include <string.h>

static void test_an_image_is_inspected(void **state)
{
    (void)state;
    utr_error err = {0};
    engine_image image = {0};
    assert_done(engine_image_inspect(the_engine, image_name, soon(), &image, &err), err);
    assert_memory_equal(image.id, "sha256:", 7);
    engine_image_dispose(&image);
    assert_int_equal(engine_image_inspect(the_engine, "utr-eng-none:1", soon(), &image, &err), UTR_NOT_FOUND);
    assert_non_null(strstr(err.text, "No such image"));
}

static void test_a_pull_that_cannot_work_says_why(void **state)
{
    (void)state;
    utr_error err = {0};
    assert_int_not_equal(
        engine_image_pull(the_engine, "localhost:1/utr-eng-none:1", NULL, NULL, soon(), &err), UTR_OK);
    assert_non_null(strstr(err.text, "pull image 'localhost:1/utr-eng-none:1': "));
    assert_non_null(strstr(err.text, "refused"));
}

static void put_file(const char *folder, const char *name, const char *text)
{
    auto_free char *path = utr_path_join(folder, name);
    utr_error err = {0};
    assert_done(utr_file_write(path, text, strlen(text), &err), err);
}

static void remove_tree(const char *folder)
{
    static const char *const NAMES[] = {"Dockerfile", ".dockerignore", "kept", "secret", "big", "link"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        auto_free char *path = utr_path_join(folder, NAMES[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static void note_progress(void *ctx, const char *what, int64_t done, int64_t total)
{
    utr_buf_print(ctx, "%lld/%lld %s\n", (long long)done, (long long)total, what);
}

static void test_a_build_sends_what_dockerignore_leaves(void **state)
{
    (void)state;
    char folder[] = "/tmp/utr-eng-XXXXXX";
    assert_non_null(mkdtemp(folder));
    auto_free char *dockerfile = utr_format("FROM %s AS first\nARG WORD\nLABEL " LABEL "=%s\nCOPY . /ctx/\n"
                                            "RUN echo word $WORD; cat /ctx/link; test ! -e /ctx/secret; "
                                            "test ! -e /ctx/Dockerfile\nFROM first\nRUN exit 9\n",
                                            image_name, mark_value());
    put_file(folder, "Dockerfile", dockerfile);
    put_file(folder, ".dockerignore", "*\n!kept\n!link\n!big\n");
    put_file(folder, "kept", "kept-text\n");
    put_file(folder, "secret", "s");
    auto_free char *link = utr_path_join(folder, "link");
    assert_int_equal(symlink("kept", link), 0);
    auto_free char *big = utr_path_join(folder, "big"); /* sparse: far more than is kept in memory */
    put_file(folder, "big", "");
    assert_int_equal(truncate(big, 20 << 20), 0);
    auto_free char *tag = own_name("built:1");
    auto_buf utr_buf seen = {0};
    engine_build build = {.context = folder,
                          .tag = tag,
                          .target = "first",
                          .no_cache = true,
                          .progress = note_progress,
                          .ctx = &seen};
    utr_strs_add(&build.args, "WORD=given");
    utr_error err = {0};
    char *id = NULL;
    engine_bound bound = engine_within(60000, NULL);
    assert_done(engine_image_build(the_engine, &build, bound, &id, &err), err);
    assert_memory_equal(id, "sha256:", 7);
    free(id);
    assert_non_null(strstr(utr_buf_text(&seen), "5/5 word given\n"));
    assert_non_null(strstr(utr_buf_text(&seen), "5/5 kept-text\n"));
    build.target = NULL;
    assert_int_equal(engine_image_build(the_engine, &build, bound, &id, &err), UTR_ENGINE);
    assert_non_null(strstr(err.text, "non-zero code: 9"));
    assert_non_null(strstr(err.text, "RUN exit 9"));
    utr_strs_dispose(&build.args);
    remove_tree(folder);
    auto_free char *command = utr_format("docker rmi -f %s >/dev/null", tag);
    assert_int_equal(system(command), 0); /* NOLINT */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_image_is_inspected),
        cmocka_unit_test(test_a_pull_that_cannot_work_says_why),
        cmocka_unit_test(test_a_build_sends_what_dockerignore_leaves),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
