resource "kubernetes_validating_webhook_configuration_v1" "check" {
  metadata {
    name = "check"
    labels = {
      "azure.workload.identity/use" = "true" # expect: SOV403
    }
  }
  webhook {
    name = "check.example.eu"
    client_config {
      url = "https://check.example.eu"
    }
  }
}
