"""An authenticator in software, its keys and signatures by `cryptography` (OpenSSL)."""

import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, CREDENTIAL = 0x01, 0x04, 0x40


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def cbor(value):
    """What an attestation object is written in: numbers, bytes, texts and maps of them."""
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    return _head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


def _head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    if number < 256:
        return bytes([major << 5 | 24, number])
    return bytes([major << 5 | 25]) + number.to_bytes(2, "big")


class ES256:
    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        self.cose = {1: 2, 3: -7, -1: 1, -2: x, -3: y}

    def sign(self, data):
        return self.key.sign(data, ec.ECDSA(SHA256()))


class RS256:
    def __init__(self):
        self.key = rsa.generate_private_key(65537, 2048)
        numbers = self.key.public_key().public_numbers()
        self.cose = {1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"}

    def sign(self, data):
        return self.key.sign(data, padding.PKCS1v15(), SHA256())


class Authenticator:
    def __init__(self, key, origin, form="none"):
        self.key, self.origin, self.form = key, origin, form
        self.id, self.counter = os.urandom(32), 0

    def create(self, options):
        self.user = options["user"]["id"]
        client_data = self._client_data("webauthn.create", options["challenge"])
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor(self.key.cose)
        data = self._data(options["rp"]["id"], CREDENTIAL) + credential
        statement = {}
        if self.form == "packed":
            signed = data + hashlib.sha256(client_data).digest()
            statement = {"alg": self.key.cose[3], "sig": self.key.sign(signed)}
        made = {"fmt": self.form, "attStmt": statement, "authData": data}
        return self._credential(
            clientDataJSON=encoded(client_data),
            attestationObject=encoded(cbor(made)),
            transports=["usb", "nfc"],
        )

    def get(self, options):
        client_data = self._client_data("webauthn.get", options["challenge"])
        self.counter += 1
        data = self._data(options["rpId"], 0)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest())
        return self._credential(
            clientDataJSON=encoded(client_data),
            authenticatorData=encoded(data),
            signature=encoded(signature),
            userHandle=self.user,
        )

    def _client_data(self, kind, challenge):
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(data).encode()

    def _data(self, relying_party, more):
        flags = PRESENT | VERIFIED | more
        counter = self.counter.to_bytes(4, "big")
        return hashlib.sha256(relying_party.encode()).digest() + bytes([flags]) + counter

    def _credential(self, **response):
        return {
            "id": encoded(self.id),
            "rawId": encoded(self.id),
            "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "clientExtensionResults": {},
            "response": response,
        }
