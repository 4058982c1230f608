resource "kubernetes_stateful_set" "db" {
  metadata {
    name = "db"
  }
  spec {
    service_name = "db"
    template {
      spec {
        container {
          name  = "db"
          image = "postgres:17" # expect: SOV501
        }
        volume {
          name = "scratch"
          ephemeral {
            volume_claim_template {
              spec {
                storage_class_name = "gp2" # expect: SOV403
              }
            }
          }
        }
      }
    }
    volume_claim_template {
      metadata {
        name = "data"
      }
      spec {
        storage_class_name = "gp3" # expect: SOV403
        access_modes       = ["ReadWriteOnce"]
      }
    }
  }
}
