# The stack of ../clients/test_terraform.py, for the provider's own binary.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

variable "endpoint" {
  type        = string
  description = "Where the pool's server listens, such as http://127.0.0.1:9229."
}

variable "minimum_length" {
  type    = number
  default = 10
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "any"
  secret_key                  = "any"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  endpoints {
    cognitoidp = var.endpoint
    iam        = var.endpoint
  }
}

resource "aws_cognito_user_pool" "this" {
  name                     = "terraform"
  auto_verified_attributes = ["email"]
  mfa_configuration        = "OPTIONAL"
  tags                     = { team = "auth" }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }
  admin_create_user_config {
    allow_admin_create_user_only = true
  }
  password_policy {
    minimum_length                   = var.minimum_length
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = false
    require_uppercase                = true
    temporary_password_validity_days = 7
  }
  schema {
    name                = "shop"
    attribute_data_type = "String"
    mutable             = true
    string_attribute_constraints {
      min_length = "1"
      max_length = "64"
    }
  }
  software_token_mfa_configuration {
    enabled = true
  }
  username_configuration {
    case_sensitive = false
  }
  verification_message_template {
    default_email_option = "CONFIRM_WITH_CODE"
    email_message        = "Your code is {####}."
    email_subject        = "Your code"
  }
}

resource "aws_cognito_resource_server" "notes" {
  user_pool_id = aws_cognito_user_pool.this.id
  identifier   = "notes"
  name         = "Notes"
  scope {
    scope_name        = "read"
    scope_description = "Reads notes"
  }
}

resource "aws_cognito_user_pool_client" "web" {
  user_pool_id                         = aws_cognito_user_pool.this.id
  name                                 = "web"
  explicit_auth_flows                  = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["openid", "email", "notes/read"]
  callback_urls                        = ["https://app.example.com/"]
  supported_identity_providers         = ["COGNITO"]
  depends_on                           = [aws_cognito_resource_server.notes]
}

resource "aws_cognito_user_pool_domain" "this" {
  user_pool_id = aws_cognito_user_pool.this.id
  domain       = "terraform-demo"
}

resource "aws_cognito_user_group" "staff" {
  user_pool_id = aws_cognito_user_pool.this.id
  name         = "staff"
  description  = "Who works here"
  precedence   = 1
}

resource "aws_cognito_user" "ada" {
  user_pool_id   = aws_cognito_user_pool.this.id
  username       = "ada"
  password       = "Correct-horse-7"
  message_action = "SUPPRESS"
  attributes = {
    email          = "ada@example.org"
    email_verified = "true"
    shop           = "9"
  }
}
