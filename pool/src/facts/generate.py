"""Makes cognito-idp.json, the facts this crate checks requests and errors against, from the service
model `cognito-idp/2016-04-18` of botocore (Apache-2.0): names, members and constraints, no prose.

    python3 generate.py < service-2.json > cognito-idp.json
    python3 generate.py replies < service-2.json > ../../tests/common/replies.json

The latter are the shapes of replies, which the tests hold each reply against.
"""

import json
import sys

model = json.load(sys.stdin)
shapes = model["shapes"]


def shape_name(reference):
    """botocore wraps names in objects; a model already reduced has them bare."""
    return reference if isinstance(reference, str) else reference["shape"]


replies = sys.argv[1:] == ["replies"]
FACTS = ("type", "enum", "required", "document") if replies else (
    "type", "min", "max", "pattern", "enum", "required", "sensitive"
)

operations, wanted = {}, []
for name, operation in sorted(model["operations"].items()):
    errors = sorted({shape_name(error) for error in operation["errors"]})
    signed = operation.get("signed", operation.get("authtype") != "none")
    operations[name] = {"input": shape_name(operation["input"]), "errors": errors, "signed": signed}
    if replies:
        operations[name] = shape_name(operation["output"]) if operation.get("output") else None
    wanted.append(operations[name] if replies else operations[name]["input"])

kept = {}
while wanted:
    name = wanted.pop()
    if name is None or name in kept:
        continue
    shape = shapes[name]
    out = {}
    for fact in FACTS:
        if fact in shape:
            out[fact] = shape[fact]
    if "members" in shape:
        out["members"] = {key: shape_name(member) for key, member in shape["members"].items()}
        wanted.extend(out["members"].values())
    for part in ("member", "key", "value"):
        if part in shape:
            out[part] = shape_name(shape[part])
            wanted.append(out[part])
    kept[name] = out

# The model's pattern is that of prefixes; a domain of one's own has dots, and is taken by the service.
if not replies:
    kept["DomainType"]["pattern"] = kept["DomainType"]["pattern"].replace(r"\-]", r"\-.]")

facts = {
    "source": model.get("source", "botocore, service model cognito-idp 2016-04-18 (Apache-2.0)"),
    "operations": operations,
    "shapes": dict(sorted(kept.items())),
}
json.dump(facts, sys.stdout, separators=(",", ":"))
print()
