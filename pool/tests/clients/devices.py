"""What pycognito makes of the devices in a file, as JSON: see devices.test.mjs."""

import binascii
import datetime
import json
import os
import sys
from types import SimpleNamespace

from pycognito import aws_srp


def made_of(device):
    drawn = [binascii.unhexlify(device["secret"]), binascii.unhexlify(device["salt"])]

    def urandom(count):
        taken = drawn.pop(0)
        assert len(taken) == count
        return taken

    aws_srp.os = SimpleNamespace(urandom=urandom)
    secret, config = aws_srp.generate_hash_device(device["group"], device["key"])
    aws_srp.os = os
    assert drawn == []

    srp = aws_srp.AWSSRP(
        "alice",
        "no password",
        "eu-west-1_Devices1",
        "client",
        client=object(),
        device_key=device["key"],
        device_group_key=device["group"],
        device_password=secret,
    )
    srp.small_a_value = int(device["a"], 16)
    srp.large_a_value = srp.calculate_a()
    moment = datetime.datetime.fromtimestamp(device["wall"] / 1000, datetime.timezone.utc)
    aws_srp.datetime = SimpleNamespace(datetime=SimpleNamespace(utcnow=lambda: moment))
    proof = srp.process_device_challenge(
        {
            "USERNAME": "alice",
            # A pool sends the salt as the number that it keeps.
            "SALT": f"{int(device['salt'], 16):x}",
            "SRP_B": device["b"],
            "SECRET_BLOCK": device["block"],
        }
    )
    return {
        "secret": secret,
        "salt": config["Salt"],
        "verifier": config["PasswordVerifier"],
        "srpA": f"{srp.large_a_value:x}",
        "timestamp": proof["TIMESTAMP"],
        "signature": proof["PASSWORD_CLAIM_SIGNATURE"],
    }


with open(sys.argv[1], encoding="utf-8") as given:
    print(json.dumps([made_of(device) for device in json.load(given)]))
