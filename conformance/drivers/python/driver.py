#!/usr/bin/env python3
"""A minimal conformance driver to copy from: Python's standard library and nothing else.

There is no SDK behind it. It keeps the data of an offline client, evaluates only what needs no targeting (a flag that
is disabled, or whose fallthrough serves everyone) and makes connection tokens. To everything else it answers "not
offered", which the suite reports as skipped. Replace the body of each operation by calls to your SDK, one at a time,
and add the operation's name to CAPABILITIES.
"""

import json
import sys

CAPABILITIES = ["offline", "bootstrap", "initialized", "makeToken"]


class NotOffered(Exception):
    """Raised by an operation that the SDK does not have."""


class Client:
    """What an SDK's client would be."""

    def __init__(self, bootstrap):
        self.flags = {}
        if bootstrap is not None:
            for flag in json.loads(bootstrap)["data"]["featureFlags"]:
                self.flags[flag["key"]] = flag

    def evaluate(self, key, default):
        flag = self.flags.get(key)
        if flag is None or flag["isArchived"]:
            return {"value": default, "variationId": "", "reason": "Error"}
        if not flag["isEnabled"]:
            return self.serve(flag, flag["disabledVariationId"], "Off")
        shares = flag["fallthrough"]["variations"]
        if flag["targetUsers"] or flag["rules"] or len(shares) != 1 or shares[0]["rollout"] != [0, 1]:
            raise NotOffered("targeting")
        return self.serve(flag, shares[0]["id"], "Fallthrough")

    @staticmethod
    def serve(flag, variation_id, reason):
        for variation in flag["variations"]:
            if variation["id"] == variation_id:
                return {"value": variation["value"], "variationId": variation_id, "reason": reason}
        raise NotOffered("missing variations")


clients = {}


def hello(request):
    return {"sdk": "python-example", "version": "0", "language": "Python", "capabilities": CAPABILITIES}


def create(request):
    if not request.get("offline"):
        raise NotOffered("online clients")
    clients[request["client"]] = Client(request.get("bootstrap"))


def wait_for_initialization(request):
    return {"outcome": "ready"}


def initialized(request):
    return {"initialized": True}


def evaluate(request):
    if request["type"] != "string":
        raise NotOffered("types other than string")
    return clients[request["client"]].evaluate(request["flag"], request["default"])


def make_token(request):
    secret = request["secret"].rstrip("=")
    time = str(request["timestamp"])
    position = max(int(request["random"] * len(secret)), 2)

    def encode(number, width):
        return "".join("QBWSPHDXZU"[int(digit)] for digit in str(number).rjust(width, "0")[-width:])

    head = encode(position, 3) + encode(len(time), 2)
    return {"token": head + secret[:position] + encode(time, len(time)) + secret[position:]}


def close(request):
    clients.pop(request["client"], None)


OPERATIONS = {
    "hello": hello,
    "create": create,
    "waitForInitialization": wait_for_initialization,
    "initialized": initialized,
    "evaluate": evaluate,
    "makeToken": make_token,
    "close": close,
    "exit": lambda request: None,
}


def answer(request):
    operation = OPERATIONS.get(request["op"])
    try:
        if operation is None:
            raise NotOffered(request["op"])
        return {"id": request["id"], "result": operation(request) or {}}
    except NotOffered as reason:
        return {"id": request["id"], "error": {"code": "not-offered", "message": str(reason)}}
    except Exception as error:  # what the SDK throws is a finding, not the driver's end
        return {"id": request["id"], "error": {"code": "threw", "message": f"{type(error).__name__}: {error}"}}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(answer(request)), flush=True)
    if request["op"] == "exit":
        break
