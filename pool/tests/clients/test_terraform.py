"""The requests of the AWS provider of Terraform (hashicorp/terraform-provider-aws, the folder
internal/service/cognitoidp), by boto3: a stack is created, read, planned without a change, changed in
one member, planned again, and destroyed.

What the provider compares is what its `flatten` functions make of a reply; each class here names the
file that it follows. A plan is without change when what was read is what was configured, where
something was.
"""

import unittest

import boto3
from botocore.exceptions import ClientError
from common import CREDENTIALS, ENDPOINT
from shapes import watch

REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/terraform-sms"
IDP = watch(
    boto3.client("cognito-idp", endpoint_url=ENDPOINT, region_name=REGION, **CREDENTIALS)
)
IAM = boto3.client("iam", endpoint_url=ENDPOINT, region_name=REGION, **CREDENTIALS)

# What user_pool.go takes for the service's own and leaves out of the state: standardAttributes.
TEXTS = (
    "address email family_name gender given_name locale middle_name name nickname phone_number "
    "picture preferred_username profile website zoneinfo"
).split()


def standard(name, kind="String", mutable=True, required=False, **constraints):
    attribute = {
        "Name": name,
        "AttributeDataType": kind,
        "DeveloperOnlyAttribute": False,
        "Mutable": mutable,
        "Required": required,
    }
    return attribute | constraints


def lengths(least, most):
    return {"StringAttributeConstraints": {"MinLength": least, "MaxLength": most}}


STANDARD = [standard(name, **lengths("0", "2048")) for name in TEXTS] + [
    standard("sub", mutable=False, required=True, **lengths("1", "2048")),
    standard("birthdate", **lengths("10", "10")),
    standard("email_verified", "Boolean"),
    standard("phone_number_verified", "Boolean"),
    standard("updated_at", "Number", NumberAttributeConstraints={"MinValue": "0"}),
]


