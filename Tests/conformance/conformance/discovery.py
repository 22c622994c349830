# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""What the daemon says of its own protocol, held against what it does and against what is known here."""
from . import messages
from .checks import check, equal, require
from .strictness import PARAMS


def resolved(document, schema):
    while "$ref" in schema:
        place = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        schema = place
    return schema


def members(shape):
    """Which members a shape has, if it is of an object; and which of them may be missing or null."""
    return getattr(shape, "members", None)


@check()
def the_protocol_describes_itself(stage):
    """rpc.discover answers an OpenRPC document with just the methods that initialize names, with the params that each
    takes, the members of its result, and errors that there are; and with just the notifications that may come."""
    with stage.wire() as wire:
        document = wire.call("rpc.discover")
        require(document["openrpc"].startswith("1."), f"openrpc {document['openrpc']}")
        names = wire.call("initialize", protocolVersions=[1], client={"name": "x", "version": "1"})
        methods = {method["name"]: method for method in document["methods"]}
        equal(sorted(methods), sorted(names["capabilities"]["methods"]), "the methods")
        for name, method in methods.items():
            equal(method["paramStructure"], "by-name", f"{name}: paramStructure")
            known = {member: kind for member, kind in PARAMS[name].items() if "." not in member}
            found = {one["name"]: one["required"] for one in method["params"]}
            equal(found, {member: kind.startswith("!") for member, kind in known.items()}, f"{name}: the params")
            words = [resolved(document, one)["data"]["error"] for one in method["errors"]]
            require(set(words) <= set(messages.ERRORS) and {"invalid_params", "permission_denied"} <= set(words),
                    f"{name}: the errors {words}")
            if shape := members(messages.RESULTS[name]):
                properties = resolved(document, method["result"]["schema"])["properties"]
                equal(set(properties), set(shape), f"{name}: the members of its result")
        for error in document["components"]["errors"].values():
            equal(messages.ERRORS[error["data"]["error"]][0], error["code"], "the code of an error")
        equal(len(document["components"]["errors"]), len(messages.ERRORS), "how many errors there are")
        notifications = {one["name"]: one for one in document["x-notifications"]}
        equal(sorted(notifications), sorted(messages.NOTIFICATIONS), "the notifications")
        for name, one in notifications.items():
            equal({param["name"] for param in one["params"]}, set(members(messages.NOTIFICATIONS[name])),
                  f"{name}: the params")


@check()
def events_are_described(stage):
    """rpc.discover names every type of event that has happened."""
    from .events import listed
    with stage.wire() as wire:
        wire.call("agent/remove", agent=stage.ended(wire)["id"])
        known = {one["type"] for one in wire.call("rpc.discover")["x-events"]}
        happened = {event["type"] for event in listed(wire)[0]}
        require(happened <= known, f"not described are {happened - known}")
