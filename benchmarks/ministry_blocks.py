"""Terraform as a ministry writes it: blocks, per cloud, as templates. Written by `ministry.py`.

`@NAME@` is a name that is new in its folder, `@DASHED@` and `@JOINED@` the same with dashes or without underscores,
`@a|b@` one of several texts. Values are those of variables, locals, data sources and other resources, as in life.
"""

from __future__ import annotations

import random
import re

import manifests

NAMES = manifests.WORDS
CLOUDS = ("aws", "azurerm", "google", "scaleway", "hcloud", "ovh")
WEIGHTS = (52, 20, 10, 8, 5, 5)
"""Of a hundred roots or modules, how many are of each cloud."""

REGIONS = {
    "aws": ("eu-central-1", "eu-west-1", "eu-west-3", "eu-north-1", "us-east-1"),
    "azurerm": ("westeurope", "northeurope", "germanywestcentral", "eastus"),
    "google": ("europe-west4", "europe-west1", "us-central1"),
    "scaleway": ("nl-ams", "fr-par"),
    "hcloud": ("fsn1", "nbg1", "hel1"),
    "ovh": ("GRA", "SBG"),
}
SOURCES = {
    "aws": "hashicorp/aws",
    "azurerm": "hashicorp/azurerm",
    "google": "hashicorp/google",
    "scaleway": "scaleway/scaleway",
    "hcloud": "hetznercloud/hcloud",
    "ovh": "ovh/ovh",
}

AWS = (
    (
        10,
        """resource "aws_s3_bucket" "@NAME@" {
  bucket = "${var.prefix}-${var.stage}-@NAME@"

  tags = local.tags
}

resource "aws_s3_bucket_versioning" "@NAME@" {
  bucket = aws_s3_bucket.@NAME@.id

  versioning_configuration {
    status = "Enabled"
  }
}
""",
    ),
    (
        10,
        """resource "aws_db_instance" "@NAME@" {
  identifier        = "@NAME@"
  engine            = "postgres"
  instance_class    = "db.t3.medium"
  allocated_storage = @20|50|100|200@
  availability_zone = "${var.region}@a|b|c@"
  username          = "app"
  storage_encrypted = true
  kms_key_id        = aws_kms_key.main.arn

  tags = merge(local.tags, {
    Name  = "@NAME@"
    Owner = var.owner
  })
}
""",
    ),
    (
        12,
        """resource "aws_security_group" "@NAME@" {
  name   = "@NAME@"
  vpc_id = module.network.id

  dynamic "ingress" {
    for_each = toset(["443", "80"])
    content {
      from_port   = tonumber(ingress.value)
      to_port     = tonumber(ingress.value)
      protocol    = "tcp"
      cidr_blocks = [var.cidr]
    }
  }

  tags = local.tags
}
""",
    ),
    (
        11,
        """resource "aws_iam_policy" "@NAME@" {
  name = "@NAME@"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "arn:aws:s3:::${var.prefix}-@NAME@/*"
    }]
  })
}
""",
    ),
    (
        10,
        """resource "aws_sqs_queue" "@NAME@" {
  for_each = { a = 1, b = 2 }
  name     = "@NAME@-${each.key}"

  message_retention_seconds = 86400 * each.value
  tags                      = local.tags
}
""",
    ),
    (
        10,
        """resource "aws_lambda_function" "@NAME@" {
  function_name = "@NAME@"
  role          = "role"
  runtime       = "python3.12"
  handler       = "main.handler"
  memory_size   = 256

  environment {
    variables = {
      STAGE  = var.stage
      REGION = var.region
      TARGET = "https://@NAME@.example.nl/api"
    }
  }
}
""",
    ),
    (
        9,
        """# What @NAME@ remembers between two requests.
resource "aws_dynamodb_table" "@NAME@" {
  count        = var.stage == "production" ? 1 : 0
  name         = "@NAME@"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  replica {
    region_name = "@eu-central-1|eu-west-1|eu-west-3|eu-north-1|us-east-1@"
  }
}
""",
    ),
    (
        6,
        """data "aws_ami" "@NAME@" {
  most_recent = true
  owners      = ["099720109477"]
}

resource "aws_instance" "@NAME@" {
  count         = @1|2|3@
  ami           = data.aws_ami.@NAME@.id
  instance_type = var.stage == "production" ? "m5.large" : "t3.small"
  subnet_id     = data.terraform_remote_state.network.outputs.subnets[count.index]
  user_data     = <<-EOT
    #!/bin/sh
    echo ${var.stage} > /etc/stage
    curl -fsS https://pakket.example.nl/@NAME@.sh | sh
  EOT

  tags = { for key, value in local.tags : lower(key) => "${value}" }
}
""",
    ),
)

