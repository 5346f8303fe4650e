"""A test against a running pool: `COGNITO_ENDPOINT=http://127.0.0.1:9229 python -m unittest test_sign_up`."""

import json
import os
import unittest
import urllib.request

import boto3

ENDPOINT = os.environ["COGNITO_ENDPOINT"]
CLIENT = "local0client0000000000000"


def control(path, body=None):
    """Reads the outbox, or takes and restores snapshots."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{ENDPOINT}/_pool/{path}", data, headers)
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


class SignUp(unittest.TestCase):
    def setUp(self):
        # Each test finds the pool as it was before.
        snapshot = control("snapshot", {})
        self.addCleanup(control, "restore", snapshot)
        self.pool = boto3.client(
            "cognito-idp",
            endpoint_url=ENDPOINT,
            region_name="eu-west-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        self.addCleanup(self.pool.close)

    def test_somebody_signs_up_and_in(self):
        email = {"Name": "email", "Value": "jane@example.org"}
        self.pool.sign_up(
            ClientId=CLIENT, Username="jane", Password="Correct-horse-7", UserAttributes=[email]
        )
        code = control("outbox?to=jane@example.org")[-1]["code"]
        self.pool.confirm_sign_up(ClientId=CLIENT, Username="jane", ConfirmationCode=code)
        signed_in = self.pool.initiate_auth(
            ClientId=CLIENT,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "jane", "PASSWORD": "Correct-horse-7"},
        )
        self.assertIn("AccessToken", signed_in["AuthenticationResult"])


if __name__ == "__main__":
    unittest.main()
