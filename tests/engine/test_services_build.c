/* Images that are built: once, and again when what they are built from has changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services_fixture.h"

#include "base/files.h"

#include <stdio.h>
#include <string.h>

static char context[64];
static char image[64];

/* What a bring-up used, and what it told of building ("" where it did not build). */
typedef struct {
    char id[80], told[160], word[32];
} outcome;

static void put(const char *name, const char *text)
{
    auto_free char *path = utr_path_join(context, name);
    utr_error err = {0};
    assert_int_equal(utr_file_write(path, text, strlen(text), &err), UTR_OK);
}

static int make_context(void **state)
{
    (void)state;
    static int number;
    (void)snprintf(context, sizeof context, "/tmp/utr-services-XXXXXX");
    (void)snprintf(image, sizeof image, "utr-svc-build-%d:%d", (int)getpid(), ++number);
    if (!mkdtemp(context))
        return -1;
    put("Dockerfile", "FROM utr-base:bookworm\nARG EXTRA\nCOPY word /word\nCMD [\"sleep\", \"600\"]\n");
    put("word", "first\n");
    return 0;
}

/* Images that a newer one took the name of are removed by their ids, by those who replaced them. */
static int remove_context(void **state)
{
    (void)state;
    auto_free char *command = utr_format("docker rmi -f %s >/dev/null 2>&1; rm -rf %s", image, context);
    return system(command);
}

static void remove_image(const char *id)
{
    auto_free char *command = utr_format("docker rmi -f %s >/dev/null", id);
    assert_int_equal(system(command), 0);
}

static void keep(char *out, size_t size, const char *text)
{
    assert_true((size_t)snprintf(out, size, "%s", text) < size);
}

static void read_word(stage *s, outcome *out)
{
    auto_strs utr_strs argv = {0};
    utr_strs_add(&argv, "cat");
    utr_strs_add(&argv, "/word");
    engine_exec_result result = {0};
    utr_error err = {0};
    const char *id = services_find(s->services, "one")->container_id;
    if (engine_exec(s->engine, id, &argv, engine_within(10000, NULL), &result, &err))
        fail_msg("%s", err.text);
    keep(out->word, sizeof out->word, utr_buf_text(&result.output));
    utr_buf_dispose(&result.output);
}

static outcome bring_up(const char *args, services_pull pull)
{
    auto_free char *text = utr_format("services:\n"
                                      "  one:\n"
                                      "    image: '%s'\n"
                                      "    build: {context: '%s', args: {%s}}\n"
                                      "    command: [sleep, '600']\n",
                                      image, context, args);
    stage s;
    stage_open(&s, text, (const char *const[]){"one", NULL});
    s.options.pull = pull;
    utr_error err = {0};
    if (stage_up(&s, &err))
        fail_msg("%s", err.text);
    outcome out = {0};
    keep(out.id, sizeof out.id, services_find(s.services, "one")->image_id);
    const told *building = stage_told(&s, SERVICES_BUILDING, "one");
    keep(out.told, sizeof out.told, building ? building->detail : "");
    read_word(&s, &out);
    stage_close(&s);
    return out;
}

static void assert_unchanged(const outcome *now, const outcome *before)
{
    assert_string_equal(now->told, "");
    assert_string_equal(now->id, before->id);
    assert_string_equal(now->word, before->word);
}

static void assert_rebuilt(const outcome *now, const outcome *before)
{
    assert_string_equal(now->told, "its context changed");
    assert_string_not_equal(now->id, before->id);
    remove_image(before->id);
}

static void test_an_unchanged_context_is_not_built_again(void **state)
{
    (void)state;
    outcome first = bring_up("", SERVICES_PULL_NEVER);
    assert_string_equal(first.told, image);
    assert_string_equal(first.word, "first\n");
    put("word", "first\n"); /* newer, and the same */
    outcome second = bring_up("", SERVICES_PULL_MISSING);
    assert_unchanged(&second, &first);
}

static void test_a_changed_file_is_what_the_container_has(void **state)
{
    (void)state;
    outcome first = bring_up("", SERVICES_PULL_NEVER);
    put("word", "other\n");
    outcome second = bring_up("", SERVICES_PULL_MISSING);
    assert_rebuilt(&second, &first);
    assert_string_equal(second.word, "other\n");
    outcome third = bring_up("", SERVICES_PULL_MISSING);
    assert_unchanged(&third, &second);
}

static void test_never_pulling_builds_what_changed(void **state)
{
    (void)state;
    outcome first = bring_up("", SERVICES_PULL_NEVER);
    outcome second = bring_up("EXTRA: more", SERVICES_PULL_NEVER);
    assert_rebuilt(&second, &first);
    put("Dockerfile", "FROM utr-base:bookworm\nRUN echo made > /word\n");
    outcome third = bring_up("", SERVICES_PULL_NEVER);
    assert_rebuilt(&third, &second);
    assert_string_equal(third.word, "made\n");
}

static void test_what_others_built_is_used_as_it_is(void **state)
{
    (void)state;
    engine *e = open_engine();
    engine_build build = {.context = context, .tag = image};
    utr_error err = {0};
    auto_free char *id = NULL;
    assert_int_equal(engine_image_build(e, &build, engine_within(60000, NULL), &id, &err), UTR_OK);
    engine_free(e);
    put("word", "other\n");
    outcome first = bring_up("", SERVICES_PULL_MISSING);
    assert_string_equal(first.told, "");
    assert_string_equal(first.word, "first\n");
}

static void test_a_context_that_cannot_be_read_leaves_no_yesterdays_image(void **state)
{
    (void)state;
    outcome first = bring_up("", SERVICES_PULL_NEVER);
    assert_string_equal(first.word, "first\n");
    auto_free char *dockerfile = utr_path_join(context, "Dockerfile");
    assert_int_equal(unlink(dockerfile), 0);
    auto_free char *text = utr_format("services: {one: {image: '%s', build: '%s'}}\n", image, context);
    stage s;
    stage_open(&s, text, (const char *const[]){"one", NULL});
    utr_error err = {0};
    assert_int_equal(stage_up(&s, &err), UTR_CONFIG);
    assert_non_null(strstr(err.text, "there is no Dockerfile at"));
    assert_non_null(strstr(err.text, "see whether"));
    stage_close(&s);
}

#define test_with_context(name) cmocka_unit_test_setup_teardown(name, make_context, remove_context)

int main(int argc, char **argv)
{
    int mode = special_modes(argc, argv);
    if (mode >= 0)
        return mode;
    const struct CMUnitTest tests[] = {
        test_with_context(test_an_unchanged_context_is_not_built_again),
        test_with_context(test_a_changed_file_is_what_the_container_has),
        test_with_context(test_never_pulling_builds_what_changed),
        test_with_context(test_what_others_built_is_used_as_it_is),
        test_with_context(test_a_context_that_cannot_be_read_leaves_no_yesterdays_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
