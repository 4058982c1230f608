resource "kubernetes_daemonset" "agent" {
  metadata {
    name = "agent"
  }
  spec {
    template {
      metadata {
        annotations = {
          "iam.gke.io/gcp-service-account" = "agent@acme.iam.gserviceaccount.com" # expect: SOV403
        }
      }
      spec {
        node_selector = {
          "cloud.google.com/gke-nodepool" = "pool" # expect: SOV403
        }
        container {
          name  = "agent"
          image = "gcr.io/datadoghq/agent:7" # expect: SOV501
          args = [
            "--intake",
            "https://intake.datadoghq.com", # expect: SOV604
          ]
        }
        volume {
          name = "disk"
          gce_persistent_disk { # expect: SOV403
            pd_name = "disk"
          }
        }
      }
    }
  }
}
