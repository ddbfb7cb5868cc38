"""The driver's side of the protocol for SDKs that run on Python: reads requests, calls the operation, writes the reply."""
import json
import sys
from threading import Lock, Thread


class NotOffered(Exception):
    """Raised by an operation that the SDK does not have."""


def serve(operations, slow=()):
    """Answers until the suite goes away or asks for the end. `slow` names the operations that get a thread of their own.

    What an operation raises is reported as the SDK's.
    """
    replies, lock = sys.stdout, Lock()
    sys.stdout = sys.stderr  # Whatever the SDK prints is no reply.

    def answer(request):
        reply = {"id": request["id"]}
        try:
            operation = operations.get(request["op"])
            if operation is None:
                raise NotOffered(request["op"])
            reply["result"] = operation(request) or {}
        except NotOffered as reason:
            reply["error"] = {"code": "not-offered", "message": str(reason)}
        except Exception as error:
            reply["error"] = {"code": "threw", "message": f"{type(error).__name__}: {error}"}
        with lock:
            print(json.dumps(reply), file=replies, flush=True)

    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "exit":
            print(json.dumps({"id": request["id"], "result": {}}), file=replies, flush=True)
            return
        if request["op"] in slow:
            Thread(target=answer, args=(request,), daemon=True).start()
        else:
            answer(request)