class UserPool:
    """user_pool.go: SetUserPoolMfaConfig is sent for all of MFA; tags have requests of their own."""

    SCHEMA = [
        standard("email", required=True, **lengths("5", "254")),
        standard("shop", **lengths("1", "64")),
        standard("level", "Number", NumberAttributeConstraints={"MinValue": "1", "MaxValue": "9"}),
        standard("member", "Boolean"),
        standard("note"),
    ]

    def __init__(self):
        self.config = {
            "PoolName": "terraform",
            "AutoVerifiedAttributes": ["email"],
            "DeletionProtection": "INACTIVE",
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [
                    {"Name": "verified_email", "Priority": 1},
                    {"Name": "verified_phone_number", "Priority": 2},
                ]
            },
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
            "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
            "Policies": {
                "PasswordPolicy": {
                    "MinimumLength": 10,
                    "RequireLowercase": True,
                    "RequireNumbers": True,
                    "RequireSymbols": False,
                    "RequireUppercase": True,
                    "TemporaryPasswordValidityDays": 7,
                }
            },
            "SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "terraform"},
            "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
            "UsernameConfiguration": {"CaseSensitive": False},
            "VerificationMessageTemplate": {
                "DefaultEmailOption": "CONFIRM_WITH_CODE",
                "EmailMessage": "Your code is {####}.",
                "EmailSubject": "Your code",
            },
        }
        self.tags = {"team": "auth"}
        self.mfa = {
            "MfaConfiguration": "OPTIONAL",
            "SoftwareTokenMfaConfiguration": {"Enabled": True},
            "SmsMfaConfiguration": {"SmsConfiguration": self.config["SmsConfiguration"]},
        }

    def create(self):
        pool = IDP.create_user_pool(**self.config, Schema=self.SCHEMA, UserPoolTags=self.tags)
        self.id = pool["UserPool"]["Id"]
        self.arn = pool["UserPool"]["Arn"]
        IDP.set_user_pool_mfa_config(UserPoolId=self.id, **self.mfa)

    def read(self):
        pool = IDP.describe_user_pool(UserPoolId=self.id)["UserPool"]
        mfa = IDP.get_user_pool_mfa_config(UserPoolId=self.id)
        # `Computed` members stay in the state and go back with the next update.
        self.computed = {"LambdaConfig": pool["LambdaConfig"]} | {
            name: pool[name]
            for name in ("EmailVerificationMessage", "EmailVerificationSubject")
        }
        return pool, mfa

    def plan(self, test):
        pool, mfa = self.read()
        shown = pool | {"PoolName": pool["Name"]}
        shown["AdminCreateUserConfig"] = {
            "AllowAdminCreateUserOnly": pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"]
        }
        # `sns_region` is computed.
        test.assertEqual(shown["SmsConfiguration"].pop("SnsRegion"), REGION)
        for name, configured in self.config.items():
            test.assertEqual(
                self.shown(name, shown[name], configured), configured, f"plan: {name}"
            )
        # Sets and maps that the configuration lacks must be empty, whatever the service has made up.
        for name in ("AliasAttributes", "UsernameAttributes"):
            test.assertFalse(pool.get(name), name)
        test.assertEqual(pool["LambdaConfig"], {})
        test.assertNotIn("DeviceConfiguration", pool)
        test.assertNotIn("UserPoolAddOns", pool)
        test.assertEqual(pool["UserPoolTags"], self.tags)
        test.assertEqual(IDP.list_tags_for_resource(ResourceArn=self.arn)["Tags"], self.tags)
        template = pool["VerificationMessageTemplate"]
        test.assertEqual(pool["EmailVerificationMessage"], template["EmailMessage"])
        test.assertEqual(pool["EmailVerificationSubject"], template["EmailSubject"])
        self.plan_schema(test, pool["SchemaAttributes"])
        test.assertEqual(mfa["MfaConfiguration"], self.mfa["MfaConfiguration"])
        test.assertEqual(
            mfa.get("SoftwareTokenMfaConfiguration"), self.mfa["SoftwareTokenMfaConfiguration"]
        )
        test.assertNotIn("WebAuthnConfiguration", mfa)

    def shown(self, name, value, configured):
        """`sign_in_policy` is computed, and a block of what is configured."""
        if name == "Policies":
            return {part: value[part] for part in configured}
        return value

    def plan_schema(self, test, attributes):
        """flattenSchemaAttributeTypes: what is neither standard nor configured would be a change."""
        kept = [attribute for attribute in attributes if attribute not in STANDARD]
        for attribute in kept:
            attribute["Name"] = attribute["Name"].removeprefix("custom:")
        expected = [dict(attribute) for attribute in self.SCHEMA]
        # skipFlatteningStringAttributeContraints: an empty block is not compared.
        for attribute in kept:
            if attribute["Name"] == "note":
                attribute.pop("StringAttributeConstraints", None)
        by_name = lambda attribute: attribute["Name"]
        test.assertEqual(sorted(kept, key=by_name), sorted(expected, key=by_name))

    def update(self, **changed):
        """All that the state has is sent with one change; the tags are not."""
        self.config |= changed
        sent = {
            name: value
            for name, value in (self.computed | self.config).items()
            if name not in ("PoolName", "UsernameConfiguration") and value
        }
        mfa = self.mfa["MfaConfiguration"]
        IDP.update_user_pool(UserPoolId=self.id, MfaConfiguration=mfa, **sent)

    def retag(self, **tags):
        """tags_gen.go: what is gone is taken away first."""
        gone = [name for name in self.tags if name not in tags]
        if gone:
            IDP.untag_resource(ResourceArn=self.arn, TagKeys=gone)
        IDP.tag_resource(ResourceArn=self.arn, Tags=tags)
        self.tags = tags

    def destroy(self):
        IDP.delete_user_pool(UserPoolId=self.id)

    def gone(self):
        IDP.describe_user_pool(UserPoolId=self.id)


