"""Holds every reply that a client gets against botocore's own model of the service.

botocore itself drops members that it does not know and takes others as they come; here each reply is
looked through as it stood on the wire. As a program: replies of the user pool to any other client, one
a line (`{"operation", "body"}`), and their faults, one a line.
"""

import base64
import binascii
import json
import sys


def watch(client):
    """From now on a reply of another shape than the model's fails the call."""
    model = client.meta.service_model
    if model.protocol != "json":
        return client

    def check(http_response, model, **_):
        if http_response.status_code < 300:
            body = json.loads(http_response.content or b"{}")
            faults = list(_faults(model.output_shape, body, model.name))
            if faults:
                raise AssertionError("; ".join(faults))

    service = model.service_id.hyphenize()
    client.meta.events.register(f"after-call.{service}", check)
    return client


def _faults(shape, value, at):
    if shape is None:
        if value:
            yield f"{at}: the operation answers nothing"
        return
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return
    if kind == "structure":
        if not isinstance(value, dict):
            yield f"{at}: not a structure"
            return
        # The CLI's reference shows an empty one of a domain that is a prefix.
        empty = shape.name == "CustomDomainConfigType" and not value
        for name in [] if empty else shape.required_members:
            if name not in value:
                yield f"{at}.{name} is missing"
        for name, member in value.items():
            if name not in shape.members:
                yield f"{at}.{name} is not in the model"
            else:
                yield from _faults(shape.members[name], member, f"{at}.{name}")
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{at}: not a list"
            return
        for index, member in enumerate(value):
            yield from _faults(shape.member, member, f"{at}[{index}]")
    elif kind == "map":
        if not isinstance(value, dict):
            yield f"{at}: not a map"
            return
        for name, member in value.items():
            yield from _faults(shape.key, name, f"{at} (key)")
            yield from _faults(shape.value, member, f"{at}[{name}]")
    elif kind == "blob":
        try:
            base64.b64decode(value, validate=True)
        except (TypeError, binascii.Error):
            yield f"{at}: not Base64"
    else:
        yield from _scalar(shape, kind, value, at)


def _scalar(shape, kind, value, at):
    types = {
        "string": str,
        "character": str,
        "boolean": bool,
        "integer": int,
        "long": int,
        "double": (int, float),
        "float": (int, float),
        "timestamp": (int, float),
    }
    right = isinstance(value, types[kind]) and (kind == "boolean" or not isinstance(value, bool))
    if not right:
        yield f"{at}: {type(value).__name__} instead of {kind}"
        return
    if getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{at}: {value} is none of {shape.enum}"
    # AWS's own `phone_number_verified` is longer than the model allows, as all with a prefix may be.
    if shape.name == "CustomAttributeNameType":
        return
    size = len(value) if isinstance(value, str) else value
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if kind != "timestamp" and (
        (least is not None and size < least) or (most is not None and size > most)
    ):
        yield f"{at}: {size} is not within {least} and {most}"


def _main():
    import botocore.session

    model = botocore.session.get_session().get_service_model("cognito-idp")
    for line in sys.stdin:
        reply = json.loads(line)
        operation = model.operation_model(reply["operation"])
        body = json.loads(reply["body"] or "{}")
        for fault in _faults(operation.output_shape, body, operation.name):
            print(fault)


if __name__ == "__main__":
    _main()
