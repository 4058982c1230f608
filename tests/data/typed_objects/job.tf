resource "kubernetes_job" "once" {
  metadata {
    name = "once"
  }
  spec {
    template {
      metadata {}
      spec {
        container {
          name  = "once"
          image = "mcr.microsoft.com/acme/once:1" # expect: SOV501
          env {
            name  = "OPENAI_API_BASE"
            value = "https://api.openai.com/v1" # expect: SOV803
          }
        }
      }
    }
  }
}
