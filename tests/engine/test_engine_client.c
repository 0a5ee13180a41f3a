/* The client against a real engine. The image is a static busybox, imported under this test's own name. */
#include "engine/engine.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define LABEL "utr-eng.test"

static engine *the_engine;
static char image_name[64];
static char mark[64]; /* "label=value" of this process */

static engine_bound soon(void)
{
    return engine_within(20000, NULL);
}

#define assert_done(call, err)                                                                               \
    do {                                                                                                     \
        utr_code code_ = (call);                                                                             \
        if (code_)                                                                                           \
            fail_msg("%s: %s", #call, (err).text);                                                           \
    } while (0)

static char *own_name(const char *what)
{
    return utr_format("utr-eng-%d-%s", (int)getpid(), what);
}

static json_t *config_of(const char *script)
{
    return json_pack("{s:s, s:[s,s,s,s], s:{s:s}, s:{s:b}}", "Image", image_name, "Cmd", "/bin/busybox", "sh",
                     "-c", script, "Labels", LABEL, strchr(mark, '=') + 1, "HostConfig", "Init", 0);
}

/* A container that runs script, started. */
static char *container_running(const char *what, const char *script)
{
    utr_error err = {0};
    char *id = NULL;
    auto_free char *name = own_name(what);
    auto_json json_t *config = config_of(script);
    assert_done(engine_container_create(the_engine, name, config, soon(), &id, &err), err);
    assert_done(engine_container_start(the_engine, id, soon(), &err), err);
    return id;
}

static void container_gone(char *id)
{
    utr_error err = {0};
    assert_done(engine_container_remove(the_engine, id, soon(), &err), err);
    free(id);
}

static void exec_shell(const char *id, const char *script, engine_exec_result *out)
{
    utr_error err = {0};
    auto_strs utr_strs argv = {0};
    utr_strs_add(&argv, "/bin/busybox");
    utr_strs_add(&argv, "sh");
    utr_strs_add(&argv, "-c");
    utr_strs_add(&argv, script);
    assert_done(engine_exec(the_engine, id, &argv, soon(), out, &err), err);
}

static void test_the_engine_says_who_it_is(void **state)
{
    (void)state;
    engine_facts facts;
    engine_get_facts(the_engine, &facts);
    assert_true(facts.is_local);
    assert_string_equal(facts.api_version, "1.41");
    assert_non_null(strstr(facts.platform, "linux/"));
}

static void test_a_command_in_a_container_gives_its_exit_code_and_output(void **state)
{
    (void)state;
    char *id = container_running("exec", "sleep 60");
    engine_exec_result result = {0};
    exec_shell(id, "echo out; echo err >&2; exit 7", &result);
    assert_int_equal(result.exit_code, 7);
    assert_non_null(strstr(utr_buf_text(&result.output), "out\n"));
    assert_non_null(strstr(utr_buf_text(&result.output), "err\n"));
    utr_buf_dispose(&result.output);
    container_gone(id);
}

static void test_a_container_that_is_gone_is_removed_again_in_peace(void **state)
{
    (void)state;
    utr_error err = {0};
    char *id = container_running("gone", "sleep 60");
    assert_done(engine_container_remove(the_engine, id, soon(), &err), err);
    engine_container container = {0};
    assert_int_equal(engine_container_inspect(the_engine, id, soon(), &container, &err), UTR_NOT_FOUND);
    assert_int_equal(err.sys, 404);
    assert_non_null(strstr(err.text, "No such container"));
    container_gone(id);
}

/* ---- the image ---- */

static bool image_is_built(utr_error *err)
{
    char folder[] = "/tmp/utr-eng-XXXXXX";
    assert_non_null(mkdtemp(folder));
    auto_free char *command =
        utr_format("mkdir %s/bin && cp /bin/busybox %s/bin/ && for a in sh sleep cat dd echo seq "
                   "yes head test; do ln -s busybox %s/bin/$a; done && tar -C %s -c bin | docker import "
                   "- %s >/dev/null; rm -rf %s",
                   folder, folder, folder, folder, image_name, folder);
    if (system(command) == 0) /* NOLINT */
        return true;
    (void)utr_fail(err, UTR_SYS, "import the image");
    return false;
}

static int setup(void **state)
{
    (void)state;
    utr_error err = {0};
    (void)snprintf(image_name, sizeof image_name, "utr-eng-busybox:%d", (int)getpid());
    (void)snprintf(mark, sizeof mark, LABEL "=%d", (int)getpid());
    if (engine_open(NULL, soon(), &the_engine, &err) || !image_is_built(&err)) {
        print_error("%s\n", err.text);
        return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    utr_error err = {0};
    auto_strs utr_strs labels = {0};
    utr_strs_add(&labels, mark);
    engine_list list = {0};
    if (!engine_list_labelled(the_engine, ENGINE_CONTAINERS, &labels, soon(), &list, &err)) {
        for (size_t i = 0; i < list.count; i++) {
            utr_error ignored = {0};
            (void)!engine_container_remove(the_engine, list.items[i].id, soon(), &ignored);
        }
        engine_list_dispose(&list);
    }
    auto_free char *command = utr_format("docker rmi -f %s >/dev/null", image_name);
    int status = system(command); /* NOLINT */
    engine_free(the_engine);
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_engine_says_who_it_is),
        cmocka_unit_test(test_a_command_in_a_container_gives_its_exit_code_and_output),
        cmocka_unit_test(test_a_container_that_is_gone_is_removed_again_in_peace),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
