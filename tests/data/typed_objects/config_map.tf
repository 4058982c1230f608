resource "kubernetes_config_map" "settings" {
  metadata {
    name = "settings"
  }
  data = {
    AWS_DEFAULT_REGION = "us-west-2" # expect: SOV107
    "app.conf"         = <<-EOT
      [log]
      level = info
      intake = https://http-intake.logs.datadoghq.com/api # expect: SOV604
    EOT
    "README.md"        = "see https://api.openai.com"
  }
}
