resource "kubernetes_deployment" "web" {
  metadata {
    name      = "web"
    namespace = "prod"
  }
  spec {
    template {
      metadata {}
      spec {
        node_selector = { "topology.kubernetes.io/region" = "nl-ams" }
        container {
          name  = "web"
          image = "rg.nl-ams.scw.cloud/acme/web:1"
        }
      }
    }
  }
}
