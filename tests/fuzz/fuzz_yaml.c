/* Any bytes as YAML: either faults or a tree that keeps the reader's promises. */
#include "fuzz_target.h"

#include "base/yaml.h"

#include <assert.h>

static size_t walk(const utr_yaml *node, int level)
{
    size_t nodes = 1;
    bool value = true;
    assert(level <= 64);
    assert((node->kind == UTR_YAML_SCALAR) == (node->text != NULL));
    assert(node->kind == UTR_YAML_SCALAR || !utr_yaml_bool(node, &value));
    for (size_t i = 0; node->kind == UTR_YAML_SEQUENCE && i < node->count; i++)
        nodes += walk(node->items[i], level + 1);
    for (size_t i = 0; node->kind == UTR_YAML_MAPPING && i < node->count; i++) {
        assert(node->pairs[i].key && node->pairs[i].place.line > 0);
        nodes += 1 + walk(node->pairs[i].value, level + 1);
    }
    return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_faults utr_faults faults = {0};
    auto_yaml utr_yaml_doc *doc = NULL;
    utr_code code = utr_yaml_parse("fuzz.yaml", (const char *)data, size, &doc, &faults);
    assert((code == UTR_OK) == (doc != NULL));
    assert((code == UTR_OK) == (faults.texts.count == 0));
    if (doc)
        assert(walk(utr_yaml_root(doc), 1) <= 100000);
    return 0;
}
