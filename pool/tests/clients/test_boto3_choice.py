"""boto3 where a pool lets people choose: passkeys, codes, sign-ups that end signed in, sessions."""

import json
import unittest

from authenticator import ES256, RS256, Authenticator
from common import person, sent_code
from pycognito.aws_srp import AWSSRP
from test_boto3 import IDP

SES = {
    "EmailSendingAccount": "DEVELOPER",
    "SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.org",
}
FACTORS = ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]
RELYING_PARTY = {"RelyingPartyId": "example.org", "UserVerification": "required"}


def made_pool(**mfa):
    pool = IDP.create_user_pool(
        PoolName="choice",
        AutoVerifiedAttributes=["email"],
        EmailConfiguration=SES,
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": FACTORS}},
    )["UserPool"]["Id"]
    if mfa:
        IDP.set_user_pool_mfa_config(UserPoolId=pool, **mfa)
    client = IDP.create_user_pool_client(
        UserPoolId=pool,
        ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    return pool, client["UserPoolClient"]["ClientId"]


class Choice(unittest.TestCase):
    def setUp(self):
        self.pool, self.client = made_pool(WebAuthnConfiguration=RELYING_PARTY)
        self.who = person()

    def refused(self, name, call, **kwargs):
        with self.assertRaises(getattr(IDP.exceptions, name)):
            call(**kwargs)

    def sign_up(self, **more):
        """Signs up and, by the sessions, in. Gives the tokens."""
        named = {"ClientId": self.client, "Username": self.who.username}
        email = [{"Name": "email", "Value": self.who.email}]
        signed_up = IDP.sign_up(UserAttributes=email, **named, **more)
        confirmed = IDP.confirm_sign_up(
            ConfirmationCode=sent_code(self.who.email), Session=signed_up["Session"], **named
        )
        self.session = confirmed["Session"]
        return self.start(Session=self.session)["AuthenticationResult"]

    def start(self, Session=None, **parameters):
        more = {"Session": Session} if Session else {}
        return IDP.initiate_auth(
            ClientId=self.client,
            AuthFlow="USER_AUTH",
            AuthParameters={"USERNAME": self.who.username, **parameters},
            **more,
        )

    def respond(self, challenge, **responses):
        return IDP.respond_to_auth_challenge(
            ClientId=self.client,
            ChallengeName=challenge["ChallengeName"],
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": self.who.username, **responses},
        )

    def register(self, token, authenticator):
        started = IDP.start_web_authn_registration(AccessToken=token)
        credential = authenticator.create(started["CredentialCreationOptions"])
        IDP.complete_web_authn_registration(AccessToken=token, Credential=credential)
        return credential["id"]

    def test_a_sign_up_ends_signed_in(self):
        self.assertIn("AccessToken", self.sign_up(Password=self.who.password))
        self.refused("NotAuthorizedException", self.start, Session=self.session)

    def test_a_code_in_place_of_a_password(self):
        token = self.sign_up()["AccessToken"]
        factors = IDP.get_user_auth_factors(AccessToken=token)
        self.assertEqual(factors["ConfiguredUserAuthFactors"], ["EMAIL_OTP"])
        choice = self.start()
        self.assertEqual(choice["ChallengeName"], "SELECT_CHALLENGE")
        self.assertEqual(choice["AvailableChallenges"], ["EMAIL_OTP"])
        asked = self.respond(choice, ANSWER="EMAIL_OTP")
        self.assertEqual(asked["AvailableChallenges"], ["EMAIL_OTP"])
        reply = self.respond(asked, EMAIL_OTP_CODE=sent_code(self.who.email))
        self.assertIn("AuthenticationResult", reply)

    def test_a_chosen_password_is_proved(self):
        self.sign_up(Password=self.who.password)
        srp = AWSSRP(
            username=self.who.username,
            password=self.who.password,
            pool_id=self.pool,
            client_id=self.client,
            client=IDP,
        )
        parameters = srp.get_auth_params()
        asked = self.start(PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=parameters["SRP_A"])
        self.assertEqual(asked["ChallengeName"], "PASSWORD_VERIFIER")
        self.assertEqual(asked["AvailableChallenges"], ["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"])
        proof = srp.process_challenge(asked["ChallengeParameters"], parameters)
        self.assertIn("AuthenticationResult", self.respond(asked, **proof))

    def test_passkeys(self):
        token = self.sign_up(Password=self.who.password)["AccessToken"]
        for make in (ES256, RS256):
            for form in ("none", "packed"):
                authenticator = Authenticator(make(), "https://login.example.org", form)
                made = self.register(token, authenticator)
                listed = IDP.list_web_authn_credentials(AccessToken=token)["Credentials"]
                self.assertEqual([it["CredentialId"] for it in listed], [made])
                self.assertEqual(listed[0]["RelyingPartyId"], "example.org")
                self.assertEqual(listed[0]["AuthenticatorTransports"], ["usb", "nfc"])
                asked = self.start(PREFERRED_CHALLENGE="WEB_AUTHN")
                self.assertEqual(asked["ChallengeName"], "WEB_AUTHN")
                options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
                shown = json.dumps(authenticator.get(options))
                self.assertIn("AuthenticationResult", self.respond(asked, CREDENTIAL=shown))
                choice = self.start()
                self.assertIn("WEB_AUTHN", choice["AvailableChallenges"])
                asked = self.respond(choice, ANSWER="WEB_AUTHN")
                options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
                authenticator.origin = "https://example.com"
                shown = json.dumps(authenticator.get(options))
                self.refused(
                    "NotAuthorizedException", self.respond, challenge=asked, CREDENTIAL=shown
                )
                IDP.delete_web_authn_credential(AccessToken=token, CredentialId=made)

    def test_the_errors_of_passkeys(self):
        token = self.sign_up(Password=self.who.password)["AccessToken"]
        complete = IDP.complete_web_authn_registration

        def made(change):
            started = IDP.start_web_authn_registration(AccessToken=token)
            options = started["CredentialCreationOptions"]
            authenticator = Authenticator(ES256(), "https://example.org")
            change(authenticator, options)
            return {"AccessToken": token, "Credential": authenticator.create(options)}

        def other_page(authenticator, _):
            authenticator.origin = "https://example.com"

        def other_site(_, options):
            options["rp"]["id"] = "example.com"

        def other_challenge(_, options):
            options["challenge"] = "A" * 43

        def other_form(authenticator, _):
            authenticator.form = "tpm"

        for name, change in {
            "WebAuthnOriginNotAllowedException": other_page,
            "WebAuthnRelyingPartyMismatchException": other_site,
            "WebAuthnChallengeNotFoundException": other_challenge,
            "WebAuthnCredentialNotSupportedException": other_form,
        }.items():
            self.refused(name, complete, **made(change))
        IDP.update_user_pool(
            UserPoolId=self.pool,
            Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}},
        )
        start = IDP.start_web_authn_registration
        self.refused("WebAuthnNotEnabledException", start, AccessToken=token)
        self.pool, self.client = made_pool()
        token = self.sign_up(Password=self.who.password)["AccessToken"]
        self.refused("WebAuthnConfigurationMissingException", start, AccessToken=token)

    def test_a_passkey_for_both_factors(self):
        both = {**RELYING_PARTY, "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}
        token = {"Enabled": True}
        config = {
            "UserPoolId": self.pool,
            "MfaConfiguration": "ON",
            "SoftwareTokenMfaConfiguration": token,
            "EmailMfaConfiguration": {},
        }
        single = {**config, "WebAuthnConfiguration": RELYING_PARTY}
        self.refused("InvalidParameterException", IDP.set_user_pool_mfa_config, **single)
        access = self.sign_up(Password=self.who.password)["AccessToken"]
        IDP.set_user_pool_mfa_config(**{**config, "WebAuthnConfiguration": both})
        kept = IDP.get_user_pool_mfa_config(UserPoolId=self.pool)
        self.assertEqual(kept["WebAuthnConfiguration"], both)
        enabled = {"WebAuthnMfaSettings": {"Enabled": True}, "AccessToken": access}
        self.refused("InvalidParameterException", IDP.set_user_mfa_preference, **enabled)
        IDP.set_user_mfa_preference(EmailMfaSettings={"Enabled": True}, **enabled)
        authenticator = Authenticator(ES256(), "https://example.org")
        self.register(access, authenticator)
        asked = self.start(PREFERRED_CHALLENGE="WEB_AUTHN")
        options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        self.assertEqual(options["userVerification"], "required")
        shown = json.dumps(authenticator.get(options))
        self.assertIn("AuthenticationResult", self.respond(asked, CREDENTIAL=shown))

    def test_an_email_set_up_as_second_factor(self):
        IDP.admin_create_user(
            UserPoolId=self.pool, Username=self.who.username, MessageAction="SUPPRESS"
        )
        IDP.admin_set_user_password(
            UserPoolId=self.pool,
            Username=self.who.username,
            Password=self.who.password,
            Permanent=True,
        )
        both = {**RELYING_PARTY, "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}
        IDP.set_user_pool_mfa_config(
            UserPoolId=self.pool,
            MfaConfiguration="ON",
            EmailMfaConfiguration={},
            WebAuthnConfiguration=both,
        )
        asked = self.start(PREFERRED_CHALLENGE="PASSWORD", PASSWORD=self.who.password)
        self.assertEqual(asked["ChallengeName"], "MFA_SETUP")
        kinds = json.loads(asked["ChallengeParameters"]["MFAS_CAN_SETUP"])
        self.assertEqual(kinds, ["EMAIL_OTP"])
        asked = self.respond(asked, EMAIL=self.who.email)
        self.assertEqual(asked["ChallengeName"], "EMAIL_OTP")
        reply = self.respond(asked, EMAIL_OTP_CODE=sent_code(self.who.email))
        token = reply["AuthenticationResult"]["AccessToken"]
        self.assertEqual(IDP.get_user(AccessToken=token)["PreferredMfaSetting"], "EMAIL_OTP")

    def test_sessions(self):
        tokens = self.sign_up(Password=self.who.password)
        named = {"AccessToken": tokens["AccessToken"]}
        self.refused("InvalidParameterException", IDP.list_user_sessions, **named)
        default = IDP.get_user_pool_session_configuration(UserPoolId=self.pool)
        self.assertEqual(default["UserSessionTracking"], "DISABLED")
        IDP.set_user_pool_session_configuration(
            UserPoolId=self.pool, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 2}
        )
        one, two = (self.signed_in() for _ in range(2))
        listed = IDP.list_user_sessions(AccessToken=two)["Sessions"]
        self.assertEqual(sorted(it["IsCurrentSession"] for it in listed), [False, True])
        for session in listed:
            revoke = {"AccessToken": two, "SessionId": session["SessionId"]}
            if session["IsCurrentSession"]:
                self.refused("InvalidParameterException", IDP.revoke_user_session, **revoke)
            else:
                IDP.revoke_user_session(**revoke)
        self.refused("NotAuthorizedException", IDP.get_user, AccessToken=one)
        self.signed_in()
        self.signed_in()
        self.refused("NotAuthorizedException", IDP.get_user, AccessToken=two)

    def signed_in(self):
        reply = self.start(PREFERRED_CHALLENGE="PASSWORD", PASSWORD=self.who.password)
        return reply["AuthenticationResult"]["AccessToken"]


if __name__ == "__main__":
    unittest.main()
