#include "services/image.h"

#include "services/digest.h"
#include "services/owner.h"

#include "base/text.h"

#include <ctype.h>

static const int64_t INSPECT_MS = 30000;
static const int64_t PULL_MS = 900000;
static const int64_t BUILD_MS = 1800000;

/* How a service's own pull_policy and the one asked for come together: an explicit wish for the whole run
 * wins.
 */
typedef enum { POLICY_MISSING, POLICY_ALWAYS, POLICY_NEVER, POLICY_BUILD } image_policy;

static image_policy policy_of(const compose_service *spec, services_pull pull)
{
    static const struct {
        const char *word;
        image_policy policy;
    } WORDS[] = {
        {"always", POLICY_ALWAYS},
        {"never", POLICY_NEVER},
        {"build", POLICY_BUILD},
    };
    if (pull != SERVICES_PULL_MISSING)
        return pull == SERVICES_PULL_ALWAYS ? POLICY_ALWAYS : POLICY_NEVER;
    for (size_t i = 0; spec->pull_policy && i < sizeof WORDS / sizeof *WORDS; i++) {
        if (!strcmp(spec->pull_policy, WORDS[i].word))
            return WORDS[i].policy;
    }
    return POLICY_MISSING;
}

/* No tag, or "latest": Compose asks the registry for it each time, even under `missing`. */
static bool ref_is_latest(const char *ref)
{
    const char *slash = strrchr(ref, '/');
    const char *tag = strchr(slash ? slash : ref, ':');
    return !strchr(ref, '@') && (!tag || !strcmp(tag, ":latest"));
}

static services_image_step decide_missing(const compose_service *spec, services_image_presence presence)
{
    bool can_build = spec->build.context != NULL;
    if (presence == SERVICES_IMAGE_ABSENT)
        return can_build ? SERVICES_IMAGE_PULL_OR_BUILD : SERVICES_IMAGE_PULL;
    return !can_build && ref_is_latest(spec->image) ? SERVICES_IMAGE_PULL_OR_USE : SERVICES_IMAGE_USE;
}

services_image_step services_image_decide(const compose_service *spec, services_pull pull,
                                          services_image_presence presence)
{
    bool can_build = spec->build.context != NULL;
    image_policy policy = policy_of(spec, pull);
    services_image_step made_here = can_build ? SERVICES_IMAGE_BUILD : SERVICES_IMAGE_REFUSE;
    if (policy == POLICY_BUILD && can_build)
        return SERVICES_IMAGE_BUILD;
    if (policy == POLICY_ALWAYS && spec->image)
        return can_build ? SERVICES_IMAGE_PULL_OR_BUILD : SERVICES_IMAGE_PULL;
    if (presence == SERVICES_IMAGE_STALE)
        return made_here;
    if (policy == POLICY_NEVER || policy == POLICY_BUILD || !spec->image)
        return presence == SERVICES_IMAGE_PRESENT ? SERVICES_IMAGE_USE : made_here;
    return decide_missing(spec, presence);
}

/* A name for what is only built: the same inputs give the same name, so it is built once and found again. */
static char *built_ref(const compose_service *spec)
{
    auto_free char *args = utr_strs_join(&spec->build.args, "\n");
    auto_free char *inputs = utr_format("%s\n%s\n%s\n%s", spec->build.context,
                                        spec->build.dockerfile ? spec->build.dockerfile : "",
                                        spec->build.target ? spec->build.target : "", args);
    char digest[SERVICES_DIGEST_SIZE];
    services_digest(inputs, digest);
    auto_buf utr_buf name = UTR_BUF_INIT(0);
    for (const char *at = spec->name; *at; at++)
        utr_buf_print(&name, "%c", isalnum((unsigned char)*at) ? tolower((unsigned char)*at) : '-');
    return utr_format("utr-built/s-%s-s:%.12s", utr_buf_text(&name), digest);
}

static char *ref_of(const compose_service *spec)
{
    return spec->image ? utr_strdup(spec->image) : built_ref(spec);
}