class Part:
    """A resource whose requests differ in names alone: what it is identified by, what it says."""

    # Operation, identifying members, the member of the reply; the reply's computed members.
    def __init__(self, kind, ids, config, reply, defaults=()):
        self.kind, self.ids, self.config, self.reply = kind, ids, config, reply
        self.defaults = dict(defaults)
        self.read_as = {"group": "get_group"}.get(kind, f"describe_{kind}")

    def create(self):
        made = getattr(IDP, f"create_{self.kind}")(**self.ids, **self.config)
        return made.get(self.reply)

    def read(self):
        return getattr(IDP, self.read_as)(**self.ids)[self.reply]

    def plan(self, test):
        shown = self.read()
        for name, value in (self.defaults | self.config).items():
            test.assertEqual(shown.get(name), value, f"plan: {self.kind} {name}")
        for name, value in self.ids.items():
            test.assertEqual(shown[name], value)

    def update(self, **changed):
        self.config |= changed
        getattr(IDP, f"update_{self.kind}")(**self.ids, **self.config)

    def destroy(self):
        getattr(IDP, f"delete_{self.kind}")(**self.ids)

    def gone(self):
        self.read()


class Client(Part):
    """user_pool_client.go: the id is the service's; without a secret there is none in the state."""

    def create(self):
        pool = {"UserPoolId": self.ids["UserPoolId"]}
        made = IDP.create_user_pool_client(**pool, **self.config, GenerateSecret=False)
        self.ids = pool | {"ClientId": made["UserPoolClient"]["ClientId"]}

    def plan(self, test):
        super().plan(test)
        test.assertNotIn("ClientSecret", self.read())


class Group(Part):
    """user_group.go: an update says what has changed, and nothing else."""

    def update(self, **changed):
        self.config |= changed
        IDP.update_group(**self.ids, **changed)


class Domain(Part):
    """user_pool_domain.go waits for the status ACTIVE, and afterwards for a domain without one."""

    def __init__(self, pool):
        super().__init__(
            "user_pool_domain",
            {"UserPoolId": pool, "Domain": "terraform-demo"},
            {},
            "DomainDescription",
        )

    def read(self):
        return IDP.describe_user_pool_domain(Domain=self.ids["Domain"])["DomainDescription"]

    def plan(self, test):
        super().plan(test)
        shown = self.read()
        test.assertEqual(shown["Status"], "ACTIVE")
        test.assertTrue(shown["CloudFrontDistribution"])

    def gone(self):
        if "Status" not in self.read():
            raise NotThere


class NotThere(Exception):
    """As said by a reply that is no error."""


class User:
    """user.go: attributes are compared as they are shown, but for `sub`."""

    def __init__(self, pool):
        self.ids = {"UserPoolId": pool, "Username": "ada"}
        self.attributes = {"email": "ada@example.org", "email_verified": "True", "custom:shop": "9"}

    def pairs(self):
        return [{"Name": name, "Value": value} for name, value in self.attributes.items()]

    def create(self):
        IDP.admin_create_user(**self.ids, UserAttributes=self.pairs(), MessageAction="SUPPRESS")
        IDP.admin_set_user_password(**self.ids, Password="Correct-horse-7", Permanent=True)

    def plan(self, test):
        user = IDP.admin_get_user(**self.ids)
        shown = {pair["Name"]: pair["Value"] for pair in user["UserAttributes"]}
        shown.pop("sub")
        expected = {
            name: value.lower() if name == "email_verified" else value
            for name, value in self.attributes.items()
        }
        test.assertEqual(shown, expected)
        test.assertEqual((user["Enabled"], user["UserStatus"]), (True, "CONFIRMED"))

    def update(self, gone, **changed):
        self.attributes |= changed
        IDP.admin_update_user_attributes(
            **self.ids,
            UserAttributes=[{"Name": name, "Value": value} for name, value in changed.items()],
        )
        IDP.admin_delete_user_attributes(**self.ids, UserAttributeNames=[gone])
        self.attributes.pop(gone)

    def destroy(self):
        IDP.admin_delete_user(**self.ids)

    def gone(self):
        IDP.admin_get_user(**self.ids)


