resource "kubernetes_replication_controller" "old" {
  metadata {
    name = "old"
  }
  spec {
    template {
      metadata {}
      spec {
        container {
          name  = "old"
          image = "ghcr.io/acme/old:1" # expect: SOV501
        }
      }
    }
  }
}
