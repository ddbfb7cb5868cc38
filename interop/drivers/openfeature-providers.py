"""Driver for OpenFeature's providers for Python: `python openfeature-providers.py ofrep` or `featbit`."""
import importlib.metadata
import logging
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../conformance/drivers"))

from json_lines import NotOffered, serve  # noqa: E402
from openfeature import api  # noqa: E402
from openfeature.evaluation_context import EvaluationContext  # noqa: E402
from openfeature.track import TrackingEventDetails  # noqa: E402

logging.getLogger().setLevel(logging.CRITICAL)
KIND = sys.argv[1]
PACKAGE = {"ofrep": "openfeature-provider-ofrep", "featbit": "featbit-openfeature-server"}[KIND]


def create(request):
    url, secret = request["eventUrl"], request["secret"]
    if KIND == "ofrep":
        from openfeature.contrib.provider.ofrep import OFREPProvider

        provider = OFREPProvider(url, headers_factory=lambda: {"Authorization": f"Bearer {secret}"})
    else:
        from fbclient.client import FBClient
        from fbclient.config import Config
        from featbit_openfeature import FeatBitProvider

        config = Config(secret, event_url=url, streaming_url=request["streamingUrl"])
        provider = FeatBitProvider(FBClient(config, start_wait=0))
    api.set_provider_and_wait(provider)


def context_of(user):
    return EvaluationContext(user["key"], {"name": user["name"], **user.get("custom", {})})


def evaluate(request):
    client, default = api.get_client(), request["default"]
    values = {
        "boolean": client.get_boolean_value,
        "string": client.get_string_value,
        "number": lambda flag, value, context: client.get_float_value(flag, float(value), context),
        "json": client.get_object_value,
    }
    return {"value": values[request["type"]](request["flag"], default, context_of(request["user"]))}


def track(request):
    if KIND == "ofrep":
        raise NotOffered("track")
    details = TrackingEventDetails(value=request["value"])
    api.get_client().track(request["eventName"], context_of(request["user"]), details)


def hello(_):
    version = importlib.metadata.version(PACKAGE)
    return {"sdk": PACKAGE, "version": version, "language": "Python", "capabilities": ["streaming", "track"]}


serve(
    {
        "hello": hello,
        "create": create,
        # set_provider_and_wait has waited.
        "waitForInitialization": lambda _: {"outcome": "ready"},
        "evaluate": evaluate,
        "track": track,
        # A provider has no flush: what waits goes by its time.
        "flush": lambda _: None,
        "close": lambda _: api.shutdown(),
    },
    slow={"close"},
)
