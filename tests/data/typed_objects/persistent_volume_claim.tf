resource "kubernetes_persistent_volume_claim_v1" "data" {
  metadata {
    name = "data"
    annotations = {
      "volume.beta.kubernetes.io/storage-class" = "gp2" # expect: SOV403
    }
  }
  spec {
    storage_class_name = "managed-csi" # expect: SOV403
    selector {
      match_labels = {
        "topology.kubernetes.io/region" = "us-east-1" # expect: SOV108
      }
      match_expressions {
        key      = "topology.kubernetes.io/zone"
        operator = "In"
        values   = ["us-east-1a"] # expect: SOV108
      }
    }
  }
}
