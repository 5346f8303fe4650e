#!/bin/sh
# Applies the stack, plans it without a change, changes one member, plans again, destroys it.
# $1: where the server listens.
set -eu
cd "$(dirname "$0")"
terraform init -input=false
apply() { terraform apply -input=false -auto-approve -var "endpoint=$endpoint" "$@"; }
# Exits with 2 where there is something to change.
unchanged() { terraform plan -input=false -detailed-exitcode -var "endpoint=$endpoint" "$@"; }
endpoint=$1
apply
unchanged
apply -var minimum_length=12
unchanged -var minimum_length=12
terraform destroy -input=false -auto-approve -var "endpoint=$endpoint"