static size_t image_index(services_images *images, const compose_service *spec)
{
    auto_free char *ref = ref_of(spec);
    for (size_t i = 0; i < images->count; i++) {
        if (!strcmp(images->items[i].ref, ref))
            return i;
    }
    *utr_vec_push(images) = (services_image){.spec = spec, .ref = utr_strdup(ref)};
    return images->count - 1;
}

void services_images_collect(const services_plan *plan, services_images *out, size_t *out_of_node)
{
    for (size_t i = 0; i < plan->nodes.count; i++) {
        const services_node *node = &plan->nodes.items[i];
        out_of_node[i] = image_index(out, node->spec);
        services_image *image = &out->items[out_of_node[i]];
        image->critical |= node->critical;
        if (node->spec->build.context && !image->spec->build.context)
            image->spec = node->spec;
    }
}

void services_images_dispose(services_images *images)
{
    for (size_t i = 0; i < images->count; i++) {
        free(images->items[i].ref);
        engine_image_dispose(&images->items[i].facts);
    }
    utr_vec_dispose(images);
}

/* One pull or build under way. */
typedef struct {
    const services_image_source *source;
    const services_image *image;
    services_state state;
} image_work;

static void work_tell(const image_work *work, const char *detail)
{
    work->source->tell(work->source->ctx, work->image->spec, work->state, detail);
}

static void work_progress(void *ctx, const char *what, int64_t done, int64_t total)
{
    const image_work *work = ctx;
    if (total <= 0) {
        work_tell(work, what);
        return;
    }
    auto_free char *text = utr_format("%s %lld%%", what, (long long)(done * 100 / total));
    work_tell(work, text);
}

static utr_code image_pull(const services_image_source *source, const services_image *image, utr_error *err)
{
    image_work work = {source, image, SERVICES_PULLING};
    work_tell(&work, image->ref);
    utr_code code = engine_image_pull(source->engine, image->ref, work_progress, &work,
                                      engine_within(PULL_MS, source->cancel), err);
    return code ? utr_wrap(err, "pull '%s'", image->ref) : UTR_OK;
}

static engine_build build_of(const services_image *image)
{
    const compose_build *from = &image->spec->build;
    return (engine_build){.context = from->context,
                          .dockerfile = from->dockerfile,
                          .tag = image->ref,
                          .target = from->target,
                          .args = from->args,
                          .labels = from->labels};
}

/* The digest is taken right before the context is sent: what is edited during the build counts as a change.
 */
static utr_code build_labelled(const services_image_source *source, engine_build *build, utr_error *err)
{
    char digest[ENGINE_DIGEST_SIZE];
    if (engine_build_digest(build, source->cancel, digest, err))
        return err->code;
    auto_strs utr_strs labels = {0};
    utr_strs_add_all(&labels, &build->labels);
    utr_strs_give(&labels, utr_format("%s=%s", SERVICES_LABEL_CONTEXT, digest));
    build->labels = labels;
    auto_free char *id = NULL;
    return engine_image_build(source->engine, build, engine_within(BUILD_MS, source->cancel), &id, err);
}

/* @param why  what is told first */
static utr_code image_build(const services_image_source *source, const services_image *image, const char *why,
                            utr_error *err)
{
    image_work work = {source, image, SERVICES_BUILDING};
    work_tell(&work, why);
    engine_build build = build_of(image);
    build.progress = work_progress;
    build.ctx = &work;
    utr_code code = build_labelled(source, &build, err);
    return code ? utr_wrap(err, "build '%s' from %s", image->ref, build.context) : UTR_OK;
}

/* The pull failed for want of the image or of a registry, not because we were told to stop. */
static bool may_go_on(utr_code code)
{
    return code && code != UTR_CANCELLED && code != UTR_UNREACHABLE;
}

static utr_code pull_or_build(const services_image_source *source, const services_image *image,
                              utr_error *err)
{
    utr_error pull_err = {0};
    utr_code code = image_pull(source, image, &pull_err);
    if (!may_go_on(code)) {
        *err = pull_err;
        return code;
    }
    code = image_build(source, image, image->ref, err);
    return code ? utr_wrap(err, "could not be pulled (%.160s)", pull_err.text) : UTR_OK;
}

