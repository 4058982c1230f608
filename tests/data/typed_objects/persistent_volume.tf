resource "kubernetes_persistent_volume_v1" "data" {
  metadata {
    name = "data"
    labels = {
      "topology.kubernetes.io/region" = "us-east-1" # expect: SOV108
    }
  }
  spec {
    storage_class_name = "gp3" # expect: SOV403
    persistent_volume_source {
      csi {
        driver        = "ebs.csi.aws.com" # expect: SOV403
        volume_handle = "vol-1"
      }
    }
    node_affinity {
      required {
        node_selector_term {
          match_expressions {
            key      = "topology.kubernetes.io/zone"
            operator = "In"
            values   = ["us-east-1a"] # expect: SOV108
          }
        }
      }
    }
  }
}
