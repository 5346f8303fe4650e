"""pycognito, which checks issuer and signature of every token that it is given."""

import unittest

from botocore.exceptions import ClientError
from common import CREDENTIALS, ENDPOINT, OPTIONAL, REQUIRED, SECRET, SECRET_CLIENT
from common import other_than, person, sent_code, totp
from pycognito import Cognito
from pycognito.exceptions import SMSMFAChallengeException, SoftwareTokenMFAChallengeException
from shapes import watch


def cognito(pool, who, client_secret=None):
    user = Cognito(
        *pool,
        username=who.username,
        client_secret=client_secret,
        boto3_client_kwargs={"endpoint_url": ENDPOINT, **CREDENTIALS},
    )
    watch(user.client)
    return user


class Pycognito(unittest.TestCase):
    def refused(self, name, call, *args):
        with self.assertRaises(ClientError) as raised:
            call(*args)
        self.assertEqual(raised.exception.response["Error"]["Code"], name)

    def sign_up(self, pool, who, client_secret=None):
        user = cognito(pool, who, client_secret)
        user.set_base_attributes(email=who.email, phone_number=who.phone)
        reply = user.register(who.username, who.password)
        self.assertEqual(reply["CodeDeliveryDetails"]["Destination"], who.masked_phone)
        code = sent_code(who.phone)
        self.refused("CodeMismatchException", user.confirm_sign_up, other_than(code))
        user.confirm_sign_up(code)
        return user

    def test_phone_and_email_both(self):
        who = person()
        user = self.sign_up(OPTIONAL, who)
        self.refused("NotAuthorizedException", user.authenticate, "Wrong-horse-7")
        user.authenticate(who.password)
        user.verify_tokens()
        user.send_verification("email")
        code = sent_code(who.email)
        self.refused("CodeMismatchException", user.validate_verification, other_than(code))
        user.validate_verification(code)
        person_now = user.get_user()
        self.assertIs(person_now.email_verified, True)
        self.assertIs(person_now.phone_number_verified, True)

    def test_second_factors(self):
        who = person()
        user = self.sign_up(OPTIONAL, who)
        user.authenticate(who.password)
        user.set_user_mfa_preference(True, False, "SMS")
        with self.assertRaises(SMSMFAChallengeException):
            user.authenticate(who.password)
        code = sent_code(who.phone)
        self.refused("CodeMismatchException", user.respond_to_sms_mfa_challenge, other_than(code))
        user.respond_to_sms_mfa_challenge(code)
        user.verify_tokens()

        secret = user.associate_software_token()
        self.assertTrue(user.verify_software_token(totp(secret), "app"))
        user.set_user_mfa_preference(True, True, "SOFTWARE_TOKEN")
        with self.assertRaises(SoftwareTokenMFAChallengeException):
            user.authenticate(who.password)
        user.respond_to_software_token_mfa_challenge(totp(secret, 1))
        user.verify_tokens()

    def test_refreshing_changing_signing_out(self):
        who = person()
        user = self.sign_up(OPTIONAL, who)
        user.authenticate(who.password)
        first = user.access_token
        user.renew_access_token()
        self.assertNotEqual(user.access_token, first)
        user.verify_tokens()
        user.change_password(who.password, "Another-horse-8")
        user.authenticate("Another-horse-8")
        refresh, access = user.refresh_token, user.access_token
        user.logout()
        user.refresh_token, user.access_token = refresh, access
        self.refused("NotAuthorizedException", user.renew_access_token)
        self.refused("NotAuthorizedException", user.delete_user)

    def test_forgotten_password(self):
        who = person()
        user = self.sign_up(OPTIONAL, who)
        user.initiate_forgot_password()
        code = sent_code(who.phone)
        new = "Another-horse-8"
        self.refused("CodeMismatchException", user.confirm_forgot_password, other_than(code), new)
        user.confirm_forgot_password(code, new)
        self.refused("NotAuthorizedException", user.authenticate, who.password)
        user.authenticate(new)

    def test_a_factor_required_of_all(self):
        who = person()
        user = self.sign_up(REQUIRED, who)
        with self.assertRaises(SMSMFAChallengeException):
            user.authenticate(who.password)
        user.respond_to_sms_mfa_challenge(sent_code(who.phone))
        user.verify_tokens()

    def test_a_client_with_a_secret(self):
        who = person()
        pool = (OPTIONAL[0], SECRET_CLIENT)
        user = self.sign_up(pool, who, SECRET)
        user.authenticate(who.password)
        user.renew_access_token()
        user.verify_tokens()
        stranger = cognito(pool, who, SECRET[::-1])
        self.refused("NotAuthorizedException", stranger.authenticate, who.password)
        without = cognito(pool, who)
        self.refused("NotAuthorizedException", without.authenticate, who.password)


if __name__ == "__main__":
    unittest.main()
