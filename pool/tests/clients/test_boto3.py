"""boto3, with the SRP of pycognito, which boto3 does not have."""

import json
import unittest

import boto3
from botocore.exceptions import ClientError
from common import CREDENTIALS, ENDPOINT, OPTIONAL, REGION, REQUIRED
from common import other_than, person, sent_code, totp
from pycognito.aws_srp import AWSSRP
from shapes import watch


def client(service):
    return watch(boto3.client(service, endpoint_url=ENDPOINT, region_name=REGION, **CREDENTIALS))


IDP = client("cognito-idp")


class Boto3(unittest.TestCase):
    def refused(self, name, call, *args, **kwargs):
        with self.assertRaises(ClientError) as raised:
            call(*args, **kwargs)
        self.assertEqual(raised.exception.response["Error"]["Code"], name)
        # boto3 makes a class of every error that an operation declares.
        self.assertIsInstance(raised.exception, getattr(IDP.exceptions, name, ClientError))

    def sign_up(self, pool, who):
        attributes = [
            {"Name": "email", "Value": who.email},
            {"Name": "phone_number", "Value": who.phone},
        ]
        reply = IDP.sign_up(
            ClientId=pool[1],
            Username=who.username,
            Password=who.password,
            UserAttributes=attributes,
        )
        self.assertEqual(reply["CodeDeliveryDetails"]["Destination"], who.masked_phone)
        confirm = {"ClientId": pool[1], "Username": who.username}
        code = sent_code(who.phone)
        self.refused(
            "CodeMismatchException",
            IDP.confirm_sign_up,
            ConfirmationCode=other_than(code),
            **confirm,
        )
        IDP.confirm_sign_up(ConfirmationCode=code, **confirm)

    def sign_in(self, pool, who, password=None):
        srp = AWSSRP(
            username=who.username,
            password=password or who.password,
            pool_id=pool[0],
            client_id=pool[1],
            client=IDP,
        )
        challenge = IDP.initiate_auth(
            ClientId=pool[1], AuthFlow="USER_SRP_AUTH", AuthParameters=srp.get_auth_params()
        )
        parameters = challenge["ChallengeParameters"]
        return IDP.respond_to_auth_challenge(
            ClientId=pool[1],
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=srp.process_challenge(parameters, srp.get_auth_params()),
        )

    def respond(self, pool, who, challenge, code):
        name = challenge["ChallengeName"]
        return IDP.respond_to_auth_challenge(
            ClientId=pool[1],
            ChallengeName=name,
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": who.username, f"{name}_CODE": code},
        )

    def attributes(self, token):
        return {it["Name"]: it["Value"] for it in IDP.get_user(AccessToken=token)["UserAttributes"]}

    def test_phone_and_email_both(self):
        who = person()
        self.sign_up(OPTIONAL, who)
        self.refused("NotAuthorizedException", self.sign_in, OPTIONAL, who, "Wrong-horse-7")
        token = self.sign_in(OPTIONAL, who)["AuthenticationResult"]["AccessToken"]
        self.assertEqual(self.attributes(token)["phone_number_verified"], "true")
        sent = IDP.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
        self.assertEqual(sent["CodeDeliveryDetails"]["Destination"], who.masked_email)
        code = sent_code(who.email)
        verify = {"AccessToken": token, "AttributeName": "email"}
        self.refused(
            "CodeMismatchException", IDP.verify_user_attribute, Code=other_than(code), **verify
        )
        IDP.verify_user_attribute(Code=code, **verify)
        self.assertEqual(self.attributes(token)["email_verified"], "true")

    def test_second_factors(self):
        who = person()
        self.sign_up(OPTIONAL, who)
        token = self.sign_in(OPTIONAL, who)["AuthenticationResult"]["AccessToken"]
        preferred = {"Enabled": True, "PreferredMfa": True}
        IDP.set_user_mfa_preference(AccessToken=token, SMSMfaSettings=preferred)
        challenge = self.sign_in(OPTIONAL, who)
        self.assertEqual(challenge["ChallengeName"], "SMS_MFA")
        parameters = challenge["ChallengeParameters"]
        self.assertEqual(parameters["CODE_DELIVERY_DESTINATION"], who.masked_phone)
        code = sent_code(who.phone)
        wrong = other_than(code)
        self.refused("CodeMismatchException", self.respond, OPTIONAL, who, challenge, wrong)
        reply = self.respond(OPTIONAL, who, challenge, code)
        token = reply["AuthenticationResult"]["AccessToken"]

        secret = IDP.associate_software_token(AccessToken=token)["SecretCode"]
        IDP.verify_software_token(AccessToken=token, UserCode=totp(secret))
        IDP.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings=preferred)
        challenge = self.sign_in(OPTIONAL, who)
        self.assertEqual(challenge["ChallengeName"], "SOFTWARE_TOKEN_MFA")
        code = totp(secret, 1)
        self.assertIn("AuthenticationResult", self.respond(OPTIONAL, who, challenge, code))
        again = self.sign_in(OPTIONAL, who)
        # The same code a second time.
        self.refused("ExpiredCodeException", self.respond, OPTIONAL, who, again, code)

    def test_sessions(self):
        who = person()
        self.sign_up(OPTIONAL, who)
        tokens = self.sign_in(OPTIONAL, who)["AuthenticationResult"]
        refresh = {
            "ClientId": OPTIONAL[1],
            "AuthFlow": "REFRESH_TOKEN_AUTH",
            "AuthParameters": {"REFRESH_TOKEN": tokens["RefreshToken"]},
        }
        fresh = IDP.initiate_auth(**refresh)["AuthenticationResult"]
        self.attributes(fresh["AccessToken"])
        IDP.global_sign_out(AccessToken=fresh["AccessToken"])
        self.refused("NotAuthorizedException", IDP.initiate_auth, **refresh)
        self.refused(
            "NotAuthorizedException", IDP.get_user, AccessToken=fresh["AccessToken"]
        )

    def test_forgotten_password(self):
        who = person()
        self.sign_up(OPTIONAL, who)
        IDP.forgot_password(ClientId=OPTIONAL[1], Username=who.username)
        confirm = {
            "ClientId": OPTIONAL[1],
            "Username": who.username,
            "Password": "Another-horse-8",
        }
        code = sent_code(who.phone)
        self.refused(
            "CodeMismatchException",
            IDP.confirm_forgot_password,
            ConfirmationCode=other_than(code),
            **confirm,
        )
        IDP.confirm_forgot_password(ConfirmationCode=code, **confirm)
        self.refused("NotAuthorizedException", self.sign_in, OPTIONAL, who)
        reply = self.sign_in(OPTIONAL, who, "Another-horse-8")
        self.assertIn("AuthenticationResult", reply)

    def test_a_factor_required_of_all(self):
        who = person()
        self.sign_up(REQUIRED, who)
        challenge = self.sign_in(REQUIRED, who)
        self.assertEqual(challenge["ChallengeName"], "SMS_MFA")
        reply = self.respond(REQUIRED, who, challenge, sent_code(who.phone))
        self.assertIn("AuthenticationResult", reply)

    def test_a_pool_made_and_listed_and_deleted(self):
        iam = client("iam")
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cognito-idp.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
                }
            ],
        }
        role = iam.create_role(
            RoleName="boto3", AssumeRolePolicyDocument=json.dumps(trust), Description="a <role>"
        )["Role"]
        self.assertEqual(iam.get_role(RoleName="boto3")["Role"], role)
        self.assertEqual(role["AssumeRolePolicyDocument"], trust)
        with self.assertRaises(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName="boto3", AssumeRolePolicyDocument=json.dumps(trust))
        settings = {
            "PoolName": "boto3",
            "AutoVerifiedAttributes": ["phone_number"],
            "SmsConfiguration": {"SnsCallerArn": role["Arn"]},
        }
        self.refused("InvalidSmsRoleAccessPolicyException", IDP.create_user_pool, **settings)
        iam.attach_role_policy(
            RoleName="boto3", PolicyArn="arn:aws:iam::aws:policy/AmazonSNSFullAccess"
        )
        pool = IDP.create_user_pool(**settings)["UserPool"]
        self.assertEqual(pool["SmsConfiguration"]["SnsCallerArn"], role["Arn"])
        described = IDP.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
        self.assertEqual(described["CreationDate"], pool["CreationDate"])
        pages = IDP.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 1})
        listed = [it["Id"] for page in pages for it in page["UserPools"]]
        self.assertIn(pool["Id"], listed)
        self.assertEqual(len(listed), len(set(listed)))
        made = IDP.create_user_pool_client(
            UserPoolId=pool["Id"], ClientName="app", GenerateSecret=True
        )["UserPoolClient"]
        self.assertGreater(len(made["ClientSecret"]), 40)
        self.managed_login(pool["Id"])
        IDP.delete_user_pool(UserPoolId=pool["Id"])
        self.refused("ResourceNotFoundException", IDP.describe_user_pool, UserPoolId=pool["Id"])

    def managed_login(self, pool):
        """A domain, a provider, a resource server; their places in an app client."""
        IDP.create_user_pool_domain(UserPoolId=pool, Domain="boto3")
        self.refused(
            "InvalidParameterException",
            IDP.create_user_pool_domain,
            UserPoolId=pool,
            Domain="boto3",
        )
        described = IDP.describe_user_pool_domain(Domain="boto3")["DomainDescription"]
        self.assertEqual((described["UserPoolId"], described["Status"]), (pool, "ACTIVE"))
        updated = IDP.update_user_pool_domain(
            UserPoolId=pool, Domain="boto3", ManagedLoginVersion=2
        )
        self.assertEqual(updated["ManagedLoginVersion"], 2)
        provider = {
            "UserPoolId": pool,
            "ProviderName": "Corp",
            "ProviderType": "OIDC",
            "ProviderDetails": {"client_id": "any"},
            "IdpIdentifiers": ["corp.example.com"],
        }
        IDP.create_identity_provider(**provider)
        self.refused(
            "DuplicateProviderException", IDP.create_identity_provider, **provider
        )
        names = {"UserPoolId": pool, "ProviderName": "Corp"}
        IDP.update_identity_provider(AttributeMapping={"email": "mail"}, **names)
        found = IDP.get_identity_provider_by_identifier(
            UserPoolId=pool, IdpIdentifier="corp.example.com"
        )["IdentityProvider"]
        self.assertEqual(found, IDP.describe_identity_provider(**names)["IdentityProvider"])
        self.assertEqual(found["AttributeMapping"], {"email": "mail", "username": "sub"})
        pages = IDP.get_paginator("list_identity_providers").paginate(UserPoolId=pool)
        self.assertEqual([it["ProviderName"] for page in pages for it in page["Providers"]], ["Corp"])
        notes = {"UserPoolId": pool, "Identifier": "notes"}
        scopes = [{"ScopeName": "read", "ScopeDescription": "Read"}]
        IDP.create_resource_server(Name="Notes", **notes)
        IDP.update_resource_server(Name="Notes", Scopes=scopes, **notes)
        server = IDP.describe_resource_server(**notes)["ResourceServer"]
        self.assertEqual(server["Scopes"], scopes)
        pages = IDP.get_paginator("list_resource_servers").paginate(UserPoolId=pool, MaxResults=50)
        self.assertEqual([it for page in pages for it in page["ResourceServers"]], [server])
        settings = {
            "UserPoolId": pool,
            "ClientName": "pages",
            "CallbackURLs": ["https://app.example.com/"],
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthFlowsUserPoolClient": True,
            "SupportedIdentityProviders": ["COGNITO", "Corp"],
        }
        self.refused(
            "ScopeDoesNotExistException",
            IDP.create_user_pool_client,
            AllowedOAuthScopes=["notes/write"],
            **settings,
        )
        self.refused(
            "InvalidOAuthFlowException",
            IDP.create_user_pool_client,
            AllowedOAuthScopes=[],
            **settings,
        )
        made = IDP.create_user_pool_client(AllowedOAuthScopes=["notes/read"], **settings)
        for member, value in settings.items():
            self.assertEqual(made["UserPoolClient"][member], value)
        IDP.delete_resource_server(**notes)
        self.refused("ResourceNotFoundException", IDP.describe_resource_server, **notes)
        IDP.delete_identity_provider(**names)
        self.refused("ResourceNotFoundException", IDP.describe_identity_provider, **names)
        # A pool with a domain is not deleted.
        self.refused("InvalidParameterException", IDP.delete_user_pool, UserPoolId=pool)
        IDP.delete_user_pool_domain(UserPoolId=pool, Domain="boto3")

    def test_money(self):
        sns = client("sns")
        limit = sns.get_sms_attributes(attributes=["MonthlySpendLimit"])["attributes"]
        self.assertEqual(limit, {"MonthlySpendLimit": "100"})
        with self.assertRaises(sns.exceptions.InvalidParameterException):
            sns.set_sms_attributes(attributes={"MonthlySpendLimit": "101"})
        support = client("support")
        with self.assertRaises(support.exceptions.CaseIdNotFound):
            support.resolve_case(caseId="case-none")


if __name__ == "__main__":
    unittest.main()
