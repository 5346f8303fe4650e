"""What the Python tests share: the server's messages, people, codes of an authenticator app."""

import base64
import hashlib
import hmac
import itertools
import json
import os
import struct
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass

ENDPOINT = os.environ["ENDPOINT"]
REGION = "eu-west-1"
CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
OPTIONAL = ("eu-west-1_Optional", "optional0client0000000000")
REQUIRED = ("eu-west-1_Required", "required0client0000000000")
SECRET_CLIENT = "optional0secret0000000000"
SECRET = "aSecretThatOnlyThisTestHas0123456789abcdefghijklmno"

_count = itertools.count(1)


@dataclass
class Person:
    """Somebody nobody else in a test run is."""

    username: str
    email: str
    phone: str
    password: str = "Correct-horse-7"

    @property
    def masked_phone(self):
        return "+*******" + self.phone[-4:]

    @property
    def masked_email(self):
        return self.username[0] + "***@e***"


def person():
    number = next(_count)
    name = f"py{number}x{os.getpid()}"
    phone = f"+1203{os.getpid() % 10_000:04}{number:03}"
    return Person(name, f"{name}@example.org", phone)


def sent_code(to):
    """The code of the latest message to an address or phone number."""
    url = f"{ENDPOINT}/_pool/outbox?to={urllib.parse.quote(to)}"
    with urllib.request.urlopen(url) as reply:
        return json.load(reply)[-1]["code"]


def other_than(code):
    return "111111" if code == "000000" else "000000"


def totp(secret, steps=0):
    """RFC 6238. Servers take the codes of neighbouring half-minutes, each once."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = struct.pack(">Q", int(time.time() // 30) + steps)
    digest = hmac.new(key, counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
