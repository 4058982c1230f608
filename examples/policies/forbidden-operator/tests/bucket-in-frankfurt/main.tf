provider "aws" { # expect: MIN001
  region = "eu-central-1"
}

resource "aws_s3_bucket" "files" {
  bucket = "files"
}