AZURE = (
    (
        12,
        """resource "azurerm_storage_account" "@NAME@" {
  name                     = "@JOINED@"
  resource_group_name      = azurerm_resource_group.main.name
  location                 = azurerm_resource_group.main.location
  account_tier             = "Standard"
  account_replication_type = "@LRS|ZRS|GRS@"
  tags                     = local.tags
}
""",
    ),
    (
        8,
        """resource "azurerm_postgresql_flexible_server" "@NAME@" {
  name                = "@NAME@"
  resource_group_name = azurerm_resource_group.main.name
  location            = @var.region|azurerm_resource_group.main.location@
  version             = "16"
  storage_mb          = @32768|65536@
  sku_name            = "GP_Standard_D2s_v3"
  tags                = local.tags
}
""",
    ),
    (
        8,
        """resource "azurerm_service_plan" "@NAME@" {
  name                = "@NAME@"
  resource_group_name = azurerm_resource_group.main.name
  location            = var.region
  os_type             = "Linux"
  sku_name            = "P1v2"
}

resource "azurerm_linux_web_app" "@NAME@" {
  name                = "${var.prefix}-@NAME@"
  resource_group_name = azurerm_resource_group.main.name
  location            = var.region
  service_plan_id     = azurerm_service_plan.@NAME@.id

  site_config {
    ftps_state = "Disabled"
  }

  app_settings = {
    STAGE  = var.stage
    TARGET = "https://@NAME@.example.nl/api"
  }
}
""",
    ),
    (
        6,
        """resource "azurerm_key_vault" "@NAME@" {
  for_each            = toset(["intern", "extern"])
  name                = "@JOINED@-${each.key}"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  tenant_id           = data.azurerm_client_config.@NAME@.tenant_id
  sku_name            = "standard"

  purge_protection_enabled = true
}

data "azurerm_client_config" "@NAME@" {}
""",
    ),
)

GOOGLE = (
    (
        12,
        """resource "google_storage_bucket" "@NAME@" {
  name     = "${var.prefix}-@DASHED@"
  location = @upper(var.region)|"EU"@

  uniform_bucket_level_access = true
  labels                      = local.tags
}
""",
    ),
    (
        8,
        """resource "google_sql_database_instance" "@NAME@" {
  name             = "@DASHED@"
  region           = var.region
  database_version = "POSTGRES_16"

  settings {
    tier = "db-custom-2-7680"

    backup_configuration {
      enabled  = true
      location = var.region
    }
  }
}
""",
    ),
    (
        6,
        """resource "google_compute_instance" "@NAME@" {
  name         = "@DASHED@"
  machine_type = "e2-standard-2"
  zone         = "${var.region}-@a|b|c@"

  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }

  network_interface {
    network = "default"
  }
}
""",
    ),
)

EUROPEAN = {
    "scaleway": (
        (
            8,
            """resource "scaleway_object_bucket" "@NAME@" {
  name = "${var.prefix}-@NAME@"
  tags = local.tags
}
""",
        ),
        (
            8,
            """resource "scaleway_rdb_instance" "@NAME@" {
  name           = "@NAME@"
  node_type      = "DB-DEV-S"
  engine         = "PostgreSQL-16"
  is_ha_cluster  = var.stage == "production"
  region         = var.region
  disable_backup = false
}
""",
        ),
    ),
    "hcloud": (
        (
            10,
            """resource "hcloud_server" "@NAME@" {
  for_each    = toset(["a", "b"])
  name        = "@NAME@-${each.key}"
  server_type = "cx32"
  image       = "debian-12"
  location    = var.region
  labels      = local.tags

  network {
    network_id = hcloud_network.main.id
  }
}
""",
        ),
        (
            6,
            """resource "hcloud_volume" "@NAME@" {
  name     = "@NAME@"
  size     = @10|50|100@
  location = "@fsn1|nbg1|hel1@"
}
""",
        ),
    ),
    "ovh": (
        (
            16,
            """resource "ovh_cloud_project_database" "@NAME@" {
  service_name = data.ovh_cloud_project.main.service_name
  description  = "@NAME@"
  engine       = "postgresql"
  version      = "16"
  plan         = "business"
  flavor       = "db1-7"

  nodes {
    region = var.region
  }

  nodes {
    region = var.region
  }
}
""",
        ),
    ),
}

ANYWHERE = (
    (
        11,
        """output "@NAME@" {
  description = "Where @NAME@ is found"
  value       = try(local.main, null)
}
""",
    ),
    (
        3,
        """locals {
  @NAME@ = {
    for part in ["zaken", "portaal", "loket", "burger"] :
    part => format("%s-%s", var.prefix, part) if part != "@zaken|loket|dossier@"
  }
}
""",
    ),
    (
        1,
        """resource "helm_release" "@NAME@" {
  name       = "@DASHED@"
  repository = "https://charts.bitnami.com/bitnami"
  chart      = "redis"
  version    = "19.@1|2|3@.0"
  namespace  = var.stage

  set {
    name  = "global.imageRegistry"
    value = "@docker.io|harbor.example.nl@"
  }
}
""",
    ),
    (
        1,
        """resource "random_password" "@NAME@" {
  length  = 32
  special = false
}

resource "cloudflare_record" "@NAME@" {
  zone_id = var.account
  name    = "@NAME@"
  type    = "CNAME"
  value   = "@NAME@.example.nl"
}
""",
    ),
)

BLOCKS = {"aws": AWS, "azurerm": AZURE, "google": GOOGLE, **EUROPEAN}
_CHOICE = re.compile(r"@([^@\n]*\|[^@\n]*)@")


def resources(rng: random.Random, cloud: str, lines: int, suffix: str = "") -> str:
    """Resources of about so many lines; names carry the suffix, since those of two files of a folder must differ."""
    weights, templates = zip(*BLOCKS[cloud], *ANYWHERE, strict=True)
    out, length, number = [], 0, 0
    while length < lines:
        name = f"{rng.choice(NAMES)}_{suffix}{number}"
        text = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), rng.choices(templates, weights)[0])
        text = text.replace("@NAME@", name).replace("@DASHED@", name.replace("_", "-"))
        out.append(text.replace("@JOINED@", name.replace("_", "")) + "\n")
        length += out[-1].count("\n")
        number += 1
    return "".join(out)