static utr_code pull_or_use(const services_image_source *source, const services_image *image, utr_error *err)
{
    utr_error pull_err = {0};
    utr_code code = image_pull(source, image, &pull_err);
    if (!may_go_on(code)) {
        *err = pull_err;
        return code;
    }
    auto_free char *text = utr_format("the one that is here is used; newer ones unknown: %s", pull_err.text);
    source->tell(source->ctx, image->spec, SERVICES_PULLING, text);
    return UTR_OK;
}

static utr_code refuse(const services_image *image, utr_error *err)
{
    return utr_fail(err, UTR_NOT_FOUND,
                    "image '%s' is not here and the pull policy forbids fetching it; pull it first, or allow "
                    "`missing`",
                    image->ref);
}

static utr_code image_take(const services_image_source *source, const services_image *image,
                           services_image_step step, const char *why_build, utr_error *err)
{
    switch (step) {
    case SERVICES_IMAGE_USE:
        return UTR_OK;
    case SERVICES_IMAGE_PULL:
        return image_pull(source, image, err);
    case SERVICES_IMAGE_PULL_OR_USE:
        return pull_or_use(source, image, err);
    case SERVICES_IMAGE_PULL_OR_BUILD:
        return pull_or_build(source, image, err);
    case SERVICES_IMAGE_BUILD:
        return image_build(source, image, why_build, err);
    case SERVICES_IMAGE_REFUSE:
        return refuse(image, err);
    }
    return utr_fail(err, UTR_DEFECT, "no such step for an image");
}

static utr_code image_inspect(const services_image_source *source, services_image *image, utr_error *err)
{
    engine_image facts = {0};
    utr_code code = engine_image_inspect(source->engine, image->ref,
                                         engine_within(INSPECT_MS, source->cancel), &facts, err);
    if (code)
        return code;
    engine_image_dispose(&image->facts);
    image->facts = facts;
    return UTR_OK;
}

/* Whether what we built is still what its context says; by others built, and where it is to be fetched or
 * built in any case, nobody need know. */
static utr_code look_at_context(const services_image_source *source, const services_image *image,
                                services_image_presence *out, utr_error *err)
{
    const char *built_from = utr_json_str(image->facts.labels, SERVICES_LABEL_CONTEXT, NULL);
    if (!image->spec->build.context || !built_from ||
        services_image_decide(image->spec, source->pull, SERVICES_IMAGE_PRESENT) != SERVICES_IMAGE_USE)
        return UTR_OK;
    engine_build build = build_of(image);
    char digest[ENGINE_DIGEST_SIZE];
    if (engine_build_digest(&build, source->cancel, digest, err))
        return utr_wrap(err, "see whether '%s' is still what %s makes", image->ref, build.context);
    if (strcmp(built_from, digest) != 0)
        *out = SERVICES_IMAGE_STALE;
    return UTR_OK;
}

static utr_code image_look(const services_image_source *source, services_image *image,
                           services_image_presence *out, utr_error *err)
{
    utr_code code = image_inspect(source, image, err);
    if (code == UTR_NOT_FOUND) {
        utr_error_reset(err);
        *out = SERVICES_IMAGE_ABSENT;
        return UTR_OK;
    }
    if (code)
        return code;
    *out = SERVICES_IMAGE_PRESENT;
    return look_at_context(source, image, out, err);
}

void services_image_get(const services_image_source *source, services_image *image)
{
    utr_error *err = &image->failure;
    services_image_presence presence = SERVICES_IMAGE_ABSENT;
    if (image_look(source, image, &presence, err))
        return;
    services_image_step step = services_image_decide(image->spec, source->pull, presence);
    const char *why_build = presence == SERVICES_IMAGE_STALE ? "its context changed" : image->ref;
    if (image_take(source, image, step, why_build, err))
        return;
    if (step != SERVICES_IMAGE_USE) /* what was found is no longer what is there */
        (void)image_inspect(source, image, err);
}
