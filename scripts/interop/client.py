"""A program that uses FeatBit's SDK for Python: prints what the flag is each time it becomes something else."""
import sys
import time

from fbclient.client import FBClient
from fbclient.config import Config

url, secret = sys.argv[1:3]
client = FBClient(Config(secret, event_url=url, streaming_url=url.replace("http", "ws")), start_wait=0.1)
user = {"key": "ada", "name": "Ada"}

before = None
while True:
    value = str(client.variation("release", user, default=False)).lower() if client.initialize else "not ready"
    if value != before:
        print(value, flush=True)
    before = value
    time.sleep(0.05)
