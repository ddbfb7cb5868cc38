"""Driver for fb-python-sdk, as its README uses it: `python fb-python-sdk.py`, with a Python that has the SDK installed."""
import importlib.metadata
import json
import logging
import math
from threading import Lock

import fbclient.utils as utils
from fbclient.client import FBClient
from fbclient.config import Config, HTTPConfig, WebSocketConfig
from fbclient.event_processor import NullEventProcessor
from json_lines import NotOffered, serve

try:
    from fbclient.flag_change_notification import FlagChangedListener
except ImportError:  # before 1.1
    FlagChangedListener = None

logging.getLogger().setLevel(logging.CRITICAL)  # It logs each evaluation.
VERSION = importlib.metadata.version("fb-python-sdk")
CAPABILITIES = ["streaming", "offline", "bootstrap", "disableEvents", "initialized", "rawInput", "allFlags", "track"]
CAPABILITIES += ["identify", "flush", "mutateUser", "mutateValue", "makeToken", "eventQueueLimit"]
LISTENERS = ["flagListeners", "valueListeners"]
REASONS = {
    "flag off": "Off",
    "target match": "TargetMatch",
    "rule match": "RuleMatch",
    "fall through all rules": "Fallthrough",
    "client not ready": "ClientNotReady",
    "wrong type": "WrongType",
}
clients, changes = {}, {}


def reason_of(detail):
    return REASONS.get(detail.reason, "Error")


def user_of(user):
    """A user as a dict. The SDK takes none without a name: such a user is given its key for one."""
    if not isinstance(user, dict) or not isinstance(user.get("key"), str):
        return user
    return {**(user.get("custom") or {}), "key": user["key"], "name": user.get("name") or user["key"]}


def seconds(settings, name, default=None):
    return settings[name] / 1000 if name in settings else default


def hello(_):
    listeners = LISTENERS if FlagChangedListener else []
    about = {"sdk": "fb-python-sdk", "version": VERSION, "language": "Python", "reconnectMs": 2000}
    return {**about, "capabilities": CAPABILITIES + listeners}


def create(request):
    if request.get("mode") == "polling":
        raise NotOffered("polling")
    settings = request["settings"]
    offline = bool(request.get("offline"))
    timeout = seconds(settings, "eventRequestTimeoutMs", 5.0)
    options = {
        "offline": offline,
        "streaming_first_retry_delay": seconds(settings, "firstRetryDelayMs"),
        "events_max_in_queue": settings.get("maxEventsInQueue"),
        "events_flush_interval": seconds(settings, "flushIntervalMs"),
        "events_retry_interval": seconds(settings, "eventRetryIntervalMs"),
        "events_max_retries": settings.get("eventMaxRetries"),
        "http": HTTPConfig(connect_timeout=timeout, read_timeout=timeout),
        "websocket": WebSocketConfig(timeout=seconds(settings, "connectTimeoutMs", 5.0)),
    }
    if request.get("disableEvents"):
        options["event_processor_imp"] = NullEventProcessor
    nowhere = "http://127.0.0.1:9"
    urls = {"event_url": request.get("eventUrl") or nowhere, "streaming_url": request.get("streamingUrl") or nowhere}
    client = FBClient(Config(request.get("secret") or "offline", **urls, **options), start_wait=0)
    clients[request["client"]] = client
    if offline and request.get("bootstrap") is not None:
        client.initialize_from_external_json(request["bootstrap"])


def wait_for_initialization(request):
    client, timeout = clients[request["client"]], request["timeoutMs"] / 1000
    if client.is_offline():
        return {"outcome": "ready" if client.initialize else "timeout"}
    return {"outcome": "ready" if client.update_status_provider.wait_for_OKState(timeout) else "timeout"}


def evaluate(request):
    client, default = clients[request["client"]], request["default"]
    detail = client.variation_detail(request["flag"], user_of(request["user"]), default)
    detail = getattr(detail, "data", detail)  # 1.0 wraps it once more.
    reply = {"value": as_json(detail.variation), "reason": reason_of(detail)}
    if getattr(detail, "variation_id", None) is not None:
        reply["variationId"] = detail.variation_id
    if request.get("mutateValue"):
        mutate(detail.variation)
    return reply


def as_json(value):
    """A copy. JSON has no NaN and no infinities: their names."""
    is_odd = isinstance(value, float) and not math.isfinite(value)
    return str(value) if is_odd else json.loads(json.dumps(value))


def mutate(value):
    if isinstance(value, (dict, list)):
        for key in list(value.keys() if isinstance(value, dict) else range(len(value))):
            mutate(value[key])
            value[key] = "changed"


def all_flags(request):
    states = clients[request["client"]].get_all_latest_flag_variations(user_of(request["user"]))
    # Taking a value out with get() would record an event.
    flags = [{"flagKey": item["keyName"], "value": item["variation"]} for item in states.to_json_dict()["data"]]
    return {"success": states.success, "flags": flags}


def track(request):
    user, value = user_of(request["user"]), request.get("value")
    number = [] if value is None else [float(value)]
    clients[request["client"]].track_metric(user, request["eventName"], *number)
    user.update(request.get("mutateUser") or {}) if isinstance(user, dict) else None


def identify(request):
    user = user_of(request["user"])
    clients[request["client"]].identify(user)
    user.update(request.get("mutateUser") or {}) if isinstance(user, dict) else None


def listen(request):
    name = (request["client"], request["name"])
    client, user, behaviour = clients[request["client"]], user_of(request["user"]), request["behaviour"]
    told = changes.setdefault(name, [])

    def tell(flag, value):
        if behaviour == "throw":
            raise RuntimeError("a listener that fails")
        told.append({"flagKey": flag, "value": value})

    if FlagChangedListener is None:
        raise NotOffered("listeners")
    if "ofFlag" in request:
        of_flag = request["ofFlag"]
        client.flag_tracker.add_flag_value_changed_listener(of_flag, user, lambda flag, _, value: tell(flag, value))
        return

    class Listener(FlagChangedListener):
        def on_flag_change(self, notice):
            found = client.get_all_latest_flag_variations(user).to_json_dict()["data"]
            tell(notice.flag_key, next((i["variation"] for i in found if i["keyName"] == notice.flag_key), None))

    client.flag_tracker.add_flag_changed_listener(Listener())


token_lock = Lock()


def make_token(request):
    with token_lock:
        clock, dice = utils.time, utils.random
        utils.time, utils.random = lambda: request["timestamp"] / 1000, lambda: request["random"]
        try:
            return {"token": utils.build_token(request["secret"])}
        finally:
            utils.time, utils.random = clock, dice


serve(
    {
        "hello": hello,
        "create": create,
        "waitForInitialization": wait_for_initialization,
        "initialized": lambda request: {"initialized": bool(clients[request["client"]].initialize)},
        "evaluate": evaluate,
        "allFlags": all_flags,
        "track": track,
        "identify": identify,
        "flush": lambda request: clients[request["client"]].flush(),
        "listen": listen,
        "changes": lambda request: {"changes": changes.get((request["client"], request["name"]), [])},
        "makeToken": make_token,
        "close": lambda request: clients[request["client"]].stop(),
    },
    slow={"waitForInitialization", "close"},
)