class Terraform(unittest.TestCase):
    maxDiff = None

    def stack(self, pool):
        of = {"UserPoolId": pool}
        client = Client(
            "user_pool_client",
            dict(of),
            {
                "ClientName": "web",
                "AllowedOAuthFlows": ["code"],
                "AllowedOAuthFlowsUserPoolClient": True,
                "AllowedOAuthScopes": ["openid", "notes/read"],
                "CallbackURLs": ["https://app.example.com/"],
                "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                "SupportedIdentityProviders": ["COGNITO"],
                "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes"},
                "AccessTokenValidity": 30,
                "IdTokenValidity": 30,
            },
            "UserPoolClient",
            {
                "RefreshTokenValidity": 30,
                "EnableTokenRevocation": True,
                "EnablePropagateAdditionalUserContextData": False,
                "AuthSessionValidity": 3,
            },
        )
        server = Part(
            "resource_server",
            of | {"Identifier": "notes"},
            {
                "Name": "Notes",
                "Scopes": [{"ScopeName": "read", "ScopeDescription": "Read notes"}],
            },
            "ResourceServer",
        )
        group = Group(
            "group",
            of | {"GroupName": "staff"},
            {"Description": "Those who work", "Precedence": 3, "RoleArn": ROLE},
            "Group",
        )
        return [Domain(pool), server, client, group, User(pool)]

    def test_a_stack_from_its_making_to_its_end(self):
        trust = (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
            '"Principal":{"Service":"cognito-idp.amazonaws.com"}}]}'
        )
        publish = (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sns:Publish",'
            '"Resource":"*"}]}'
        )
        name = ROLE.rsplit("/", 1)[1]
        IAM.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        policy = IAM.create_policy(PolicyName="terraform-publish", PolicyDocument=publish)
        arn = policy["Policy"]["Arn"]
        IAM.attach_role_policy(RoleName=name, PolicyArn=arn)
        attached = IAM.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        self.assertEqual(attached, [{"PolicyName": "terraform-publish", "PolicyArn": arn}])
        version = IAM.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
        self.assertEqual(version["Document"]["Statement"][0]["Action"], "sns:Publish")

        pool = UserPool()
        pool.create()
        parts = self.stack(pool.id)
        for part in parts:
            part.create()
        everything = [pool, *parts]
        for resource in everything:
            resource.plan(self)
            # A plan reads, and what it has read changes nothing.
            resource.plan(self)

        domain, server, client, group, user = parts
        pool.update(AdminCreateUserConfig={"AllowAdminCreateUserOnly": False})
        pool.retag(stage="test")
        server.update(Name="All notes")
        client.update(CallbackURLs=["https://app.example.com/", "https://other.example.com/"])
        group.update(Precedence=5)
        user.update("custom:shop", **{"custom:level": "4"})
        for resource in everything:
            resource.plan(self)
        # Nothing but the password policy, which is sent with all the rest.
        policy = pool.config["Policies"]["PasswordPolicy"] | {"MinimumLength": 14}
        pool.update(Policies={"PasswordPolicy": policy})
        pool.plan(self)

        for resource in [user, group, client, server, domain, pool]:
            resource.destroy()
            with self.assertRaises((ClientError, NotThere)) as raised:
                resource.gone()
            if isinstance(raised.exception, ClientError):
                code = raised.exception.response["Error"]["Code"]
                expected = "UserNotFoundException" if resource is user else None
                self.assertIn(code, (expected, "ResourceNotFoundException"))
        IAM.detach_role_policy(RoleName=name, PolicyArn=arn)
        IAM.delete_policy(PolicyArn=arn)
        IAM.delete_role(RoleName=name)

    def test_regions_are_told_apart_by_what_a_request_was_signed_for(self):
        elsewhere = watch(
            boto3.client(
                "cognito-idp", endpoint_url=ENDPOINT, region_name="us-west-2", **CREDENTIALS
            )
        )
        pool = elsewhere.create_user_pool(PoolName="elsewhere")["UserPool"]
        self.assertTrue(pool["Id"].startswith("us-west-2_"))
        self.assertTrue(pool["Arn"].startswith("arn:aws:cognito-idp:us-west-2:"))
        ids = lambda client: [it["Id"] for it in client.list_user_pools(MaxResults=60)["UserPools"]]
        self.assertEqual(ids(elsewhere), [pool["Id"]])
        self.assertNotIn(pool["Id"], ids(IDP))
        elsewhere.delete_user_pool(UserPoolId=pool["Id"])

    def test_what_changes_nothing_is_kept_and_given_back(self):
        pool = IDP.create_user_pool(PoolName="kept")["UserPool"]["Id"]
        of = {"UserPoolId": pool}
        with self.assertRaises(IDP.exceptions.InvalidParameterException):
            IDP.set_ui_customization(**of, CSS=".logo-customizable {}")
        domain = of | {"Domain": "kept-demo"}
        IDP.create_user_pool_domain(**domain)
        self.assertEqual(IDP.get_ui_customization(**of)["UICustomization"], {})
        client = IDP.create_user_pool_client(**of, ClientName="web")["UserPoolClient"]["ClientId"]
        png = b"\x89PNG\r\n\x1a\n"
        look = IDP.set_ui_customization(**of, CSS=".logo-customizable {}", ImageFile=png)
        for read in (of, of | {"ClientId": client}):
            shown = IDP.get_ui_customization(**read)["UICustomization"]
            self.assertEqual(shown, look["UICustomization"])
        self.assertEqual((shown["ClientId"], shown["CSS"]), ("ALL", ".logo-customizable {}"))
        self.assertTrue(shown["ImageUrl"].startswith("data:image/png;base64,iVBOR"))
        with self.assertRaises(IDP.exceptions.ResourceNotFoundException):
            IDP.get_ui_customization(**of, ClientId="nobody")

        ranges = {"RiskExceptionConfiguration": {"BlockedIPRangeList": ["10.10.10.10/32"]}}
        self.assertEqual(IDP.describe_risk_configuration(**of)["RiskConfiguration"], of)
        IDP.set_risk_configuration(**of, **ranges)
        shown = IDP.describe_risk_configuration(**of)["RiskConfiguration"]
        self.assertEqual(shown["RiskExceptionConfiguration"], ranges["RiskExceptionConfiguration"])
        own = IDP.describe_risk_configuration(**of, ClientId=client)["RiskConfiguration"]
        self.assertEqual(own, of | {"ClientId": client})

        logs = [
            {
                "EventSource": "userNotification",
                "LogLevel": "ERROR",
                "CloudWatchLogsConfiguration": {
                    "LogGroupArn": "arn:aws:logs:eu-west-1:123456789012:log-group:pool"
                },
            }
        ]
        read = lambda: IDP.get_log_delivery_configuration(**of)["LogDeliveryConfiguration"]
        self.assertEqual(read(), of | {"LogConfigurations": []})
        IDP.set_log_delivery_configuration(**of, LogConfigurations=logs)
        self.assertEqual(read(), of | {"LogConfigurations": logs})
        # An update of the pool leaves all of it.
        IDP.update_user_pool(**of, AutoVerifiedAttributes=["email"])
        self.assertEqual(read(), of | {"LogConfigurations": logs})
        self.assertNotIn("Kept", IDP.describe_user_pool(**of)["UserPool"])
        IDP.delete_user_pool_domain(**domain)
        IDP.delete_user_pool(**of)


if __name__ == "__main__":
    unittest.main()
