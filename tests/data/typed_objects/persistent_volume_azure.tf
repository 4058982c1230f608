resource "kubernetes_persistent_volume" "disk" {
  metadata {
    name = "disk"
  }
  spec {
    persistent_volume_source {
      azure_disk { # expect: SOV403
        disk_name     = "d"
        data_disk_uri = "/subscriptions/x/d"
      }
    }
  }
}
